#!/bin/sh
# Bad input: each ends with a clear message, the documented exit code and
# outcome, a snapshot that verifies, and nothing lost.
. "$TOP/tests/system/lib.sh"
start_raw
start_site
base=http://127.0.0.1:$PLAIN
common="--allow-address 127.0.0.0/8 --min-free 1M"
n=0

# capture NAME CODE OUTCOME URL [OPTION...]: in a collection of its own.
capture() {
	name=$1 want=$2 outcome=$3 url=$4
	shift 4
	n=$((n + 1))
	# shellcheck disable=SC2086
	timeout 60 "$HOLDFAST" capture -C "c$n" $common "$@" "$url" >out 2>err
	got=$?
	file=$(newest "c$n" 2>/dev/null)
	found=
	[ -n "$file" ] && found=$(jq -r --arg u "$url" \
	    'select(.url == $u) | .outcome' "$file/outcomes.jsonl")
	if [ "$got" -ne "$want" ] || [ "$found" != "$outcome" ]; then
		fail "$name" "exit $got, expected $want; outcome '$found', expected '$outcome'" "$(cat out err)"
		return
	fi
	if [ -n "$file" ]; then
		"$HOLDFAST" verify -C "c$n" >out 2>&1 || {
			fail "$name" "does not verify" "$(cat out)"
			return
		}
		(cd "$file" && sha256sum -c --strict --quiet manifest-sha256.txt &&
		    gzip -t records/*.warc.gz) >out 2>&1 || {
			fail "$name" "manifest or gzip" "$(cat out)"
			return
		}
	fi
	pass "$name"
}

# no_start NAME CODE WORD COMMAND...: nothing starts; stderr says WORD.
no_start() {
	name=$1 want=$2 word=$3
	shift 3
	timeout 60 "$@" >out 2>err
	got=$?
	if [ "$got" -eq "$want" ] && grep -q -e "$word" err; then pass "$name"; else
		fail "$name" "exit $got, expected $want; stderr without '$word':" "$(cat out err)"
	fi
}

capture "404" 8 not-found "$base/status/404"
capture "410" 8 gone "$base/status/410"
capture "403" 8 forbidden "$base/status/403"
capture "a challenge page" 8 challenge "$base/status/403?challenge=1"
capture "451" 8 legal "$base/status/451"
capture "401 is an authentication failure" 6 auth-required "$base/status/401"
capture "500" 8 server-error "$base/status/500"
capture "429 with Retry-After" 18 rate-limited "$base/status/429?retry=60"
capture "a redirect loop" 8 redirect "$base/loop"
capture "a redirect chain over the limit" 8 redirect "$base/redirect/12"
capture "a redirect chain within the limit" 0 redirect "$base/redirect/3"
capture "an endless body is cut at the limit" 8 truncated-length "$base/endless" --max-body 300K
capture "a 3 MB body over the limit is kept to it" 8 truncated-length "$base/big?bytes=3000000" --max-body 1M
capture "a dripping body ends by time" 8 truncated-time "$base/drip?bytes=1000&ms=200" --max-time-per-url 2
capture "a host that never answers" 4 timeout "$base/hang" --max-time-per-url 2
capture "a connection reset before a byte came" 4 connect "$base/reset"
capture "br although not asked for" 0 captured "$base/br"
capture "gzip that lies" 0 captured "$base/lying-gzip"
capture "a connection refused" 4 connect "http://127.0.0.1:39871/"
capture "a port that is not for the web" 8 blocked-address "http://127.0.0.1:25/"
capture "an unknown host" 4 dns "http://no-such-host.invalid/"
capture "an unknown certificate authority" 5 tls-invalid "https://127.0.0.1:$SECURE/"
capture "a certificate for another name" 5 tls-invalid "https://other.example:$SECURE/" \
    --ca-file "$RAW_CA" --connect-to "other.example:$SECURE:127.0.0.1:$SECURE"
capture "an expired certificate" 5 tls-invalid "https://expired.site.test:$SECURE/" \
    --ca-file "$RAW_CA" --connect-to "expired.site.test:$SECURE:127.0.0.1:$SECURE"

odd=http://127.0.0.1:$HTTP/odd
capture "a 200 without a byte" 0 captured "$odd/empty"
capture "a PDF as page" 0 captured "$odd/pdf"
capture "a picture as page" 0 captured "$odd/picture"
capture "text that is no HTML" 0 captured "$odd/plain"
capture "a charset other than said" 0 captured "$odd/latin1"
capture "20,000 nested elements" 0 captured "$odd/nested?n=20000"
check "the picture below 20,000 elements was found" grep -q deepest.png "$(newest c$n)/outcomes.jsonl"
capture "10,000 pictures on one page" 0 captured "$odd/images?n=10000"
check_equal "all of them are there" "$(grep -cE '"outcome":"(captured|revisit)"' "$(newest c$n)/outcomes.jsonl")" 10003
capture "a missing picture of the body makes it incomplete" 8 captured "$odd/missing"
check_equal "report.json names it" "$(jq -c '.pages[0].failed[0] | [.url, .outcome, .required]' "$(newest c$n)/report.json")" \
    "[\"http://127.0.0.1:$HTTP/gone/picture.jpg\",\"not-found\",true]"
capture "robots.txt refuses a page" 8 blocked-robots "http://127.0.0.1:$HTTP/private/x"
capture "robots.txt with --robots=ignore" 8 not-found "http://127.0.0.1:$HTTP/private/x" --robots=ignore

# More redirects than are followed, from robots.txt: unavailable, so allowed
# (RFC 9309, 2.3.1.2), and the page does not wait for ever.
capture "robots.txt that redirects without end" 0 captured "http://hops.almayadeen.net/odd/plain" \
    --connect-to "hops.almayadeen.net:80:127.0.0.1:$HTTP"

# The address filter: without --allow-address loopback is refused.
common_saved=$common
common="--min-free 1M"
capture "loopback is refused by default" 8 blocked-address "$base/status/200"
for name in 2130706433 127.1 0x7f.1 '[::1]' '[::ffff:127.0.0.1]'; do
	timeout 30 "$HOLDFAST" capture -C "a$n" $common "http://$name:$PLAIN/" >out 2>err
	n=$((n + 1))
	check_equal "loopback spelled $name is refused" \
	    "$(jq -r 'select(.need == "page") | .outcome' "$(newest a$((n - 1)))/outcomes.jsonl" 2>/dev/null)" blocked-address
done
common=$common_saved

# Nothing starts.
no_start "a bad URL" 2 "not captured" "$HOLDFAST" capture -C bad1 'http://[::1'
no_start "a URL with a password" 2 "without" "$HOLDFAST" capture -C bad1 http://u:p@example.org/
no_start "a scheme that is not http" 2 "neither" "$HOLDFAST" capture -C bad1 ftp://example.org/
no_start "no URL at all" 2 "needs a URL" "$HOLDFAST" capture -C bad1
no_start "an unknown option names the nearest" 2 "did you mean --robots" "$HOLDFAST" capture --robot obey http://x/
no_start "an unknown verb names the nearest" 2 "did you mean capture" "$HOLDFAST" captur
no_start "a value that is no choice" 2 "obey warn ignore" "$HOLDFAST" capture --robots=maybe http://x/
mkdir full && echo x >full/file
no_start "a folder that is no collection" 2 "full" "$HOLDFAST" capture -C full http://127.0.0.1/
"$HOLDFAST" init -C newer >/dev/null && sed -i 's/"layout": *1/"layout":99/' newer/collection.json
no_start "a newer layout" 2 "layout" "$HOLDFAST" capture -C newer http://127.0.0.1/
"$HOLDFAST" init -C conf >/dev/null && echo 'robotz = obey' >>conf/holdfast.conf
no_start "an unknown key names file, line and the nearest" 2 "holdfast.conf:.*did you mean" "$HOLDFAST" capture -C conf http://127.0.0.1/
no_start "a URL list that is not there" 2 "no-such-list" "$HOLDFAST" capture -C bad1 -i no-such-list
"$HOLDFAST" init -C hostile >/dev/null
printf '[site]\nformat = 1\nkey = evil\nhost = 127.0.0.1\n[fields]\nheadline = css(h1 | ws\nbogus = 1\n' >hostile/sites/evil.site
no_start "a hostile profile" 2 "evil.site" "$HOLDFAST" capture -C hostile http://127.0.0.1/
no_start "an unwritable place" 3 "" "$HOLDFAST" capture -C /proc/holdfast http://127.0.0.1/
no_start "a clock before 2020" 2 "before 2020" env HOLDFAST_TEST_CLOCK=86400 "$BUILD/holdfast-test" capture -C clock $common "$base/status/200"

# A list with CRLF, BOM, comments, duplicates; one hanging host among good.
printf '\357\273\277%s\r\n# comment\r\n\r\n  %s  \r\n%s\r\nnot a url\r\n%s\n' \
    "$base/status/200" "$base/big?bytes=10" "$base/status/200" "$base/hang" >list
timeout 60 "$HOLDFAST" capture -C list1 $common --max-time-per-url 3 -i list >out 2>err
check_equal "a list with a hanging host goes on and ends with 8" "$?" 8
check_equal "good ones are captured, duplicates once" \
    "$(jq -r 'select(.need == "page") | .outcome' "$(newest list1)/outcomes.jsonl" | sort | uniq -c | tr -s ' \n' ' ')" " 2 captured 1 timeout "
check "the bad line is named" grep -q "not a url: not captured" err

awk -v b="$base" 'BEGIN { for (i = 0; i < 1000000; i++) print b "/big?bytes=" (i % 3 + 1) }' >list
# shellcheck disable=SC2086
timeout 60 "$HOLDFAST" capture -C list2 --json $common -i list >million 2>err
check_equal "a list of a million lines" $? 0
check "each URL of it is captured once" grep -q '"pages":3,"pages_good":3,' million

# A full disk: 16 when it fills up, nothing acknowledged is lost.
if unshare -Urm true 2>/dev/null; then
	mkdir small
	# shellcheck disable=SC2016
	unshare -Urm sh -c 'mount -t tmpfs -o size=6m none small &&
	    "$1" capture -C small/c --allow-address 127.0.0.0/8 --min-free 1M "$2/big?bytes=12000000" "$2/status/200" >out 2>err
	    echo $? >code
	    "$1" recover -C small/c >>out 2>&1; "$1" verify -C small/c >>out 2>&1; echo $? >>code' \
	    sh "$HOLDFAST" "$base"
	case $(tr '\n' ' ' <code) in
	"16 0 " | "3 0 " | "16 2 " | "3 2 ") pass "a full disk ends with its code and nothing broken" ;;
	*) fail "a full disk ends with its code and nothing broken" "codes: $(cat code)" "$(cat out err)" ;;
	esac
else
	skip "a full disk ends with its code and nothing broken" "no user namespaces here"
fi

# Two captures at once: the second says who holds the lock.
timeout 60 "$HOLDFAST" capture -C two $common "$base/drip?bytes=100&ms=100" >one.out 2>&1 &
first=$!
tries=0
until [ -d two/snapshots ] && ls two/snapshots/*/*/*.open >/dev/null 2>&1 || [ $tries -gt 100 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
no_start "a second capture at once" 19 "another run" "$HOLDFAST" capture -C two $common "$base/status/200"
wait $first
check_equal "the first one is not disturbed" $? 0

# ^C: sealed within 5 s, exit 11, what was not got is not-tried.
"$HOLDFAST" capture -C stop $common "$base/big?bytes=1000" "$base/drip?bytes=100000&ms=100" >out 2>err &
run=$!
sleep 1
kill -TERM $run
wait $run
check_equal "^C ends with 11" $? 11
check_code "and its snapshot verifies" 0 "$HOLDFAST" verify -C stop
check "what was under way is not-tried" grep -q '"outcome":"not-tried"' "$(newest stop)/outcomes.jsonl"
stop_all
done_testing
