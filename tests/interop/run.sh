#!/bin/sh
# What we write is read by others, and what others write is read by us.
#
#	sh tests/interop/run.sh BUILD-FOLDER     (make interop)
#
# The peers are installed into build/interop by the ordinary clients of their
# registries; one that cannot be had is "not shown", with the reason. Lines
# are TAP; the last one counts. Ends with 1 when a check that was made failed.
set -u
TOP=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(cd "${1:?usage: tests/interop/run.sh BUILD-FOLDER}" && pwd) || exit 2
JWARC_VERSION=0.31.1
. "$TOP/tests/system/lib.sh"
peers=$TOP/build/interop
work=$peers/work
[ ! -e "$work" ] || chmod -R u+w "$work"
rm -rf "$work"
mkdir -p "$work" && cd "$work" || exit 2
LC_ALL=C
export LC_ALL
missing=0
failed=0

fail() { # as in lib.sh, and counted
	number=$((number + 1)) failed=$((failed + 1)) result=1
	echo "not ok $number - $1"
	shift
	for line in "$@"; do echo "# $line"; done
}
not_shown() { # NAME WHY
	missing=$((missing + 1))
	echo "not shown: $1: $2"
}

# ---- getting the peers ----

venv=$peers/venv/bin
if ! command -v python3 >/dev/null; then
	no_python="python3 is not installed"
elif [ -x "$venv/pip" ] || python3 -m venv "$peers/venv" >venv.out 2>&1; then
	no_python=
else
	no_python="python3 -m venv fails: $(tail -n 1 venv.out)"
	rm -rf "$peers/venv"
fi

# from_pypi PACKAGE COMMAND: is it there, or can it be had? Says why not.
from_pypi() {
	[ -z "$no_python" ] || { not_shown "$1" "$no_python"; return 1; }
	[ -x "$venv/$2" ] && return
	timeout 120 "$venv/pip" install -q --disable-pip-version-check "$1" >pip.out 2>&1
	[ -x "$venv/$2" ] && return
	not_shown "$1" "pip: $(grep -i error pip.out | tail -n 1)"
	return 1
}

jar=$peers/jwarc-$JWARC_VERSION.jar
from_maven() {
	command -v java >/dev/null || { not_shown jwarc "java is not installed"; return 1; }
	[ -s "$jar" ] && return
	command -v mvn >/dev/null || { not_shown jwarc "mvn is not installed"; return 1; }
	timeout 180 mvn -q -B -Dmaven.repo.local="$peers/m2" dependency:copy \
	    -Dartifact=org.netpreserve:jwarc:$JWARC_VERSION:jar \
	    -DoutputDirectory="$peers" >mvn.out 2>&1
	[ -s "$jar" ] && return
	not_shown jwarc "mvn: $(grep -i error mvn.out | head -n 1)"
	return 1
}

# ---- what they are to read ----

# An article of the fixture site, and the shapes of the raw-byte server but
# those whose heads are larger than other readers take.
make_snapshots() {
	start_site
	start_raw
	# shellcheck disable=SC2086 # SITE is a list of options
	check_code "an article is captured" 0 "$HOLDFAST" capture -q -C article $SITE \
	    https://english.almayadeen.net/news/politics/story-7
	"$BUILD/raw" --list | cut -f 1 | grep -v -e '^head-' -e '^fields-' |
	    sed "s|.*|http://127.0.0.1:$PLAIN/shape/&|" >shapes
	check_code "odd responses are captured" 7 "$HOLDFAST" capture -q -C odd \
	    --allow-address 127.0.0.0/8 --min-free 1M --robots=ignore --idle-timeout 3 -i shapes
	article=$(newest "$work/article")
	odd=$(newest "$work/odd")
	[ -n "$article" ] && [ -n "$odd" ] && return
	echo "Bail out! no snapshots"
	exit 1
}

# records FILE: how many it holds.
records() { gzip -dc "$1" | grep -ac '^WARC-Record-ID: '; }

# shapes_at FILE: offsets on standard input, names of the shapes there.
shapes_at() {
	jq -r 'select(.offset != null) | [.offset, .url] | @tsv' "$odd/outcomes.jsonl" |
	    sed 's|http.*/shape/||' >places
	awk 'NR == FNR { name[$1] = $2; next } { print ($1 in name) ? name[$1] : "offset-" $1 }' places - | sort -u
}

# ---- peers read ours ----

# Chunked: it digests the chunks' framing, too. Without a status line: it
# takes the first line for one.
check_warcio() {
	for f in "$article"/records/*.gz "$article"/derived/*.gz; do
		check "warcio check accepts $(basename "$(dirname "$f")") of the article" "$venv/warcio" check "$f"
		check_equal "warcio index finds every record in them" \
		    "$("$venv/warcio" index "$f" | wc -l)" "$(records "$f")"
	done
	"$venv/warcio" check -v "$odd"/records/*.gz >warcio.out
	check_equal "warcio check: every block digest of odd responses passes" \
	    "$(grep 'digest failed' warcio.out | grep -v 'payload digest failed')" ""
	grep -B 1 'payload digest failed' warcio.out | sed -n 's/.*offset \([0-9]*\) .*/\1/p' |
	    shapes_at >warcio.shapes
	check_equal "warcio check: payload digests differ only where known (chunked, no status line)" \
	    "$(grep -v -e chunked -e '^no-status-line' warcio.shapes)" ""
	check_equal "warcio index finds every odd record" \
	    "$("$venv/warcio" index "$odd"/records/*.gz | wc -l)" "$(records "$odd"/records/*.gz)"
}

# It takes a payload for something that only HTTP messages have; of a resource
# it is the whole block (WARC 1.1, 5.9 and 6.4).
check_fastwarc() {
	for f in "$article"/records/*.gz "$article"/derived/*.gz "$odd"/records/*.gz; do
		rm -f fastwarc.out
		check "fastwarc check accepts the blocks in ${f#"$work"/}" \
		    "$venv/fastwarc" check -q -o fastwarc.out "$f"
		check_equal "it has seen every record" "$(grep -c ': OK' fastwarc.out)" "$(records "$f")"
	done
	rm -f fastwarc.out
	"$venv/fastwarc" check -q -p -o fastwarc.out "$article"/records/*.gz
	gzip -dc "$article"/records/*.gz | tr -d '\r' |
	    awk '/^WARC-Type: / { type = $2 } /^WARC-Record-ID: / { print $2, type }' >types
	sed -n 's/: OK, PAYLOAD_FAIL$//p' fastwarc.out |
	    while read -r id; do grep -aF -e "$id" types; done >failing
	check_equal "fastwarc check: payload digests differ only where known (resource)" \
	    "$(grep -v ' resource$' failing)" ""
	check "fastwarc check: payloads of all responses of the article pass" \
	    [ "$(grep -c 'PAYLOAD_OK$' fastwarc.out)" -ge "$(grep -c ' response$' types)" ]
}

# Theirs has the short file name and no record id; of records under urn:
# addresses, which nobody looks up, each lists others; where there is no
# status line it takes a word for the status.
check_cdxj() { # SNAPSHOT NAME
	"$venv/cdxj-indexer" -s "$1"/records/*.gz | grep -v '^urn:' |
	    sed -E 's/"status": "([0-9]{1,2}|[^0-9"][^"]*)", //' >theirs
	grep -v '^urn:' "$1/index.cdxj" |
	    sed -e 's/, "id": "[^"]*"//' -e 's/"filename": "records\//"filename": "/' >ours
	check_equal "cdxj-indexer gives our $(wc -l <ours) index lines of $2, in the same order" "$(diff ours theirs)" ""
}

# Objects to what was cut off, to lengths and heads that are broken, and to
# these, which are allowed: a 304 with Content-Length, equal lengths in a
# list, chunk extensions.
jwarc_known='length-text length-huge length-overflow length-list-equal
	length-and-chunked length-twice-different length-cut length-reset
	close-reset not-modified-with-length chunked-extensions chunked-lf
	chunked-bad-size chunked-size-overflow chunked-cut-size chunked-cut-data
	chunked-cut-trailer chunked-no-last no-colon lower-case icy
	no-status-line no-status-line-dribble'

# Its exit code says nothing of wrong fields: no word of error may be there.
check_jwarc() {
	for f in "$article"/records/*.gz "$article"/derived/*.gz; do
		check_equal "jwarc validate has no objection to $(basename "$(dirname "$f")") of the article" \
		    "$(java -jar "$jar" validate "$f" 2>&1)" ""
	done
	java -jar "$jar" validate "$odd"/records/*.gz >jwarc.out 2>&1
	sed -n 's/.*offset \([0-9]*\) (.*/\1/p' jwarc.out | shapes_at >jwarc.shapes
	echo "$jwarc_known" | tr -s ' \t\n' '\n' | sort -u >jwarc.known
	check_equal "jwarc validate: objects only to odd responses that are known" \
	    "$(comm -23 jwarc.shapes jwarc.known)" ""
	check_equal "jwarc lists every record" \
	    "$(java -jar "$jar" ls "$article"/records/*.gz | wc -l)" "$(records "$article"/records/*.gz)"
}

# pywb shows the snapshot as it lies there, with our index.
check_pywb() {
	port=$((20000 + $$ % 20000))
	mkdir pywb
	cat >pywb/config.yaml <<-END
	collections:
	  c:
	    index_paths: $article/index.cdxj
	    archive_paths: $article/
	END
	(cd pywb && exec "$venv/wayback" -b 127.0.0.1 -p $port) >pywb.out 2>&1 &
	pids="$pids $!"
	tries=0
	until curl -s -o pywb.home "http://127.0.0.1:$port/c/" || [ $tries -ge 150 ]; do
		tries=$((tries + 1))
		sleep 0.2
	done
	if [ ! -s pywb.home ]; then
		not_shown pywb "does not start: $(tail -n 1 pywb.out)"
		return
	fi
	jq -r 'select(.outcome == "captured") | [.digest, .url] | @tsv' "$article/outcomes.jsonl" >kept
	while read -r digest url; do
		got=sha256:$(curl -s "http://127.0.0.1:$port/c/id_/$url" | sha256sum | cut -c 1-64)
		[ "$got" = "$digest" ] || echo "$url"
	done <kept >wrong
	check_equal "pywb shows all $(wc -l <kept) captured URLs through our index, byte for byte" "$(cat wrong)" ""
}

# ---- we read theirs ----

verify_theirs() { # NAME FILE
	check_code "verify reads what $1 wrote" 0 "$HOLDFAST" verify "$2"
	size=$(wc -c <"$2")
	head -c $((size - 20)) "$2" >"cut-${2##*/}"
	check_code "verify sees 20 bytes missing from its end" 23 "$HOLDFAST" verify "cut-${2##*/}"
}

check_wget() {
	page="http://127.0.0.1:$HTTP/news/politics/story-7"
	wget -q -p --delete-after -P files --warc-file=wget "$page" 2>wget.out
	wget -q -p --delete-after -P files --no-warc-compression --warc-file=wget-plain "$page" 2>wget.out
	[ -s wget.warc.gz ] && [ -s wget-plain.warc ] || { not_shown wget "$(tail -n 1 wget.out)"; return; }
	verify_theirs wget wget.warc.gz
	verify_theirs "wget without compression" wget-plain.warc
}

check_rewritten() {
	"$venv/warcio" recompress "$article"/records/*.gz warcio.warc.gz >warcio.out 2>&1
	verify_theirs "warcio from ours" warcio.warc.gz
}

make_snapshots
if from_pypi warcio warcio; then
	check_warcio
	check_rewritten
fi
from_pypi fastwarc fastwarc && check_fastwarc
if from_pypi cdxj-indexer cdxj-indexer; then
	check_cdxj "$article" "the article"
	check_cdxj "$odd" "odd responses"
fi
from_maven && check_jwarc
from_pypi pywb wayback && check_pywb
if command -v wget >/dev/null; then check_wget; else not_shown wget "not installed"; fi
stop_all
echo "1..$number"
echo "$((number - failed)) passed, $failed failed, $missing not shown"
exit $result
