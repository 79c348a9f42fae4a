#!/bin/sh
# From outside: ReplayWeb.page, as its authors ship it, opens what export --wacz
# made and shows the article with all its pictures. All of it happens in a
# network namespace that has nothing but loopback, and the site that was
# captured is gone by then: what shows comes out of the WACZ.
. "$TOP/tests/system/lib.sh"
. "$TOP/tests/browser/lib.sh"
replay=${REPLAYWEB:-$TOP/build/interop/replaywebpage/package}
name="ReplayWeb.page shows an exported article"
need_browser "$name" node jq unzip ip
if [ ! -s "$replay/sw.js" ]; then
	skip "$name" "ReplayWeb.page is not there; make interop gets it"
	done_testing
fi
only_loopback "$name"
check_equal "there is no network but loopback" "$(ip -o link | wc -l)" 1

start_site --lifetime 100
host=https://english.almayadeen.net/news/politics
"$HOLDFAST" init -C c --operator Test --contact mailto:test@example.test </dev/null >out 2>&1
for story in story-7 story-8; do
	# shellcheck disable=SC2086 # SITE is a list of options
	check_code "$story is captured" 0 "$HOLDFAST" capture -q -C c $SITE $host/$story
	# It knows captures by address and second; the second story repeats
	# pictures of the first (revisits), which lie in another of several WACZ.
	sleep 1.1
done
stop_all

# show NAME WACZ URL TIME: opened, looked at, a picture kept.
show() {
	rm -rf profile
	timeout -k 1 75 node "$TOP/tests/browser/replayweb.mjs" $browser \
	    "$PWD/profile" "$replay" "$PWD/$2" "$3" "$4" "$BUILD/replayweb-$1.png" \
	    >"$1.seen" 2>"$1.err"
	check_equal "$1: the page shows" "$? $(cat "$1.err")" "0 "
	jq -r .text "$1.seen" | tr -s '[:space:]' ' ' >"$1.text"
}

# holds NAME WACZ-WITH-PAGES URL: headline and every line of the text that the
# list of pages has are in the frame, and each image has a size.
holds() {
	unzip -p "$2" pages/pages.jsonl | jq -c --arg url "$3" 'select(.url == $url)' >page
	check_equal "$1: the list of pages has it once" "$(wc -l <page)" 1
	jq -r '.title, .text' page | while read -r line; do
		grep -qF -e "$line" "$1.text" || echo "$line"
	done >missing
	check_equal "$1: headline and all $(($(jq -r .text page | wc -l))) lines of the text are in the frame" \
	    "$(cat missing)" ""
	check "$1: there are pictures" jq -e '.images | length >= 10' "$1.seen"
	check_equal "$1: all $(jq '.images | length' "$1.seen") of them show" \
	    "$(jq -r '.images[] | select(.width == 0 or (.complete | not)) | .src' "$1.seen")" ""
	# What the page's own records say was captured for it, by its address.
	jq -r '.images[].src' "$1.seen" | sed 's|.*[0-9]\{14\}[a-z_]*/||' | sort -u >shown
	check_equal "$1: each is one that was captured with the page" "$(comm -23 shown captured)" ""
	check_equal "$1: the browser asked nobody else" "$(jq -r '.outside[]' "$1.seen")" ""
}

find c/snapshots -name outcomes.jsonl -exec jq -r 'select(.outcome == "captured") | .url' {} + |
    sort -u >captured
check_code "export --wacz" 0 "$HOLDFAST" export -C c --wacz plain.wacz
check_code "export --wacz --packed-index" 0 "$HOLDFAST" export -C c --wacz packed.wacz --packed-index
check_code "export --wacz --split" 0 "$HOLDFAST" export -C c --wacz several.wacz --split 1K
check_equal "several are made, and a list" "$(echo several*)" "several-00001.wacz several-00002.wacz several.json"
unzip -p plain.wacz pages/pages.jsonl | jq -r 'select(.url) | [(.ts | gsub("[^0-9]"; "")), .url] | @tsv' >pages
check_equal "two articles are listed" "$(wc -l <pages)" 2
while read -r time url; do
	case $url in
	*/story-7) show plain plain.wacz "$url" "$time"; holds plain plain.wacz "$url" ;;
	*)
		show packed packed.wacz "$url" "$time"
		holds packed packed.wacz "$url"
		show several several.json "$url" "$time"
		holds several several-00002.wacz "$url"
		;;
	esac
done <pages
check_equal "three pictures are kept" "$(find "$BUILD" -maxdepth 1 -name 'replayweb-*.png' -size +8k | wc -l)" 3
stop_all
done_testing
