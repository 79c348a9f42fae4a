#!/bin/sh
# An address found raw, with %d8 and with %D8 is one target, fetched under the
# spelling found first; a server that leads from one to another is followed.
. "$TOP/tests/system/lib.sh"
start_site
base=http://127.0.0.1:$HTTP/odd
arabic=$(printf '\330\250') # beh
"$HOLDFAST" capture -C c --allow-address 127.0.0.0/8 --min-free 1M -q \
    "$base/spellings" "$base/picture?%d8%a8" "$base/picture?%D8%A8" \
    "$base/picture?$arabic" "$base/upper?%d8%a7" "$base/upper?%D8%a7" \
    >out 2>&1
urls() { "$HOLDFAST" ls -C c --json "$@" | jq -r '.url // .uri' | sort; }
asked() { grep -c -F -- "$1" site.log; }
check_equal "a picture in three spellings is asked for once" \
    "$(asked '/odd/picture?%d8%a7') $(asked '/odd/picture?%D8%A7')" "1 0"
check_equal "so is a page given three times" \
    "$(asked '/odd/picture?%d8%a8') $(asked '/odd/picture?%D8%A8')" "1 0"
check_equal "a way from one spelling to the other is gone" \
    "$(asked '/odd/upper?%d8%a7') $(asked '/odd/upper?%D8%A7')" "1 1"
check_equal "each page is told of once, complete" \
    "$(jq -r '.pages[] | "\(.url) \(.complete)"' \
    "$(newest c)/report.json" | sed 's|.*/odd/||' | sort | tr '\n' ' ')" \
    'picture?%d8%a8 true spellings true upper?%D8%A7 true '
for spelling in %d8%a8 %D8%A8 "$arabic"; do
	check_code "it is found again by $spelling" 0 \
	    "$HOLDFAST" cat -C c "$base/picture?$spelling"
done
check_code "the snapshot verifies" 0 "$HOLDFAST" verify -C c
stop_all
done_testing
