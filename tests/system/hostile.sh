#!/bin/sh
# A server that does its worst: every case ends within its limit with its
# outcome, and honest pages of the same host are captured whole beside it.
. "$TOP/tests/system/lib.sh"
start_raw --log requests
base=http://127.0.0.1:$PLAIN
LIMIT_S=3
common="--allow-address 127.0.0.0/8 --min-free 1M --max-time-per-url $LIMIT_S
    --connect-timeout 2 --max-body 2M"

# path outcome
cat >cases <<'END'
/endless truncated-length
/endless?chunked=1&x=1 truncated-length
/big?bytes=100000000 truncated-length
/drip?bytes=100&ms=1000 truncated-time
/hang timeout
/hostile/head-drip timeout
/hostile/headers truncated-length
/hostile/header-line truncated-length
/hostile/interim protocol-error
/hostile/half protocol-error
/reset connect
/shape/length-reset truncated-disconnect
/shape/chunked-bad-size protocol-error
/shape/chunked-cut-data truncated-disconnect
/shape/length-and-chunked captured
/shape/head-cut truncated-disconnect
/shape/nul-in-head captured
/shape/no-status-line protocol-error
/shape/status-999 protocol-error
/shape/upgrade protocol-error
/shape/partial-unasked protocol-error
/shape/not-modified-with-length protocol-error
/loop redirect
/redirect/100 redirect
/hostile/to/file redirect
/hostile/to/ftp redirect
/hostile/to/gopher redirect
/hostile/to/data redirect
/hostile/to/javascript redirect
/hostile/to/mail redirect
/hostile/to/redis redirect
/hostile/to/ssh redirect
/hostile/to/user redirect
/hostile/to/nowhere redirect
/hostile/to/inject redirect
/hostile/cookies?n=1000 captured
/hostile/cookies?n=10000 truncated-length
/hostile/bomb/gzip captured
/hostile/bomb/deflate captured
/hostile/bomb/br captured
/hostile/bomb/zstd captured
/hostile/bomb/gzip,gzip captured
/hostile/bomb/zstd,gzip captured
/hostile/bomb/gzip,gzip,gzip captured
/hostile/pages/css captured
/hostile/pages/loop captured
/lying-gzip captured
END
i=0
while read -r path outcome; do
	echo "$base$path"
	i=$((i + 1))
	echo "$base/real/$i"
done <cases >seeds
started=$(date +%s)
# shellcheck disable=SC2086
timeout 60 "$HOLDFAST" capture -q -C col -i seeds $common >out 2>err
code=$?
took=$(($(date +%s) - started))
check_equal "the capture ends by itself, with an honest code ($took s)" $code 7
snapshot=$(newest col)
cp "$snapshot/outcomes.jsonl" outcomes; chmod u+w outcomes
jq -r '[.url, .outcome, .fetch_ms // 0, .reason] | @tsv' outcomes >got
while read -r path outcome; do
	line=$(awk -F'\t' -v u="$base$path" '$1 == u' got)
	check_equal "$path: $outcome" "$(echo "$line" | cut -f2)" "$outcome"
done <cases
check_equal "nothing took longer than its limit by more than a second" \
    "$(awk -F'\t' -v l=$LIMIT_S '$3 > l * 1000 + 1000' got)" ""
check_equal "every honest page, its pictures and its stylesheet are captured" \
    "$(awk -F'\t' -v b="$base/real/" 'index($1, b) == 1 && $1 !~ /\/(a|first|css|in)|%/ { n++; bad += $2 != "captured" } END { print n, bad + 0 }' got)" \
    "$((i * 6)) 0"
check_equal "and complete" "$(jq -r --arg b "$base/real/" '.pages[] | select(.url | startswith($b) and (contains("%") | not)) | .complete' "$snapshot/report.json" | sort | uniq -c | tr -d ' ')" "${i}true"
check_equal "a chain is followed ten times and then refused" \
    "$(grep -c "$base/redirect/[0-9]*	redirect" got) $(awk -F'\t' '$2 == "trap" && $1 ~ /redirect/ { print $4 }' got)" "11 more than 10 redirects"
check_equal "ports of other services are refused" \
    "$(awk -F'\t' '$1 ~ /^http:.*:(25|6379|22)\// { print $2 }' got | sort | uniq -c | tr -d ' ')" "6blocked-address"
check_equal "other schemes are written down and refused" \
    "$(awk -F'\t' '$1 ~ /^(file|ftp|gopher|data|javascript):/ { print $2 }' got | sort | uniq -c | tr -d ' ')" "5blocked-scheme"
imports=$(grep -c "$base/hostile/css/[0-9]*	captured" got)
check_equal "stylesheets that import each other without end are left ($imports)" \
    "$([ "$imports" -le 10 ] && awk -F'\t' '$1 ~ /hostile\/css/ && $2 == "trap"' got | wc -l)" 1
check "bombs are kept as they came" test "$(du -sk "$snapshot/records" | cut -f1)" -lt 20000
check "what was kept verifies" "$HOLDFAST" verify -C col

# A page of a million links, beside an honest one.
# shellcheck disable=SC2086
timeout 60 "$HOLDFAST" capture -q -C links --allow-address 127.0.0.0/8 --min-free 1M \
    "$base/hostile/links?n=1000000" "$base/real/9001" >out 2>err
check_equal "a page of a million links is captured, and the honest one" \
    "$(jq -r 'select(.need == "page") | .outcome' "$(newest links)/outcomes.jsonl" | sort | uniq -c | tr -d ' ')" "2captured"

# Line ends in links never end a line of ours.
: >requests
timeout 60 "$HOLDFAST" capture -q -C inject --allow-address 127.0.0.0/8 --min-free 1M \
    "$base/hostile/inject?n=${HOLDFAST_INJECTIONS:-3600}" "$base/hostile/to/inject" >out 2>err
check_equal "requests hold our fields alone ($(grep -a -c '^GET ' requests) requests)" \
    "$(tr -d '\r' <requests | grep -a -v '^$\|^GET /[!-~]* HTTP/1\.1$\|^Host: 127.0.0.1:[0-9]*$\|^User-Agent: holdfast/[^ ]*$\|^Accept: [^ ]*$\|^Accept-Encoding: gzip$\|^Referer: http://[!-~]*$\|^Connection: keep-alive$' | head -3)" ""
check "there were thousands" test "$(grep -a -c '^GET /real' requests)" -gt 3000

# The environment's proxies are not asked.
: >requests
for name in http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY; do
	export "$name=http://127.0.0.1:$PLAIN"
done
timeout 60 "$HOLDFAST" capture -q -C proxy --allow-address 127.0.0.0/8 --min-free 1M \
    --ca-file "$RAW_CA" "$base/real/1" "https://127.0.0.1:$SECURE/real/2" >out 2>err
check_equal "pages are captured without the environment's proxy" $? 0
check_equal "which saw nothing" "$(grep -a -c '^CONNECT\|^GET http' requests)" 0
unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY

# What identifies the owner goes to the hosts he named, and nowhere else.
: >requests
printf '# Netscape HTTP Cookie File\nlocalhost\tFALSE\t/\tFALSE\t0\tid\tcanary-cookie\n' >jar
chmod 600 jar
timeout 60 "$HOLDFAST" capture -q -C secrets --allow-address 127.0.0.0/8 --min-free 1M --load-cookies jar \
    --header "Authorization: Bearer canary-bearer" --header "X-Key: canary-key" --mask-header X-Key \
    --header "X-Plain: all" "http://localhost:$PLAIN/hostile/to/port?$PLAIN" "http://localhost:$PLAIN/real/78" >out 2>err
tr -d '\r' <requests | awk -v RS='' '/Host: localhost/ { home++; home_all += /canary-bearer/ && /canary-key/ && /canary-cookie/ && /X-Plain/ }
    /Host: 127/ { other++; leaks += /canary/; plain += /X-Plain/ }
    END { print (home > 5 && home == home_all), (other > 4), leaks + 0, (plain == other) }' >counts
check_equal "secrets go to the host asked for, not where it redirects to" "$(cat counts)" "1 1 0 1"
mkdir -p plain && find secrets -name '*.gz' -exec sh -c 'zcat "$1" >"plain/$(basename "$1")"' sh {} \;
check_equal "and into no file" "$(grep -r -l canary secrets plain)" ""

# Pages that lead on for ever, in a crawl.
"$HOLDFAST" init -C traps --operator me --contact mailto:me@example.org >out 2>&1
cat >>traps/holdfast.conf <<END

[site traps]
front = $base/hostile/pages/traps
scope = host
wait = 0s
connections = 2
END
timeout 60 "$HOLDFAST" run -C traps --allow-address 127.0.0.0/8 --min-free 1M >run.out 2>run.err
code=$?
cat traps/snapshots/*/*/*/outcomes.jsonl 2>/dev/null | jq -r '[.url, .outcome] | @tsv' >got
trapped() { grep -c "/hostile/$1.*	captured" got; }
check_equal "a crawl of traps ends by itself" "$((code == 124))" 0
check_equal "with some of each (calendar $(trapped calendar), sessions $(trapped session), folders $(trapped deep))" \
    "$(($(trapped calendar) > 0 && $(trapped calendar) <= 2000 && $(trapped session) > 0 && $(trapped session) <= 2000 && $(trapped deep) > 0 && $(trapped deep) <= 25))" 1
check_equal "and the honest pages whole" "$(grep -c '/real/10[1-3][^	]*	captured' got)" 18

# A server that is silent within the handshake.
started=$(date +%s)
timeout 60 "$HOLDFAST" capture -q -C tls --allow-address 127.0.0.0/8 --min-free 1M --connect-timeout 2 \
    "https://127.0.0.1:$PLAIN/x" >out 2>err
check_equal "a handshake without an answer ends by its limit" \
    "$? $(($(date +%s) - started < 8))" "4 1"
done_testing
