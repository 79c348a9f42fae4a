#!/bin/sh
# verify, rebuild and export as people use them: what is changed is named,
# with its exit code, wherever the snapshot lies.
. "$TOP/tests/system/lib.sh"
start_site
base=https://english.almayadeen.net/news/politics
# shellcheck disable=SC2086 # SITE is a list of options
for n in 1 2 3; do
	"$HOLDFAST" capture -C c $SITE $base/story-$n >out 2>&1 ||
		{ fail "capture $n" "$(cat out)"; done_testing; }
	sleep 1.1
done
stop_all
first=$(find c/snapshots -mindepth 3 -maxdepth 3 -type d | sort | sed -n 1p)
second=$(find c/snapshots -mindepth 3 -maxdepth 3 -type d | sort | sed -n 2p)
last=$(newest c)
chmod -R u+w c/snapshots

check_code "a sound collection verifies" 0 "$HOLDFAST" verify -C c
check_equal "-q says nothing" "$("$HOLDFAST" verify -C c -q)" ""
check "--json ends in a summary" sh -c \
    "'$HOLDFAST' verify -C c --json --rederive | tail -n 1 |
    jq -e '.summary and .snapshots == 3 and .exit == 0 and .rederived == 3'"
check_code "a snapshot by its name" 0 "$HOLDFAST" verify -C c "$(basename "$first")"
check_code "a snapshot by its place" 0 "$HOLDFAST" verify "$first"
check_code "the latest" 0 "$HOLDFAST" verify -C c latest
check_code "a WARC file" 0 "$HOLDFAST" verify "$first"/records/*.warc.gz
check_code "a name that is none is a usage error" 2 "$HOLDFAST" verify -C c nothing

# flip FILE OFFSET: change one byte.
flip() {
	old=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	# shellcheck disable=SC2059 # an octal escape
	printf "\\$(printf %03o $((old ^ 1)))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

bad=
for file in $(cd "$last" && find . -type f | sed 's/^..//'); do
	size=$(wc -c <"$last/$file")
	for part in 0 3 7; do
		at=$((size * part / 8))
		flip "$last/$file" $at
		"$HOLDFAST" verify -C c >out 2>&1
		[ $? -eq 10 ] || bad="$bad $file:$at(code)"
		grep -q "^changed .*$file:" out || bad="$bad $file:$at(name)"
		flip "$last/$file" $at
	done
done
check_equal "a flipped byte in any file is exit 10 and names it" "$bad" ""

records=$(find "$last/records" -name '*.warc.gz')
# In the middle of the longest record, not in a head of gzip's.
middle=$(jq -r 'select(.length != null) | "\(.length) \(.offset + .length / 2 | floor)"' \
    "$last/outcomes.jsonl" | sort -n | tail -n 1 | cut -d' ' -f2)
flip "$records" "$middle"
check "the record is named" sh -c \
    "'$HOLDFAST' verify -C c | grep -q '$(basename "$records"):[0-9]* urn:uuid:'"
cp "$records" loose.warc.gz
check_code "a damaged file that no manifest vouches for is exit 23" 23 "$HOLDFAST" verify loose.warc.gz
flip "$records" "$middle"
head -c 30000 "$records" >cut.warc.gz
check_code "so is a cut one" 23 "$HOLDFAST" verify cut.warc.gz

mv "$second" away
"$HOLDFAST" verify -C c >out
check_equal "a snapshot missing in the middle is exit 10" $? 10
check "and is named" grep -q "^changed chain-missing $(echo "$second" | sed 's/^c.//'):" out
mv away "$second"
mv "$last" away
"$HOLDFAST" verify -C c >out
check_equal "the last one missing is exit 10" $? 10
check "and is named, too" grep -q "^changed chain-missing $(echo "$last" | sed 's/^c.//'):" out
mv away "$last"

echo "# forged" >>"$last/about/ARCHIVING.md"
(cd "$last" && find . -type f ! -name manifest-sha256.txt | sed 's/^..//' |
	LC_ALL=C sort | xargs sha256sum >manifest-sha256.txt)
"$HOLDFAST" verify -C c >out
check_equal "a file changed with its manifest line is exit 10" $? 10
check "and is named even so" grep -q "^changed witness .*about/ARCHIVING.md:" out

# Export and what becomes of it elsewhere.
check_code "export to tar" 0 "$HOLDFAST" export -C c --tar one.tar "$(basename "$first")"
check_code "what is there is not overwritten" 2 "$HOLDFAST" export -C c --tar one.tar latest
check_code "a name that is no package" 2 "$HOLDFAST" export -C c --tar one.rar latest
check_code "export without --tar" 2 "$HOLDFAST" export -C c latest
mkdir elsewhere && tar -xf one.tar -C elsewhere
alone=elsewhere/$(basename "$first")
check_code "unpacked elsewhere it verifies" 0 "$HOLDFAST" verify --rederive "$alone"
flip "$alone/outcomes.jsonl" 100
check_code "changed there it does not" 10 "$HOLDFAST" verify "$alone"
flip "$first/outcomes.jsonl" 100
check_code "a changed snapshot is not exported" 10 "$HOLDFAST" export -C c --tar bad.tar "$(basename "$first")"
check "and nothing is left" sh -c '! ls bad.tar*'
flip "$first/outcomes.jsonl" 100

# What can be made anew.
rm -rf c/index c/state
check_code "without index and state records are still found" 0 "$HOLDFAST" show -C c $base/story-2
check_code "rebuild all" 0 "$HOLDFAST" rebuild -C c all
check "index and catalog are there again" sh -c '[ -s c/index/CURRENT ] && [ -s c/state/catalog.sqlite ]'
check_code "rebuild of something else is a usage error" 2 "$HOLDFAST" rebuild -C c universe
flip "$second/index.cdxj" 50
check_code "a listing that the records do not give is told" 10 "$HOLDFAST" rebuild -C c index
done_testing
