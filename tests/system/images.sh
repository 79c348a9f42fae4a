#!/bin/sh
# Which pictures of a page are fetched: all sizes, the best of each, or none.
# shellcheck disable=SC2086 # SITE is a list of options
. "$TOP/tests/system/lib.sh"
T=$BUILD/holdfast-test
cat >scenario <<'END'
start 2026-01-05T00:00:00Z
at +1h publish a1 edition=en section=news/politics headline="Harbor council meets" paragraphs=4 images=2 tags=2 post=101
END
echo 1767600000 >clock
export HOLDFAST_TEST_CLOCK_FILE=clock
start_site --scenario scenario --clock clock --lifetime 120
# pictures POLICY: a run; what became of the article's pictures, by size.
pictures() {
	"$T" init -C "$1" --operator a --contact b@c.example >/dev/null 2>&1
	{
		echo "[site almayadeen-en]"
		echo "front = https://english.almayadeen.net/"
		echo "sitemap = none"
	} >>"$1/holdfast.conf"
	timeout 60 "$T" run -C "$1" --wait 0 --images "$1" $SITE >out 2>&1
	echo "exit $?"
	jq -r 'select(.url | test("/image/.*v=")) | "\(.outcome) \(.url | sub(".*v=[0-9]*&?"; ""))"' \
	    "$1"/snapshots/*/*/*/outcomes.jsonl | sort | uniq -c | sed 's/^ *//'
}
pictures all >all.txt
check "the warcinfo says which" sh -c 'zcat all/snapshots/*/*/*/records/*.warc.gz | grep -aq "^images: all"'
pictures best >best.txt
pictures none >none.txt
check "all sizes are fetched" grep -q 'captured width=400$' all.txt
check "and the largest" grep -q 'captured width=1600' all.txt
check_equal "of the best no lesser size but the one shown" "$(grep -c 'width=400&format=webp' best.txt)" 0
check "the largest of each" grep -q 'captured width=1600' best.txt
check "and what they were made from" grep -q 'captured $' best.txt
check "those shown" grep -q 'captured width=750' best.txt
check "with none, none" sh -c '! grep -q "captured" none.txt'
check "and that is said" grep -q '^[0-9]* out-of-scope ' none.txt
for one in all best none; do
	check_equal "$one: the run ends well" "$(head -n 1 $one.txt)" "exit 0"
	check_equal "$one: the article is read" "$(jq -r .article.quality.status $one/snapshots/*/*/*/articles.jsonl)" ok
	check_equal "$one: its page is complete" "$(jq -r '.totals.pages_incomplete // .pages_incomplete // 0' $one/snapshots/*/*/*/report.json)" 0
	check_code "$one: all verifies" 0 "$T" verify -C $one --level deep
done
"$T" capture -C hand --images best --cookie "consent=yes; almayadeen.net" $SITE \
    "$(jq -r '.article.url.final' all/snapshots/*/*/*/articles.jsonl)" >out 2>&1
check_equal "capture knows it, too: exit" $? 0
check_equal "no lesser size" "$(jq -r .url hand/snapshots/*/*/*/outcomes.jsonl | grep -c 'width=400&format=webp')" 0
done_testing
