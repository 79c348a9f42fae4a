#!/bin/sh
# What a run, status, ls URL and article URL cost with FEW snapshots and with
# MANY (350 and 35,000: a year of every quarter of an hour), the median of 7;
# the second may be 1.5 times the first. TOP and BUILD as for the tests; the
# collections go to memory, or to DIR.
# shellcheck disable=SC2086 # SITE is a list of options
. "$TOP/tests/system/lib.sh"
few=${FEW:-350} many=${MANY:-35000}
WORK=$(mktemp -d "${DIR:-/dev/shm}/holdfast-scale-XXXXXX") || exit 1
trap 'stop_all; chmod -R u+w "$WORK"; rm -rf "$WORK"' EXIT
export HOLDFAST_TEST_CLOCK_FILE=clock
HOLDFAST=$BUILD/holdfast-test
base=1830297600 # 2028-01-01, behind all of them
{ echo 'start 2027-12-31T00:00:00Z'; echo 'at +0h publish a1 post=101 images=1'; } >scenario
echo $base >clock
start_site --scenario scenario --clock clock --lifetime 3000
median() { sort -n | sed -n 4p; }
# milliseconds of wall time of a command
cost() {
	begin=$(date +%s%N)
	"$@" >cost.out 2>&1
	end=$(date +%s%N)
	echo $(((end - begin) / 1000))
}
for n in $few $many; do
	C=$WORK/$n
	begin=$(date +%s)
	"$BUILD/tests/bench/bench_scale" "$C" "$n" || exit 1
	made=$(date +%s)
	"$HOLDFAST" rebuild all -C "$C" >/dev/null || exit 1
	echo "# $n snapshots made in $((made - begin)) s, rebuild all: $(($(date +%s) - made)) s"
	cat >"$C/holdfast.conf" <<'END'
operator = Op
contact = ops@example.org
[site en]
profile = almayadeen-en
front = https://english.almayadeen.net/
feed = none
sitemap = none
END
	i=0
	: >runs
	while [ $i -lt 8 ]; do
		i=$((i + 1))
		echo $((base + i * 1000)) >clock.new
		mv clock.new clock
		took=$(cost "$HOLDFAST" run -C "$C" $SITE --wait 0 -q)
		[ $i -eq 1 ] || echo "$took" >>runs # the first fills the state
	done
	median <runs >"run.$n"
	for what in "status -C $C" "ls -C $C https://news.example/story/7" "article -C $C https://news.example/story/7"; do
		i=0
		while [ $i -lt 7 ]; do
			i=$((i + 1))
			cost "$HOLDFAST" $what
		done | median >"${what%% *}.$n"
		[ -s cost.out ] || echo "# $what says nothing"
	done
	# Without index and catalog the same is said, later.
	for what in "status -C $C" "ls -C $C https://news.example/story/7" "article -C $C https://news.example/story/7"; do
		"$HOLDFAST" $what >"with.${what%% *}"
	done
	rm -rf "$C/index/CURRENT" "$C"/index/*.cdxj "$C"/state/catalog.sqlite "$C"/state/months
	for what in "status -C $C" "ls -C $C https://news.example/story/7" "article -C $C https://news.example/story/7"; do
		took=$(cost "$HOLDFAST" $what)
		echo "# ${what%% *} without index and catalog: $((took / 1000)) ms"
		cmp -s cost.out "with.${what%% *}" || echo "# ${what%% *} says something else without index and catalog"
	done
	echo $((base + 100000)) >clock.new
	mv clock.new clock
	took=$(cost "$HOLDFAST" run -C "$C" $SITE --wait 0 -q)
	echo "# run without index and catalog: $((took / 1000)) ms"
	took=$(cost "$HOLDFAST" ls -C "$C" https://news.example/story/7)
	cmp -s cost.out with.ls || echo "# ls says something else once a run made the index anew"
	[ "$(find "$C/snapshots" -mindepth 3 -maxdepth 3 -type d | wc -l)" -gt "$n" ] || echo "# no run left a snapshot"
done
for what in run status ls article; do
	a=$(cat $what.$few) b=$(cat $what.$many)
	awk -v w=$what -v a="$a" -v b="$b" -v few="$few" -v many="$many" 'BEGIN { printf "%s: %.1f ms with %d snapshots, %.1f ms with %d: %.2f times\n", w, a / 1000, few, b / 1000, many, b / a }' >line
	if [ $((b * 10)) -le $((a * 15)) ]; then pass "$(cat line)"; else fail "$(cat line)"; fi
done
stop_all
done_testing
