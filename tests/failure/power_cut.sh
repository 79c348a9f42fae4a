#!/bin/sh
# The power fails in a capture: a file system on a loop device is shut down at a
# random moment, without its log being flushed, and mounted again. What was on
# disk by the order of writes is there, once, and all verifies. POWER_CUTS of
# each file system (default 3). Needs root, loop devices, xfs_io.
# shellcheck disable=SC2086 # SITE is a list of options
. "$TOP/tests/system/lib.sh"
. "$TOP/tests/failure/lib.sh"
cuts=${POWER_CUTS:-3}
trap 'stop_all; umount disk 2>/dev/null' EXIT
start_site --delay 20
curl -s "http://127.0.0.1:$HTTP/list?n=12" >list
mkdir -p disk
for fs in ext4 xfs; do
	title="power cuts on $fs"
	rm -f image
	case $fs in xfs) size=320M ;; *) size=64M ;; esac
	truncate -s $size image
	if ! command -v mkfs.$fs >/dev/null || ! command -v xfs_io >/dev/null; then
		skip "$title" "mkfs.$fs or xfs_io is not installed"
		continue
	fi
	if ! mkfs.$fs -q image || ! mount -o loop image disk 2>/dev/null; then
		skip "$title" "no loop device to mount here"
		continue
	fi
	"$HOLDFAST" init -C disk/c >/dev/null
	umount disk
	mv image image.empty
	lost=0 twice=0 broken=0 journalled=0 unverified=0 met=0 open=0
	awk -v n="$cuts" 'BEGIN { srand(20261122); for (i = 0; i < n; i++) printf "%.3f\n", 0.1 + (i + rand()) / n * 1.2 }' >moments
	while read -r moment; do
		cp --sparse=always image.empty image
		mount -o loop image disk
		"$HOLDFAST" capture -C disk/c $SITE -q -i list >out 2>&1 &
		run=$!
		sleep "$moment"
		note_acked disk/c 1
		xfs_io -x -c shutdown disk >shutdown.out 2>&1
		kill -9 $run 2>/dev/null && met=$((met + 1))
		wait $run 2>/dev/null
		tries=0
		until umount disk 2>/dev/null || [ $tries -ge 100 ]; do
			tries=$((tries + 1))
			sleep 0.05
		done
		mount -o loop image disk
		[ -z "$(find disk/c/snapshots -name '*.open')" ] || open=$((open + 1))
		recover_again disk/c && check_acked disk/c
		"$HOLDFAST" verify -C disk/c >verify.out 2>&1 || { unverified=$((unverified + 1)); echo "# after $moment s: $(tail -n 2 verify.out)"; }
		umount disk
	done <moments
	check_equal "$cuts $title ($met in the capture, $open left open, $journalled lines on disk): lost, twice, failed recoveries, damaged" \
	    "$lost $twice $broken $unverified" "0 0 0 0"
done
stop_all
done_testing
