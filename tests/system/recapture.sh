#!/bin/sh
# A second capture stores what changed; the rest are revisits of the first,
# which every reader follows, and which is read again before it is named.
. "$TOP/tests/system/lib.sh"
start_raw
mkdir -p fixtures
cp "$TOP"/plugins/almayadeen/fixtures/en/* fixtures/
FIXTURES=$(pwd)/fixtures
start_site
url=https://english.almayadeen.net/news/politics/story-7
base=http://127.0.0.1:$PLAIN

hf() { verb=$1; shift; "$HOLDFAST" "$verb" -C c "$@"; }
# shellcheck disable=SC2086 # SITE is a list of options
capture() { "$HOLDFAST" capture -q -C c $SITE "$@"; }
outcomes() { jq -r "$1" "$(newest c)/outcomes.jsonl"; }

capture $url || fail "a page is captured" "$?"
first=$(newest c)
targets=$(outcomes 'select(.need != "robots") | .url' | wc -l)
good=$(outcomes 'select(.status == 200 and .need != "robots") | .url' | wc -l)

# The same again: everything is a revisit.
check_code "a second capture ends with 0" 0 capture $url
second=$(newest c)
check_equal "it wants the same" "$(outcomes 'select(.need != "robots") | .url' | wc -l)" "$targets"
check_equal "whatever was sent is a revisit" \
    "$(outcomes 'select(.status != null and .need != "robots") | .outcome' | sort | uniq -c | xargs)" "$good revisit"
check_equal "no article is told a second time" "$(wc -c <"$second/articles.jsonl")" 0
check_equal "the page is complete" "$(jq -c '.pages[0] | [.complete, .counts.failed]' "$second/report.json")" '[true,0]'
check_equal "and names what it is the same as" "$(jq -r '.pages[0].reason' "$second/report.json")" \
    "the same as $(jq -r --arg u $url 'select(.url == $u) | .record' "$first/outcomes.jsonl")"
check "the archive hardly grows" [ "$(du -sb "$second/records" | cut -f 1)" -lt "$(du -sb "$first/records" | cut -f 1)" ]
check_code "the collection verifies" 0 "$HOLDFAST" verify -C c
check_code "and its articles are read again" 0 "$HOLDFAST" verify -C c --rederive
check_code "the second snapshot alone verifies" 0 "$HOLDFAST" verify "$second"

check "by hand a revisit leads to its picture" sh "$TOP/scripts/by-hand.sh" c

# Readers follow a revisit to its original.
picture=$(jq -r 'select(.need == "image" and .outcome == "revisit") | .record' "$second/outcomes.jsonl" | head -n 1)
page=$(jq -r --arg u $url 'select(.url == $u) | .record' "$second/outcomes.jsonl")
digest=$(jq -r --arg i "$picture" 'select(.record == $i) | .digest' "$second/outcomes.jsonl")
check_equal "cat --payload of a revisit gives the original's" \
    "sha256:$(hf cat "$picture" --payload | sha256sum | cut -c 1-64)" "$digest"
check_equal "show names the original" "$(hf show "$page" --json | jq -r .original)" \
    "$(jq -r --arg u $url 'select(.url == $u) | .record' "$first/outcomes.jsonl")"
check_equal "and its article" "$(hf show "$page" --json | jq -r .article)" "$(jq -r .article.article_id "$first/articles.jsonl")"
check_equal "article of a revisit is the original's" "$(hf article --json "$page" | sha256sum)" \
    "$(jq -cS .article "$first/articles.jsonl" | sha256sum)"
hf extract again "$(basename "$second")" >/dev/null
hf extract once "$(basename "$first")" >/dev/null
check_equal "extract gives the same files of both" \
    "$(jq -r 'select(.url | endswith("robots.txt") | not) | [.url, .sha256] | @tsv' again/index.jsonl | sort)" \
    "$(jq -r 'select(.url | endswith("robots.txt") | not) | [.url, .sha256] | @tsv' once/index.jsonl | sort)"
check_code "export holds the revisits" 0 "$HOLDFAST" export -C c --tar two.tar "$(basename "$second")"

# One article is edited: it alone is stored.
jq '.title = "Another headline altogether"' "$TOP/plugins/almayadeen/fixtures/en/story.json" >fixtures/story.json
stop_all
start_raw
start_site
base=http://127.0.0.1:$PLAIN
capture $url
third=$(newest c)
check_equal "of an edited article the page alone is new" \
    "$(outcomes 'select(.outcome == "captured") | .url')" "$url"
check_equal "its text is read" "$(jq -r .article.headline "$third/articles.jsonl")" "Another headline altogether"
check_equal "its pictures name the revisits' records" "$(jq -r '.binding.images[].outcome' "$third/articles.jsonl" | sort -u)" revisit

# On request everything is stored in full, and what is old is, too.
capture --no-revisit $url
check_equal "--no-revisit stores all" "$(outcomes 'select(.outcome == "revisit") | .url' | wc -l)" 0
sleep 2
capture --max-revisit-age 1s $url
old=$(newest c)
for id in $(zcat "$old"/records/*.warc.gz | grep -a '^WARC-Refers-To: ' | tr -d '<>\r' | cut -d ' ' -f 2); do
	jq -r --arg i "$id" 'select(.record == $i) | .record' "$old/outcomes.jsonl"
done >own
check_equal "--max-revisit-age leaves only revisits within the run" \
    "$(wc -l <own)" "$(outcomes 'select(.outcome == "revisit") | .url' | wc -l)"

# An original that has rotted is not leaned on, and that is said.
check_code "all is sound so far" 0 "$HOLDFAST" verify -C c
# shellcheck disable=SC2086
"$HOLDFAST" capture -q -C d $SITE $url
alone=$(newest d)
picture=$(jq -r 'select(.need == "image" and .bytes > 500) | .url' "$alone/outcomes.jsonl" | head -n 1)
file=$alone/$(jq -r --arg u "$picture" 'select(.url == $u) | .file' "$alone/outcomes.jsonl")
at=$(jq -r --arg u "$picture" 'select(.url == $u) | .offset + .length - 100' "$alone/outcomes.jsonl")
byte=$(od -An -tu1 -j "$at" -N 1 "$file" | tr -d ' ')
put() { # BYTE
	chmod u+w "$file"
	# shellcheck disable=SC2059 # an octal escape is meant
	printf "$(printf '\\%03o' "$1")" | dd of="$file" bs=1 seek="$at" conv=notrunc 2>dd.err
	chmod u-w "$file"
}
put $((byte ^ 1))
# shellcheck disable=SC2086
"$HOLDFAST" capture -q -C d $SITE $url
check_equal "where the original is rotten the record is stored in full" \
    "$(jq -r --arg u "$picture" 'select(.url == $u) | .outcome' "$(newest d)/outcomes.jsonl")" captured
check "the log says why" grep -rq "not used as the original of a revisit" d/log
put "$byte"
check_code "with that byte back all is sound" 0 "$HOLDFAST" verify -C d

# Pages that are not whole are captured again, and only those.
check_equal "nothing is incomplete" "$(hf capture -q --retry-incomplete; echo $?)" 0
capture "$base/status/503" >/dev/null
check_equal "a server error is seen" "$(outcomes .outcome | tail -n 1)" server-error
capture --retry-incomplete
check_equal "--retry-incomplete wants that page alone" "$(jq -r '.pages[].requested' "$(newest c)/report.json")" "$base/status/503"
done_testing
