#!/bin/sh
# What packing costs beside bound_copy, which reads the same files once, digests
# them once, writes and syncs the same bytes: MIB (256) megabytes of records of
# which LARGE (0) are one; MIB=6144 LARGE=5120 goes past what 32 bits count.
# ROUNDS (3) times in turn; the medians' ratio is to be 0.8 or more, and memory
# under 64 MiB. TOP and BUILD as for the tests; files go to DIR (/var/tmp) and
# three times MIB must be free there.
set -u
mib=${MIB:-256} large=${LARGE:-0} rounds=${ROUNDS:-3}
WORK=$(mktemp -d "${DIR:-/var/tmp}/holdfast-package-XXXXXX") || exit 1
trap 'chmod -R u+w "$WORK"; rm -rf "$WORK"' EXIT
cd "$WORK" || exit 1
free=$(df -Pm . | awk 'NR == 2 { print $4 }')
[ "$free" -gt $((mib * 3 + 1024)) ] || { echo "only $free MiB are free"; exit 1; }
HOLDFAST=$BUILD/holdfast
bench=$BUILD/tests/bench
"$bench/large_files" made.warc.gz "$mib" "$large" || exit 1
"$HOLDFAST" import -C c made.warc.gz >said 2>&1 || { cat said; exit 1; }
rm made.warc.gz
files=$(find c/snapshots -type f | LC_ALL=C sort)
sync
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
i=0
while [ $i -lt "$rounds" ]; do
	i=$((i + 1))
	for kind in bound tar wacz; do
		rm -f out.*
		# shellcheck disable=SC2086 # a list of files
		case $kind in
		bound) "$bench/timed" "$kind.times" "$bench/bound_copy" out.copy $files ;;
		*) "$bench/timed" "$kind.times" "$HOLDFAST" export -C c "--$kind" "out.$kind" ;;
		esac >said 2>&1 || { cat said; exit 1; }
		sync
	done
done
bound=$(awk '{ print $1 }' bound.times | median)
bad=0
for kind in bound tar wacz; do
	wall=$(awk '{ print $1 }' $kind.times | median)
	cpu=$(awk '{ print $2 }' $kind.times | median)
	peak=$(awk '{ print $3 }' $kind.times | sort -n | tail -1)
	awk -v k=$kind -v w="$wall" -v c="$cpu" -v p="$peak" -v b="$bound" 'BEGIN {
		printf "%-5s %8.2f s wall %8.2f s cpu %6.1f MiB ratio %.2f\n",
		    k, w, c, p / 1024, b / w
		exit k != "bound" && (b / w < 0.8 || p >= 65536) }' || bad=1
done
exit $bad
