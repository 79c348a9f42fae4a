#!/bin/sh
# export --bag: bags that anybody's tools find complete and valid.
. "$TOP/tests/system/lib.sh"
command -v jq >/dev/null || { skip "bags" "jq is not installed"; done_testing; }
start_site
{
	echo "operator = Example Library, Section for Web Archives and Other Things of the Present Day"
	echo "contact = mailto:archive@example.org"
} >extra.conf
check_code "init" 0 "$HOLDFAST" init -C col --operator "$(sed -n 's/^operator = //p' extra.conf)" \
    --contact mailto:archive@example.org
# shellcheck disable=SC2086 # SITE is a list of options
check_code "an article" 0 "$HOLDFAST" capture -q -C col $SITE \
    https://english.almayadeen.net/news/politics/story-7
# shellcheck disable=SC2086
check_code "another" 0 "$HOLDFAST" capture -q -C col $SITE \
    https://english.almayadeen.net/news/politics/story-8
snapshots=$(find col/snapshots -mindepth 3 -maxdepth 3 -type d -exec basename {} \; | sort)

# ---- a folder ----

check_code "a folder" 0 "$HOLDFAST" export -C col --bag bag
check "sha256sum finds it whole" sh -c 'cd bag && sha256sum --quiet -c manifest-sha256.txt tagmanifest-sha256.txt'
check "sha512sum does" sh -c 'cd bag && sha512sum --quiet -c manifest-sha512.txt tagmanifest-sha512.txt'
check_equal "every file of each snapshot, byte for byte" "$(for s in $snapshots; do
	diff -r "$(find col/snapshots -type d -name "$s")" "bag/data/$s"; done 2>&1)" ""
check_equal "nothing else" "$(ls bag/data)" "$snapshots"
check_equal "bagit.txt" "$(cat bag/bagit.txt)" "BagIt-Version: 1.0
Tag-File-Character-Encoding: UTF-8"
info() { sed -e ':a' -e '$!N;s/\n  / /;ta' -e 'P;D' bag/bag-info.txt | sed -n "s/^$1: //p"; }
check_equal "the operator, folded" "$(info Source-Organization)" \
    "$(sed -n 's/^operator = //p' extra.conf)"
check_equal "no line is longer than 79" "$(awk 'length > 79' bag/bag-info.txt)" ""
check_equal "mail address" "$(info Contact-Email)" archive@example.org
check_equal "Payload-Oxum" "$(info Payload-Oxum)" \
    "$(find bag/data -type f -printf '%s\n' | awk '{ s += $1; n++ } END { print s "." n }')"
check_equal "identifiers" "$(info External-Identifier)" "$(jq -r .id col/collection.json)
$snapshots"
check_equal "dated by the newest capture" "$(info Bagging-Date)" \
    "$(cut -d ' ' -f 2 col/snapshots/*/*/*/index.cdxj | sort -n | tail -n 1 |
	sed 's/^\(....\)\(..\)\(..\).*/\1-\2-\3/')"
check_code "verify finds it valid" 0 "$HOLDFAST" verify bag

# ---- the same bytes ----

mkdir elsewhere
cp -a col elsewhere/other
for end in tar tar.gz tar.zst; do
	check_code "in a $end" 0 "$HOLDFAST" export -C col --bag "b.$end"
	(umask 077 && HOLDFAST_TEST_CLOCK=1900000000 "$BUILD/holdfast-test" export \
	    -C elsewhere/other --bag "elsewhere/b.$end") >out 2>&1
	check "from another folder, in another year, for another user: the same bytes" \
	    cmp "b.$end" "elsewhere/b.$end"
	check_code "verify finds it valid where it lies" 0 "$HOLDFAST" verify "b.$end"
done
tar -xf b.tar.gz
check "one folder of its name, as the other" diff -r b bag
check_code "dated otherwise" 0 "$HOLDFAST" export -C col --time 2020-02-03 --bag t.tar
check_equal "Bagging-Date is that" "$(tar -xOf t.tar t/bag-info.txt | sed -n 's/^Bagging-Date: //p')" 2020-02-03
check_code "one snapshot" 0 "$HOLDFAST" export -C col --bag one "$(echo "$snapshots" | head -n 1)"
check_equal "no more than that" "$(ls one/data)" "$(echo "$snapshots" | head -n 1)"

# ---- what is wrong with one ----

bad() { # NAME CODE WORD COMMAND: in a copy of the bag
	rm -rf bad
	cp -a bag bad
	chmod -R u+w bad
	(cd bad && eval "$4")
	"$HOLDFAST" verify bad >said 2>&1
	check_equal "$1" $? "$2"
	check "it is said so" grep -q -e "$3" said
}
a=$(echo "$snapshots" | head -n 1)
bad "a changed byte in the payload" 10 resource-digest "printf x >>data/$a/report.json"
bad "a missing file" 10 resource-missing "rm data/$a/index.cdxj"
bad "a file that no manifest lists" 10 resource-extra "echo >data/$a/more"
bad "a changed tag file" 10 resource-digest "echo Bag-Count: 1 of 1 >>bag-info.txt"
bad "a tag file may be added" 0 "all found is as recorded" "echo >notes.txt"
bad "a bag of the future" 23 "package" "sed -i s/1.0/2.0/ bagit.txt; rm tagmanifest-*"
bad "a path that leads outside" 23 "leads out" "echo \"\$(sha256sum </etc/passwd | cut -c 1-64)  ../../../etc/passwd\" >>manifest-sha256.txt; rm tagmanifest-*"
bad "a link in the payload" 23 "neither file nor folder" "ln -s ../../col data/more"
bad "a link that a manifest lists" 10 resource-missing "ln -s /etc/passwd data/x; echo \"\$(sha256sum </etc/passwd | cut -c 1-64)  data/x\" >>manifest-sha256.txt; rm tagmanifest-*"
size=$(wc -c <b.tar.gz)
head -c $((size / 2)) b.tar.gz >cut.tar.gz
check_code "half a tar.gz: files that its manifests have are missing" 10 "$HOLDFAST" verify cut.tar.gz

# ---- nothing half done ----

check_code "what is there stays" 2 "$HOLDFAST" export -C col --bag bag
check_code "a zip is none" 2 "$HOLDFAST" export -C col --bag b.zip
check_code "no such folder" 3 "$HOLDFAST" export -C col --bag nowhere/b.tar
check_code "a dry run" 0 "$HOLDFAST" export -C col --dry-run --bag dry
chmod -R u+w elsewhere/other/snapshots
for f in elsewhere/other/snapshots/*/*/*/outcomes.jsonl; do echo >>"$f"; done
check_code "a snapshot that was changed is not exported" 10 "$HOLDFAST" export -C elsewhere/other --bag changed
check_code "nor in a tar" 10 "$HOLDFAST" export -C elsewhere/other --bag changed.tar
if unshare -Urm true 2>/dev/null; then
	mkdir small
	unshare -Urm sh -c 'mount -t tmpfs -o size=64k none small &&
	    { "$0" export -C col --bag small/b; echo $?; "$0" export -C col --bag small/b.tar
	    echo $?; ls small; }' "$HOLDFAST" >full.out 2>full.err
	check_equal "a full disk: said, nothing left" "$(cat full.out)" "3
3"
else
	skip "a full disk" "no user namespaces"
fi
check_equal "nothing of all that is left" "$(find . -name '*.tmp'; ls -d nowhere* changed* dry* 2>/dev/null)" ""
done_testing
