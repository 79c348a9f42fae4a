#!/bin/sh
# A disk that fills up under a run: what was acknowledged is sealed, people are
# told, and with room again all goes on.
. "$TOP/tests/system/lib.sh"
. "$TOP/tests/system/run_lib.sh"
if [ -z "${IN_NAMESPACE:-}" ]; then
	if ! unshare -Urm true 2>/dev/null; then
		skip "a full disk" "no namespaces here"
		done_testing
	fi
	IN_NAMESPACE=1 exec unshare -Urm sh "$0"
fi
start_site
home=https://english.almayadeen.net/

for size in 2048 2500 3072 4096 5120; do
	mkdir -p disk
	mount -t tmpfs -o size=${size}k none disk || exit 1
	run_conf disk/c
	sed -i 's/^min-free = .*/min-free = 4K/; s/^ballast = .*/ballast = 2M/' disk/c/holdfast.conf
	run_site disk/c almayadeen-en "front = $home" "feed = none" "sitemap = none"
	"$HOLDFAST" run -C disk/c >out 2>err
	code=$?
	check_equal "a disk of $size KB: exit 16" "$code" 16
	check "people are told" grep -q 'the disk is full\|No space left' err
	# Listings that do not fit into the ballast wait for room.
	check_equal "what was acknowledged is sealed, or waits for room" \
	    "$(($(sealed_count disk/c) + $(ls -d disk/c/snapshots/*/*/*.open 2>/dev/null | wc -l)))" 1
	check_code "and verifies" 0 "$HOLDFAST" verify -q -C disk/c
	"$HOLDFAST" run -C disk/c >out 2>err
	check "the next run ends with 16 or 3 while it is full" [ $? -eq 16 -o $? -eq 3 ]
	mount -o remount,size=64m none disk
	"$HOLDFAST" run -C disk/c >out 2>err
	check_equal "with room again all goes on" "$? $(find disk/c -name articles.jsonl -exec cat {} + | jq -r .article.article_id | sort -u | wc -l)" "0 40"
	check_equal "no alarm of it stands" "$("$HOLDFAST" status -C disk/c --json | jq -r '.standing_alarms[].key' | grep -c disk-full)" 0
	check_code "and all verifies" 0 "$HOLDFAST" verify -q -C disk/c
	umount disk
done
done_testing
