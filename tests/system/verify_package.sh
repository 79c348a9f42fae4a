#!/bin/sh
# verify of packages where they lie: tars of snapshots, zips, WACZ, bags, from
# files, folders and standard input; what is no package says so.
. "$TOP/tests/system/lib.sh"
start_site
capture_two c
stop_all
ls -R >before
for kind in tar tar.gz tar.zst; do
	"$HOLDFAST" export -C c --tar x.$kind >out 2>&1 || fail "export $kind" "$(cat out)"
	"$HOLDFAST" export -C c --bag b.$kind >out 2>&1 || fail "bag $kind" "$(cat out)"
done
"$HOLDFAST" export -C c --bag bag >out 2>&1 || fail "bag" "$(cat out)"
"$HOLDFAST" export -C c --wacz x.wacz >out 2>&1 || fail "wacz" "$(cat out)"
"$HOLDFAST" export -C c --tar one.tar.gz latest >out 2>&1 || fail "one" "$(cat out)"
mkdir unpacked
tar -C unpacked -xf x.tar
records=$("$HOLDFAST" verify -C c --json | tail -n 1 | jq .records)

# ---- sound ones ----

whole() { # NAME SNAPSHOTS RECORDS COMMAND...
	name=$1 want="$2 $3 0"
	shift 3
	got=$("$@" 2>err | tail -n 1 | jq -r '"\(.snapshots) \(.records) \(.exit)"')
	check_equal "$name" "$got" "$want"
}
for package in x.tar x.tar.gz x.tar.zst b.tar b.tar.gz b.tar.zst bag unpacked; do
	whole "$package" 2 "$records" "$HOLDFAST" verify --json $package
done
whole "one snapshot of several" 1 "$("$HOLDFAST" verify -C c latest --json | tail -n 1 |
    jq .records)" "$HOLDFAST" verify --json one.tar.gz
check_equal "originals in another snapshot of the package are found" \
    "$("$HOLDFAST" verify x.tar.gz | grep -c refers-to)" 0
check "those in none are told" sh -c \
    "'$HOLDFAST' verify one.tar.gz | grep -q '^note refers-to one.tar.gz.*not in this package'"
check_code "a WACZ" 0 "$HOLDFAST" verify x.wacz
for package in x.tar x.tar.gz b.tar.zst; do
	whole "$package from a file as standard input" 2 "$records" \
	    sh -c "'$HOLDFAST' verify --json - <$package"
	whole "$package from a pipe" 2 "$records" \
	    sh -c "cat $package | '$HOLDFAST' verify --json -"
done
check_code "a WACZ from a pipe" 0 sh -c "cat x.wacz | '$HOLDFAST' verify -"
check_code "articles are read again" 0 "$HOLDFAST" verify --rederive x.tar.gz
check_equal "each of them" "$("$HOLDFAST" verify --rederive --json x.tar.gz | tail -n 1 |
    jq .rederived)" 2
check_code "quickly" 0 "$HOLDFAST" verify --level quick x.tar x.tar.gz bag x.wacz b.tar
check_code "several at once" 0 "$HOLDFAST" verify x.tar bag x.wacz
check "JUnit names the package" sh -c \
    "'$HOLDFAST' verify --junit j.xml x.tar.gz >/dev/null && grep -q x.tar.gz j.xml"

# ---- changed ones ----

# flip FILE OFFSET: change one byte.
flip() {
	old=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	# shellcheck disable=SC2059 # an octal escape
	printf "\\$(printf %03o $((old ^ 1)))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
for package in x.tar x.tar.gz x.tar.zst b.tar x.wacz; do
	cp $package changed."${package#*.}"
	copy=changed."${package#*.}"
	flip "$copy" $(($(wc -c <"$copy") / 2))
	"$HOLDFAST" verify "$copy" >out 2>&1
	got=$?
	check_equal "a byte of $package: the code" "$(
		case $got in 10 | 23) echo found ;; *) echo $got ;; esac)" found
	check "and what it is" grep -q -E "^(changed|damage) [a-z-]+ $copy" out
	head -c $(($(wc -c <$package) / 3)) $package >"$copy"
	"$HOLDFAST" verify "$copy" >out 2>&1
	got=$?
	check_equal "a cut $package: the code" "$(
		case $got in 10 | 23) echo found ;; *) echo $got ;; esac)" found
	check "and what it is" grep -q -E "^(changed|damage) [a-z-]+ $copy" out
done
cp -r bag changed
file=$(find changed/data -path '*/records/*.warc.gz' | head -n 1)
flip "$file" $(($(wc -c <"$file") / 2))
check_code "a byte in a bag's payload" 10 "$HOLDFAST" verify changed
check "named by the bag and by the snapshot" sh -c \
    "'$HOLDFAST' verify changed >out; grep -q '^changed resource-digest $file' out &&
    grep -q '^changed manifest-digest $file' out"
check_code "not looked at by names and sizes" 0 "$HOLDFAST" verify --level quick \
    --skip manifest changed
first=$(find unpacked -mindepth 1 -maxdepth 1 | sort | head -n 1)
cp -r unpacked chain
early=$(basename "$first")
chmod -R u+w chain
echo more >>"chain/$early/outcomes.jsonl"
(cd "chain/$early" && find . -type f ! -name manifest-sha256.txt | sed 's/^..//' | LC_ALL=C sort |
    xargs sha256sum >manifest-sha256.txt)
tar -cf chain.tar -C chain .
check_code "a snapshot sealed anew" 10 "$HOLDFAST" verify chain.tar
check "is told by the one behind it" sh -c \
    "'$HOLDFAST' verify chain.tar | grep -q '^changed chain-manifest chain.tar/$early/manifest'"
check "--only chooses" sh -c \
    "'$HOLDFAST' verify --only chain --json chain.tar | jq -r .code | grep -v null | uniq |
    diff - /dev/stdin <<E
chain-manifest
E"

# ---- bad input ----

sed -i 's/^"layout":1,/"layout":2,/' "chain/$early/report.json"
tar -cf hit.tar -C chain .
bad_verify "a layout that was changed is a change" 10 "^changed manifest-digest hit.tar/$early/report.json" hit.tar
(cd "chain/$early" && find . -type f ! -name manifest-sha256.txt | sed 's/^..//' | LC_ALL=C sort |
    xargs sha256sum >manifest-sha256.txt)
tar -cf newer.tar -C chain .
bad_verify "a newer layout" 2 "layout 2 is newer" newer.tar
bad_verify "among others" 3 "layout 2 is newer" newer.tar x.tar
mkdir photos
head -c 3000 /dev/zero >photos/a.jpg
tar -cf photos.tar photos
bad_verify "a tar of photos" 2 "no record file, snapshot, package or collection" photos.tar
tar -czf photos.tar.gz photos
bad_verify "in gzip" 2 "no record file, snapshot" photos.tar.gz
bad_verify "a folder of photos" 2 "no record file" photos
tar -cf empty.tar -T /dev/null
bad_verify "an empty tar" 2 "empty.tar" empty.tar
: >nothing.tar.gz
bad_verify "no byte" 23 "nothing.tar.gz" nothing.tar.gz
mkdir none
bad_verify "an empty folder" 2 "none" none
python3 - <<'E'
import zipfile
def made(name, **files):
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as z:
        for n, b in files.items():
            z.writestr(n.replace("__", "/"), b)
made("empty.zip")
made("a.jar", **{"META-INF__MANIFEST.MF": "Manifest-Version: 1.0\n", "a.class": b"\xca\xfe"})
made("a.docx", **{"[Content_Types].xml": "<Types/>", "word__document.xml": "<w/>"})
made("inner.zip", **{"a.txt": "a"})
made("outer.zip", **{"inner.zip": open("inner.zip", "rb").read()})
made("no.wacz", **{"a.txt": "a"})
E
bad_verify "an empty zip" 2 "empty.zip" empty.zip
bad_verify "a jar" 2 "a.jar" a.jar
bad_verify "a docx" 2 "a.docx" a.docx
bad_verify "a zip in a zip" 23 "a container in a container" outer.zip
bad_verify "a WACZ that is none" 23 "holds no datapackage.json" no.wacz
head -c 100 x.wacz >cut.wacz
bad_verify "a WACZ cut short" 23 "cut.wacz" cut.wacz
ln -s /etc/passwd link
tar -cf link.tar -C unpacked . -C .. link
bad_verify "a link in a package" 23 "link" link.tar
if [ "$(id -u)" -ne 0 ]; then
	cp x.tar closed.tar
	chmod 0 closed.tar
	bad_verify "one that may not be read" 3 "closed.tar" closed.tar
fi
bad_verify "one that is not there" 2 "absent.tar" absent.tar
check_equal "nothing was written beside them" "$(ls | grep -c -e '\.tmp$' -e holdfast-)" 0
done_testing
