#!/bin/sh
# import of folders without record files: mirrors of wget and HTTrack, any
# files below a URL; each file a resource record that replays from the index.
. "$TOP/tests/system/lib.sh"
command -v jq >/dev/null || { skip "import" "jq is not installed"; done_testing; }

bytes() { wc -c <"$1" | tr -d ' '; }
report() { jq -e "$2" "$(newest "$1")/report.json" >/dev/null; }
listing() { cat "$(newest "$1")"/sources/1/files.jsonl; }

# replays COLLECTION FOLDER: every line of the listing gives the bytes of its
# file back, by URL through the index and by record id.
replays() {
	listing "$1" | jq -r '[.url, .path, .record, .date] | @tsv' >urls
	same=0
	while IFS="$(printf '\t')" read -r url path record _; do
		"$HOLDFAST" cat -C "$1" "$record" >body 2>/dev/null &&
		    cmp -s body "$2/$path" &&
		    "$HOLDFAST" show -C "$1" "$url" >/dev/null 2>&1 &&
		    same=$((same + 1))
	done <urls
	check_equal "all files of $2 replay as they were" $same "$(wc -l <urls | tr -d ' ')"
	check "and there are some" [ $same -gt 3 ]
}

# Any files below a URL.
mkdir -p files/a/b
echo '<!DOCTYPE html><title>x</title>' >files/index.html
echo 'body { color: red }' >files/a/style.css
printf '\211PNG\r\n\032\n1234567890' >files/a/b/picture
echo 'plain' >'files/a/100% of it?.txt'
echo 'more' >files/a/more.txt
touch -d 2020-01-02T03:04:05Z files/a/more.txt
check_code "a folder of any files needs to be explained" 3 \
    "$HOLDFAST" import -C f files
cp check.out said
check "and it is said how" grep -q -e '--base-url' said
check_code "--from files without --base-url" 2 \
    "$HOLDFAST" import -C f --from files files
check_code "a base that is no URL of the web" 2 \
    "$HOLDFAST" import -C f --base-url ftp://example.org/ files
check_code "a dry run" 0 "$HOLDFAST" import -C f --dry-run \
    --base-url http://example.org/x files
check "makes nothing" [ -z "$(find f/snapshots -mindepth 3 2>/dev/null)" ]
check_code "any files below a URL" 0 \
    "$HOLDFAST" import -C f --base-url http://example.org/x files
check_code "which verify" 0 "$HOLDFAST" verify -C f
check_code "and can be indexed anew" 0 "$HOLDFAST" rebuild all -C f
replays f files
check "the report says how" report f '.run.files[0].folder.layout == "files" and
    .run.files[0].folder.base_url == "http://example.org/x/" and
    .run.files[0].imported == 5'
check_equal "names become URLs" \
    "$(listing f | jq -r 'select(.path | test("100")) | .url')" \
    'http://example.org/x/a/100%25%20of%20it%3F.txt'
check_equal "dates are those of the files" \
    "$(listing f | jq -r 'select(.path == "a/more.txt") | .date')" \
    2020-01-02T03:04:05Z
check_equal "types by name or by first bytes" \
    "$(listing f | jq -r '.type' | sort | tr '\n' ' ')" \
    'image/png text/css text/html text/plain text/plain '
check "where each came from stands in its record" sh -c "'$HOLDFAST' cat -C f \
    --headers http://example.org/x/a/more.txt | \
    grep -q '^WARC-Source-URI: file:///files/a/more.txt'"
check_code "again: nothing new" 24 "$HOLDFAST" import -C f \
    --fail-if-unchanged --base-url http://example.org/x files
echo 'new' >files/a/new.txt
check_code "one file more" 0 \
    "$HOLDFAST" import -C f --base-url http://example.org/x files
check "is the only one that is copied" report f '.run.files[0].imported == 1 and
    .run.files[0].in_collection == 5'
check_code "and all of it verifies" 0 "$HOLDFAST" verify -C f

# What is no plain file.
mkdir -p odd/sub
echo fine >odd/fine.txt
ln -s /etc/passwd odd/link
ln -s .. odd/sub/up
mkfifo odd/pipe
echo odd >"odd/back\\slash"
check_code "links, pipes and odd names are left out" 8 \
    "$HOLDFAST" import -C o --base-url http://example.org/ odd
cp check.out said
check_equal "each is named" "$(grep -c unfit said)" 5
check "in the report too" report o '(.run.files[0].left_out | length) == 4 and
    .run.files[0].imported == 1'
check "nothing of what they lead to is there" sh -c \
    "! gzip -dc '$(newest o)'/records/*.gz | grep -q root:"
check_code "the rest verifies" 0 "$HOLDFAST" verify -C o
"$HOLDFAST" init -C odd/c >/dev/null 2>&1
check_code "a folder that holds the collection" 2 \
    "$HOLDFAST" import -C odd/c --base-url http://example.org/ odd

# Mirrors of the fixture site.
start_site
story=http://127.0.0.1:$HTTP/news/politics/story-1
if command -v wget >/dev/null; then
	wget -q -r -l 1 -p --header 'Host: english.almayadeen.net' -P w \
	    "$story" "http://127.0.0.1:$HTTP/assets/style.css?v=2"
	check_code "a mirror of wget is known by its folders" 0 \
	    "$HOLDFAST" import -C w1 w
	check_code "it verifies" 0 "$HOLDFAST" verify -C w1
	replays w1 w
	check "the page is at its URL" "$HOLDFAST" show -C w1 "$story"
	check "a query is one" "$HOLDFAST" show -C w1 \
	    "http://127.0.0.1:$HTTP/assets/style.css?v=2"
	check "and says of what" report w1 \
	    '.run.files[0].folder.layout == "wget"'
	check "the index of a folder is its URL" sh -c "! [ -e 'w/127.0.0.1:$HTTP/index.html' ] ||
	    '$HOLDFAST' show -C w1 'http://127.0.0.1:$HTTP/'"
	check_code "--scheme" 0 "$HOLDFAST" import -C w2 --scheme https w
	check "is obeyed" "$HOLDFAST" show -C w2 \
	    "https://127.0.0.1:$HTTP/news/politics/story-1"
	wget -q -r -l 1 -p -k -K -E --header 'Host: english.almayadeen.net' \
	    -P wk "$story"
	check_code "one with links converted" 0 "$HOLDFAST" import -C w3 wk
	replays w3 wk
	"$HOLDFAST" cat -C w3 "$story" >body 2>/dev/null
	check "gives the page as it was fetched" cmp body \
	    "w/127.0.0.1:$HTTP/news/politics/story-1"
	check "and says what was left out" report w3 \
	    '[.run.files[0].left_out[].code] | index("converted") != null'
else
	skip "mirrors of wget" "wget is not installed"
fi
if command -v httrack >/dev/null; then
	httrack "$story" -O "$PWD/h" -r2 -q -%F '' -s0 -C1 \
	    --headers 'Host: english.almayadeen.net' --max-time=20 \
	    --disable-security-limits --sockets=4 --connection-per-second=20 \
	    >httrack.out 2>&1
	check_code "a mirror of HTTrack is known by its cache" 0 \
	    "$HOLDFAST" import -C h1 h
	check_code "it verifies" 0 "$HOLDFAST" verify -C h1
	replays h1 h
	check "the page is at its URL" "$HOLDFAST" show -C h1 "$story"
	check "its own list and log are kept" [ -s "$(newest h1)/sources/1/hts-cache/new.txt" ]
	check "what HTTrack said of the answer is told" sh -c \
	    "cat '$(newest h1)/sources/1/files.jsonl' | \
	    jq -e 'select(.log.status != \"200\")' | wc -l | grep -q '^0$'"
else
	skip "mirrors of HTTrack" "httrack is not installed"
fi
# The same by hand, wherever HTTrack is not: redirects, errors, odd lines.
mkdir -p hand/hts-cache hand/a.example/p
echo '<html>one' >hand/a.example/one.html
echo '<html>two' >hand/a.example/p/two.html
echo 'stray' >hand/a.example/stray.txt
echo own >hand/index.html
echo 'HTTrack3 launched on Sun, 22 Nov 2020 23:59:50 at http://a.example/' \
    >hand/hts-log.txt
{
	printf 'date\tsize\tflags\tstatuscode\tstatus\tMIME\tEtag\tURL\tlocalfile\t(from URL)\n'
	printf '23:59:55\t10/10\t---M--\t200\tadded\ttext/html\tetag:1\thttp://a.example/one\t/home/x/hand/a.example/one.html\t(from )\n'
	printf '00:00:05\t10/10\t---M--\t200\tadded\ttext/html\t\thttp://a.example/p/two?q=1\t/home/x/hand/a.example/p/two.html\t(from http://a.example/one)\n'
	printf '00:00:06\t0/0\t---M--\t302\terror\ttext/html\t\thttp://a.example/moved\t\t(from )\n'
	printf '00:00:07\t0/0\t---M--\t200\tadded\ttext/html\t\thttp://a.example/out\t/home/x/hand/../../etc/passwd\t(from )\n'
	printf 'a line of another kind\n'
} >hand/hts-cache/new.txt
check_code "a mirror made by hand" 8 "$HOLDFAST" import -C h2 hand
check_equal "its URLs and dates" \
    "$(listing h2 | jq -r '.url + " " + .date' | tr '\n' ' ')" \
    "http://a.example/one 2020-11-22T23:59:55Z http://a.example/p/two?q=1 2020-11-23T00:00:05Z "
check "what its list does not name is left out" report h2 \
    '[.run.files[0].left_out[] | select(.code == "url") | .path] == ["a.example/stray.txt"]'
check_code "it verifies" 0 "$HOLDFAST" verify -C h2

# All or nothing.
if strace -o /dev/null true 2>/dev/null; then
	# The leak checker cannot run under strace.
	export ASAN_OPTIONS=detect_leaks=0
	bad=0
	for call in fdatasync pwrite64 fsync renameat2; do
		for when in 1 2 4; do
			rm -rf k 2>/dev/null || { chmod -R u+w k; rm -rf k; }
			"$HOLDFAST" init -C k >/dev/null 2>&1
			strace -f -o trace -e trace=$call \
			    -e inject="$call:signal=KILL:when=$when" \
			    "$HOLDFAST" import -C k --base-url \
			    http://example.org/ files >out 2>&1
			"$HOLDFAST" recover -C k >out2 2>&1 &&
			    "$HOLDFAST" verify -C k >>out2 2>&1 &&
			    "$HOLDFAST" import -C k --base-url \
			    http://example.org/ files >>out2 2>&1 &&
			    "$HOLDFAST" verify -C k >>out2 2>&1 &&
			    [ "$("$HOLDFAST" ls -C k | wc -l)" -eq 1 ] &&
			    [ -z "$(find k/snapshots -name '*.open' -o -name '*.journal')" ] || {
				bad=$((bad + 1))
				echo "# kill at $call $when: $(tail -n 4 out2)"
			}
		done
	done
	check_equal "kill -9 at 12 writes: all or nothing, once" $bad 0
	rm -rf k2
	"$HOLDFAST" init -C k2 >/dev/null 2>&1
	strace -f -o trace -e trace=pwrite64 \
	    -e inject=pwrite64:error=ENOSPC:when=4+ "$HOLDFAST" import -C k2 \
	    --base-url http://example.org/ files >out 2>&1
	check_equal "a full disk: an error" $? 3
	check "which is named" grep -qi 'no space' out
	"$HOLDFAST" recover -C k2 >out 2>&1
	check "and nothing is left" [ -z "$(find k2/snapshots -mindepth 3)" ]
else
	skip "kill -9 and a full disk" "strace may not trace here"
fi
done_testing
