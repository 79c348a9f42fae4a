#!/bin/sh
# Weeks of news, several runs a day: everything that the fixture site showed to
# a run is kept, and nothing else; hosts are asked as they wish; what people
# must know is said when it begins, once a day and when it ends.
# MONTH_DAYS=30 MONTH_RUNS=8 MONTH_DAILY=6 MONTH_SEED=1: the whole month.
# shellcheck disable=SC2086 # SITE and lists of options
. "$TOP/tests/system/lib.sh"
T=$BUILD/holdfast-test
days=${MONTH_DAYS:-7} runs=${MONTH_RUNS:-3} daily=${MONTH_DAILY:-6}
wait_ms=${MONTH_WAIT:-3}
base=1767571200 # 2026-01-05T00:00:00Z
export HOLDFAST_TEST_CLOCK_FILE=clock
if ! "$T" help run >/dev/null 2>&1; then
	skip "weeks of news" "there is no run"
	done_testing
fi
editions=en
for one in ar es; do
	"$T" profile list 2>/dev/null | grep -q "almayadeen-$one" && editions="$editions $one"
done

awk -v days="$days" -v daily="$daily" -v seed="${MONTH_SEED:-1}" \
    -v editions="$editions" -f "$TOP/tests/site/month.awk" >scenario
echo "$base" >clock
start_site --scenario scenario --clock clock --lifetime 3000
"$T" init -C c --operator "Month" --contact mailto:month@example.org >init.out 2>&1
{
	echo "operator = Month"
	echo "contact = mailto:month@example.org"
	echo "wait = 0.00${wait_ms}s"
	echo "min-free = 1M"
	echo "ballast = 0"
	echo "idle-timeout = 2s"
	site_lines
	for one in $editions; do
		case $one in
		en) host=english front=/news/politics ;;
		ar) host=www front=/news/politics ;;
		es) host=espanol front=/noticias/politica ;;
		esac
		at=https://$host.almayadeen.net
		echo "[site $host]"
		echo "profile = almayadeen-$one"
		echo "front = $at/"
		echo "front = $at$front pages 1..2"
		echo "feed = $at/rss"
		echo "feed = $at/atom.xml"
		echo "sitemap = $at/sitemaps/all.xml"
		echo "sitemap = $at/sitemaps/news.xml every 1h"
	done
} >c/holdfast.conf

: >runs
began=$(date +%s)
day=0
while [ $day -lt "$days" ]; do
	run=0
	while [ $run -lt "$runs" ]; do
		now=$((base + day * 86400 + 1800 + run * (86400 / runs)))
		name=$(printf '%02d-%02d' $day $run)
		echo $now >clock.new; mv clock.new clock
		before=$(date +%s)
		timeout 300 "$T" run -C c >"$name.out" 2>"$name.err"
		code=$?
		echo "$now $((now + $(date +%s) - before + 1)) $code" >>runs
		run=$((run + 1))
	done
	day=$((day + 1))
done
echo "# $(wc -l <runs) runs in $(($(date +%s) - began)) s; $(du -sm c | cut -f 1) MB"

find c/snapshots -mindepth 3 -maxdepth 3 -type d ! -name '*.open' | sort >snapshots
"$BUILD/site" "$TOP/plugins/almayadeen/fixtures/en" --check . "$wait_ms" >verdict 2>verdict.err
[ -s verdict ] || fail "the checker ended well" "$(cat verdict.err)"
: >remarks
while read -r word text; do
	case $word in
	pass) pass "$text" ;;
	fail) fail "$text" "$(cat remarks)" ;;
	gone)
		status=$("$T" status -C c | grep -E "^site +${text% *}: ")
		[ -n "$status" ] && check_equal \
		    "articles of ${text% *} that are confirmed gone" \
		    "$(echo "$status" | grep -o '[0-9]* disappeared')" \
		    "${text#* } disappeared"
		;;
	*) echo "$text" >>remarks && continue ;;
	esac
done <verdict
check_code "all snapshots verify" 0 "$T" verify -q -C c

# What people are told: KEY is the text without its numbers.
for name in ??-??.err; do
	sed -n "s/^  \\(begins\\|lasts\\|ends\\): /${name%.err} \\1 /p" "$name"
done >told
awk -v runs="$runs" '
function wrong(text) { print text ": " $0 }
{
	split($1, at, "-")
	hour = at[1] * 24 + at[2] * 24 / runs
	key = $0
	sub(/^[^ ]* [^ ]* /, "", key)
	sub(/ \(since.*/, "", key)
	gsub(/[0-9]+/, "N", key)
	sub(/\(connect\)|\(.*\)$/, "", key)
	if ($2 == "begins" && (key in standing)) wrong("begins twice")
	if ($2 != "begins" && !(key in standing)) wrong("was not standing")
	if ($2 == "lasts" && hour - standing[key] < 23.9) wrong("told again too soon")
	if ($0 !~ /since 2026-.*[0-9] times?\)/) wrong("does not say since when and how often")
	if ($2 == "ends") delete standing[key]; else standing[key] = hour
	if ($2 == "lasts") lasting++
	count++
}
END { print "# " count " told, " lasting + 0 " lasting" }' told >told.verdict
tail -n 1 told.verdict
check_equal "alarms are told when they begin, once a day, and when they end" \
    "$(grep -v '^#' told.verdict)" ""
[ "$days" -lt 4 ] || check_equal "some were" "$([ -s told ] && echo yes)" yes
check_equal "nothing else is said, on neither stream" \
    "$(cat ??-??.out; cat ??-??.err | grep -v '^holdfast: c wants attention:$' | grep -v '^  \(begins\|lasts\|ends\): ')" ""
done_testing
