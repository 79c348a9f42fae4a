#!/bin/sh
# An erasure struck at its n-th call to the system, of each kind that changes
# files, at each n: killed there, or told that the disk is full. INJECT=all tries
# every n, else a sample. After the next start everything is as before, or all of
# it is erased, and verifies; and it can be erased again.
# shellcheck disable=SC2086 # SITE is a list of options
. "$TOP/tests/system/lib.sh"
. "$TOP/tests/failure/lib.sh"
strike_begin "an erasure"
calls="pwrite64 fdatasync fsync renameat2 rename ftruncate mkdir fchmod chmod unlink rmdir openat"
C=$WORK/c
page=http://127.0.0.1:$HTTP/pictures?n=2
mark='pictures?n=2'
"$HOLDFAST" init -C "$WORK/full" >/dev/null
"$HOLDFAST" capture -C "$WORK/full" $SITE -q $page >/dev/null 2>&1
"$HOLDFAST" capture -C "$WORK/full" $SITE -q "http://127.0.0.1:$HTTP/pictures?n=1" >/dev/null 2>&1
"$HOLDFAST" capture -C "$WORK/full" $SITE -q $page >/dev/null 2>&1
printf '{"text":"of %s"}\n' "$page" >>"$(ls "$WORK/full"/log/*.jsonl | head -n 1)"
check_equal "there are three snapshots" "$(ls -d "$WORK"/full/snapshots/*/*/* | wc -l)" 3
fresh() { again_from "$WORK/full" "$C"; }
# erase [STRACE-OPTIONS]
erase() {
	if [ $# -gt 0 ]; then
		timeout 60 strace -f -qq -o trace "$@" "$HOLDFAST" withdraw -C "$C" $page --erase --all-captures --with-revisits --reason r --by b >out 2>&1
	else
		timeout 60 "$HOLDFAST" withdraw -C "$C" $page --erase --all-captures --with-revisits --reason r --by b >out 2>&1
	fi
}
# Every byte of it, also what is packed.
marks() { find "$C" -type f | while read -r f; do case $f in *.gz) gzip -dc "$f" ;; *) cat "$f" ;; esac; done | grep -acF "$mark"; }
fresh
erase -e trace="$(echo $calls | tr ' ' ,)"
check_equal "the whole erasure leaves no mark" "$? $(marks)" "0 0"
check_code "and verifies" 0 "$HOLDFAST" verify -q -C "$C"
strike_points trace 40 $calls

old=0 new=0 neither=0 unverified=0 left=0 again=0 refused=0
# after WHAT: the next start, and what is there then.
after() {
	"$HOLDFAST" recover -C "$C" >recover.out 2>&1 || {
		refused=$((refused + 1)); echo "# after $1: recover: $(tail -n 1 recover.out)"; }
	"$HOLDFAST" verify -C "$C" >verify.out 2>&1 || {
		unverified=$((unverified + 1)); echo "# after $1: $(tail -n 3 verify.out)"; }
	[ -z "$(find "$C" -name '*withdrawing*')" ] || { left=$((left + 1)); echo "# after $1: $(find "$C" -name '*withdrawing*')"; }
	erased=$(cat "$C"/withdrawals.jsonl 2>/dev/null | grep -c '"erase"')
	if [ "$erased" -eq 0 ] && "$HOLDFAST" cat -C "$C" --raw $page >/dev/null 2>&1; then
		old=$((old + 1))
		erase || { again=$((again + 1)); echo "# after $1: again: $(tail -n 1 out)"; }
		[ "$(marks)" -eq 0 ] || { again=$((again + 1)); echo "# after $1: again leaves marks"; }
	elif [ "$erased" -gt 0 ] && [ "$(marks)" -eq 0 ]; then
		new=$((new + 1))
	else
		neither=$((neither + 1)); echo "# after $1: $erased lines, $(marks) marks"
	fi
}
while read -r call n; do
	fresh
	erase -e trace="$call" -e inject="$call":signal=KILL:when="$n"
	after "a kill at $call $n"
done <chosen
check_equal "$tried of $whole points, killed there: it is as before ($old), or erased ($new)" "$neither" 0
check "both happen" [ $((old * new)) -gt 0 ]
while read -r call n; do
	case $call in pwrite64 | openat | mkdir | renameat2) ;; *) continue ;; esac
	fresh
	erase -e trace="$call" -e inject="$call":error=ENOSPC:when="$n+"
	after "a full disk from $call $n on"
done <chosen
# An exchange that was made, and could not be synced: calls are counted in
# each thread alone.
fresh
erase -e trace=openat,renameat2
n=$(awk '/RENAME_EXCHANGE/ { print n[$1] + 1; exit } /openat\(/ { n[$1]++ }' trace)
fresh
erase -e trace=openat -e inject=openat:error=ENOSPC:when="$n+"
after "a full disk right behind an exchange"
check_equal "so it is behind a full disk" "$neither" 0
# Where a file system cannot exchange two folders.
fresh
erase -e trace=renameat2
exchanges=$(awk '/renameat2\(/ { n++ } /RENAME_EXCHANGE/ { if (!first) first = n; last = n } END { print first ".." last }' trace)
fresh
erase -e trace=renameat2 -e inject=renameat2:error=EINVAL:when="${exchanges%%.*}"
check_equal "where folders cannot be exchanged, it is erased as well" "$? $(marks)" "0 0"
after "no exchange"
fresh
erase -e trace=renameat2 -e inject=renameat2:signal=KILL:when="${exchanges%%.*}"
stage=$(find "$C" -name '.*.withdrawing' | sort | head -n 1)
name=$(basename "$stage" .withdrawing)
mv "$(dirname "$stage")/${name#.}" "$stage.old"
after "a kill between two renames"
check_equal "so it is behind a cut between" "$neither" 0
check_equal "recovery never fails" "$refused" 0
check_equal "everything verifies" "$unverified" 0
check_equal "no work is left lying" "$left" 0
check_equal "what was undone can be erased" "$again" 0
chmod -R u+w "$C" "$WORK/full"
stop_all
done_testing
