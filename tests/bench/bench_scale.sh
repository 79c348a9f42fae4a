#!/bin/sh
# What a run, status, ls URL and article URL cost with FEW snapshots and with
# MANY (350 and 35,000: a year of every quarter of an hour), the median of 11;
# the second may be 1.5 times the first. TOP and BUILD as for the tests; the
# collections go to memory, or to DIR.
# shellcheck disable=SC2046,SC2086 # SITE and ask give lists of words
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
# microseconds of wall time of a command
cost() {
	begin=$(date +%s%N)
	"$@" >cost.out 2>&1
	end=$(date +%s%N)
	echo $(((end - begin) / 1000))
}
minute=0
run_once() {
	minute=$((minute + 1))
	echo $((base + minute * 1000)) >clock.new
	mv clock.new clock
	cost "$HOLDFAST" run -C "$1" $SITE --wait 0 -q
}
page=https://news.example/story/7
ask() { # WHAT COLLECTION: as arguments of holdfast
	case $1 in
	status) echo "status -C $2" ;;
	*) echo "$1 -C $2 $page" ;;
	esac
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
	run_once "$C" >/dev/null # the first fills the state
done
# In turn, so that whatever else goes on here meets both.
i=0
while [ $i -lt 11 ]; do
	i=$((i + 1))
	for n in $few $many; do
		run_once "$WORK/$n" >>run.$n
		for what in status ls article; do
			cost "$HOLDFAST" $(ask $what "$WORK/$n") >>$what.$n
			[ -s cost.out ] || echo "# $what says nothing"
		done
	done
done
for what in run status ls article; do
	a=$(sort -n $what.$few | sed -n 6p) b=$(sort -n $what.$many | sed -n 6p)
	awk -v w=$what -v a="$a" -v b="$b" -v few="$few" -v many="$many" 'BEGIN { printf "%s: %.1f ms with %d snapshots, %.1f ms with %d: %.2f times\n", w, a / 1000, few, b / 1000, many, b / a }' >line
	if [ $((b * 10)) -le $((a * 15)) ]; then pass "$(cat line)"; else fail "$(cat line)"; fi
done
# Without index and catalog all is right, later; a run makes them anew.
for n in $few $many; do
	C=$WORK/$n
	check "runs left snapshots among $n" [ "$(find "$C/snapshots" -mindepth 3 -maxdepth 3 -type d | wc -l)" -gt "$n" ]
	for what in status ls article; do
		"$HOLDFAST" $(ask $what "$C") | grep -vE '^(disk|free|room|growth)' >with.$what
	done
	rm -rf "$C"/index/CURRENT "$C"/index/*.cdxj "$C"/index/*.top "$C"/state/catalog.sqlite "$C"/state/months
	for what in status ls article; do
		took=$(cost "$HOLDFAST" $(ask $what "$C"))
		echo "# $what of $n without index and catalog: $((took / 1000)) ms"
		grep -vE '^(disk|free|room|growth)' cost.out >without
		check "$what of $n says the same without index and catalog" cmp without with.$what
	done
	took=$(run_once "$C")
	echo "# run on $n without index and catalog: $((took / 1000)) ms"
	"$HOLDFAST" $(ask ls "$C") >without
	check "ls of $n says the same when a run made the index anew" cmp without with.ls
done
stop_all
done_testing
