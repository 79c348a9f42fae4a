#!/bin/sh
# Memory stays small: 100,000 tiny records imported, and verified there.
. "$TOP/tests/system/lib.sh"
case $BUILD in */release) ;; *)
	skip "memory" "sanitizers use memory of their own"
	done_testing ;;
esac
awk 'BEGIN {
	for (i = 0; i < 100000; i++) {
		block = sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n%d", i)
		printf "WARC/1.1\r\nWARC-Type: response\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
		printf "WARC-Record-ID: <urn:x:%d>\r\nWARC-Target-URI: http://a.test/%d\r\n", i, i
		printf "Content-Type: application/http;msgtype=response\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n", length(block), block
	}
}' >many.warc
"$HOLDFAST" init c >out 2>err
/usr/bin/time -f %M -o peak "$HOLDFAST" import -C c many.warc >out 2>err
check_equal "100,000 records are imported" $? 0
check "with a peak of $(tail -n 1 peak) KiB, under 32 MiB" [ "$(tail -n 1 peak)" -lt 32768 ]
check_equal "each of them" "$(wc -l <"$(newest c)/outcomes.jsonl")" 100000
/usr/bin/time -f %M -o peak "$HOLDFAST" verify -C c >out 2>err
check_equal "they verify" $? 0
check "with a peak of $(tail -n 1 peak) KiB, under 32 MiB" [ "$(tail -n 1 peak)" -lt 32768 ]
done_testing
