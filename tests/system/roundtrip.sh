#!/bin/sh
# A collection leaves in every form and comes back into an empty one: the same
# records, the same articles byte for byte, and a second time nothing.
# shellcheck disable=SC2086 # SITE is a list of options
. "$TOP/tests/system/lib.sh"
command -v jq >/dev/null || { skip "round trips" "jq is not installed"; done_testing; }
T=$BUILD/holdfast-test
export HOLDFAST_TEST_CLOCK_FILE=clock
base=1767571200 # 2026-01-05T00:00:00Z
page=https://english.almayadeen.net/news/politics/story-1
at_hour() { echo $((base + $1 * 3600)) >clock.new; mv clock.new clock; }
gone() { chmod -R u+w "$@" 2>/dev/null; rm -rf "$@"; }

cat >scenario <<'END'
start 2026-01-05T00:00:00Z
at +1m publish a1 edition=en section=news/politics slug=story-1 headline="Harbor council meets" paragraphs=3 images=2 post=101
at +2m publish b1 edition=ar section=news/politics headline="مجلس الميناء يجتمع" paragraphs=3 images=1 post=102 author="الميادين نت"
at +3m publish a2 edition=en section=news/politics slug=story-2 headline="No pictures at all" paragraphs=2 images=0 post=103
at +4h edit a1 typo n=1
END
at_hour 1
start_site --scenario scenario --clock clock --lifetime 300
"$T" init -C c --operator "Harbor Library" --contact mailto:archive@harbor.example \
    --site almayadeen-en --site almayadeen-ar >out 2>&1
# The third finds an edit, the fourth that page as the third has it.
for hour in 1 2 6 8; do
	at_hour $hour
	timeout 100 "$T" run -C c --wait 0 $SITE >out 2>&1
done
# A page that is no article, and one that nobody answers for.
at_hour 9
"$T" capture -q -C c $SITE --connect-to dead.almayadeen.net:443:127.0.0.1:1 \
    https://english.almayadeen.net/articles https://dead.almayadeen.net/ >out 2>&1
stop_all
find c/snapshots -mindepth 3 -maxdepth 3 | sort >all
check_equal "snapshots with revisits, articles of two languages, pages without one, failures" \
    "$(find c/snapshots -name index.cdxj -exec cat {} + | grep -c '"warc/revisit"' | awk '{ print ($1 > 40) }') \
$(cat c/snapshots/*/*/*/articles.jsonl | jq -r .article.edition.lang | sort -u | xargs) \
$(cat c/snapshots/*/*/*/outcomes.jsonl | jq -r 'select(.url | contains("dead")) | .record' | wc -l) $(wc -l <all)" "1 ar en 2 9"

# ids, digests, lengths of all records but those that packages add
records() {
	find "$1" -name '*.warc.gz' -exec gzip -dc {} + | tr -d '\r' |
	    awk '/^WARC\/1/ { t = ""; i = ""; b = "" }
		/^WARC-Type: / { t = $2 } /^WARC-Record-ID: / { i = $2 }
		/^WARC-Block-Digest: / { b = $2 } /^Content-Length: / {
			if (i != "") print t, i, b, $2; i = "" }' |
	    grep -v '^warcinfo' | LC_ALL=C sort -u
}
articles() { cat "$1"/snapshots/*/*/*/articles.jsonl | LC_ALL=C sort -u; }
records c/snapshots >records.c
articles c >articles.c
shown() { # what article says of each, but for where it lies
	for id in almayadeen-en:101 almayadeen-ar:102 almayadeen-en:103; do
		"$HOLDFAST" article -C "$1" "$id" && "$HOLDFAST" article -C "$1" --json "$id" |
		    jq -S 'del(.snapshot, .file, .offset)'
	done
}
shown c >shown.c
# trip KIND PATH RECORDS ARTICLES [ARGS...]: out, in, and in again
trip() {
	kind=$1 path=$2 records=$3 articles=$4
	shift 4
	check_code "$path: what would go" 0 sh -c '"$@" >dry' - "$HOLDFAST" export -C c "--$kind" "$path" --dry-run --json "$@"
	check "$path: nothing is written for that" [ ! -e "$path" ]
	check_code "$path: it goes" 0 sh -c '"$@" >real' - "$HOLDFAST" export -C c "--$kind" "$path" --json "$@"
	case $kind in # members of records go over as they are, behind one more
	warc) check "$path: about as much as was said" jq -es \
		'.[0].files == .[1].files and .[1].bytes - .[0].bytes < 1000' dry real ;;
	*) check_equal "$path: as much as was said" "$(jq -c '[.files, .bytes, .snapshots, .time]' dry)" \
		"$(jq -c '[.files, .bytes, .snapshots, .time]' real)" ;;
	esac
	[ "$kind" = articles ] && return
	check_code "$path: it verifies" 0 "$HOLDFAST" verify -q "$path"
	gone b
	check_code "$path: it comes in" 0 "$HOLDFAST" import -C b "$path"
	check_equal "$path: which verifies, its articles read again" \
	    "$("$HOLDFAST" verify -q -C b --rederive 2>&1) $?" " 0"
	records b/snapshots >records.b
	check_equal "$path: every record" "$(comm -23 "$records" records.b)" ""
	check_equal "$path: and but one of its own no other" "$(comm -13 "$records" records.b | wc -l | tr -d ' ')" 1
	articles b >articles.b
	check "$path: every article, byte for byte" cmp "$articles" articles.b
	check_code "$path: a second time nothing" 24 "$HOLDFAST" import -C b --fail-if-unchanged "$path"
	check_equal "$path: and no snapshot" "$(find b/snapshots -mindepth 3 -maxdepth 3 | wc -l | tr -d ' ')" 1
}
for target in "tar all.tar.gz" "wacz all.wacz" "bag bag" "bag bag.tar" "warc all.warc.gz" "articles articles"; do
	trip ${target% *} "${target#* }" records.c articles.c
	[ "${target% *}" = articles ] && continue
	shown b >shown.b
	check "${target#* }: article says the same" cmp shown.c shown.b
done
# What came back goes again: the same to be looked at.
check_code "articles of what came back" 0 "$HOLDFAST" export -C b --articles back
for file in article.json article.txt page.html; do
	check_equal "$file of each is the same" "$(cd back/articles && find . -name $file -exec sha256sum {} + | sort)" \
	    "$(cd articles/articles && find . -name $file -exec sha256sum {} + | sort)"
done
check_equal "and every picture" "$(cd back/articles && find . -path '*/images/*' -exec sha256sum {} + | sort)" \
    "$(cd articles/articles && find . -path '*/images/*' -exec sha256sum {} + | sort)"

# A page that is a revisit of one whose own parts are revisits: nothing is left
# that leads out of a selection that contains itself.
"$HOLDFAST" export -C c --tar chosen.tar --self-contained "$page@20260105080000" >/dev/null
mkdir chosen && tar -xf chosen.tar -C chosen
check_equal "originals of originals come along" "$("$HOLDFAST" verify chosen/* | grep -c refers-to)" 0
check_equal "from wherever they lie" "$(jq -r '.run.from[].snapshot' chosen/*/report.json | cut -c 10-11 | xargs)" "01 06 08"
records chosen >records.chosen
cat chosen/*/articles.jsonl | LC_ALL=C sort -u >articles.chosen
trip wacz chosen.wacz records.chosen articles.chosen --self-contained "$page@20260105080000"
check_code "what came back has its pictures" 0 "$HOLDFAST" export -C b --articles chosen.d
check_equal "all of them" "$(find chosen.d/articles -path '*/images/*' | wc -l)" 2
# Whole snapshots stay; nothing of them is beside them once more.
"$HOLDFAST" export -C c --tar some.tar --self-contained "$(basename "$(sed -n 1p all)")" \
    "$(basename "$(grep 080000Z-almayadeen-en all)")" >/dev/null
mkdir some && tar -xf some.tar -C some
check_equal "originals beside snapshots come from others alone" "$(jq -r '.run.from[].snapshot' some/*-originals/report.json |
    cut -c 1-15)" "20260105T060000"
check_equal "no record is there twice" "$(find some -path '*/records/*' -exec gzip -dc {} + | grep -a '^WARC-Record-ID' |
    sort | uniq -d | grep -vcF "$(find c -path '*/records/*' -exec gzip -dc {} + | grep -a -A3 '^WARC-Type: warcinfo' | grep -a Record-ID)")" 0

# Revisits of others that tell address and date of what they repeat alone, and
# a picture that was imported although it is not what its digests say.
find c/snapshots -name '*.warc.gz' | sort | xargs zcat |
    LC_ALL=C sed '/^WARC-Type: revisit/,/^\r$/{/^WARC-Refers-To: /d;}' >nameless.warc
check_code "revisits without the id of what they repeat" 0 "$HOLDFAST" import -C n nameless.warc
check_code "articles of that" 0 "$HOLDFAST" export -C n --articles nameless
check_equal "have the same pictures" "$(cd nameless/articles && find . -path '*/images/*' -exec sha256sum {} + | sort)" \
    "$(cd articles/articles && find . -path '*/images/*' -exec sha256sum {} + | sort)"
picture=$(jq -r '.images[0] | (.revisit_of // .).record' articles/articles/*-102/provenance.json)
place=$(grep -abF "WARC-Record-ID: <$picture>" nameless.warc | head -n 1 | cut -d : -f 1)
printf '\377\376\375' | dd of=nameless.warc bs=1 seek=$((place + 1200)) conv=notrunc 2>/dev/null
check_code "a picture that is another" 0 "$HOLDFAST" import -C m --keep-mismatch --json nameless.warc
check_code "articles of that are shown" 0 "$HOLDFAST" export -C m --articles marked
check_equal "but it, and why is said" "$(jq -r '.images[0].missing' marked/articles/*-102/provenance.json |
    grep -c 'digest differs') $(ls marked/articles/*-102/images 2>&1 | grep -c png)" "1 0"
check_equal "the others are" "$(ls marked/articles/*-101/images | wc -l)" 2
chmod -R u+w m/snapshots
printf '\377' | dd of="m/$(jq -r .page.warc marked/articles/*-101/provenance.json)" bs=1 \
    seek=$(($(jq .page.offset marked/articles/*-101/provenance.json) + 300)) conv=notrunc 2>/dev/null
check_code "bytes that were changed since end all" 10 "$HOLDFAST" export -C m --articles changed
check "and nothing is there" [ ! -e changed ]

# What nobody can do is said.
mkdir odd
check_code "a tar of a folder without a name" 2 "$HOLDFAST" export -C c --bag odd/.tar
check_code "--split of what is one" 2 "$HOLDFAST" export -C c --tar odd/x.tar --split 1M
check_equal "nothing is there" "$(ls -A odd)" ""

# Where nothing may be put.
check_code "not among the snapshots" 2 "$HOLDFAST" export -C c --tar c/snapshots/2026/x.tar
mkdir c/packages && ln -s c/snapshots inside
check_code "by no other way" 2 "$HOLDFAST" export -C c --articles inside/x
check_code "in packages/" 0 "$HOLDFAST" export -C c --tar c/packages/x.tar latest
check_equal "nothing is left there" "$(find c -name 'x*' ! -path '*/packages/*')" ""
check_code "the collection verifies as before" 0 "$HOLDFAST" verify -q -C c
gone b c n m
done_testing
