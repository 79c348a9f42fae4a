#!/bin/sh
# Where pages come from: fronts and their further pages, feeds, sitemaps by
# index and by month, packed or not; each page once, whatever named it.
. "$TOP/tests/system/lib.sh"
. "$TOP/tests/system/run_lib.sh"
T=$BUILD/holdfast-test
HOLDFAST=$T
export HOLDFAST_TEST_CLOCK_FILE=clock
base=1767571200 # 2026-01-05T00:00:00Z
hour=3600
at() { echo $((base + $1)) >clock.new; mv clock.new clock; }
{
	echo "start 2026-01-05T00:00:00Z"
	i=1
	while [ $i -le 60 ]; do
		echo "at +${i}m publish a$i slug=story-a$i"
		i=$((i + 1))
	done
	cat <<'END'
at +30h publish late slug=story-late
at +40h publish later slug=story-later
from +50h to +60h sitemap-gz
at +51h publish packed slug=story-packed
at +700h publish next-month slug=story-next-month
END
} >scenario
at 0
start_site --scenario scenario --clock clock
site=https://english.almayadeen.net

# kept DIR: slugs of the articles that were read, sorted
kept() {
	find "$1/snapshots" -name articles.jsonl -exec cat {} + |
		jq -r .binding.response_record >/dev/null
	find "$1/snapshots" -name outcomes.jsonl -exec cat {} + |
		jq -r 'select(.need == "page" and .outcome == "captured") | .url' |
		sed -n 's|.*/story-||p' | sort -u
}
asked() { awk -F '\t' -v p="$1" '$5 == p' site.log | wc -l; }
pages_asked() { awk -F '\t' '$5 ~ /\/story-/ { print $5 }' site.log | sort | uniq -d; }
run() { # DIR SECONDS
	at "$2"
	timeout 100 "$T" run -C "$1" >out 2>err
	code=$?
}

# A front with its further pages: 12 a page, three of them.
run_conf fronts
run_site fronts almayadeen-en "front = $site/news/politics pages 1..3 links h3 a" \
    "feed = none" "sitemap = none" "recapture = none" "scope = news" "depth = 1"
run fronts $((2 * hour))
check_equal "a run of a front ends well" "$code $(cat err)" "0 "
check_equal "its pages were asked for, no more of them" \
    "$(asked /news/politics) $(asked '/news/politics?page=2') $(asked '/news/politics?page=3') $(asked '/news/politics?page=4')" "1 1 1 0"
check_equal "what they name was kept" "$(kept fronts | wc -l)" 36
run fronts $((3 * hour))
check_equal "nothing new: the further pages are left alone" \
    "$code $(asked /news/politics) $(asked '/news/politics?page=2')" "0 2 1"
run fronts $((30 * hour + 60))
check_equal "a new article is found" "$code $(kept fronts | grep -c '^late$')" "0 1"
check_equal "and no page was asked for twice" "$(pages_asked)" ""

# A feed alone.
: >site.log
run_conf feeds
run_site feeds almayadeen-en "front = none" "feed = $site/atom.xml" \
    "sitemap = none" "recapture = none" "depth = 1"
run feeds $((31 * hour))
check_equal "a feed's pages are kept" "$code $(kept feeds | wc -l)" "0 20"
check_equal "the feed itself is kept, and is no article" \
    "$(jq -r 'select(.url | endswith("/atom.xml")) | .outcome' "$(newest feeds)/outcomes.jsonl")" captured
run feeds $((40 * hour + 60))
check_equal "and the next one" "$code $(kept feeds | grep -c '^later$')" "0 1"
check_equal "once each" "$(pages_asked)" ""

# Sitemaps: an index of months; only the month that changed is read again.
: >site.log
run_conf maps
run_site maps almayadeen-en "front = none" "feed = none" \
    "sitemap = $site/sitemaps/all.xml every 1h" "recapture = none" "depth = 1"
run maps $((41 * hour))
check_equal "all of a sitemap's articles are kept" "$code $(kept maps | wc -l)" "0 62"
run maps $((51 * hour + 60))
check_equal "packed sitemaps are read" "$code $(kept maps | grep -c '^packed$')" "0 1"
check_equal "once each" "$(pages_asked)" ""
check_equal "authors and other hosts are refused with the reason" \
    "$(jq -r 'select(.event == "refused") | .text' maps/log/*.jsonl | grep -c '^out-of-scope: [0-9]* link(s): scope news')" 2

# One file a month, without an index.
: >site.log
run_conf months
run_site months almayadeen-en "front = none" "feed = none" \
    "sitemap = $site/sitemaps/all/sitemap-{Y}-{M}.xml every 1h" \
    "recapture = none" "depth = 1"
run months $((62 * hour))
check_equal "the file of the month is read" "$code $(kept months | wc -l)" "0 63"
run months $((701 * hour)) # 3 February
check_equal "that of the next month too" \
    "$code $(kept months | grep -c '^next-month$') $(asked /sitemaps/all/sitemap-2026-2.xml)" "0 1 1"
asked_before=$(asked /sitemaps/all/sitemap-2026-1.xml)
run months $((703 * hour))
check_equal "and the last month's, once it is whole, no more" \
    "$(asked /sitemaps/all/sitemap-2026-1.xml)" "$asked_before"

for one in fronts feeds maps months; do
	check_code "$one: all verifies" 0 "$T" verify -q -C $one
done
done_testing
