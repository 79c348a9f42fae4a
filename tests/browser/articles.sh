#!/bin/sh
# From outside: a real browser opens what export --articles made from the disk,
# with no server and no network: text and every picture show, nothing is asked
# for outside, nothing runs.
# shellcheck disable=SC2086 # SITE is a list of options
. "$TOP/tests/system/lib.sh"
. "$TOP/tests/browser/lib.sh"
name="a browser shows exported articles"
need_browser "$name" node jq ip
only_loopback "$name"
T=$BUILD/holdfast-test
cat >scenario <<'END'
start 2026-01-05T00:00:00Z
at +1m publish a1 edition=en section=news/politics headline="Harbor <img src=http://127.0.0.1:1/x onerror=alert(1)> meets" paragraphs=4 images=3 post=101 author="Al Mayadeen English"
at +2m publish b1 edition=ar section=news/politics headline="مجلس الميناء يجتمع" paragraphs=4 images=2 post=102 author="الميادين نت"
END
echo 1767600000 >clock
export HOLDFAST_TEST_CLOCK_FILE=clock
start_site --scenario scenario --clock clock --lifetime 120
"$T" init -C c --operator "City Archive" --contact mailto:web@archive.example \
    --site almayadeen-en --site almayadeen-ar >out 2>&1
timeout 100 "$T" run -C c --wait 0 $SITE >out 2>&1
check_code "the articles are exported" 0 "$T" export -C c --articles a
stop_all # the site that was captured is gone
timeout -k 1 70 node "$TOP/tests/browser/files.mjs" $browser "$PWD/profile" \
    "$BUILD/articles-" a/index.html a/articles/*101/index.html a/articles/*102/index.html >seen 2>err
check_equal "the browser shows the list and two articles" "$? $(cat err) $(wc -l <seen)" "0  3"
check_equal "every picture has a size" \
    "$(jq -r '"\(.images | length) \(.images | map(select(.width > 0)) | length)"' seen)" "2 2
3 3
2 2"
check_equal "nothing is asked for outside" "$(jq -c .outside seen | sort -u)" "[]"
check_equal "no script is there, the console is silent" "$(jq -c '[.scripts, .said]' seen | sort -u)" "[0,[]]"
check_equal "markup in a headline is its text" "$(jq -r .title seen | sed -n 2p)" \
    "Harbor <img src=http://127.0.0.1:1/x onerror=alert(1)> meets"
check_equal "languages and directions" "$(jq -r '"\(.lang) \(.dir)"' seen)" "en ltr
en ltr
ar rtl"
for id in 101 102; do
	jq -r '.article | .headline, .dek // empty, (.body[] | .text)' a/articles/*$id/article.json |
	    grep . | tr -s '[:space:]' ' ' | sed 's/ $//' >wanted
	jq -r --arg id "$id/index.html" 'select(.file | endswith($id)) | .text' seen | tr -s '[:space:]' ' ' >shown
	tr ' ' '\n' <wanted | grep . >words
	check_equal "every word of $id is on its page" "$(while read -r word; do
		grep -qF -e "$word" shown || echo "$word"; done <words)" ""
done
done_testing
