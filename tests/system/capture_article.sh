#!/bin/sh
# From a URL to a sealed, verified snapshot, with everything the page shows.
. "$TOP/tests/system/lib.sh"
start_site
url=https://english.almayadeen.net/news/politics/story-7

# shellcheck disable=SC2086 # SITE is a list of options
"$HOLDFAST" capture -C c $SITE $url >out 2>err
check_equal "capture of a fixture article ends with 0" "$? $(cat err)" "0 "
snapshot=$(newest c)
[ -n "$snapshot" ] || { fail "a snapshot was sealed" "$(cat out err)"; done_testing; }
check_equal "the first line printed is the collection's absolute path" \
    "$(head -n 1 out)" "collection: $(pwd)/c"

check "sha256sum accepts the manifest" \
    sh -c "cd '$snapshot' && sha256sum -c --strict --quiet manifest-sha256.txt"
check "every archive file passes gzip -t" \
    sh -c "gzip -t '$snapshot'/records/*.warc.gz '$snapshot'/derived/*.warc.gz"
check_equal "nothing in the snapshot can be written" "$(find "$snapshot" -perm /222)" ""
check_code "verify passes" 0 "$HOLDFAST" verify -C c
check_code "a second verify of the snapshot alone passes" 0 "$HOLDFAST" verify "$snapshot"

# Recall and precision of the captured set against the generator's truth.
curl -s "http://127.0.0.1:$HTTP/truth?url=/news/politics/story-7" >truth
(
	sed -n 's/^fetch //p' truth
	echo "$url"
	echo https://english.almayadeen.net/robots.txt
) | sort -u >expected
jq -r 'select(.outcome == "captured" or .outcome == "revisit") | .url' "$snapshot/outcomes.jsonl" | sort >captured
check_equal "captured set equals the generator's truth" "$(diff expected captured)" ""
for kind in blocked:blocked-by-profile media:out-of-scope-media frame:out-of-scope; do
	want=$(sed -n "s/^${kind%%:*} //p" truth | sort -u)
	got=$(jq -r "select(.outcome == \"${kind#*:}\") | .url" "$snapshot/outcomes.jsonl" | sort)
	check_equal "${kind%%:*} targets end as ${kind#*:}" "$got" "$want"
done
check_equal "every URL has one outcome" \
    "$(jq -r .url "$snapshot/outcomes.jsonl" | sort | uniq -d)" ""
check_equal "the page's sums balance" \
    "$(jq -c '.pages[0].counts | .found == .captured + .failed + .out_of_scope' "$snapshot/report.json")" "true"
check_equal "report.json calls the page complete" \
    "$(jq -c '.pages[0].complete' "$snapshot/report.json")" "true"

check_equal "the article was read" "$(jq -r '.article.headline' "$snapshot/articles.jsonl")" \
    'Harbor town and "northern" council split over ferry plan: The Tide'
check_equal "the article is bound to its response record" \
    "$(jq -r .binding.response_record "$snapshot/articles.jsonl" | head -n 1)" \
    "$(jq -r "select(.url == \"$url\") | .record" "$snapshot/outcomes.jsonl")"

# TLS facts of the connection that delivered the bytes.
gzip -dc "$snapshot"/records/*.warc.gz >plain.warc
check "the connection record names TLS 1.3 and the verify result" \
    grep -aqE '"tls":"tls/1.3".*"verify":"ok"' plain.warc
check "responses carry WARC-Cipher-Suite" grep -aq '^WARC-Cipher-Suite: TLS_' plain.warc
check "certificates are kept" grep -aq 'urn:holdfast:certificate:sha256:' plain.warc
check "warcinfo names the running binary" \
    grep -aq "binary-sha256: $(sha256sum "$HOLDFAST" | cut -c 1-64)" plain.warc

# What the site sent is what lies there.
curl -s --cacert site-ca.pem --connect-to "::127.0.0.1:$TLS" \
    "https://english.almayadeen.net/assets/bg.png" >sent.png
check_code "cat --payload gives a picture" 0 sh -c \
    "'$HOLDFAST' cat -C c --payload https://english.almayadeen.net/assets/bg.png >kept.png"
check "the picture is byte for byte what the site sends" cmp sent.png kept.png

# Tar: same bytes twice, read by two programs, verifies when unpacked.
check_code "export to tar" 0 "$HOLDFAST" export -C c --tar one.tar latest
check_code "export again" 0 "$HOLDFAST" export -C c --tar two.tar latest
check "both tars are equal" cmp one.tar two.tar
check "GNU tar lists it" sh -c 'tar -tf one.tar | grep -q manifest-sha256.txt'
check "bsdtar lists it" sh -c 'bsdtar -tf one.tar | grep -q manifest-sha256.txt'
mkdir unpacked && tar -xf one.tar -C unpacked
inside=$(find unpacked -name manifest-sha256.txt -exec dirname {} \;)
check_code "the unpacked snapshot verifies" 0 "$HOLDFAST" verify "$inside"
check "its manifest is accepted by sha256sum" sh -c "cd $inside && sha256sum -c --strict --quiet manifest-sha256.txt"
check_code "export to tar.gz" 0 "$HOLDFAST" export -C c --tar one.tar.gz latest
check "the tar.gz holds the same tar" sh -c 'gzip -dc one.tar.gz | cmp - one.tar'

# By hand, with nothing but gzip, sha256sum and jq.
check "scripts/by-hand.sh finds article, picture and digest" \
    sh "$TOP/scripts/by-hand.sh" c $url

check_code "verify --rederive gives the same article" 0 "$HOLDFAST" verify -C c --rederive
stop_all
done_testing
