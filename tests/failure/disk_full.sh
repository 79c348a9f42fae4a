#!/bin/sh
# The disk is full somewhere in a capture: file systems of 1 to 16 MB, in steps
# of 64 KB (DISK_FULL=all, or those from DISK_FROM to DISK_TO, in KB; else a
# sample). What was acknowledged is there after there is room again, all
# verifies, and the next capture gets everything.
# shellcheck disable=SC2086 # SITE is a list of options
. "$TOP/tests/system/lib.sh"
. "$TOP/tests/failure/lib.sh"
if [ "${1:-}" != inside ]; then
	if ! unshare -Urm mount -t tmpfs -o size=64k none /mnt 2>/dev/null; then
		skip "captures on disks that fill up" "no mount namespace here"
		done_testing
	fi
	start_site
	curl -s "http://127.0.0.1:$HTTP/list?n=100" >list
	echo "$SITE" >options
	trap - EXIT
	unshare -Urm sh "$0" inside
	code=$?
	stop_all
	exit $code
fi
read -r SITE <options
mkdir -p disk
sizes=0 hit=0 bad_ends=0 unverified=0 unfinished=0
size=${DISK_FROM:-1024}
step=64
[ "${DISK_FULL:-}" = all ] || step=2880
while [ "$size" -le "${DISK_TO:-16384}" ]; do
	sizes=$((sizes + 1))
	mount -t tmpfs -o size=${size}k none disk
	# Once until a write fails, once until the free space is seen to end.
	free=1
	[ $((sizes % 2)) -eq 1 ] || free=256K
	if "$HOLDFAST" init -C disk/c >/dev/null 2>&1; then
		timeout 60 "$HOLDFAST" capture -C disk/c $SITE --min-free $free -q -i list >out 2>&1
		code=$?
		[ $code -lt 124 ] || { bad_ends=$((bad_ends + 1)); echo "# $size KB: exit $code: $(tail -n 1 out)"; }
		case $code in 3 | 16) hit=$((hit + 1)) ;; esac
		note_acked disk/c
		# Recovery on the full disk may fail, and harms nothing.
		timeout 60 "$HOLDFAST" recover -C disk/c >recover.out 2>&1
		mount -o remount,size=96m disk
		recover_again disk/c
		check_acked disk/c
		"$HOLDFAST" verify -C disk/c >verify.out 2>&1 || { unverified=$((unverified + 1)); echo "# $size KB: $(tail -n 1 verify.out)"; }
		timeout 60 "$HOLDFAST" capture -C disk/c $SITE -q -i list >out 2>&1
		code=$?
		[ $code -eq 0 ] || [ $code -eq 8 ] || { unfinished=$((unfinished + 1)); echo "# $size KB, with room again: exit $code: $(tail -n 1 out)"; }
		jq -r 'select(.outcome == "captured") | .url' disk/c/snapshots/*/*/*/outcomes.jsonl | sort -u >have
		sort -u list | comm -23 - have >missing
		[ ! -s missing ] || { unfinished=$((unfinished + 1)); echo "# $size KB: missing $(head -n 1 missing)"; }
	fi
	umount disk
	size=$((size + step))
done
check "the disk was full in $hit of $sizes sizes" [ $((hit * 10)) -ge $((sizes * 9)) ]
check_equal "the capture never crashes" "$bad_ends" 0
check_equal "recovery works when there is room again" "$broken" 0
check_equal "nothing that was acknowledged is lost ($journalled lines)" "$lost" 0
check_equal "nothing is there twice" "$twice" 0
check_equal "everything verifies" "$unverified" 0
check_equal "with room again everything is captured" "$unfinished" 0
done_testing
