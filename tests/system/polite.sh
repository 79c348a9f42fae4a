#!/bin/sh
# Politeness over commands and in time: what a host asks for, until when, and
# what it sees of it (the fixture site's log is the judge).
# shellcheck disable=SC2086 # SITE is a list of options
. "$TOP/tests/system/lib.sh"
export HOLDFAST_TEST_CLOCK_FILE=clock
T=$BUILD/holdfast-test
base=1767571200 # 2026-01-05T00:00:00Z
at_minute() { echo $((base + $1 * 60)) >clock.new; mv clock.new clock; }

{
	echo "start 2026-01-05T00:00:00Z"
	for i in 1 2 3 4 5 6 7 8 9; do
		echo "at +1h publish a$i post=10$i slug=a$i images=1"
	done
	cat <<'END'
at +1h publish b1 post=201 slug=b1 edition=ar
from +10h to +10h30m ratelimit after=3600 host=english
from +20h to +30h challenge host=english
from +40h to +41h status n=503 host=english
from +80h to +112h robots lines="User-agent: *\nDisallow: /news/politics/a1\n"
from +112h to +114h status n=500 path=/robots.txt
from +900h to +901h status n=500 path=/robots.txt
from +300h to +301h robots crawl-delay=0.4
from +400h to +401h outage how=silent path=/robots.txt
END
} >scenario
at_minute 70
start_site --scenario scenario --clock clock
for host in www media-ar; do
	SITE="$SITE --connect-to $host.almayadeen.net:443:127.0.0.1:$TLS"
done
E=https://english.almayadeen.net/news/politics

# get HOURS:MINUTES URL...: a capture at that time; the log begins anew.
get() {
	at_minute $((${1%%:*} * 60 + ${1##*:}))
	shift
	: >site.log
	before=$(newest col 2>/dev/null)
	"$T" capture -C col --max-time-per-url 2 $SITE "$@" >out 2>err
	code=$?
	snapshot=$(newest col 2>/dev/null)
	if [ "$snapshot" = "$before" ]; then : >outcomes; else
		cat "$snapshot/outcomes.jsonl" >outcomes
	fi
}
outcome() { jq -r "select(.url == \"$1\") | .outcome" outcomes; }
reason() { jq -r "select(.url == \"$1\") | .reason" outcomes; }
# asked HOST [TARGET]: how many requests the site saw
asked() { awk -F'\t' -v h="$1" -v t="${2:-}" '$4 == h && (t == "" || $5 == t)' site.log | wc -l; }

# ---- robots.txt ----
get 2:00 $E/a1
check_equal "a page is captured" "$code $(outcome $E/a1)" "0 captured"
check_equal "robots.txt is asked for first" "$(sed -n 1p site.log | cut -f5)" /robots.txt
check_equal "and archived" "$(jq -r 'select(.need == "robots") | .outcome' outcomes)" captured
digest=$(jq -r 'select(.need == "robots") | .digest' outcomes)
get 3:00 $E/a2
check_equal "a second command within the day does not ask again" "$(asked english.almayadeen.net /robots.txt)" 0
check_equal "and says which robots.txt it went by" \
    "$(jq -r "select(.url == \"$E/a2\") | .robots" outcomes)" \
    "obey: robots.txt fetched 2026-01-05T02:00:00Z, $digest"
get 19:59 $E/a3
check_equal "nor hours later" "$(asked english.almayadeen.net /robots.txt) $(outcome $E/a3)" "0 captured"

# ---- Retry-After ----
rm -rf col
get 10:00 $E/a1 $E/a2 $E/a3
check_equal "429 ends the asking: one request" "$code $(asked english.almayadeen.net)" "18 1"
check "the operator is told until when" grep -q "2026-01-05T11:00:00Z" err
get 10:59 $E/a1
check_equal "a second command within the hour asks nothing" "$code $(asked english.almayadeen.net)" "18 0"
check "and says why and until when" grep -q "the host answered 429 and asked to wait 3600 s at 2026-01-05T10:00:00Z and is left alone until 2026-01-05T11:00:00Z" err
get 10:59 $E/a1 https://www.almayadeen.net/news/politics/b1
check_equal "beside pages of other hosts it is not-tried, with the reason" "$(outcome $E/a1) $(reason $E/a1 | cut -c1-21)" "not-tried the host answered 429"
get 11:01 $E/a1
check_equal "after the hour it is asked again" "$code $(outcome $E/a1)" "0 captured"

# ---- a challenge ----
get 20:00 $E/a4 $E/a5 $E/a6
check_equal "a challenge is recognized" "$(jq -r 'select(.status == 403) | .outcome' outcomes | sort -u)" challenge
check_equal "and what was not under way is not asked for" "$(asked english.almayadeen.net | awk '{ print $1 <= 2 }')" 1
check_equal "nothing of it is an article" "$(cat "$snapshot/articles.jsonl" 2>/dev/null | wc -l)" 0
seen=0
for hour in 21 22 23 24 25; do
	get $hour:30 $E/a4
	seen=$((seen + $(asked english.almayadeen.net)))
done
check_equal "the profile's six hours are kept over commands" $seen 0
get 26:01 $E/a4
check_equal "then one request, and another series" "$(asked english.almayadeen.net) $(jq -r .outcome outcomes | head -1)" "1 challenge"
get 32:30 $E/a4
check_equal "and captured when it lets us" "$(outcome $E/a4)" captured

# ---- 503 without a word ----
get 40:00 $E/a5
check_equal "503 for robots.txt: the page is not asked for" "$(asked english.almayadeen.net) $(outcome $E/a5)" "1 not-tried"
get 40:00 $E/a5
check_equal "within the minute nothing is asked" "$(asked english.almayadeen.net)" 0
get 40:02 $E/a5
check_equal "after it, once" "$(asked english.almayadeen.net)" 1
get 40:03 $E/a5
check_equal "then two minutes are kept" "$(asked english.almayadeen.net)" 0
get 42:00 $E/a5
check_equal "and all is well again" "$(outcome $E/a5)" captured

# ---- rules that change, and that cannot be had ----
get 90:00 $E/a1 $E/a2
check_equal "after a day the rules are asked for anew" "$(asked english.almayadeen.net /robots.txt)" 1
check_equal "and obeyed" "$(outcome $E/a1) $(outcome $E/a2)" "blocked-robots captured"
get 111:00 $E/a1 $E/a2 $E/a3
check_equal "within the day they decide without being asked for" \
    "$(asked english.almayadeen.net /robots.txt) $(outcome $E/a1) $(outcome $E/a3)" "0 blocked-robots captured"
rm -rf col
get 88:00 $E/a2
get 113:00 $E/a1 $E/a2
check_equal "rules that cannot be had anew stay good" \
    "$(asked english.almayadeen.net /robots.txt) $(outcome $E/a1) $(outcome $E/a2)" "1 blocked-robots captured"
get 900:30 $E/a1
check_equal "older than 30 days they are none: 5xx refuses all" "$(outcome $E/a1) $(reason $E/a1)" \
    "blocked-robots robots.txt: the server answered 500"

# ---- the pause between requests ----
rm -rf col
get 300:10 $E/a7
awk -F'\t' '$4 == "english.almayadeen.net" { print $2 }' site.log >times
check_equal "Crawl-delay is kept between all requests to the host ($(wc -l <times))" \
    "$(awk 'NR > 1 && $1 - last < 395 { n++ } { last = $1 } END { print n + 0, (NR > 2) }' times)" "0 1"
awk -F'\t' '$4 ~ /^media/ { print $2 }' site.log >times
check_equal "other hosts are not held up ($(wc -l <times))" \
    "$(awk 'NR > 1 && $1 - last > 350 { n++ } { last = $1 } END { print n + 0 }' times)" 0

# ---- silence ----
rm -rf col
get 400:10 $E/a8
check_equal "no robots.txt, no page: it ends as that did" "$(outcome $E/a8) $(asked english.almayadeen.net /news/politics/a8)" "timeout 0"
check "and the reason says so" sh -c "grep -q '\"reason\":\"robots.txt: ' outcomes"
get 402:00 https://english.almayadeen.net/robots.txt
check_equal "robots.txt can be captured for itself" "$code $(jq -r .outcome outcomes)" "0 captured"

# ---- what a run makes of it ----
"$T" init -C runs --operator me --contact mailto:me@example.org >out 2>&1
cat >>runs/holdfast.conf <<END

[site english]
front = https://english.almayadeen.net/
scope = news
wait = 0s
END
run_at() { # HOUR:MINUTE
	at_minute $((${1%%:*} * 60 + ${1##*:}))
	: >site.log
	before=$(newest runs 2>/dev/null)
	"$T" run -C runs --max-time-per-url 2 $SITE >out 2>err
	snapshot=$(newest runs 2>/dev/null)
	if [ "$snapshot" = "$before" ]; then : >outcomes; else
		cat "$snapshot/outcomes.jsonl" >outcomes
	fi
}
run_at 900:10
check_equal "robots.txt that cannot be had: nothing is fetched" \
    "$(jq -r 'select(.outcome == "captured") | .url' outcomes) $(asked english.almayadeen.net)" " 1"
run_at 902:00
check_equal "and what was wanted is wanted still" \
    "$(outcome https://english.almayadeen.net/) $(jq -r .url outcomes | grep -c '/news/politics/a[1-9]$')" "captured 9"

# ---- who asks ----
check_equal "without a contact the name alone is sent" \
    "$(zcat "$(newest col)"/records/*.warc.gz | grep -a -c '^User-Agent: holdfast/[0-9.]*[^ ]*.$')" 1
"$T" capture -q -C named --contact mailto:me@example.org $SITE $E/a9 >out 2>err
check "the contact is sent along" sh -c \
    "zcat '$(newest named)'/records/*.warc.gz | grep -a -q '^User-Agent: holdfast/[^ ]* (+mailto:me@example.org)'"
check "what was kept verifies" "$HOLDFAST" verify -C col
done_testing
