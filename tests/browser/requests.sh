#!/bin/sh
# From outside: a real browser, at several widths and pixel ratios, scrolled
# to the end of a page, asks for nothing that a capture of the page does not
# account for. Two witnesses: the browser itself and the site's log.
. "$TOP/tests/system/lib.sh"
. "$TOP/tests/browser/lib.sh"
name="the browser's requests are all in outcomes.jsonl"
need_browser "$name"

start_site --lifetime 100
host=https://english.almayadeen.net
pages="$host/news/politics/story-7 $host/news/politics/story-8"
# shellcheck disable=SC2086 # SITE and pages are lists
"$HOLDFAST" capture -C c $SITE $pages >out 2>err
check_equal "the pages are captured" "$? $(cat err)" "0 "
snapshot=$(newest c)
[ -n "$snapshot" ] || { fail "a snapshot was sealed"; done_testing; }
jq -r .url "$snapshot/outcomes.jsonl" | sort -u >known

key=$(openssl s_client -connect "127.0.0.1:$TLS" -servername english.almayadeen.net </dev/null 2>/dev/null |
    openssl x509 -pubkey -noout | openssl pkey -pubin -outform der |
    openssl dgst -sha256 -binary | openssl base64)
before=$(wc -l <site.log)
# shellcheck disable=SC2086
timeout -k 1 55 "$BUILD/tests/browser/chrome" $browser "$(pwd)/profile" "$TLS" "$key" $pages >asked 2>chrome.err
check_equal "the browser shows every page at 3 widths and 2 pixel ratios" "$? $(cat chrome.err)" "0 "
tail -n +$((before + 1)) site.log >visits

for width in 400 800 1600; do
	for ratio in 1 2; do
		sed -n "s/^$width $ratio //p" asked | sort -u >now
		check_equal "width $width, pixel ratio $ratio: all $(wc -l <now) requests are known" \
		    "$(comm -23 now known)" ""
		check "width $width, pixel ratio $ratio: there are pictures among them" \
		    grep -q '^https://media\.' now
	done
done
sed 's|^[0-9]* [^/]*/[^ ]* \(charset=[^ ]* \)*|https://|' visits | sort -u >logged
check_equal "all $(wc -l <logged) URLs in the site's log are known" "$(comm -23 logged known)" ""
check_equal "nothing was asked for that the site does not have" "$(grep -v -e '^200 ' -e ' tracking-api' visits)" ""
cut -d ' ' -f 3 asked | sort -u >all
check_equal "the browser speaks of all that the site saw" "$(comm -13 all logged)" ""
check "other pictures at other widths" \
    sh -c '[ "$(grep "^400 1 " asked | cut -d " " -f 3 | sort -u)" != "$(grep "^1600 2 " asked | cut -d " " -f 3 | sort -u)" ]'
stop_all
done_testing
