#!/bin/sh
# Sites that are not what they should be: each ends with its outcome or an
# alarm, in bounded time and memory, and nothing that was kept is lost.
# shellcheck disable=SC2086 # SITE and lists of options
. "$TOP/tests/system/lib.sh"
T=$BUILD/holdfast-test
base=1767571200 # 2026-01-05T00:00:00Z
export HOLDFAST_TEST_CLOCK_FILE=clock
at_hour() { echo $((base + $1 * 3600)) >clock.new; mv clock.new clock; }
if ! "$T" help run >/dev/null 2>&1; then
	skip "odd sites" "there is no run"
	done_testing
fi
items=${ODD_ITEMS:-1000000}
{
	echo "start 2026-01-05T00:00:00Z"
	for i in 1 2 3 4 5 6; do echo "at +${i}m publish a$i slug=story-$i"; done
	cat <<END
from +10h to +11h home-for-all host=english
from +20h to +21h feed-items n=$items
from +30h to +31h sitemap-foreign
from +40h to +41h sitemap-big
from +50h to +51h front-empty
END
} >scenario
at_hour 1
start_site --scenario scenario --clock clock
"$T" init -C c --operator Odd --contact mailto:odd@example.org >init.out 2>&1
{
	echo "operator = Odd"
	echo "contact = mailto:odd@example.org"
	echo "wait = 0.001s"
	echo "min-free = 1M"
	echo "ballast = 0"
	site_lines
	cat <<END
[site english]
profile = almayadeen-en
front = https://english.almayadeen.net/
feed = https://english.almayadeen.net/rss
limit = 40
sitemap = https://english.almayadeen.net/sitemaps/all.xml
END
} >c/holdfast.conf

# go HOUR: a run, its code, seconds and peak memory in KB
go() {
	at_hour "$1"
	before=$(date +%s)
	/usr/bin/env time -f %M -o memory timeout 120 "$T" run -C c >"$1.out" 2>"$1.err"
	code=$?
	seconds=$(($(date +%s) - before))
	memory=$(tail -n 1 memory)
}
articles() { cat c/snapshots/*/*/*/articles.jsonl 2>/dev/null | jq -r .article.headline | sort -u | wc -l; }
# Sanitizers use memory of their own.
case $BUILD in */release) most=262144 ;; *) most=1048576 ;; esac
bounded() { # NAME
	if [ "$seconds" -le 60 ] && [ "$memory" -le $most ]; then
		pass "$1 ends within a minute and $((most / 1024)) MiB (${seconds} s, $((memory / 1024)) MiB)"
	else
		fail "$1 ends within a minute and $((most / 1024)) MiB" "$seconds s, $memory KB"
	fi
}

go 1
check_equal "a run of a good site ends well" "$code $(cat 1.err)" "0 "
check_equal "all six articles are kept" "$(articles)" 6

go 10
bounded "a site that answers with its home page for everything"
check_equal "it brings no article" "$(articles)" 6
check_equal "its feed and sitemap are alarms" "$(grep -c 'begins: .*neither a feed' 10.err)" 2
check_equal "its articles are not taken for gone yet" \
    "$("$T" status -C c | grep '^site' | grep -c ' 0 disappeared')" 1

go 20
bounded "a feed of $items items"
check_equal "the articles before it are still there" "$(articles)" 6
check "its first entries wait for their turn" \
    sh -c "'$T' status -C c | grep -E '^site +english: [0-9]{5} wait'"
check "the log says that it was cut" grep -q 'entries read, [0-9]* more left out' c/log/2026-01.jsonl
if [ "$code" -ne 0 ]; then pass "the exit code says it ($code)"; else
	fail "the exit code says it" "$(cat 20.err)"
fi

go 30
bounded "a sitemap that names other hosts"
check_equal "no other host is asked" "$(grep -c other.example site.log)" 0

go 40
bounded "a sitemap of 50,000 old addresses"

go 50
bounded "a front without links"
check "it is an alarm" grep -q 'begins: https://english.almayadeen.net/: names 0 pages' 50.err

check_code "all snapshots verify" 0 "$T" verify -q -C c
for hour in 10 20 30 40 50; do sed "s/^/# $hour: /" $hour.out $hour.err | head -n 8; done
done_testing
