#!/bin/sh
# Articles looked at again by run: what has not changed is a 304 and nothing
# more is asked for; what was edited is stored and read; a server without
# validators costs a transfer, not a copy.
# shellcheck disable=SC2086 # SITE and lists of options
. "$TOP/tests/system/lib.sh"
T=$BUILD/holdfast-test
base=1767571200 # 2026-01-05T00:00:00Z
export HOLDFAST_TEST_CLOCK_FILE=clock
at_hour() { echo $((base + $1 * 3600)) >clock.new; mv clock.new clock; }
if ! "$T" help run >/dev/null 2>&1; then
	skip "articles looked at again" "there is no run"
	done_testing
fi
cat >scenario <<'END'
start 2026-01-05T00:00:00Z
at +1m publish a1 slug=story-1 images=2
at +2m publish a2 slug=story-2 images=2
at +3m publish a3 slug=story-3 images=2
at +4h edit a2 typo n=1
from +0m to +9d no-churn
from +20h to +9d no-validators
END
at_hour 1
start_site --scenario scenario --clock clock
"$T" init -C c --operator Again --contact mailto:again@example.org >init.out 2>&1
{
	echo "operator = Again"
	echo "contact = mailto:again@example.org"
	echo "wait = 0.001s"
	echo "min-free = 1M"
	echo "ballast = 0"
	site_lines
	cat <<END
[site english]
profile = almayadeen-en
feed = https://english.almayadeen.net/rss
recapture = 1h x 100
END
} >c/holdfast.conf
look() { # HOUR
	at_hour "$1"
	# 8: some front pages that the profile knows are not there.
	timeout 100 "$T" run -q -C c >"out.$1" 2>&1
	code=$?
	[ $code -eq 0 ] || [ $code -eq 8 ] || fail "a run ends well" "$code" "$(tail -n 3 "out.$1")"
	snapshot=$(newest c)
}
# pages: outcome and completeness of every article of the newest snapshot.
pages() {
	jq -r '.pages[] | select(.url | contains("story-")) | [(.url | split("story-")[1]), .outcome, .complete] | join(" ")' \
	    "$snapshot/report.json" | sort | paste -sd, -
}

look 1
check_equal "the articles are captured" "$(pages)" "1 captured true,2 captured true,3 captured true"
check_equal "and read" "$(wc -l <"$snapshot/articles.jsonl")" 3
look 3
before=$(newest c)
check_equal "an hour later nothing has changed" "$(pages)" \
    "1 not-modified true,2 not-modified true,3 not-modified true"
check_equal "nothing else of them is asked for" \
    "$(jq -r 'select(.via | contains("story-")) | .url' "$before/outcomes.jsonl")" ""
check_equal "no article is told again" "$(wc -c <"$before/articles.jsonl")" 0
look 5
check_equal "the edited one is stored" "$(pages)" "1 not-modified true,2 captured true,3 not-modified true"
check_equal "and read" "$(wc -l <"$snapshot/articles.jsonl")" 1
check_equal "its pictures are not stored again" \
    "$(jq -r 'select(.need == "image" and .outcome == "captured") | .url' "$snapshot/outcomes.jsonl")" ""
look 22
check_equal "without validators the payloads tell" "$(pages)" \
    "1 revisit true,2 revisit true,3 revisit true"
check_equal "nothing else of them is asked for then, either" \
    "$(jq -r 'select(.via | contains("story-")) | .url' "$snapshot/outcomes.jsonl")" ""
check_code "all of it verifies" 0 "$HOLDFAST" verify -C c
check_code "and is read again" 0 "$HOLDFAST" verify -C c --rederive
check_equal "every revisit names a response" "$(
	for s in c/snapshots/*/*/*; do
		gzip -dc "$s"/records/*.warc.gz
	done | tr -d '\r' | awk '/^WARC-Type: / { type = $2 }
	    /^WARC-Record-ID: / { is[$2] = type }
	    /^WARC-Refers-To: / { named[$2] = 1 }
	    END { for (id in named) if (is[id] != "response") print id, is[id] }')" ""
done_testing
