#!/bin/sh
# Looking at what is kept: every verb that reads, also on a read-only mount,
# and a site whose words try to command the terminal.
. "$TOP/tests/system/lib.sh"

# A story whose title holds an escape sequence, CSI as one character, a change
# of direction and an invisible character.
mkdir fixtures
cp "$TOP"/plugins/almayadeen/fixtures/en/* fixtures/
title='Evil \u001b]0;owned\u0007 \u009b31m red \u202egnp.exe\u200b end'
jq --argjson t "\"$title\"" '.title = $t' "$TOP/plugins/almayadeen/fixtures/en/story.json" \
    >fixtures/story.json
FIXTURES=$(pwd)/fixtures
start_raw
start_site
url=https://english.almayadeen.net/news/politics/story-7
picture=https://english.almayadeen.net/assets/inline.png
base=http://127.0.0.1:$PLAIN

# shellcheck disable=SC2086 # SITE is a list of options
"$HOLDFAST" capture -q -C c $SITE $url || { fail "a page is captured" "$?"; done_testing; }
# shellcheck disable=SC2086
"$HOLDFAST" capture -q --no-revisit -C c $SITE $url "$base/gzip" "$base/lying-gzip" "$base/big?bytes=5000000"
snapshot=$(newest c)
last=$(basename "$snapshot")
first=$(basename "$(find c/snapshots -mindepth 3 -maxdepth 3 | sort | head -n 1)")
id=$(jq -r --arg u $url 'select(.url == $u) | .record' "$snapshot/outcomes.jsonl")

hf() { verb=$1; shift; "$HOLDFAST" "$verb" -C c "$@"; }

# every_verb: one line a verb: name, code, digest of what it printed.
every_verb() {
	while read -r line; do
		# shellcheck disable=SC2086 # words of a command
		"$HOLDFAST" ${line%% *} -C "$1" ${line#* } >verb.out 2>verb.err </dev/null
		echo "$? $(sha256sum <verb.out | cut -c 1-16) $line"
	done <<END
ls --json
ls $last --json
show $last --json
show $url --json
show $id
cat $url
cat $url --raw
cat $picture --payload
cat ${id#urn:uuid:} --headers
article $url --json
article $url@20200101000000 --text
stats --json
config show
profile list
END
}

every_verb c >usual
check_equal "every reading verb ends with 0" "$(grep -v '^0 ' usual)" ""

# stats
check_equal "stats counts the records of the collection" "$(hf stats --json | jq .records)" "$(hf ls --json | jq -s 'map(.records) | add')"
check_equal "stats of one snapshot" "$(hf stats --json "$last" | jq .records)" "$(jq .totals.records "$snapshot/report.json")"
check_equal "stats of its path" "$(hf stats --json "$snapshot")" "$(hf stats --json "$last")"
check_equal "stats of its files" "$(hf stats --json "$snapshot"/*/*.warc.gz)" "$(hf stats --json "$last")"
check_equal "ls of a record file agrees with the index" \
    "$(hf ls --json "$snapshot"/records/*.warc.gz | jq -r 'select(.type == "response") | "\(.uri) \(.offset) \(.length)"' | sort)" \
    "$(sed 's/^[^{]*//' "$snapshot/index.cdxj" | jq -r 'select(.mime != "warc/revisit" and (.status // "" | test("^[0-9]"))) | "\(.url) \(.offset) \(.length)"' | sort)"

# ls
check_equal "ls names both snapshots" "$(hf ls | cut -d ' ' -f 1 | tr '\n' ' ')" "$first $last "
check_equal "ls --json gives report.json's sums" "$(hf ls --json | tail -n 1 | jq -c '[.snapshot, .kind, .status, .targets, .records]')" \
    "$(jq -c '[.snapshot, .kind, .status, .totals.targets, .totals.records]' "$snapshot/report.json")"
check_equal "ls SNAPSHOT has a line for each capture" "$(hf ls "$last" | wc -l)" \
    "$(jq -r 'select(.record != "") | .url' "$snapshot/outcomes.jsonl" | wc -l)"
check_equal "ls SNAPSHOT says status, type and bytes" "$(hf ls "$last" | grep -F "$picture" | cut -d ' ' -f 2-4)" \
    "200 image/png $(hf cat "$picture" | wc -c)"

# cat
check_equal "cat gives the payload whose digest is recorded" "sha256:$(hf cat "$picture" | sha256sum | cut -c 1-64)" \
    "$(jq -r --arg u "$picture" 'select(.url == $u) | .digest' "$snapshot/outcomes.jsonl")"
check_equal "cat --raw gives the block whose digest is recorded" "sha256:$(hf cat --raw "$url" | sha256sum | cut -c 1-64)" \
    "$(jq -r --arg u "$url" 'select(.url == $u) | .block_digest' "$snapshot/outcomes.jsonl")"
check_equal "cat --headers begins as the record does" "$(hf cat --headers "$url" | head -c 8)" "WARC/1.1"
hf cat "$base/gzip" >decoded
hf cat "$base/gzip" --payload >coded
check_equal "cat takes a content coding off" "$(cat decoded)" "<html>this was coded</html>"
check_equal "cat --payload leaves it on" "$(gzip -dc coded)" "<html>this was coded</html>"
check_code "a coding that lies ends with 8" 8 "$HOLDFAST" cat -C c "$base/lying-gzip"
check_equal "and its bytes come as sent" "$(hf cat "$base/lying-gzip" 2>err | sha256sum)" \
    "$(hf cat "$base/lying-gzip" --payload | sha256sum)"
check_equal "5 MB come through" "$(hf cat "$base/big?bytes=5000000" | wc -c)" 5000000
check_equal "a reader that goes away is no error" "$(hf cat "$base/big?bytes=5000000" 2>&1 | head -c 5 | wc -c)" 5

# show
hf show "$url" >out
check "show prints the HTTP head" grep -q '^http: HTTP/1.1 200' out
check "show finds the request" grep -q '^with it: request urn:uuid:' out
check "show finds the connection" grep -q '"tls": "tls/1.3"' out
check "show names the article" grep -q '^article .*almayadeen-en:' out
article=$(hf show "$url" --json | jq -r .article)
check_equal "the article id leads to the derived record" "$(hf show "$article" --json | jq -r .type)" metadata

# article
jq -cS .article "$snapshot/articles.jsonl" >expected # jq's order is this one for such keys
check_equal "article --json is the sealed article, byte for byte" \
    "$(hf article --json "$url" | sha256sum)" "$(sha256sum <expected)"
check_equal "by article id the same" "$(hf article --json "$article" | sha256sum)" "$(sha256sum <expected)"
check_equal "by record id the same" "$(hf article --json "$(echo "$id" | cut -c 10-19)" | sha256sum)" "$(sha256sum <expected)"
hf article "$url" >out
check_equal "article prints every paragraph" "$(grep -cf - out <<END
$(jq -r '.article.body[] | .text[0:30]' "$snapshot/articles.jsonl" | sed 's/[][\\.*^$]/\\&/g')
END
)" "$(jq '.article.body | length' "$snapshot/articles.jsonl")"

# extract
check_code "extract ends with 0 for a sound snapshot" 0 "$HOLDFAST" extract -C c out1 "$first"
check_equal "every file's digest is the recorded one" "$(
	jq -r 'select(.decoded and .sha256 == .digest) | [.sha256[7:], "out1/" + .file] | join("  ")' out1/index.jsonl |
	    sha256sum -c --quiet 2>&1)" ""
check_equal "there is a line for each file" "$(jq -r .file out1/index.jsonl | sort)" \
    "$(cd out1 && find . -type f ! -name index.jsonl | cut -c 3- | sort)"
check_code "nothing is overwritten" 2 "$HOLDFAST" extract -C c out1
hf extract all >/dev/null
check_equal "a page captured twice is there twice" "$(jq -r --arg u "$url" 'select(.url == $u) | .file' all/index.jsonl | tr '\n' ' ')" \
    "english.almayadeen.net/news/politics/story-7.html english.almayadeen.net/news/politics/story-7~2.html "
check_equal "what lies about its coding is marked" "$(jq -r 'select(.decoded | not) | .url' all/index.jsonl)" "$base/lying-gzip"

# status, recover
check_equal "status counts snapshots and has no alarm" "$(hf status --json | jq -c '[.snapshots, .open, .running]')" '[2,[],false]'
check_code "recover has nothing to do" 0 "$HOLDFAST" recover -C c
"$HOLDFAST" init -C int >/dev/null
"$HOLDFAST" capture -q -C int --allow-address 127.0.0.0/8 --min-free 1M "$base/big?bytes=100" "$base/drip?bytes=100000&ms=100" &
run=$!
pids="$pids $run"
tries=0
until grep -qs '"outcome":"captured"' int/snapshots/*/*/*.journal || [ $tries -gt 80 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
check_equal "status says that a run is under way" "$("$HOLDFAST" status -C int --json | jq -c '[.running, (.open | length)]')" '[true,1]'
kill -9 $run
wait $run 2>/dev/null
check_code "an interrupted run makes status end with 22" 22 "$HOLDFAST" status -C int
"$HOLDFAST" recover -C int --json >out
check_equal "recover seals it" "$(jq -c '[.interrupted, .sealed, .exit]' out)" '[1,1,0]'
check_code "and status is content" 0 "$HOLDFAST" status -C int

# What is not there.
for verb in show cat article; do
	check_equal "$verb of what is not there ends with 2 and names it" \
	    "$(hf $verb https://nowhere.example/x 2>&1 | grep -c 'https://nowhere.example/x'; "$HOLDFAST" $verb -C c https://nowhere.example/x >/dev/null 2>&1; echo $?)" \
	    "$(printf '1\n2')"
done
check_code "cat of a request prints it as sent" 0 "$HOLDFAST" cat -C c "$(hf show "$url" --json | jq -r '.with[0].id')"
check_code "a snapshot is no record" 2 "$HOLDFAST" cat -C c "$last"
check_code "a directory that is no collection" 2 "$HOLDFAST" ls -C fixtures

# A changed byte in a sealed file is said.
cp -r c changed
chmod -R u+w changed
file=$(find changed/snapshots -name '*00001.warc.gz' -path "*$last/records*")
offset=$(jq -r --arg u "$picture" 'select(.url == $u) | .offset + 300' "$snapshot/outcomes.jsonl")
printf '\377\000\377' | dd of="$file" bs=1 seek="$offset" conv=notrunc 2>/dev/null
check_code "cat of changed bytes ends with 10" 10 sh -c '"$1" cat -C changed "$2" >changed.out' sh "$HOLDFAST" "$picture"
check_code "extract goes on and ends with 10" 10 "$HOLDFAST" extract -C changed out2 "$last"
check_equal "it lost one file only" "$(wc -l <out2/index.jsonl)" "$(($(jq -r "select(.record | . != \"\" and . != null) | select(.bytes > 0) | .url" "$snapshot/outcomes.jsonl" | wc -l) - 1))"

# A terminal is not commanded.
if command -v script >/dev/null; then
	for line in "article -C c $url" "article -C c $url --json" "show -C c $url" "show -C c $url --json" \
	    "cat -C c $url" "ls -C c $last" "show -C c $article"; do
		script -qec "$HOLDFAST $line" /dev/null </dev/null >typed 2>&1
		if LC_ALL=C grep -aq -e "$(printf '\033')" -e "$(printf '\302\233')" -e "$(printf '\342\200\256')" -e "$(printf '\342\200\213')" typed; then
			fail "a hostile title is escaped by: ${line%% *}" "$(LC_ALL=C cat -v typed | grep -a owned)"
		else
			pass "a hostile title is escaped by: $line"
		fi
	done
	check "and is readable" grep -aq 'owned' typed
	script -qec "$HOLDFAST cat -C c $picture" /dev/null </dev/null >typed 2>&1
	check "a picture is not sent to a terminal" grep -aq 'not text' typed
else
	skip "a terminal is not commanded" "no script(1) here"
fi

# Every key that is printed is in the manual.
{
	hf ls --json; hf ls "$last" --json; hf show "$url" --json; hf show "$url" --json | jq -c '.http, .with[]'
	hf status --json; hf recover --json; cat out1/index.jsonl; hf profile list --json; hf config show --json
	"$HOLDFAST" profile list --json | jq -c '.files[]'
	hf verify --json
	hf export --json --tar one.tar latest
	"$HOLDFAST" export -C c --json --tar two.tar --dry-run | jq -c '.snapshots[]'
	"$HOLDFAST" verify --json changed
} | jq -r 'keys[]' | sort -u >keys
check_equal "every JSON key is in the manual" "$(
	sed -n '/^\.Sh JSON LINES/,/^\.Sh EXAMPLES/p' "$TOP/core/cli/holdfast.1" | tr -s ' ,' '\n' >words
	while read -r key; do grep -qx "$key" words || echo "$key"; done <keys)" ""

# The same on a read-only mount, without locks.
if unshare -rm true 2>/dev/null; then
	mkdir ro
	# shellcheck disable=SC2016
	cat >ro.sh <<'END'
mount --bind c ro && mount -o remount,bind,ro ro && ! touch ro/x 2>/dev/null && sh -c '. ./verbs.sh; every_verb ro' >readonly
END
	{
		printf '%s\n' "HOLDFAST=$HOLDFAST" "last=$last" "url=$url" "id=$id" "picture=$picture"
		sed -n '/^every_verb() {/,/^}/p' "$TOP/tests/system/reading_verbs.sh"
	} >verbs.sh
	unshare -rm sh ./ro.sh
	check_equal "every reading verb does the same on a read-only mount" "$(diff usual readonly)" ""
	unshare -rm sh -c 'mount --bind c ro && mount -o remount,bind,ro ro && "$1" status -C ro --json >status.out && "$1" extract -C ro out3 "$2" >/dev/null' \
	    sh "$HOLDFAST" "$first"
	check_equal "status and extract do, too" "$(jq .snapshots status.out; diff -r out1 out3 && echo same)" "$(printf '2\nsame')"
else
	skip "every reading verb does the same on a read-only mount" "no user namespaces here"
fi
mv c/index c/index.away
every_verb c >unindexed
check_equal "and without the collection's index" "$(diff usual unindexed)" ""
mv c/index.away c/index
stop_all
done_testing
