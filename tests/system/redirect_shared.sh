#!/bin/sh
# One URL that is a page for one seed and a picture for another, and redirects:
# each page keeps its own address.
. "$TOP/tests/system/lib.sh"
start_site --delay 300
base=http://127.0.0.1:$HTTP/odd
# Two connections: the third starts when the first two have answered, so that
# it is under way when the first page is found to use it.
"$HOLDFAST" capture -C c --allow-address 127.0.0.0/8 --min-free 1M -q \
    "$base/uses-article" "$base/plain" "$base/to-article" >out 2>&1
check_equal "three pages are captured" \
    "$(jq -r '.pages[].url' "$(newest c)/report.json" | sort | tr '\n' ' ')" \
    "http://127.0.0.1:$HTTP/news/politics/story-1 $base/plain $base/uses-article "
check_code "the snapshot verifies" 0 "$HOLDFAST" verify -C c
stop_all
done_testing
