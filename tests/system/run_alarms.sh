#!/bin/sh
# What people must know is said when it begins, once a day, and when it ends;
# the exit code says it every time.
. "$TOP/tests/system/lib.sh"
. "$TOP/tests/system/run_lib.sh"
T=$BUILD/holdfast-test
HOLDFAST=$T
export HOLDFAST_TEST_CLOCK_FILE=clock
base=1767571200 # 2026-01-05T00:00:00Z
at() { echo $((base + $1)) >clock.new; mv clock.new clock; }
hour=3600
cat >scenario <<'END'
start 2026-01-05T00:00:00Z
at +1h publish one post=1001
at +2h publish two post=1002
at +3h publish three post=1003
from +10h to +16h challenge host=english
from +30h to +54h30m front-empty
from +60h to +61h outage how=reset
from +70h to +72h status n=503 after=3600
at +28h publish four post=1004
at +29h publish five post=1005
at +54h45m publish six post=1006
at +63h publish seven post=1007
at +80h publish eight post=1008
from +95h to +97h front-empty
END
at 0
start_site --scenario scenario --clock clock
run_conf c "idle-timeout = 2s"
run_site c almayadeen-en "front = https://english.almayadeen.net/ every 15m" "feed = none" "sitemap = none"

# run_at SECONDS: sets code, and said (standard error).
run_at() {
	at "$1"
	timeout 60 "$T" run -C c >out 2>err
	code=$?
	said=$(cat err)
	[ -s out ] && said="$said stdout: $(cat out)"
}

run_at $((4 * hour))
check_equal "a run that finds all well is silent" "$code $said" "0 "
run_at $((5 * hour))
check_equal "so is the next" "$code $said" "0 "

run_at $((10 * hour + 60))
check_equal "a challenge is said when it begins" "$code $(grep -c '  begins: .*challenge' err)" "18 1"
check "with since when and how often" grep -q 'since 2026-01-05T10:01:0[0-9]Z, 1 time)' err
run_at $((10 * hour + 1860))
check_equal "not again an hour later" "$(grep -c challenge err)" 0
check "the code stays ($code)" [ "$code" -ne 0 ]
run_at $((29 * hour))
check_equal "and when it is over" "$code $(grep -c '  ends: .*challenge' err)" "0 1"

run_at $((30 * hour + 900))
check_equal "an empty front is said when it begins" "$(grep -c '  begins: .*english.almayadeen.net/' err)" 1
check_equal "its code is told" "$code" 8
run_at $((36 * hour))
check_equal "silence after that, the code stays" "$code $said" "8 "
run_at $((48 * hour))
check_equal "silence" "$code $said" "8 "
run_at $((54 * hour + 1200))
check_equal "once more on the next day" "$code $(grep -c '  lasts: .*names 0 pages' err)" "8 1"
run_at $((55 * hour))
check_equal "and its end" "$(grep -c '  ends: .*names 0 pages' err)" 1

run_at $((60 * hour + 600))
check "an outage is told by the code ($code)" [ "$code" -ne 0 ]
run_at $((62 * hour))
run_at $((64 * hour))
check_equal "all is well again" "$code" 0
run_at $((70 * hour + 600))
check_equal "503 with Retry-After: the host is left alone" "$code $(grep -c 'left alone until' err)" "18 1"
asked=$(wc -l <site.log)
run_at $((70 * hour + 1800))
check_equal "nobody asks before the time it named" "$(wc -l <site.log)" "$asked"
check_equal "and the code says why" "$code $said" "18 "
"$T" status -C c --json >status
check_equal "status names the host" "$(jq -r '.hosts[].host' status)" english.almayadeen.net
check_equal "and the standing alarm" "$(jq -r '.standing_alarms[].key' status | grep -c host-backoff)" 1
check_code "status --check: 8 with an alarm" 8 "$T" status -C c --check
run_at $((76 * hour))
run_at $((81 * hour))
check_equal "what was published meanwhile is found" "$code $(find c -name articles.jsonl -exec cat {} + | jq -r .article.article_id | sort -u | wc -l)" "0 8"
check_code "status --check: 0 when all is well" 0 "$T" status -C c --check --max-age 2h
at $((90 * hour))
check_code "8 when the last good run is too long ago" 8 "$T" status -C c --check --max-age 2h

# A source that is watched no more.
run_at $((95 * hour + 900))
check_equal "an alarm stands" "$code $(grep -c '  begins: .*names 0 pages' err)" "8 1"
sed -i 's|^front = .*|front = https://english.almayadeen.net/news/politics|' c/holdfast.conf
run_at $((98 * hour))
check_equal "it ends with its source" "$code $(grep -c '  ends: .*names 0 pages' err)" "0 1"
check_code "for monitoring, too" 0 "$T" status -C c --check --max-age 2h
check_code "all verifies" 0 "$T" verify -q -C c
done_testing
