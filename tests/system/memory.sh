#!/bin/sh
# Memory stays small: a 2 GB body with --max-body, and 2,000 URLs.
. "$TOP/tests/system/lib.sh"
case $BUILD in */release) ;; *)
	skip "memory" "sanitizers use memory of their own"
	done_testing ;;
esac
start_raw
free_kb=$(df -k --output=avail . | tail -n 1)
big="http://127.0.0.1:$PLAIN/big?bytes=2147483648"
if [ "$free_kb" -gt 6000000 ]; then
	/usr/bin/time -f %M -o peak "$HOLDFAST" capture -C c --allow-address 127.0.0.0/8 \
	    --min-free 1M --max-body 4G "$big" >out 2>err
	check_equal "a body of 2 GB is captured" $? 0
	check "with a peak of $(cat peak) KiB, under 64 MiB" [ "$(tail -n 1 peak)" -lt 65536 ]
	check_equal "all of it" "$(jq -r 'select(.need == "page") | .bytes' "$(newest c)/outcomes.jsonl")" 2147483648
	/usr/bin/time -f %M -o peak "$HOLDFAST" verify -C c >out 2>err
	check_equal "it verifies" $? 0
	check "with a peak of $(cat peak) KiB, under 64 MiB" [ "$(tail -n 1 peak)" -lt 65536 ]
	chmod -R u+w c && rm -rf c
	"$HOLDFAST" capture -C d --allow-address 127.0.0.0/8 --min-free 1M "$big" >out 2>err
	check_equal "without --max-body it ends with 8" $? 8
	check_equal "kept to the limit and marked truncated" \
	    "$(jq -c 'select(.need == "page") | [.outcome, .bytes]' "$(newest d)/outcomes.jsonl")" '["truncated-length",33554432]'
	check_code "and verifies" 0 "$HOLDFAST" verify -C d
	chmod -R u+w d && rm -rf d
else
	skip "a body of 2 GB" "less than 6 GB free on this disk"
fi

start_site --lifetime 400
curl -s "http://127.0.0.1:$HTTP/list?n=2000" >list
# shellcheck disable=SC2086
"$HOLDFAST" capture -C e $SITE -q -i list >out 2>err &
run=$!
early=0 late=0
while kill -0 $run 2>/dev/null; do
	done=$(grep -c '/news/politics/' site.log 2>/dev/null)
	done=${done:-0}
	rss=$(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\).*/\1/p' /proc/$run/status 2>/dev/null)
	[ -n "$rss" ] || break
	# What is remembered of late (a bounded number) is full by URL 700. The most
	# of equally many readings: sealing, behind the last URL, is apart.
	if [ "$done" -ge 700 ] && [ "$done" -lt 1000 ] && [ "$rss" -gt $early ]; then early=$rss; fi
	if [ "$done" -ge 1690 ] && [ "$done" -lt 1990 ] && [ "$rss" -gt $late ]; then late=$rss; fi
	[ "$rss" -gt "${peak:-0}" ] && peak=$rss
	sleep 0.05
done
wait $run
check_equal "2,000 URLs are captured" $? 0
# 950 pages are 6,650 targets, of 64 bytes each in tables that double.
check "resident $late KiB around URL 1,800, $early KiB around URL 850: within 3 MiB" \
    [ $early -gt 0 -a $late -gt 0 -a $((late - early)) -le 3072 ]
check "and $peak KiB while it is sealed, under 48 MiB" [ "$peak" -lt 49152 ]
check_code "and verify" 0 "$HOLDFAST" verify -C e
stop_all
done_testing
