#!/bin/sh
# run: one pass over the sites that are watched, again and again.
. "$TOP/tests/system/lib.sh"
. "$TOP/tests/system/run_lib.sh"
start_site
home=https://english.almayadeen.net/

# What it must know before it asks anybody for anything.
"$HOLDFAST" init -C bare >/dev/null 2>&1
check_code "run without operator and contact is refused" 2 "$HOLDFAST" run -C bare
said "and says what to do" 'set both in bare/holdfast.conf'
run_conf empty
check_code "run without a site is refused" 2 "$HOLDFAST" run -C empty
said "and says what to do" 'add a section "[site NAME]"'
check_code "run without a collection is refused" 2 "$HOLDFAST" run -C nowhere
run_conf c
run_site c almayadeen-en "front = $home every 15m" "feed = none" "sitemap = none"
check_code "an unknown site is refused" 2 "$HOLDFAST" run -C c almayadeen-em
said "and the nearest is named" 'did you mean almayadeen-en'
check_equal "nothing was made by what was refused" "$(ls c/snapshots c/state 2>/dev/null)" "$(ls -d c/snapshots c/state 2>/dev/null | sed 's/$/:/' | paste -sd, | sed 's/,/\n\n/g')"

"$HOLDFAST" run -C c --dry-run >due 2>&1
check_equal "a dry run lists the source that is due" "$(cut -f 1,2,4 due)" "almayadeen-en	front	$home"
check_equal "a dry run leaves no state behind" "$(ls c/state/run.sqlite 2>/dev/null)" ""

"$HOLDFAST" run -C c >out 2>err
check_equal "the first run is silent and ends well" "$? $(cat out err)" "0 "
check_equal "it leaves one snapshot, named after the site" "$(basename "$(newest c)" | sed 's/^[^-]*-//')" almayadeen-en
check_equal "its articles were read" "$(wc -l <"$(newest c)/articles.jsonl")" 40
check_equal "every URL has one outcome" "$(jq -r .url "$(newest c)/outcomes.jsonl" | sort | uniq -d)" ""
check_equal "links that are not followed have one, too" \
    "$(jq -r 'select(.outcome == "out-of-scope" and .need == "page" and .via != "" and .reason != "") | .need' "$(newest c)/outcomes.jsonl" | sort -u)" page
check_code "all verifies" 0 "$HOLDFAST" verify -q -C c

asked=$(wc -l <site.log)
"$HOLDFAST" run -C c >out 2>err
check_equal "a second run has nothing to do and is silent" "$? $(cat out err)" "0 "
check_equal "it leaves no snapshot" "$(sealed_count c)" 1
check_equal "and asks nobody" "$(wc -l <site.log)" "$asked"

printf '\357\273\277# by hand\n  %snews/politics/story-77 \r\n\nnot a url\n' "$home" >list
"$HOLDFAST" run -C c --json -i list >out 2>err
check_equal "a URL given by hand is captured" "$? $(jq -r 'select(.site) | .pages' out)" "0 1"
check_equal "what is no URL is told to the log" "$(jq -r 'select(.event == "warning") | .object' c/log/*.jsonl)" "not a url"
echo "${home}news/politics/story-78" | "$HOLDFAST" run -C c -i - >out 2>err
check_equal "so is one from standard input" "$? $(jq -r 'select(.need == "page") | .url' "$(newest c)/outcomes.jsonl" | grep -c story-78)" "0 1"
check_equal "the chain goes on" "$(jq -r .previous.snapshot "$(newest c)/report.json" | grep -c almayadeen-en)" 1

# State that is gone or broken is made anew.
rm -f c/state/run.sqlite*
"$HOLDFAST" run -C c >out 2>err
code=$?
check_equal "a lost state is no fault" "$code $(cat out err)" "0 "
check_equal "it is told in the log" "$(events c state-new | tail -n 1)" "filled from the snapshots"
count=$(sealed_count c)
"$HOLDFAST" status -C c --json >status
check_equal "its sums are there again" "$(jq -r '.sites[0].snapshots' status)" "$count"
head -c 3000 /dev/urandom >c/state/run.sqlite
check_code "status --check tells a broken state" 23 "$HOLDFAST" status -C c --check
"$HOLDFAST" run -C c >out 2>err
check_equal "a broken state is moved aside and made anew" "$? $(ls c/state | grep -c "broken-[0-9TZ]*$")" "0 1"
check_code "and all verifies" 0 "$HOLDFAST" verify -q -C c

# A section that is removed while its URLs wait.
run_site c other "front = https://media.almayadeen.net/ every 15m" "feed = none" "sitemap = none" "limit = 1"
"$HOLDFAST" run -C c other >out 2>err
echo "https://media.almayadeen.net/x" | "$HOLDFAST" run -C c other --limit 1 -i - >out 2>err
sed -i '/^\[site other\]/,$d' c/holdfast.conf

# Two sites, one snapshot each.
run_conf two
run_site two almayadeen-en "front = $home" "feed = none" "sitemap = none"
run_site two again "front = ${home}news/politics/story-1" "feed = none" "sitemap = none" "scope = page"
"$HOLDFAST" run -C two >out 2>err
check_equal "each site leaves a snapshot of its own" \
    "$? $(ls two/snapshots/*/* | sed 's/^[^-]*-//' | sort | paste -sd' ')" "0 again almayadeen-en"
"$HOLDFAST" run -C two again >out 2>err
check_equal "one site alone can be named" "$?" 0

# seal = day.
run_conf day
run_site day almayadeen-en "front = $home" "feed = none" "sitemap = none" "seal = day"
"$HOLDFAST" run -C day >out 2>err
check_equal "with seal = day a snapshot stays open" "$? $(sealed_count day) $(ls -d day/snapshots/*/*/*.open | wc -l)" "0 0 1"
check_code "status calls that no fault" 0 "$HOLDFAST" status -C day
echo "${home}news/politics/story-99" | "$HOLDFAST" run -C day -i - >out 2>err
check_equal "the next run of the day goes on with it" "$? $(sealed_count day) $(ls -d day/snapshots/*/*/*.open | wc -l)" "0 0 1"
sed -i 's/^seal = day/seal = run/' day/holdfast.conf
"$HOLDFAST" run -C day >out 2>err
check_equal "without seal = day it is sealed first" "$? $(sealed_count day)" "0 1"
check_equal "it holds what both runs got" "$(grep -c 'story-99"\|/"' "$(newest day)/outcomes.jsonl" | sed 's/^[1-9].*/some/')" some
check_code "and verifies" 0 "$HOLDFAST" verify -q -C day

# A profile that is not there while URLs wait.
run_site c gone "profile = no-such-profile" "front = $home"
check_code "a profile that is not there is told before anything begins" 2 "$HOLDFAST" run -C c
said "and named" 'no-such-profile'
echo 'nonsense' >>c/holdfast.conf
check_code "a bad configuration is told with its line" 2 "$HOLDFAST" run -C c
said "by file and line" 'holdfast.conf:'
done_testing
