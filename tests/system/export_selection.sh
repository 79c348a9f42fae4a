#!/bin/sh
# Selections: captures chosen from snapshots travel with all that belongs to
# them, as one more snapshot that verifies by itself.
. "$TOP/tests/system/lib.sh"
start_site
base=https://english.almayadeen.net/news/politics

hf() { verb=$1; shift; "$HOLDFAST" "$verb" -C c "$@"; }
# capture DAY URL...: of November 2026; the site does not ask for the date
# shellcheck disable=SC2086 # SITE is a list of options
capture() {
	clock=$((1793491200 + ($1 - 1) * 86400))
	shift
	HOLDFAST_TEST_CLOCK=$clock "$BUILD/holdfast-test" capture -q -C c $SITE "$@"
}
# unpacked NAME ARGS...: exports ARGS to NAME.tar, unpacks it; DIR is where
unpacked() {
	name=$1
	shift
	hf export --tar "$name.tar" "$@" >/dev/null || fail "export $*" "$?"
	mkdir "$name" && tar -xf "$name.tar" -C "$name"
	DIR=$(echo "$name"/*)
}
urls() { jq -r 'select(.record != "") | .url' "$1/outcomes.jsonl" | sort -u; }
types() { zcat "$1"/records/*.gz | grep -a '^WARC-Type: ' | tr -d '\r' | sort | uniq -c | xargs; }
# verifies WHAT: DIR is as a sealed snapshot must be, without a warning
verifies() {
	check_equal "$1 verifies" "$("$HOLDFAST" verify --json "$DIR" | tail -n 1 |
		jq -c '[.exit, .warnings, .changed, .damaged]')" '[0,0,0,0]'
	check_equal "$1 reads again by its profiles" "$("$HOLDFAST" verify -q --rederive "$DIR" 2>&1) $?" " 0"
	check "sha256sum reads the manifest of $1" sh -c "cd $DIR && sha256sum -c --strict --quiet manifest-sha256.txt"
}

capture 2 $base/story-1 $base/story-2
first=$(newest c)
capture 3 $base/story-2 $base/story-3
second=$(newest c)
capture 4 $base/story-1
third=$(newest c)

# One article, with all that its page needs.
record=$(jq -r --arg u $base/story-3 'select(.url == $u) | .record' "$second/outcomes.jsonl")
id=$(jq -r --arg r "$record" 'select(.binding.response_record == $r) | .article.article_id' "$second/articles.jsonl")
unpacked article "$id"
verifies "an article"
check_equal "it is a selection of one page" "$(jq -c '[.kind, .totals.pages, .totals.articles]' "$DIR/report.json")" '["selection",1,1]'
check_equal "it names where it is from" "$(jq -r '.run.from[0] | .snapshot + " " + .manifest_sha256' "$DIR/report.json")" \
    "$(basename "$second") $(sha256sum "$second/manifest-sha256.txt" | cut -c 1-64)"
check_equal "and what was asked for" "$(jq -r '.run.asked.objects[0]' "$DIR/report.json")" "$id"
page=$(jq -c --arg u $base/story-3 '.pages[] | select(.url == $u)' "$second/report.json")
check_equal "everything the page needs is in it" "$(echo "$page" | jq -r '.captured[]' | sort -u)" \
    "$(urls "$DIR" | grep -v story-3)"
check_equal "its article is byte for byte the one of the snapshot" "$(cat "$DIR/articles.jsonl")" \
    "$(grep -F "\"article_id\":\"$id\"" "$second/articles.jsonl")"
check "no other page is" sh -c "! zcat $DIR/records/*.gz | grep -aq 'WARC-Target-URI: $base/story-2'"

# A capture: request, metadata, connection and certificates that these name.
unpacked capture "$base/story-2@20200101000000"
verifies "a page captured first"
check_equal "of two captures the nearest is taken" "$(jq -r '.run.from[].snapshot' "$DIR/report.json")" "$(basename "$first")"
unpacked picture https://english.almayadeen.net/assets/bg.png@20200101000000
verifies "a picture"
check_equal "it has what belongs to it and nothing else" "$(types "$DIR")" \
    "2 WARC-Type: metadata 1 WARC-Type: request 2 WARC-Type: resource 1 WARC-Type: response 1 WARC-Type: warcinfo"
record=$(jq -r .id "$DIR/index.cdxj" 2>/dev/null || sed 's/^[^{]*//' "$DIR/index.cdxj" |
	jq -r 'select(.url | endswith("bg.png")) | .id')
unpacked by_id "$record"
check "by the id of its record it is the same" cmp "$DIR"/records/selection-00001.warc.gz picture/*/records/selection-00001.warc.gz
request=$(zcat "$DIR"/records/*.gz | tr -d '\r' | grep -a -A1 '^WARC-Type: request' | sed -n 's/^WARC-Record-ID: <\(.*\)>/\1/p')
unpacked by_request "$request"
check "and by that of its request" cmp "$DIR"/records/selection-00001.warc.gz picture/*/records/selection-00001.warc.gz

# Records are members of the source, byte for byte.
sed 's/^[^{]*//' "$DIR/index.cdxj" | jq -r '[.id, .offset, .length, .filename] | @tsv' | while read -r i offset length file; do
	line=$(grep -h -F "\"$i\"" "$first/index.cdxj" | sed 's/^[^{]*//')
	dd if="$DIR/$file" bs=1 skip="$offset" count="$length" 2>/dev/null | sha256sum
	dd if="$first/$(echo "$line" | jq -r .filename)" bs=1 skip="$(echo "$line" | jq -r .offset)" \
	    count="$length" 2>/dev/null | sha256sum
done | uniq -c | awk '$1 % 2 { bad = 1 } END { exit bad || NR == 0 }'
check_equal "members are those of the snapshot, byte for byte" $? 0

# Filters.
unpacked pattern --url "$base/story-*"
verifies "what fits a pattern"
check_equal "of every snapshot" "$(jq -r '.run.from[].snapshot' "$DIR/report.json")" \
    "$(basename "$first")
$(basename "$second")
$(basename "$third")"
check_equal "each run is told" "$(jq -r '.runs | length' "$DIR/report.json")" 3
unpacked window --since 20261103 --until 2026-11-03
verifies "a time window"
check_equal "is of its day" "$(jq -r '.run.from[].snapshot' "$DIR/report.json")" "$(basename "$second")"
check_code "a window without captures is refused" 2 "$HOLDFAST" export -C c --tar none.tar --until 2019
check_code "so is a time that is none" 2 "$HOLDFAST" export -C c --tar none.tar --since yesterday
check_code "and a URL that is not there" 2 "$HOLDFAST" export -C c --tar none.tar $base/no-such-story
check_code "and a site without snapshots" 2 "$HOLDFAST" export -C c --tar none.tar --site elsewhere
check "nothing is left of these" sh -c '! ls none.tar*'
unpacked site --site almayadeen-en
check_equal "a site's snapshots go whole" "$(ls site | wc -l) $(cat site/*/report.json | jq -r .kind 2>/dev/null | sort -u)" "3 capture"

# What is asked for may be a redirect: where it leads to comes along, and what
# that needs; of an import, too.
plain=http://127.0.0.1:$HTTP
"$HOLDFAST" capture -q -C r --allow-address 127.0.0.0/8 --min-free 1M "$plain/odd/to-article" >out 2>&1
"$HOLDFAST" capture -q -C r --allow-address 127.0.0.0/8 --min-free 1M "$plain/odd/to-article" >out 2>&1
needs=$(jq -r '.pages[0].captured[]' "$(newest r)/report.json" | sort -u)
"$HOLDFAST" export -C r --warc r.warc.gz >/dev/null
"$HOLDFAST" import -C ri r.warc.gz >/dev/null
for object in "r $plain/odd/to-article" "r $plain/news/politics/story-1" "r --url $plain/odd/*" \
    "ri $plain/odd/to-article" "ri $plain/news/politics/story-1"; do
	rm -rf led led.tar
	# shellcheck disable=SC2086 # options
	"$HOLDFAST" export -C ${object%% *} --tar led.tar ${object#* } >out 2>&1
	mkdir led && tar -xf led.tar -C led
	DIR=$(echo led/*)
	verifies "$object"
	check_equal "$object: with all that the page needs" "$(sed 's/^[^{]*//' "$DIR/index.cdxj" | jq -r .url | sort -u |
	    grep -vE '^urn:|odd/to-article|story-1')" "$needs"
	check "$object: and the page" grep -q 'story-1' "$DIR/index.cdxj"
	[ "${object%% *}" = ri ] || check "$object: and the redirect" grep -q 'to-article' "$DIR/index.cdxj"
done

# Revisits and their originals.
unpacked revisit $base/story-1
verifies "a page that is a revisit"
check "its original is not in it" sh -c "! zcat $DIR/records/*.gz | grep -a -A9 '^WARC-Type: response' | grep -aq 'URI: $base/story-1'"
unpacked contained $base/story-1 --self-contained
verifies "with its original"
check_equal "it comes of two snapshots" "$(jq -r '.run.from[].snapshot' "$DIR/report.json")" \
    "$(basename "$first")
$(basename "$third")"
check_equal "no revisit leads out of it" "$("$HOLDFAST" verify "$DIR" | grep -c refers-to)" 0
unpacked whole --self-contained latest
check_equal "a whole snapshot stays as it is" \
    "$(sha256sum <"whole/$(basename "$third")/manifest-sha256.txt")" "$(sha256sum <"$third/manifest-sha256.txt")"
DIR=$(echo whole/*-originals)
verifies "the originals beside it"
check_code "nothing is beside one that needs nothing" 0 "$HOLDFAST" export -C c --tar alone.tar --self-contained "$(basename "$first")"
check_equal "but itself" "$(tar -tf alone.tar | cut -d / -f 1 | sort -u)" "$(basename "$first")"

# Whatever it is packed in.
for option in wacz:s.wacz bag:s-bag bag:s.tar.gz warc:s.warc.gz; do
	hf export "--${option%%:*}" "${option#*:}" --url "$base/*" --self-contained >/dev/null
	check_equal "--${option%%:*} ${option#*:} of a selection verifies" "$? $("$HOLDFAST" verify -q "${option#*:}" 2>&1) $?" "0  0"
done

# What was imported: nobody listed what a page needs, but its records tell.
hf export --warc all.warc.gz >/dev/null
check_code "records of three snapshots are imported" 0 sh -c "'$HOLDFAST' import -C i all.warc.gz >out 2>err"
check_code "a page of an import" 0 "$HOLDFAST" export -C i --tar imported.tar "$base/story-1@20261102000000"
mkdir imported && tar -xf imported.tar -C imported
DIR=$(echo imported/*)
check_equal "verifies" "$("$HOLDFAST" verify --json "$DIR" | tail -n 1 | jq -c '[.exit, .warnings, .changed, .damaged]')" '[0,0,0,0]'
check_equal "and has all that it needs" \
    "$(jq -r --arg u $base/story-1 '.pages[] | select(.url == $u) | .captured[]' "$first/report.json" | sort -u |
	while read -r u; do urls "$DIR" | grep -qxF "$u" || echo "$u"; done)" ""


# Revisits of others may name their original by address and date alone.
find c/snapshots -path '*/records/*' | sort | xargs zcat | LC_ALL=C sed '/^WARC-Refers-To: /d' >nameless.warc
check_code "revisits without the id of their original are imported" 0 sh -c "'$HOLDFAST' import -C n nameless.warc >out 2>err"
check_code "one with its original" 0 "$HOLDFAST" export -C n --tar nameless.tar --self-contained \
    "$base/story-1@20261104000000"
mkdir nameless && tar -xf nameless.tar -C nameless
check_equal "by address and date" "$(sed 's/^[^{]*//' nameless/*/index.cdxj |
	jq -r --arg u $base/story-1 'select(.url == $u) | .mime' | sort | xargs)" "text/html warc/revisit"
check_code "verifies" 0 "$HOLDFAST" verify -q nameless/*

# What was erased.
cp -r c z
check_code "a capture is erased" 0 sh -c "'$HOLDFAST' withdraw -C z $base/story-2 --all-captures --erase \
    --with-revisits --reason court --by us >out 2>err"
for option in "all.tar.gz" "rest.tar --url $base/*"; do
	# shellcheck disable=SC2086 # options
	check_code "export of what is left as ${option%% *}" 0 "$HOLDFAST" export -C z --tar z-$option
	check_equal "verifies, the chain, too" "$("$HOLDFAST" verify -q "z-${option%% *}" 2>&1) $?" " 0"
done

# Nothing is written when the source is not whole.
cp -r c d
chmod -R u+w d
victim=$(echo d/snapshots/*/*/"$(basename "$second")")
flip() { # FILE OFFSET
	byte=$(dd if="$1" bs=1 skip="$2" count=1 2>/dev/null | od -An -tu1)
	# shellcheck disable=SC2059 # an octal escape is made
	printf "\\$(printf %o $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
place=$(sed 's/^[^{]*//' "$victim/index.cdxj" | jq -r 'select(.url | endswith("story-3")) | (.offset | tonumber) + 600')
flip "$(echo "$victim"/records/*.gz)" "$place"
check_code "a changed record is not exported" 10 "$HOLDFAST" export -C d --tar bad.tar "$base/story-3"
flip "$(echo "$victim"/records/*.gz)" "$place"
flip "$victim/outcomes.jsonl" 40
check_code "nor by a changed listing" 10 "$HOLDFAST" export -C d --tar bad.tar "$base/story-3"
check "and nothing is left" sh -c '! ls bad.tar*'
stop_all
done_testing
