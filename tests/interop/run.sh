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

warcat=$peers/cargo/bin/warcat
from_crates() {
	[ -x "$warcat" ] && return
	command -v cargo >/dev/null || { not_shown warcat "cargo is not installed"; return 1; }
	CARGO_TARGET_DIR=$peers/cargo-target timeout "${CARGO_TIMEOUT:-900}" cargo install -q --locked --root "$peers/cargo" --features bin warcat >cargo.out 2>&1
	[ -x "$warcat" ] && return
	not_shown warcat "cargo: $(grep -i error cargo.out | head -n 1 | grep . || echo "not built in ${CARGO_TIMEOUT:-900} s")"
	return 1
}

# from_go NAME MODULE: its programs, through the module proxy.
from_go() {
	[ -x "$peers/go/$1" ] && return
	command -v go >/dev/null || { not_shown "$1" "go is not installed"; return 1; }
	GOBIN=$peers/go GOPATH=$peers/gopath GOFLAGS=-modcacherw \
	    timeout 300 go install "$2@latest" >go.out 2>&1
	[ -x "$peers/go/$1" ] && return
	not_shown "$1" "go: $(tail -n 1 go.out | sed 's/^[[:space:]]*//')"
	return 1
}

# HTTrack as the distribution has it, unpacked beside the others.
httrack=$peers/httrack/usr/bin/httrack
from_apt() {
	command -v httrack >/dev/null && { httrack=$(command -v httrack); return; }
	[ -x "$httrack" ] && return
	(cd "$peers" && timeout 60 apt-get download -q httrack libhttrack2) >apt.out 2>&1
	for deb in "$peers"/*httrack*.deb; do
		[ ! -e "$deb" ] || dpkg -x "$deb" "$peers/httrack" >>apt.out 2>&1
	done
	[ -x "$httrack" ] && return
	not_shown httrack "apt-get: $(tail -n 1 apt.out)"
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
	# A host that shows a challenge is asked for nothing more: those have
	# hosts of their own.
	"$BUILD/raw" --list | cut -f 1 | grep -v -e '^head-' -e '^fields-' |
	    sed "/^challenge/s|.*|http://&.shape.test:$PLAIN/shape/&|
		/^http:/!s|.*|http://127.0.0.1:$PLAIN/shape/&|" >shapes
	hosts=$(sed -n 's|^http://\(challenge[^:]*\):.*|\1|p' shapes |
	    sed "s|.*|--connect-to &:$PLAIN:127.0.0.1:$PLAIN|")
	# shellcheck disable=SC2086 # a list of options
	"$HOLDFAST" capture -q -C odd $hosts --allow-address 127.0.0.0/8 \
	    --min-free 1M --robots=ignore --idle-timeout 3 -i shapes >out 2>&1
	check_equal "odd responses are captured" \
	    "$? $(jq -r 'select(.outcome == "not-tried") | .url' "$(newest odd)/outcomes.jsonl")" "18 "
	article=$(newest "$work/article")
	odd=$(newest "$work/odd")
	[ -n "$article" ] && [ -n "$odd" ] && return
	echo "Bail out! no snapshots"
	exit 1
}

# records FILE: how many it holds.
records() { gzip -dc "$@" | grep -ac '^WARC-Record-ID: '; }

# shapes_at FILE: offsets on standard input, names of the shapes there.
shapes_at() {
	jq -r 'select(.offset != null) | [.offset, .url] | @tsv' "$odd/outcomes.jsonl" |
	    sed 's|http.*/shape/||' >places
	awk 'NR == FNR { name[$1] = $2; next } { print ($1 in name) ? name[$1] : "offset-" $1 }' places - | sort -u
}

# ---- peers read ours ----

# chunked_responses FILE: "OFFSET URI" of each response whose last transfer
# coding says chunked, from its bytes alone.
chunked_responses() {
	gzip -dc "$1" | tr -d '\r' | awk '
	    /^WARC\/1/ { type = ""; uri = ""; head = 1; n++ }
	    head && /^WARC-Type: / { type = $2 }
	    head && /^WARC-Target-URI: / { uri = $2 }
	    /^$/ { if (head == 2) head = 0; if (head == 1) head = 2 }
	    head == 2 && type == "response" &&
	        tolower($0) ~ /^transfer-encoding:(.*,)? *chunked *$/ { print uri }'
}

# Payload digests are those of the content without the framing of chunks (RFC
# 9112, 7.1; WARC 1.1, 5.9); it digests the framing, too. Where no chunk can be
# read at all the framing is none. Heads without a status line are HTTP/0.9, all
# of which is payload; it takes the first line for one.
expected_warcio() { # FILE
	chunked_responses "$1" | sed 's|.*/shape/||' |
	    grep -v -e '^chunked-not$' -e '^chunked-size-overflow$'
	echo no-status-line
	echo no-status-line-dribble
}

check_warcio() {
	for f in "$article"/records/*.gz "$article"/derived/*.gz; do
		check "warcio check accepts $(basename "$(dirname "$f")") of the article" "$venv/warcio" check "$f"
		check_equal "warcio index finds every record in them" \
		    "$("$venv/warcio" index "$f" | wc -l)" "$(records "$f")"
	done
	for f in exported.warc.gz exported-00000.warc.gz; do
		rm -f exported*
		"$HOLDFAST" export -C article --warc exported.warc.gz latest $(
			[ $f = exported.warc.gz ] || echo --split 100K) >export.out
		check "warcio check accepts export --warc as $f" "$venv/warcio" check exported*.warc.gz
		check_equal "warcio index finds every record in it" \
		    "$("$venv/warcio" index exported*.warc.gz | wc -l)" "$(records exported*.warc.gz)"
	done
	"$venv/warcio" check -v "$odd"/records/*.gz >warcio.out
	check_equal "warcio check: every block digest of odd responses passes" \
	    "$(grep 'digest failed' warcio.out | grep -v 'payload digest failed')" ""
	grep -B 1 'payload digest failed' warcio.out | sed -n 's/.*offset \([0-9]*\) .*/\1/p' |
	    shapes_at >warcio.shapes
	expected_warcio "$odd"/records/*.gz | sort -u >warcio.expected
	check_equal "warcio check: payload digests differ on exactly the $(wc -l <warcio.expected) responses expected (chunked, no status line)" \
	    "$(diff warcio.expected warcio.shapes)" ""
	check_equal "warcio index finds every odd record" \
	    "$("$venv/warcio" index "$odd"/records/*.gz | wc -l)" "$(records "$odd"/records/*.gz)"
}

# It takes a payload for something that only HTTP messages have; of a resource
# it is the whole block (WARC 1.1, 5.9 and 6.4). Of a revisit the digest is that
# of the original's payload, which is not in the record (6.7.2).
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
	check_equal "fastwarc check: payload digests differ only where known (resource, revisit)" \
	    "$(grep -v -e ' resource$' -e ' revisit$' failing)" ""
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
		    "$(java -jar "$jar" validate "$f" 2>&1; echo $?)" 0
	done
	java -jar "$jar" validate "$odd"/records/*.gz >jwarc.out 2>&1
	sed -n 's/.*offset \([0-9]*\) (.*/\1/p' jwarc.out | shapes_at >jwarc.shapes
	echo "$jwarc_known" | tr -s ' \t\n' '\n' | sort -u >jwarc.known
	# How much of this one arrives before the reset is a matter of luck.
	sed -i '/^close-reset$/d' jwarc.known jwarc.shapes
	check_equal "jwarc validate: objects to exactly the $(wc -l <jwarc.known) odd responses that are known" \
	    "$(diff jwarc.known jwarc.shapes)" ""
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

# It checks fields, references, blocks and payloads; a line a problem. Derived
# records refer to responses in another file: joined they are all there.
check_warcat() {
	cat "$article"/records/*.gz "$article"/derived/*.gz >joined.warc.gz
	check_equal "warcat verify finds no problem in the article's records" \
	    "$("$warcat" verify --format jsonl --input joined.warc.gz 2>&1; echo "exit $?")" "exit 0"
}

check_go() { # PROGRAM ARGUMENT...
	for f in "$article"/records/*.gz "$article"/derived/*.gz; do
		check "$1 accepts $(basename "$(dirname "$f")") of the article" "$peers/go/$@" "$f"
	done
}

# ---- we read theirs ----

# Our index of their file beside cdxj-indexer's.
index_theirs() { # NAME FILE
	[ -x "$venv/cdxj-indexer" ] || { not_shown "index of $1" "cdxj-indexer is not there"; return; }
	if ! "$HOLDFAST" index --help >index.out 2>&1; then
		not_shown "index of $1" "this program has no verb index"
		return
	fi
	"$venv/cdxj-indexer" -s "$2" >theirs
	"$HOLDFAST" index "$2" >ours
	check_equal "index of what $1 wrote has cdxj-indexer's $(wc -l <theirs) lines" "$(diff ours theirs)" ""
}

verify_theirs() { # NAME FILE
	check_code "verify reads what $1 wrote" 0 "$HOLDFAST" verify "$2"
	size=$(wc -c <"$2")
	head -c $((size - 20)) "$2" >"cut-${2##*/}"
	check_code "verify sees 20 bytes missing from its end" 23 "$HOLDFAST" verify "cut-${2##*/}"
	index_theirs "$1" "$2"
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

# It writes while it proxies; files are whole when it has ended. It refuses to
# fetch from the machine it runs on unless its class is told otherwise.
check_warcprox() {
	port=$((20000 + $$ % 20000 + 1))
	"$venv/python" -c 'import sys, warcprox.main, warcprox.warcproxy
warcprox.warcproxy.WarcProxyHandler.allow_localhost = True
warcprox.main.main(["warcprox"] + sys.argv[1:])' -q -p $port -b 127.0.0.1 -d warcprox -z \
	    --stats-db-file=stats.sqlite --dedup-db-file=dedup.sqlite >warcprox.out 2>&1 &
	proxy=$!
	pids="$pids $proxy"
	tries=0
	until curl -s -o warcprox.page -x "http://127.0.0.1:$port" "http://127.0.0.1:$HTTP/news/politics/story-7" ||
	    [ $tries -ge 100 ]; do
		tries=$((tries + 1))
		sleep 0.2
	done
	# Twice: the second is a revisit.
	curl -s -o warcprox.page -x "http://127.0.0.1:$port" "http://127.0.0.1:$HTTP/news/politics/story-7"
	curl -s -o warcprox.page -x "http://127.0.0.1:$port" "http://127.0.0.1:$PLAIN/shape/chunked"
	sleep 2
	kill -INT $proxy
	wait $proxy
	for f in warcprox/*.warc.gz; do
		[ -e "$f" ] || { not_shown warcprox "wrote nothing: $(tail -n 1 warcprox.out)"; return; }
		verify_theirs warcprox "$f"
	done
}

# What warcio itself writes: capture_http around Python's own client.
check_warcio_writes() {
	cat >capture.py <<-END
	from warcio.capture_http import capture_http
	import requests
	with capture_http('captured.warc.gz', warc_version='1.1'):
	    for page in ('$HTTP/news/politics/story-7', '$PLAIN/shape/chunked', '$PLAIN/shape/coding-gzip'):
	        requests.get('http://127.0.0.1:' + page)
	END
	"$venv/python" -c 'import requests' 2>/dev/null ||
	    timeout 120 "$venv/pip" install -q --disable-pip-version-check requests >pip.out 2>&1
	"$venv/python" capture.py >capture.out 2>&1
	[ -s captured.warc.gz ] || { not_shown "warcio capture_http" "$(tail -n 1 capture.out)"; return; }
	verify_theirs "warcio capture_http" captured.warc.gz
}

check_httrack() {
	LD_LIBRARY_PATH=$(dirname "$(find "$peers/httrack" -name 'libhttrack.so*' 2>/dev/null | head -n 1)")
	export LD_LIBRARY_PATH
	if ! "$httrack" --help 2>/dev/null | grep -q -e '--warc'; then
		not_shown httrack "$("$httrack" --version 2>&1 | head -n 1) writes no WARC"
	else
		"$httrack" "http://127.0.0.1:$HTTP/news/politics/story-7" -O ht --warc -r2 -q >httrack.out 2>&1
		for f in $(find ht -name '*.warc.gz'); do verify_theirs httrack "$f"; done
	fi
	unset LD_LIBRARY_PATH
}

# The same page twice: the second becomes a revisit that they follow.
check_dedup() {
	page="http://127.0.0.1:$HTTP/news/politics/story-7"
	wget -q -O /dev/null --warc-file=once "$page" 2>wget.out
	sleep 1.1 # pywb tells captures apart by their second
	wget -q -O /dev/null --warc-file=twice "$page" 2>wget.out
	[ -s once.warc.gz ] && [ -s twice.warc.gz ] || { not_shown "dedup" "$(tail -n 1 wget.out)"; return; }
	mkdir -p deduped
	check "dedup of two captures by wget" sh -c "'$HOLDFAST' dedup --json \
	    -o deduped/d.warc.gz once.warc.gz twice.warc.gz | jq -e '.revisits == 1'"
	verify_theirs "wget, deduplicated by us," deduped/d.warc.gz
	if from_pypi warcio warcio; then
		check "warcio check accepts our revisit" "$venv/warcio" check deduped/d.warc.gz
	fi
	from_pypi cdxj-indexer cdxj-indexer || return
	"$venv/cdxj-indexer" -s deduped/d.warc.gz >deduped/d.cdxj
	grep 'story-7' deduped/d.cdxj | sed 's/.*"digest": "\([^"]*\)".*/\1/' >digests
	check_equal "cdxj-indexer sees a revisit with the digest of its original" \
	    "$(grep -c 'warc/revisit' deduped/d.cdxj) $(wc -l <digests) $(sort -u digests | wc -l)" "1 2 1"
	from_pypi pywb wayback && pywb_follows "$page"
}

pywb_follows() { # URL
	port=$((30000 + $$ % 20000))
	mkdir -p deduped/pywb
	cat >deduped/pywb/config.yaml <<-END
	collections:
	  c:
	    index_paths: $work/deduped/d.cdxj
	    archive_paths: $work/deduped/
	END
	(cd deduped/pywb && exec "$venv/wayback" -b 127.0.0.1 -p $port) >pywb2.out 2>&1 &
	pids="$pids $!"
	tries=0
	until curl -s -o pywb2.home "http://127.0.0.1:$port/c/" || [ $tries -ge 150 ]; do
		tries=$((tries + 1))
		sleep 0.2
	done
	[ -s pywb2.home ] || { not_shown "pywb on revisits" "$(tail -n 1 pywb2.out)"; return; }
	curl -s "$1" >live
	for time in $(grep 'story-7' deduped/d.cdxj | cut -d' ' -f2); do
		curl -s "http://127.0.0.1:$port/c/${time}id_/$1" | cmp - live
	done >differ 2>&1
	check_equal "pywb gives the page for the original and for our revisit" "$(cat differ)" ""
}

# Damaged files of others, repaired: warcio reads each to its end, finds as many
# records as we say, and no block that differs but those we named.
check_repaired() {
	if [ -z "${CORPORA:-}" ]; then
		not_shown "repaired files" "CORPORA is not set"
		return
	fi
	mkdir repaired
	find "$CORPORA" -type f \( -name '*.warc' -o -name '*.warc.gz' -o \
	    -name '*.open' -o -name '*.bad' \) | sort >damaged
	hurt=0
	while read -r file; do
		"$HOLDFAST" repair "$file" -o repaired/one.warc.gz --json >repair.out 2>&1
		code=$?
		if [ -e repaired/one.warc.gz ] && { [ $code = 23 ] || [ $code = 10 ]; }; then
			hurt=$((hurt + 1))
			"$venv/warcio" index repaired/one.warc.gz >index.out 2>&1
			"$venv/warcio" check -v repaired/one.warc.gz >warcio.out 2>&1
			check_equal "warcio reads what is saved of $(basename "$file")" \
			    "$(grep -c '^{' index.out) $(grep -c 'saw exception' warcio.out)" \
			    "$(jq -r 'select(.summary) | .records' repair.out) 0"
			# It does not look at the blocks of revisits, and takes
			# upper-case hex for another value.
			theirs=$(grep 'digest failed' warcio.out | grep -vc 'payload digest failed')
			case $file in */invalid-warcfile-digest-fields.warc) theirs=$((theirs - 1)) ;; esac
			check "it finds no other block changed" [ "$theirs" -le \
			    "$(jq -r 'select(.summary) | .changed' repair.out)" ]
		fi
		rm -f repaired/*
	done <damaged
	check_equal "damaged files were there" "$([ $hurt -gt 10 ] && echo yes)" yes
}

. "$TOP/tests/interop/bagit.sh"

# The slow ones before the servers start, which live for some minutes only.
from_crates && have_warcat=1
from_go warchaeology github.com/nationallibraryofnorway/warchaeology/v3 && have_warchaeology=1
from_go warc github.com/internetarchive/gowarc/cmd/warc && have_gowarc=1
from_apt && have_httrack=1
from_pypi cdxj-indexer cdxj-indexer && have_indexer=1
make_snapshots
if from_pypi warcio warcio; then
	check_warcio
	check_rewritten
	check_warcio_writes
	check_repaired
fi
from_pypi fastwarc fastwarc && check_fastwarc
if [ -n "${have_indexer:-}" ]; then
	check_cdxj "$article" "the article"
	check_cdxj "$odd" "odd responses"
	index_theirs "an article of ours" "$(echo "$article"/records/*.gz)"
fi
from_maven && check_jwarc
from_pypi pywb wayback && check_pywb
[ -z "${have_warcat:-}" ] || check_warcat
[ -z "${have_warchaeology:-}" ] || check_go warchaeology validate
[ -z "${have_gowarc:-}" ] || check_go warc verify
from_pypi bagit bagit.py && check_bagit
from_pypi warcprox warcprox && check_warcprox
. "$TOP/tests/interop/wacz.sh"
. "$TOP/tests/interop/tar.sh"
check_tar
if command -v wget >/dev/null; then check_wget; check_dedup; else not_shown wget "not installed"; fi
[ -z "${have_httrack:-}" ] || check_httrack
stop_all
echo "1..$number"
echo "$((number - failed)) passed, $failed failed, $missing not shown"
exit $result
