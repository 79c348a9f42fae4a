#!/bin/sh
# A robots.txt that leads to another host's is that host's as well: its rules
# hold for both, whichever was asked for first (RFC 9309, 2.3.1.2).
# shellcheck disable=SC2086 # common is a list of options
. "$TOP/tests/system/lib.sh"
start_site
common="-q --allow-address 127.0.0.0/8 --min-free 1M"
for host in bare www moved; do
	common="$common --connect-to $host.almayadeen.net:80:127.0.0.1:$HTTP"
done
outcomes() { # SNAPSHOT: "PATH OUTCOME" of each host's pages
	jq -r 'select(.need == "page") | "\(.url[7:]) \(.outcome)"' \
	    "$1/outcomes.jsonl" | sed 's|\.almayadeen\.net||' | sort
}
asked() { grep -c -F -- "$1" site.log; }

timeout 60 "$HOLDFAST" capture -C c $common \
    http://bare.almayadeen.net/go/1 >out 2>&1
check_equal "a page behind a redirect is asked of its own host's rules" \
    "$(outcomes "$(newest c)" | tr '\n' ' ')" \
    "bare/go/1 redirect www/private/1 blocked-robots "
check_equal "which were fetched once, for both" "$(asked /robots.txt)" 2
check_equal "and the page was not asked for" "$(asked /private/1)" 0
: >site.log
timeout 60 "$HOLDFAST" capture -C c $common \
    http://www.almayadeen.net/private/2 >out 2>&1
check_equal "they are known to the next command" \
    "$(asked /robots.txt) $(asked /private/2)" "0 0"

check_code "a robots.txt wanted for itself is followed" 0 \
    timeout 60 "$HOLDFAST" capture -C own $common \
    http://moved.almayadeen.net/robots.txt
check_equal "to where it leads" "$(outcomes "$(newest own)" | tr '\n' ' ')" \
    "moved/robots.txt redirect moved/rules.txt captured "
timeout 60 "$HOLDFAST" capture -C own2 $common \
    http://moved.almayadeen.net/robots.txt \
    http://moved.almayadeen.net/private/3 >out 2>&1
check_equal "and its rules are obeyed" \
    "$(outcomes "$(newest own2)" | grep private)" \
    "moved/private/3 blocked-robots"
stop_all
done_testing
