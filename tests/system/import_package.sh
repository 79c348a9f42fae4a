#!/bin/sh
# Packages come back: what was exported, in whatever form, is imported with the
# same records, articles, rules and proofs; what contradicts itself is refused,
# and nothing is left of it.
. "$TOP/tests/system/lib.sh"
command -v jq >/dev/null || { skip "import" "jq is not installed"; done_testing; }

report() { jq -e "$2" "$(newest "$1")/report.json" >/dev/null; }
gone() { chmod -R u+w "$@" 2>/dev/null; rm -rf "$@"; }
snapshots() { find "$1/snapshots" -mindepth 3 -maxdepth 3 | wc -l | tr -d ' '; }

start_site
PAGE=https://english.almayadeen.net/news/politics/story-1
"$HOLDFAST" init -C a >/dev/null 2>&1
# shellcheck disable=SC2086 # SITE is a list of options
"$HOLDFAST" capture -C a $SITE --robots ignore "$PAGE" \
    "${PAGE%1}2" >capture.out 2>&1
stop_all
if [ -z "$(newest a)" ]; then
	fail "a capture to export" "$(tail -n 5 capture.out)"
	done_testing
fi
whole=$(basename "$(newest a)")
records() { # ids and digests of all records but an import's own
	find "$1/snapshots" -name '*.warc.gz' -exec gzip -dc {} + | tr -d '\r' |
	    awk '/^WARC\/1/ { t = ""; i = ""; b = ""; n = "" }
		/^WARC-Type: / { t = $2 } /^WARC-Record-ID: / { i = $2 }
		/^WARC-Block-Digest: / { b = $2 } /^Content-Length: / {
			if (i != "") print t, i, b, $2; i = "" }' |
	    grep -v '^warcinfo' | LC_ALL=C sort
}
records a >records.a
"$HOLDFAST" article -C a --json "$PAGE" >article.a

# same NAME COLLECTION: what came back.
same() {
	records "$2" | grep -v -F -x -f records.a >more
	check_equal "$1: no records but one of its own" "$(grep -c . more)" 1
	records "$2" | grep -c -F -x -f records.a >count
	check_equal "$1: every record, by id, block digest and length" \
	    "$(cat count)" "$(wc -l <records.a | tr -d ' ')"
	check "$1: the listing of articles, byte for byte" cmp \
	    "$(newest a)/articles.jsonl" "$(newest "$2")/articles.jsonl"
	"$HOLDFAST" article -C "$2" --json "$PAGE" >article.b
	jq -S 'del(.snapshot, .file, .offset)' article.a >x
	jq -S 'del(.snapshot, .file, .offset)' article.b >y
	check "$1: article finds it" cmp x y
	check "$1: the rules that read it" diff -r "$(newest a)/profiles" \
	    "$(newest "$2")/profiles"
	check_equal "$1: verified without a word, read again to the same" \
	    "$("$HOLDFAST" verify -C "$2" --rederive | sed 's/.*; //')" \
	    "2 of 2 article(s) read again and equal"
	check_code "$1: listings made anew are the same" 0 \
	    "$HOLDFAST" rebuild all -C "$2"
	check "$1: the catalog knows the article" [ -n \
	    "$("$HOLDFAST" ls -C "$2" "$PAGE")" ]
}

# prove NAME COLLECTION FOLDER: the manifest that was sealed there holds of
# what can be put together from here.
prove() {
	gone proof
	mkdir -p proof/records proof/derived
	here=$(newest "$2")
	cp -R "$here/sources/1/$3/." proof
	[ ! -d "$here/profiles" ] || cp -R "$here/profiles" proof
	chmod -R u+w proof
	jq -r '.name as $n | .pieces[] | [$n, .file, .offset, .length] | @tsv' \
	    "$here/sources/files.jsonl" |
	    while IFS="$(printf '\t')" read -r name file offset length; do
		to=proof/$(echo "$name" | sed 's|.*/\([a-z]*/[^/]*\)$|\1|')
		tail -c "+$((offset + 1))" "$here/$file" |
		    head -c "$length" >>"$to"
	done
	check "$1: the original manifest can be proved by hand" \
	    sh -c 'cd proof && sha256sum -c --strict --quiet manifest-sha256.txt'
	check_code "$1: and what is put together verifies" 0 \
	    "$HOLDFAST" verify proof
}

"$HOLDFAST" export -C a --tar p.tar latest >/dev/null
"$HOLDFAST" export -C a --tar p.tar.gz latest >/dev/null
"$HOLDFAST" export -C a --wacz p.wacz latest >/dev/null
"$HOLDFAST" export -C a --bag bag latest >/dev/null
"$HOLDFAST" export -C a --bag bag.tar latest >/dev/null
"$HOLDFAST" export -C a --tar chosen.tar "$PAGE" >/dev/null
for p in p.tar p.tar.gz p.wacz bag bag.tar a; do
	gone b
	check_code "$p: imported" 0 "$HOLDFAST" import -C b "$p"
	same "$p" b
	check_code "$p: and nothing more of it" 24 \
	    "$HOLDFAST" import -C b --fail-if-unchanged "$p"
	case $p in
	p.tar) prove "$p" b "$whole" ;;
	bag) prove "$p" b "data/$whole" ;;
	a) prove "$p" b "snapshots/$(date -u +%Y/%m)/$whole" ;;
	esac
	case $p in
	*.*) sha=$(sha256sum "$p" | cut -c1-64) ;;
	*) sha= ;;
	esac
	check "$p: the report tells of the package" report b \
	    ".run.packages[0].name == \"$p\" and
	    .run.packages[0].sha256 == \"$sha\" and
	    ([.run.packages[0].manifests[].name] |
	    any(endswith(\"$whole/manifest-sha256.txt\")))"
done
gone b
check "a WACZ: who signed it" sh -c "'$HOLDFAST' import -C b p.wacz --json |
    grep -q '\"signature\":\"anonymous key sha256:'"
gone b
"$HOLDFAST" import -C b bag >/dev/null 2>&1
check "a bag: what its bag-info says" report b \
    '[.run.packages[0].bag_info[].label] | index("Bagging-Date") != null'
gone b
check_code "a selection" 0 "$HOLDFAST" import -C b chosen.tar
check "its article" "$HOLDFAST" article -C b "$PAGE"
check_code "verifies" 0 "$HOLDFAST" verify -C b
check_code "the whole beside it" 0 "$HOLDFAST" import -C b p.tar
check "only what is not there" report b \
    '([.run.files[].in_collection] | add) > 10'
check_code "both verify" 0 "$HOLDFAST" verify -C b
check_code "into the collection it is from: nothing new" 24 \
    "$HOLDFAST" import -C a --fail-if-unchanged p.wacz
check_code "an import exported and imported again" 0 sh -c \
    "'$HOLDFAST' export -C b --tar twice.tar latest &&
    '$HOLDFAST' import -C c twice.tar && '$HOLDFAST' verify -C c"
gone b c

# What is erased leaves what was kept of packages, too.
gone b
"$HOLDFAST" import -C b chosen.tar >/dev/null 2>&1
"$HOLDFAST" import -C b p.wacz >/dev/null 2>&1
check "listings of others tell of a page" grep -rqF 'story-1"' b/snapshots
check_code "which is erased" 0 "$HOLDFAST" withdraw -C b --erase \
    --all-captures --with-revisits --reason order --by court "$PAGE"
check_equal "and nothing of them tells of it any more" \
    "$(grep -rlE 'story-1("|%|<|$)' b | tr '\n' ' ')" ""
check_code "what is left verifies" 0 "$HOLDFAST" verify -C b
check "and the other page's lines are there" grep -rqF 'story-2"' b/snapshots
gone b

# Articles whose pages are not there.
check_code "derived records alone" 0 "$HOLDFAST" import -C c "$(newest a)/derived"
cp check.out said
check "the page that is missing is told" grep -q 'page of an article' said
check "in the report, too" report c \
    '(.run.articles_without_page | length) == 2'
check_code "what is there verifies" 0 "$HOLDFAST" verify -C c
check "and is found" "$HOLDFAST" article -C c "$PAGE"
gone c

# Another record under an id that is there.
id=$(head -n 1 records.a | sed 's/.*<\(.*\)>.*/\1/')
printf 'WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <%s>\r\nWARC-Date: 2020-01-01T00:00:00Z\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno\r\n\r\n' "$id" >other.warc
check_code "another record under an id that is there" 8 \
    "$HOLDFAST" import -C a other.warc
cp check.out said
check "is told" grep -q 'of the collection has its id' said
check_equal "and not imported" "$(snapshots a)" 1

# Packages that contradict themselves, or do not read.
# refused NAME CODE PACKAGE: nothing is left in the collection or beside it.
refused() {
	gone n
	touch before after out
	"$HOLDFAST" init -C n >/dev/null 2>&1
	find . -path ./n -prune -o -print | LC_ALL=C sort >before
	"$HOLDFAST" import -C n "$3" >out 2>&1
	code=$?
	find . -path ./n -prune -o -print | LC_ALL=C sort >after
	case $2 in
	*"$code"*) pass "$1: refused" ;;
	*) fail "$1: refused" "exit $code, expected $2" "$(tail -n 5 out)" ;;
	esac
	check "$1: nothing is left" [ -z "$(find n/snapshots -mindepth 3)" ]
	check "$1: and nothing outside" cmp before after
}
size=$(wc -c <p.tar.gz)
head -c $((size / 2)) p.tar.gz >half.tar.gz
refused "half a package" 23 half.tar.gz
head -c $(($(wc -c <p.wacz) / 2)) p.wacz >half.wacz
refused "half a WACZ" 23 half.wacz
mkdir t && tar -C t -xf p.tar && chmod -R u+w t
echo more >>"t/$whole/outcomes.jsonl"
tar -cf t.tar -C t "$whole"
refused "a listing that was changed" 10 t.tar
gone t && mkdir t && tar -C t -xf p.tar && chmod -R u+w t
rm "t/$whole/articles.jsonl"
tar -cf t.tar -C t "$whole"
refused "a file that is missing" 10 t.tar
gone t && mkdir t && tar -C t -xf p.tar && chmod -R u+w t
sed 's/^"layout":1,/"layout":2,/' "t/$whole/report.json" >x
cat x >"t/$whole/report.json"
sha=$(sha256sum x | cut -c1-64)
sed "s/^[0-9a-f]*  report.json\$/$sha  report.json/" \
    "t/$whole/manifest-sha256.txt" >x
cat x >"t/$whole/manifest-sha256.txt"
tar -cf t.tar -C t "$whole"
refused "a newer layout" 2 t.tar
gone t && mkdir t && tar -C t -xf p.tar && chmod -R u+w t
ln -s /etc/passwd "t/$whole/passwd"
tar -cf t.tar -C t "$whole"
refused "a link in it" '10 23' t.tar
cp -R bag bag2 && chmod -R u+w bag2 && echo more >>"bag2/data/$whole/report.json"
refused "a bag whose payload was changed" 10 bag2
cp -R bag bag3 && chmod -R u+w bag3 && echo x >bag3/data/stranger
refused "a bag with a file that it does not list" 10 bag3
at=$(grep -a -b -o -m 1 '"wacz_version"' p.wacz | head -n 1 | cut -d: -f1)
cp p.wacz flipped.wacz && chmod u+w flipped.wacz
printf 'X' | dd of=flipped.wacz bs=1 seek=$((at + 3)) conv=notrunc 2>/dev/null
refused "a WACZ whose description was changed" '10 23' flipped.wacz
if command -v python3 >/dev/null; then
	python3 - <<'PY'
import tarfile, io
def make(path, names):
    with tarfile.open(path, "w") as t:
        for n in names:
            i = tarfile.TarInfo(n)
            i.size = 4
            t.addfile(i, io.BytesIO(b"evil"))
make("up.tar", ["20260101T000000Z-x/manifest-sha256.txt",
    "20260101T000000Z-x/report.json", "../evil.warc.gz", "/tmp/evil.warc"])
PY
	refused "names that escape" '10 23' up.tar
fi

# All or nothing: kill -9 at writes, a full disk.
if strace -o /dev/null true 2>/dev/null; then
	# The leak checker cannot run under strace.
	export ASAN_OPTIONS=detect_leaks=0
	bad=0
	for call in fdatasync pwrite64 fsync renameat2; do
		for when in 1 3 8; do
			gone k
			"$HOLDFAST" init -C k >/dev/null 2>&1
			strace -f -o trace -e trace=$call \
			    -e inject="$call:signal=KILL:when=$when" \
			    "$HOLDFAST" import -C k p.tar >out 2>&1
			"$HOLDFAST" recover -C k >out2 2>&1 &&
			    "$HOLDFAST" verify -C k >>out2 2>&1 &&
			    "$HOLDFAST" import -C k p.tar >>out2 2>&1 &&
			    "$HOLDFAST" verify -C k >>out2 2>&1 &&
			    [ "$(snapshots k)" -eq 1 ] || {
				bad=$((bad + 1))
				echo "# kill at $call $when: $(tail -n 4 out2)"
			}
		done
	done
	check_equal "kill -9 at 12 writes: all or nothing, once" $bad 0
	for when in 3 8; do
		gone k
		"$HOLDFAST" init -C k >/dev/null 2>&1
		strace -f -o trace -e trace=pwrite64 \
		    -e inject="pwrite64:error=ENOSPC:when=$when+" \
		    "$HOLDFAST" import -C k p.tar >out 2>&1
		code=$?
		"$HOLDFAST" recover -C k >out2 2>&1
		check_equal "a full disk at write $when: an error, and nothing left" \
		    "$code $(snapshots k)" "3 0"
	done
else
	skip "kill -9 and a full disk" "strace may not trace here"
fi
done_testing
