#!/bin/sh
# A collection copied to another path, user and host name, without state/ and
# index/, one copy made while a run was writing: after rebuild all works there,
# and the chain goes on. Nothing in it names the place, the host or the user.
# shellcheck disable=SC2086 # SITE is a list of options
. "$TOP/tests/system/lib.sh"
start_site --delay 8
HOST=zebra-crossing-7 OTHER=54321
# With a host name of its own, where that can be had.
named() { # NAME COMMAND...
	host=$1
	shift
	if unshare --uts true 2>/dev/null; then
		# shellcheck disable=SC2016 # for the inner shell
		unshare --uts sh -c 'hostname "$1" && shift && exec "$@"' sh "$host" "$@"
	else
		"$@"
	fi
}
# As another user, where that can be had.
other() {
	if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
		named elsewhere setpriv --reuid $OTHER --regid $OTHER --clear-groups "$@"
	else
		named elsewhere "$@"
	fi
}
mkdir -p nested-place-41
here=$(pwd)/nested-place-41
named $HOST "$HOLDFAST" init -C "$here/c" >/dev/null
curl -s "http://127.0.0.1:$HTTP/list?n=12" >list
for from in 1 5; do
	sed -n "$from,$((from + 3))p" list | named $HOST "$HOLDFAST" capture -C "$here/c" $SITE -q -i - >out 2>&1 || sed 's/^/# /' out
done
url=$(head -n 1 list)
before=$("$HOLDFAST" ls -C nested-place-41/c --json "$url")
article=$("$HOLDFAST" article -C nested-place-41/c --text "$url")
check "the article can be read where it was made" [ -n "$article" ]
check "its captures are listed" [ -n "$before" ]

# One copy while a run writes, one at rest.
sed -n 9,12p list | named $HOST "$HOLDFAST" capture -C "$here/c" $SITE -q -i - >out 2>&1 &
run=$!
tries=0
until ls -d nested-place-41/c/snapshots/*/*/*.open >/dev/null 2>&1 || [ $tries -ge 100 ]; do
	tries=$((tries + 1))
	sleep 0.02
done
copies=at-rest
if command -v rsync >/dev/null; then
	sleep 0.1
	rsync -a --exclude /state --exclude /index nested-place-41/c/ running/ 2>rsync.err
	copies="$copies running"
	check "the copy was made while a snapshot was open" sh -c 'ls -d running/snapshots/*/*/*.open'
else
	skip "a copy made while a run writes" "rsync is not installed"
fi
wait $run
cp -a nested-place-41/c at-rest
rm -rf at-rest/state at-rest/index

# Everything there is, unpacked, must not name them.
search() {
	find nested-place-41/c -type f | while read -r file; do
		case $file in
		*.gz) gzip -dc "$file" ;;
		*) cat "$file" ;;
		esac | grep -aqwF -e "$1" && echo "$file"
	done
}
check_equal "no file names the path" "$(search "$here")" ""
check_equal "no file names the folder" "$(search nested-place-41)" ""
if unshare --uts true 2>/dev/null; then
	check_equal "no file names the host" "$(search $HOST)" ""
else
	skip "no file names the host" "no name of its own can be had"
fi
check_equal "no file names the home or the user" "$(search "$HOME/")$(search "$(id -un)@")" ""

for copy in $copies; do
	mkdir -p "moved/to/$copy"
	mv "$copy" "moved/to/$copy/c"
	C=moved/to/$copy/c
	if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
		chown -R $OTHER:$OTHER moved "$C"
		chmod o+rx . 2>/dev/null
	fi
	check_code "$copy: rebuild" 0 other "$HOLDFAST" rebuild all -C "$C"
	check_code "$copy: verify" 0 other "$HOLDFAST" verify -C "$C"
	check_equal "$copy: ls" "$(other "$HOLDFAST" ls -C "$C" --json "$url")" "$before"
	check_equal "$copy: article" "$(other "$HOLDFAST" article -C "$C" --text "$url")" "$article"
	sed -n 2,3p list >two
	check_code "$copy: another capture" 0 other "$HOLDFAST" capture -C "$C" $SITE -q -i two
	last=$(newest "$C")
	previous=$(jq -r .previous.snapshot "$last/report.json")
	check_equal "$copy: it follows the newest one there" "$previous" \
	    "$(basename "$(find "$C/snapshots" -mindepth 3 -maxdepth 3 -type d ! -name '*.open' | sort | tail -n 2 | head -n 1)")"
	check_code "$copy: the chain verifies" 0 other "$HOLDFAST" verify -C "$C"
done
stop_all
done_testing
