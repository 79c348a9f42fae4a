#!/bin/sh
# status and report: what people and monitoring see.
. "$TOP/tests/system/lib.sh"
. "$TOP/tests/system/run_lib.sh"
start_site
home=https://english.almayadeen.net/
run_conf c
run_site c almayadeen-en "front = $home every 15m" "feed = none" "sitemap = none"

check_code "status works before the first run" 0 "$HOLDFAST" status -C c
check_code "--check with --max-age is not content then" 8 "$HOLDFAST" status -C c --check --max-age 2h
check_code "without --max-age it is" 0 "$HOLDFAST" status -C c --check
"$HOLDFAST" run -C c --limit 10 >out 2>err
"$HOLDFAST" status -C c --json >status
check_equal "what waits and what is watched is counted" \
    "$(jq -c '[.waiting > 0, .due > 0, .sites[0].watched, .sites[0].sources[0].found > 0, .last_exit]' status)" \
    '[true,true,9,true,0]'
check_equal "bytes, growth and free room" "$(jq -c '[.sites[0].bytes > 0, .bytes_per_day > 0, .free_bytes > .min_free, .days_left > 0]' status)" \
    '[true,true,true,true]'
"$HOLDFAST" status -C c >text
check_equal "people see the same" "$(grep -c '^site  *almayadeen-en: [0-9]* wait\|^disk  *.*days until min-free\|^last run' text)" 3
check_equal "--check is one line" "$("$HOLDFAST" status -C c --check --max-age 2h | wc -l)" 1

"$HOLDFAST" run -C c --dry-run >due
check_equal "a dry run lists the pages that wait" "$(grep -c '	page	' due)" "$(jq .due status)"
check_equal "and changes nothing" "$("$HOLDFAST" status -C c --json | jq .due)" "$(jq .due status)"
"$HOLDFAST" run -C c --dry-run --json >due.json
check_equal "as JSON, too" "$(jq -r 'select(.what == "page") | .url' due.json | wc -l)" "$(jq .due status)"

# What capture left of a state is enough for a dry run, and monitored alone.
run_conf by-hand
run_site by-hand news-24 "profile = almayadeen-en" "front = $home every 15m" "feed = none" "sitemap = none"
# shellcheck disable=SC2086 # SITE is a list of options
"$HOLDFAST" capture -C by-hand $SITE "${home}news/politics/story-60" >out 2>err
"$HOLDFAST" run -C by-hand --dry-run >due 2>&1
check_equal "a dry run before the first run" "$? $(cut -f 1,2,4 due)" "0 news-24	front	$home"
check_code "a capture is no run" 8 "$HOLDFAST" status -C by-hand --check --max-age 2h
cp by-hand/holdfast.conf full.conf
sed -i '/^\[site/,$d' by-hand/holdfast.conf
check_code "where no site is watched it is what counts" 0 "$HOLDFAST" status -C by-hand --check --max-age 2h
mv full.conf by-hand/holdfast.conf
"$HOLDFAST" run -C by-hand --limit 3 >out 2>err
"$HOLDFAST" run -C by-hand --dry-run >due
check_equal "what was looked at is not due" "$(grep -c '	front	' due)" 0
check_equal "bytes of a site whose name ends in a number" \
    "$("$HOLDFAST" status -C by-hand --json | jq '.sites[0].bytes > 0')" true

# A copy that nothing may write to.
cp -a c copy && chmod -R a-w copy
check_code "status works on what is read-only" 0 "$HOLDFAST" status -C copy
check_code "so does report" 0 "$HOLDFAST" report -C copy
chmod -R u+w copy
rm -rf copy/state
check_code "and without a state" 0 "$HOLDFAST" status -C copy
check_code "a state that does not read is told" 0 sh -c "mkdir -p copy/state && echo x >copy/state/run.sqlite && '$HOLDFAST' status -C copy"
said "by people's status" 'does not read'
check_code "and by --check" 23 "$HOLDFAST" status -C copy --check
: >copy/collection.json
check_code "a collection that does not read is 23 for --check" 23 "$HOLDFAST" status -C copy --check

# Report.
"$HOLDFAST" run -C c >out 2>err
"$HOLDFAST" report -C c --json >report
check_equal "report sums the articles" "$(jq -c '[.articles.new, .articles.changed, (.pages | length)]' report)" '[31,0,31]'
check_equal "its sums balance" "$(jq '.totals | .targets == .good + .failed + .left_out' report)" true
check_equal "links that were not followed have reasons" "$(jq -r '.refused[].text' report | grep -c 'out-of-scope: [0-9]* link(s): ')" "$(jq '.refused | length' report)"
"$HOLDFAST" report -C c >text
check_equal "people see the same" "$(grep -c '^31 pages, 0 incomplete; 31 articles: 31 new' text)" 1
check_code "a snapshot that is not there is told" 2 "$HOLDFAST" report -C c 2001

# A run that hangs: it holds the lock and writes nothing for days.
sed -i '1i on-seal = sh -c "echo x >held; sleep 50"' c/holdfast.conf
echo "${home}news/politics/story-61" >given
"$HOLDFAST" run -C c -i given --limit 1 >out 2>err &
pid=$!
wait_for held
check_code "one that is under way is in time" 0 "$HOLDFAST" status -C c --check --max-age 2h
check_code "not one that does nothing for days" 8 env HOLDFAST_TEST_CLOCK=$(($(date +%s) + 260000)) \
    "$BUILD/holdfast-test" status -C c --check --max-age 2h
said "and that is said" 'late: last good run 3 days ago; one is under way and does nothing'
kill $pid
wait $pid
done_testing
