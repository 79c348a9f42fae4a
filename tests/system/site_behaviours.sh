#!/bin/sh
# Behaviours of a news site (F1 to F30 of the fixture site's list, switched by
# a scenario), each with what an archive must make of it. Two looks at every
# article, an hour before and after what happens to it at 12:00.
# shellcheck disable=SC2086 # SITE is a list of options
. "$TOP/tests/system/lib.sh"
export HOLDFAST_TEST_CLOCK_FILE=clock
T=$BUILD/holdfast-test
base=1767571200 # 2026-01-05T00:00:00Z
at_hour() { echo $((base + $1 * 3600)) >clock.new; mv clock.new clock; }

# NAME POST PUBLISH-SETTINGS | WHAT-HAPPENS
cat >table <<'END'
f1 1001 |
f2 1002 | edit f2 headline text="The ferry turns back"
f3a 1031 | edit f3a typo
f3b 1032 | edit f3b add-paragraph
f3c 1033 | edit f3c remove-paragraph
f3d 1034 | edit f3d reorder
f4a 1041 headline="The pier\u0301 opens" | edit f4a tashkeel
f4b 1042 | edit f4b quotes n=0
f4c 1043 | edit f4c nbsp
f5a 1051 | edit f5a bidi
f5b 1052 | edit f5b zwsp
f6a 1061 | edit f6a caption
f6b 1062 | edit f6b credit text=(Reuters)
f6c 1063 | edit f6c alt quiet=yes text="Another text"
f7a 1071 | edit f7a image-new
f7b 1072 | edit f7b image-revision
f7c 1073 | edit f7c image-bytes
f8a 1081 | edit f8a tags quiet=yes
f8b 1082 | edit f8b tag-add
f9 1091 | edit f9 touch
f10 1101 | edit f10 silent
f11a 1111 | delete f11a 404
f11b 1112 | delete f11b 410
f11c 1113 | delete f11c 451
f11d 1114 | delete f11d soft404
f11e 1115 | delete f11e section
f11f 1116 | delete f11f login
f11g 1117 | delete f11g home
f11h 1118 | delete f11h 500
f13 1131 | rename f13 slug=f13-renamed
f17 1171 title="Another title" |
f18a 1181 date=noyear json=0 ld=0 og=0 |
f18b 1182 offset=345 |
f19 1191 keywords="Ferry,Ferry, Pier,Fog" headline="\u200fCafe\u0301 by the pier" |
f21 1211 images=6 |
f22a 1221 kind=tweet |
f22b 1222 kind=video |
f22c 1223 kind=infograph |
f22d 1224 kind=gallery images=8 |
f22e 1225 kind=live |
f26a 1261 charset=wrong-header headline="Niño en el puerto" |
f26b 1262 charset=none headline="Niño en la isla" |
f26c 1263 charset=bom headline="Niño en el barco" |
f27a 1271 bulk=3m |
f27b 1272 bulk=nested |
f29a 1291 | edit f29a note
f29b 1292 | edit f29b updated
f30 1301 author="Ilse Tamm" source="Agencies + The Tide" |
END
{
	echo "start 2026-01-05T00:00:00Z"
	while IFS='|' read -r what then; do
		set -f
		# shellcheck disable=SC2086
		set -- $what
		name=$1 post=$2
		echo "at +1h publish $name post=$post slug=$name ${what#"$name $post"}"
		[ -z "${then# }" ] || echo "at +12h$then"
		set +f
	done <table
	# Comes back as it was; comes back changed; another one at the address.
	cat <<'END'
at +1h publish f12a post=1121 slug=f12a
at +6h delete f12a 404
at +12h restore f12a
at +1h publish f12b post=1122 slug=f12b
at +6h delete f12b 410
at +11h30m edit f12b typo
at +12h restore f12b
at +1h publish f28a post=1281 slug=f28
at +12h delete f28a 404
at +12h publish f28b post=1282 slug=f28
at +1h publish f24a post=1241 slug=f24 edition=ar
at +1h publish f24b post=1242 slug=f24 edition=es
from +20h to +21h challenge
from +22h to +23h challenge mitigated=no
from +24h to +25h outage
from +26h to +27h truncate
from +28h to +29h status n=503 after=60
from +30h to +31h ratelimit after=60
from +32h to +33h consent
from +34h to +40h layout
from +42h to +43h redesign
from +44h to +45h redesign as=dropped
from +46h to +47h json-broken how=newline
from +48h to +49h json-broken how=comma
from +50h to +51h json-broken how=entity
from +52h to +53h json-broken how=bom
from +54h to +55h json-broken how=comment
from +56h to +57h outage how=silent
END
} >scenario
at_hour 11
start_site --scenario scenario --clock clock

E=https://english.almayadeen.net/news/politics
urls=$(sed 's/ .*//' table | sed "s|^|$E/|"; echo "$E/f12a $E/f12b $E/f28")

# look NAME URL...: a snapshot of its own, its articles and outcomes
look() {
	folder=$1
	shift
	"$T" capture -q -C "c-$folder" --max-time-per-url 2 $SITE "$@" >"$folder.out" 2>&1
	code=$?
	snapshot=$(newest "c-$folder")
	cp "$snapshot/articles.jsonl" "$folder.articles" 2>/dev/null || : >"$folder.articles"
	cp "$snapshot/outcomes.jsonl" "$folder.outcomes"
	chmod u+w "$folder.articles" "$folder.outcomes"
}
# of LOOK POST FILTER: from the article's record
of() { jq -r "select(.article.article_id | endswith(\":$2\")) | .article | $3" "$1.articles"; }
outcome() { jq -r "select(.url == \"$2\") | .outcome" "$1.outcomes"; }
same() { check_equal "$1" "$(of before "$2" "$3")$(of after "$2" "$3" | sed 's/^$/none/')" \
	"$(of before "$2" "$3")$(of before "$2" "$3")"; }
differs() { # NAME POST FILTER
	a=$(of before "$2" "$3") b=$(of after "$2" "$3")
	if [ -n "$a" ] && [ -n "$b" ] && [ "$a" != "$b" ]; then pass "$1"; else
		fail "$1" "before: $a" "after: $b"
	fi
}

look before $urls
at_hour 13
look after $urls

# What was kept is what was shown, to the byte of the core hash. (Not of f26a:
# a charset in the header wins, as in browsers; nor of f27b: too deep.)
for look in before after; do
	sort -u site.log | awk -F'\t' -v wall=$((base + $([ $look = before ] && echo 11 || echo 13) * 3600)) \
	    '$1 == wall && $3 == 200 && $8 != "-" && $6 !~ /^f2(6a|7b)$/ { print $8 }' | sort -u >shown
	jq -r 'select(.article.article_id | test(":(1261|1272)$") | not) | .article.hashes.core' \
	    $look.articles | sort -u >kept
	check_equal "cores kept $look are those shown ($(wc -l <shown))" "$(diff shown kept)" ""
done

core=.hashes.core meta=.hashes.meta media=.hashes.media loose=.hashes.loose
same "F1 furniture of another visit leaves the article as it is" 1001 $core
differs "F2 a headline edited is another version" 1002 $core
same "F2 under the address it had" 1002 .url.canonical
differs "F3 a word added is another version" 1031 $core
differs "F3 a paragraph added is another version" 1032 $core
differs "F3 a paragraph removed is another version" 1033 $core
differs "F3 paragraphs reordered are another version" 1034 $core
differs "F4 tashkeel is another version" 1041 $core
same "F4 tashkeel leaves the loose form" 1041 $loose
differs "F4 quotes are another version" 1042 $core
same "F4 quotes leave the loose form" 1042 $loose
same "F4 a no-break space is no version" 1043 $core
same "F5 bidi controls are no version" 1051 $core
same "F5 a zero-width space is no version" 1052 $core
same "F6 a caption is no version of the text" 1061 $core
differs "F6 a caption shows in the media hash" 1061 $media
differs "F6 a credit shows in the media hash" 1062 $media
same "F6 an alternative text alone changes no hash" 1063 "[$core,$media,$meta]|tostring"
same "F7 another picture is no version of the text" 1071 $core
differs "F7 another picture has another key" 1071 '.images[0].asset_key'
same "F7 a revision of a picture keeps its key" 1072 '.images[0].asset_key'
differs "F7 a revision of a picture has another revision" 1072 '.images[0].asset_rev'
url=$(of before 1073 '.images[0].chosen.url')
check_equal "F7 other bytes under the same address are kept" \
    "$(cat before.outcomes after.outcomes | jq -r "select(.url == \"$url\") | .digest" | sort -u | wc -l)" 2
same "F8 tags in another order change no hash" 1081 "[$core,$meta]|tostring"
differs "F8 a tag added shows in the meta hash" 1082 $meta
same "F9 a touched date is no version" 1091 $core
differs "F9 a touched date shows" 1091 .modified.utc
differs "F10 a silent edit is a version" 1101 $core
same "F10 a silent edit leaves the date" 1101 .modified.utc
for case in f11a:captured f11b:captured f11c:captured; do
	name=${case%%:*}
	check_equal "F11 $name: the answer that says so is kept" \
	    "$(jq -r "select(.url == \"$E/$name\") | (.record != \"\") and .status >= 404" after.outcomes)" true
done
for post in 1111 1112 1113 1114 1115 1116 1117 1118; do
	check_equal "F11 what is gone ($post) is no article any more" "$(of after $post .headline)" ""
done
check_equal "F12 back as it was" "$(of before 1121 .headline):$(of after 1121 $core | wc -l)" \
    "$(of before 1121 .headline):1"
check_equal "F12 back changed" "$(of after 1122 $core | wc -l)" 1
same "F13 a new slug is the same article" 1131 .article_id
differs "F13 at another address" 1131 .url.canonical
check_equal "F17 the headline shown counts, not the data's" \
    "$(of after 1171 '.headline == "Another title"')" false
check_equal "F18 a year left out is inferred and said to be" \
    "$(jq -c 'select(.article.url.canonical | endswith("/f18a")) | .article.published | [.iso[0:16], .year_inferred]' after.articles)" \
    '["2026-01-05T03:00",true]'
check_equal "F18 a printed offset is never recomputed" "$(of after 1182 .published.offset)" "+05:45"
check_equal "F19 keywords are there once" "$(of after 1191 '.keywords_meta | map(select(. == "Ferry")) | length')" 1
check_equal "F19 a category is trimmed" "$(of after 1191 '.section | map(select((if type == "object" then .label else . end) | startswith(" "))) | length')" 0
check_equal "F21 each way of showing a picture is understood" \
    "$(of after 1211 '.images | map(select(.role == "inline" or .role == "lead") | .asset_key) | unique | length')" 6
jq -r .url after.outcomes | sort -u >fetched
missing=$(curl -s "http://127.0.0.1:$HTTP/truth" -H 'Host: english.almayadeen.net' |
	jq -r 'select(.id == "f21") | .pictures[]' | sort -u | comm -23 - fetched)
check_equal "F21 and all of them are fetched" "$missing" ""
for post in 1221 1222 1223 1224 1225; do
	check_equal "F22 an article of another kind ($post) is read" "$(of after $post $core | wc -l)" 1
done
check_equal "F22 eight pictures of a gallery" \
    "$(of after 1224 '.images | map(select(.role | test("inline|lead|gallery")) | .asset_key) | unique | length')" 8
check_equal "F26 a wrong charset in the header" "$(of after 1261 '.headline | startswith("Ni")')" true
check_equal "F26 no charset in the header" "$(of after 1262 .headline)" "Niño en la isla"
check_equal "F26 a byte order mark" "$(of after 1263 .headline)" "Niño en el barco"
check_equal "F27 a page of 3 MiB" "$(of after 1271 .quality.status)" ok
check_equal "F27 20,000 nested elements: kept, and no good article" "$(of after 1272 .quality.status)" degraded
check_equal "F28 one address, two articles" "$(of before 1281 .headline | wc -l)$(of after 1281 .headline | wc -l)$(of after 1282 .headline | wc -l)" 101
differs "F29 a correction is a version" 1291 $core
differs "F29 a line that says updated is a version" 1292 $core
check_equal "F30 sources are parted at the plus sign" "$(of after 1301 '.sources | length')" 2
check_equal "F30 coverage printed twice is there once" "$(of after 1301 '.coverage | length')" 1
check_equal "F25 the beacon is never asked" "$(grep -c tracking-api site.log)" 0

# What comes over the whole site for an hour.
one=$E/f1
for case in 20:challenge 22:challenge 24:network 26:truncated 28:5xx 30:rate 56:silent; do
	at_hour "${case%%:*}"
	look "w${case%%:*}" $one
	check_equal "F11 ${case#*:} at ${case%%:*}h is no article ($(outcome "w${case%%:*}" $one))" \
	    "$(wc -l <"w${case%%:*}.articles")" 0
	if [ "$code" -ne 0 ]; then pass "F11 and the exit code says so ($code)"; else
		fail "F11 ${case#*:} at ${case%%:*}h: the exit code says so" "$(cat "w${case%%:*}.out")"
	fi
done
for hour in 32 34 35 36 37 38 39 46 48 50 52 54; do
	at_hour $hour
	look "w$hour" $one
	check_equal "at ${hour}h the article is as it was" "$(of "w$hour" 1001 $core)" "$(of after 1001 $core)"
done
check_equal "F14 two layouts were met" \
    "$(cat w3[4-9].articles | jq -r .article.hashes.shell | sort -u | wc -l)" 2
check_equal "F25 a banner leaves the article's layout" "$(of w32 1001 .quality.status)" ok
for hour in 42 44; do
	at_hour $hour
	look "w$hour" $one
	check_equal "F15 a redesign at ${hour}h does not pass for good" \
	    "$(jq -r '.article.quality.status' "w$hour.articles" | grep -c '^ok')" 0
done

# The site itself: lists, conditions, strictness.
get() { curl -s --max-time 10 -H "Host: ${HOSTNAME_ASKED:-english.almayadeen.net}" "http://127.0.0.1:$HTTP$1"; }
at_hour 58
check_equal "F20 months of the sitemap index are not padded" \
    "$(get /sitemaps/all.xml | grep -o 'sitemap-[^<]*')" sitemap-2026-1.xml
get /sitemaps/all/sitemap-2026-1.xml >month.xml
get /sitemaps/all/sitemap-2026-1.xml.gz | gzip -dc >unpacked.xml
check_equal "F20 a packed month is the same" "$(cmp month.xml unpacked.xml)" ""
check_equal "F20 a month names other hosts, authors, wrong times" \
    "$(grep -c 'other.example' month.xml) $(grep -c '/authors/' month.xml) $(grep -c '2026-13-45' month.xml | sed 's/[1-9][0-9]*/n/')" "1 1 n"
check_equal "F20 50,000 addresses" "$(get /sitemaps/all/big.xml | grep -c '<loc>')" 50000
get "/news/politics?page=2" >page2
check_equal "F23 the first article of a page is there thrice" \
    "$(grep -o '<h3><a href="[^"]*"' page2 | sort | uniq -c | awk '$1 == 3' | wc -l)" 1
check_equal "F23 a page leads to the next" "$(grep -o 'rel="next" href="[^"]*"' page2 | sort -u)" \
    'rel="next" href="/news/politics?page=3"'
check_equal "F23 pages end" "$(get '/news/politics?page=30' | grep -c 'rel="next"')" 0
check_equal "F23 ten more on scrolling" "$(get '/api/more?offset=20' | grep -c 'class="card"')" 10
check_equal "30 cards on the home page" "$(get / | grep -c 'class="card"')" 30
tag=$(curl -sD - -o page -H 'Host: english.almayadeen.net' "http://127.0.0.1:$HTTP/news/politics/f1" |
	tr -d '\r' | sed -n 's/^ETag: //p')
again() { curl -s -o /dev/null -w '%{http_code}' -H 'Host: english.almayadeen.net' -H "$1" "http://127.0.0.1:$HTTP/news/politics/$2"; }
check_equal "what was not changed is not sent again" "$(again "If-None-Match: $tag" f1)" 304
check_equal "what has another tag is" "$(again 'If-None-Match: W/"other"' f1)" 200
check_equal "not since then" "$(again 'If-Modified-Since: Tue, 06 Jan 2026 00:00:00 GMT' f1)" 304
check_equal "but since then" "$(again 'If-Modified-Since: Mon, 05 Jan 2026 00:00:00 GMT' f1)" 200
for line in "at +1h publish" "at +1h edit nobody typo" "at noon publish x" \
    "at +1h publish x colour=red" "from +2h to +1h outage" "from +1h to +2h rain" \
    'at +1h publish x headline="open' "at +1h paint x"; do
	echo "$line" >wrong
	"$BUILD/site" "$TOP/plugins/almayadeen/fixtures/en" --truth wrong >wrong.out 2>&1
	check_equal "a scenario with \"$line\" is refused with its line" \
	    "$? $(grep -c 'wrong:1:' wrong.out)" "1 1"
done
for edition in "ar www.almayadeen.net/news/politics/f24 1241" \
    "es espanol.almayadeen.net/noticias/politica/f24 1242"; do
	set -- $edition
	if ! "$HOLDFAST" profile list 2>/dev/null | grep -q "almayadeen-$1"; then
		skip "F24 the $1 edition" "there is no profile for it"
		continue
	fi
	look "f24$1" "https://$2"
	check_equal "F24 the $1 edition is read as what it shows" "$(of "f24$1" "$3" $core)" \
	    "$(awk -F'\t' -v t="/${2#*/}" '$5 == t && $8 != "-" { print $8 }' site.log | tail -n 1)"
done
done_testing
