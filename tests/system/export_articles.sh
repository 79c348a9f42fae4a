#!/bin/sh
# export --articles: what people read with a browser alone, and where each file
# of it comes from.
# shellcheck disable=SC2086 # SITE is a list of options
. "$TOP/tests/system/lib.sh"
command -v jq >/dev/null || { skip "articles" "jq is not installed"; done_testing; }
T=$BUILD/holdfast-test
export HOLDFAST_TEST_CLOCK_FILE=clock
base=1767571200 # 2026-01-05T00:00:00Z
at_hour() { echo $((base + $1 * 3600)) >clock.new; mv clock.new clock; }
cat >scenario <<'END'
start 2026-01-05T00:00:00Z
at +1m publish a1 edition=en section=news/politics slug=story-1 headline="Harbor <script>alert(1)</script> \" & 'council' meets" paragraphs=4 images=2 post=101 author="Al Mayadeen English" source="Agencies"
at +2m publish b1 edition=ar section=news/politics headline="مجلس الميناء يجتمع" paragraphs=4 images=1 post=102 author="الميادين نت"
at +3m publish a2 edition=en section=news/politics slug=story-2 headline="No pictures at all" paragraphs=2 images=0 post=103
at +4h edit a1 typo n=1
END
at_hour 1
start_site --scenario scenario --clock clock --lifetime 120
"$T" init -C c --operator "City <b>Archive</b>" --contact mailto:web@archive.example \
    --site almayadeen-en --site almayadeen-ar >out 2>&1
for hour in 1 2 6; do
	at_hour $hour
	timeout 100 "$T" run -C c --wait 0 $SITE >out 2>&1
done
check_equal "three articles are there, the edited one twice" \
    "$(cat c/snapshots/*/*/*/articles.jsonl | jq -r .article.article_id | sort | uniq -c | sed 's/^ *//')" \
    "1 almayadeen-ar:102
2 almayadeen-en:101
1 almayadeen-en:103"
check_code "articles in a folder" 0 "$T" export -C c --articles out.d --json
cp check.out said
check_equal "the summary has every file" "$(jq -r '"\(.kind) \(.files)"' said)" \
    "articles $(find out.d -type f | wc -l)"

english=$(find c/snapshots -name '*-en' | sort | tail -n 1) # where the edit is

# ---- the folder ----

one=$(find out.d/articles -maxdepth 1 -name '*almayadeen-en-101')
arabic=$(find out.d/articles -maxdepth 1 -name '*almayadeen-ar-102')
check_equal "a folder for each, with date, words and id" "$(ls out.d/articles)" \
    "2026-01-05-harbor-script-alert-1-script-council-meets-almayadeen-en-101
2026-01-05-no-pictures-at-all-almayadeen-en-103
2026-01-05-مجلس-الميناء-يجتمع-almayadeen-ar-102"
check "the manifest has every file" sh -c 'cd out.d && sha256sum --quiet -c manifest-sha256.txt &&
    [ "$(find . -type f ! -name manifest-sha256.txt | sed "s|^\./||" | sort)" = "$(cut -c 67- manifest-sha256.txt | sort)" ]'
check_equal "the derived block, byte for byte" \
    "$(jq -r .derived_block_digest "$one/provenance.json")" "sha256:$(sha256sum <"$one/article.json" | cut -c 1-64)"
check "which is in the snapshot of the edit" sh -c 'gzip -dc "$1"/derived/*.gz | grep -aqF "$(cat "$0")"' "$one/article.json" "$english"
check_equal "the text as article gives it" \
    "$("$T" article -C c almayadeen-en:103)" "$(cat "$(dirname "$one")"/*-103/article.txt)"
check_equal "the earlier capture that said something else" \
    "$(ls "$one/versions") $(jq -r '[.other_captures[] | .file] | join(" ")' "$one/provenance.json")" \
    "20260105T010000Z.json versions/20260105T010000Z.json"
check_equal "it is the other one" "$(jq -r .binding.response_record "$one/versions/20260105T010000Z.json")" \
    "$(jq -r '.other_captures[0].record' "$one/provenance.json")"
check_equal "pictures under their names" "$(ls "$one/images" | sed 's/-.*\././')" "01.png
02.png"

# ---- where it comes from, followed by hand ----

jq -r '.. | objects | select(.file? and .warc?) | [.file, .warc, .offset, .payload_digest, .sha256, .decoded // "-"] | @tsv' \
    "$one/provenance.json" >places
while IFS="$(printf '\t')" read -r file warc offset payload sha256 decoded; do
	[ "$(sha256sum <"$one/$file" | cut -c 1-64)" = "$sha256" ] || echo "$file is another"
	[ "$decoded" != - ] || [ "$payload" = "sha256:$sha256" ] || echo "$file is not the payload"
	tail -c +$((offset + 1)) "c/$warc" | gzip -dc 2>/dev/null | head -c 2000 |
	    tr -d '\r' | grep -aqF "WARC-Payload-Digest: $payload" || echo "$file: no such record"
done <places >wrong
check_equal "each of $(wc -l <places) files leads to its record" "$(cat wrong) $(wc -l <places)" " 3"
check_equal "and to the manifest of its snapshot" \
    "$(jq -r '.page | .snapshot_manifest_sha256 + " " + .snapshot' "$one/provenance.json")" \
    "$(cd c && sha256sum "${english#c/}/manifest-sha256.txt" | sed 's/  / /; s|/manifest-sha256.txt||')"

# ---- our pages ----

check_equal "no page of ours has a script, a frame or a handler in it" \
    "$(grep -lEi '<(script|iframe|object|embed|link|form)|javascript:| on[a-z]+=' out.d/index.html out.d/articles/*/index.html)" ""
check "what looks like one is text" grep -q 'Harbor &lt;script&gt;alert(1)&lt;/script&gt;' "$one/index.html"
check "the operator's markup, too" grep -q 'City &lt;b&gt;Archive&lt;/b&gt;' out.d/index.html
check_equal "every page forbids it besides" \
    "$(grep -LF "default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'" out.d/index.html out.d/articles/*/index.html)" ""
check_equal "nothing is loaded from elsewhere" \
    "$(grep -ohE '(src|srcset|url\()[= "]+https?:' out.d/index.html out.d/articles/*/index.html)" ""
check_equal "no page of ours leads to the captured one" "$(grep -l 'href="[^"]*page.html' out.d/index.html out.d/articles/*/index.html)" ""
check "Arabic from the right" grep -q '<html lang="ar" dir="rtl">' "$arabic/index.html"
check_equal "the latest first" "$(grep -o 'almayadeen-[a-z]*-10[0-9]/index.html' out.d/index.html | grep -o '10[0-9]')" "103
102
101"
(cd out.d && find . -type f | sed 's|^\./||' | jq -rR @uri | sed 's/%2F/\//g' | sort) >files
for page in out.d/index.html out.d/articles/*/index.html; do
	base=$(echo "${page#out.d/}" | sed 's|[^/]*$||' | jq -rR @uri | sed 's/%2F/\//g')
	grep -oE '(src|href)="[^"]*"' "$page" | sed 's/.*="//; s/"$//' | grep -v '^https:' |
	    sed "s|^|$base|; s|^articles/[^/]*/\.\./\.\./||"
done | sort -u >led
check_equal "every one of $(wc -l <led) references leads to a file" "$(comm -23 led files)" ""

# ---- the same bytes; a tar; nothing half done ----

cp -a c other
HOLDFAST_TEST_CLOCK_FILE='' "$HOLDFAST" export -C other --articles other.d >out 2>&1
check "the same on another day" diff -r out.d other.d
for end in tar tar.gz tar.zst; do
	check_code "in a $end" 0 "$T" export -C c --articles "a.$end"
	mkdir "un.$end"
	case $end in
	tar.zst) command -v zstd >/dev/null && zstd -qdc a.tar.zst | tar -xf - -C "un.$end" ;;
	*) tar -xf "a.$end" -C "un.$end" ;;
	esac
	[ -z "$(ls "un.$end")" ] || check "the same files in it" diff -r "un.$end/a" out.d
done

# ---- verified by its manifest; it is no snapshot ----

for one_of in out.d a.tar a.tar.gz; do
	check_code "verify of $one_of" 0 "$T" verify "$one_of"
	cp check.out last.out
	check "says by what" grep -q "^note package $one_of:0 - no snapshot: its files, $(wc -l <out.d/manifest-sha256.txt)," last.out
done
bad() { # WHAT CODE SAID COMMAND
	rm -rf bad.d && cp -r out.d bad.d
	(cd bad.d && sh -c "$4")
	check_code "$1" "$2" "$T" verify bad.d
	cp check.out last.out
	check "is told" grep -q "^$3" last.out
	tar -cf bad.tar bad.d
	check_code "in a tar, too" "$2" "$T" verify bad.tar
}
bad "a changed file" 10 "changed manifest-digest bad.d/index.html" 'echo >>index.html'
check_code "at --level quick, too" 10 "$T" verify --level quick bad.d
bad "one more" 10 "changed file-extra bad.d/articles/x" 'echo >articles/x'
bad "one less" 10 "changed file-missing bad.d/articles/.*page.html" 'rm articles/*101/page.html'
bad "a link in place of one" 10 "changed file-missing bad.d/articles/.*page.html" \
    'rm articles/*101/page.html; ln -s /etc/passwd articles/"$(ls articles | head -n 1)"/page.html'
bad "a manifest that does not read" 10 "changed manifest bad.d/manifest-sha256.txt" "sed -i 's/^/ /' manifest-sha256.txt"
bad "a manifest alone" 10 "changed file-missing" 'rm -r articles'

check_code "one snapshot alone" 0 "$T" export -C c --articles few "$(basename "$english")"
check_equal "has what it read" "$(ls few/articles)" "$(basename "$one")"
check_equal "pictures of earlier snapshots come along" "$(ls "few/articles/$(basename "$one")/images" | wc -l)" 2
check_code "what is there stays" 2 "$T" export -C c --articles out.d
check_code "a zip is none" 2 "$T" export -C c --articles a.zip
# ---- a page that comes compressed ----

if command -v python3 >/dev/null; then
	cp "$one/page.html" coded.html
	cat >coded.py <<-'END'
	import gzip, http.server
	body = gzip.compress(open("coded.html", "rb").read(), mtime=0)
	class Coded(http.server.BaseHTTPRequestHandler):
	    def do_GET(self):
	        is_page = "/news/" in self.path
	        self.send_response(200 if is_page else 404)
	        self.send_header("Content-Type", "text/html; charset=utf-8")
	        if is_page:
	            self.send_header("Content-Encoding", "gzip")
	        self.send_header("Content-Length", str(len(body) if is_page else 0))
	        self.end_headers()
	        if is_page:
	            self.wfile.write(body)
	server = http.server.HTTPServer(("127.0.0.1", 0), Coded)
	open("coded.port", "w").write("%d\n" % server.server_port)
	server.serve_forever()
	END
	python3 coded.py 2>coded.err &
	pids="$pids $!"
	wait_for coded.port
	"$T" capture -C coded --connect-to "english.almayadeen.net:80:127.0.0.1:$(cat coded.port)" $SITE \
	    http://english.almayadeen.net/news/politics/story-1 >coded.out 2>&1
	check_code "an article whose page came in gzip" 0 "$T" export -C coded --articles decoded
	check "its page is decoded" cmp coded.html decoded/articles/*/page.html
	check_equal "and it is said so" "$(jq -r '.page | "\(.decoded) \(.sha256)"' decoded/articles/*/provenance.json)" \
	    "gzip $(sha256sum <coded.html | cut -c 1-64)"
else
	skip "a page that came in gzip" "python3 is not installed"
fi

# ---- what is not to be shown ----

check_code "a page withdrawn" 0 "$T" withdraw -C c --until 2030-01-01 --reason "by order" --by Judge \
    "$(jq -r .url "$one/provenance.json")" --all-captures
"$T" export -C c --articles left >out 2>&1
check_equal "is not exported" "$? $(find . -name '*101' -path './left*')" "2 "
chmod -R u+w other/snapshots
printf '\377\377\377' | dd of="other/$(jq -r .page.warc "$one/provenance.json")" bs=1 \
    seek=$(($(jq .page.offset "$one/provenance.json") + 300)) conv=notrunc 2>/dev/null
"$T" export -C other --articles broken >out 2>&1
check_equal "bytes that were changed are not shown" "$? $(ls -d broken* 2>/dev/null)" "10 "
check_equal "nothing half done is left" "$(find . -name '*.tmp')" ""
done_testing
