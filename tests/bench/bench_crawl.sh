#!/bin/sh
# Crawling a whole site beside wget and HTTrack: the same site from the same
# nginx on loopback, in turns; medians. nginx's log is the judge.
#
#	sh tests/bench/bench_crawl.sh [BUILD-FOLDER [WORKLOAD...]]
#
# Workloads (all of them when none is named):
#	cap1   8,232 URLs from "/", at most 6 connections, no pause
#	cap1p  the same, and the 2,000 articles read by a profile
#	cap2   the second edition after the first: 2,082 pages have changed and
#	       are captured again, with all they show
#	cap3   400 URLs of a server that answers after 50 ms
#	cap4   one record of 1 GiB
# Environment: ARTICLES (2000), REPEATS (3), PEERS (wget wget-gzip httrack),
# TMPDIR (needs 4 GB).
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:-$top/build/release}" && pwd) || exit 2
[ $# -eq 0 ] || shift
workloads=${*:-cap1 cap1p cap2 cap3 cap4}
repeats=${REPEATS:-3}
peers=${PEERS-wget wget-gzip httrack}
articles=${ARTICLES:-2000}
for tool in nginx awk /usr/bin/time; do
	command -v "$tool" >/dev/null || { echo "bench_crawl: needs $tool"; exit 2; }
done
work=$(mktemp -d "${TMPDIR:-/tmp}/bench_crawl.XXXXXX") || exit 2
slow=
finish() {
	[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null
	[ -z "$slow" ] || kill "$slow" 2>/dev/null
	chmod -R u+w "$work"
	rm -rf "$work"
}
. "$top/tests/bench/nginx.sh"
trap finish EXIT
trap 'exit 1' INT TERM
chmod 755 "$work"
cd "$work" || exit 2

# ---- the site: two editions, where only pages have another date ----

make_site() { # EDITION
	"$build/tests/bench/crawl_site" "edition$1" "$articles" "$1" || exit 2
	find "edition$1/root" -type f -exec touch -d '2026-01-01T00:00:00Z' {} +
	[ "$1" -eq 1 ] || find "edition$1/root/news" "edition$1/root/section" \
	    "edition$1/root/index.html" "edition$1/root/index.html.gz" \
	    -type f -exec touch -d '2026-01-02T00:00:00Z' {} +
}

use_edition() { # EDITION: what nginx serves, its cache of files begun anew
	ln -sfn "edition$1" site
	[ -z "$server" ] || { kill -HUP "$server"; sleep 0.5; }
}

# ---- running and judging ----

# judge FROM: URLs of the site with a good answer behind line FROM of the log,
# requests, bytes sent.
judge() {
	tail -n +$(($1 + 1)) access.log | awk -v all=site/all '
	    BEGIN { while ((getline line <all) > 0) { split(line, f, " "); known[f[1]] = 1 } }
	    $3 == "/robots.txt" { next }
	    { requests++; sent += $2 }
	    ($1 == 200 || $1 == 304) && ($3 in known) && !seen[$3]++ { good++ }
	    END { print good + 0, requests + 0, sent + 0 }'
}

# measure NAME COMMAND...: a line "wall cpu peak-KiB urls requests sent
# archive-bytes" in NAME.runs.
measure() {
	name=$1
	shift
	from=$(wc -l <access.log)
	/usr/bin/time -q -f '%e %U %S %M' -o used "$@" >out 2>&1
	code=$?
	case $name:$code in
	*:0 | wget*:8 | httrack*:*) ;;
	*)
		echo "bench_crawl: $name ends with $code"
		tail -n 5 out
		exit 1
		;;
	esac
	sleep 0.2
	verdict=$(judge "$from")
	bytes=$(find archive -name '*.warc*' -type f -newer mark -exec cat {} + | wc -c)
	awk -v verdict="$verdict" -v bytes="$bytes" \
	    '{ print $1, $2 + $3, $4, verdict, bytes }' used >>"$name.runs"
}

fresh() {
	[ ! -e archive ] || chmod -R u+w archive
	rm -rf archive
	mkdir archive
	touch mark
	sleep 0.01
}

# collection [LINE...]: a collection that crawls the whole site.
collection() {
	"$build/holdfast" init -C archive/c --operator bench \
	    --contact mailto:bench@example.org >/dev/null || exit 1
	{
		printf '%s\n' 'operator = bench' \
		    'contact = mailto:bench@example.org' 'min-free = 1M' \
		    'ballast = 0' 'robots = ignore' \
		    'allow-address = 127.0.0.0/8' '[site cap]' \
		    "front = http://127.0.0.1:$port/ every 1s" 'scope = host' \
		    'depth = 0' 'wait = 0' 'connections = 6'
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >archive/c/holdfast.conf
}

run_holdfast="$build/holdfast run -q -C archive/c"
run_wget="wget -q -e robots=off -r -l inf -p --delete-after -P archive/files --warc-tempdir=archive --warc-cdx"

run_peer() { # NAME
	case $1 in
	wget | wget-gzip)
		command -v wget >/dev/null || return 0
		gzip=
		[ "$1" = wget ] || gzip=--compression=gzip
		fresh
		# shellcheck disable=SC2086 # commands with their options
		measure "$1" $run_wget $gzip --warc-file=archive/w "http://127.0.0.1:$port/"
		;;
	httrack)
		command -v httrack >/dev/null || return 0
		fresh
		measure httrack httrack "http://127.0.0.1:$port/" -O archive/ht \
		    --disable-security-limits -A0 -%c0 -c16 -s0 -r9 -K -n -q \
		    -%s -N1 "+127.0.0.1:$port/*"
		;;
	esac
}

median() { # NAME COLUMN
	sort -n -k "$2,$2" "$1.runs" | awk -v c="$2" '{ v[NR] = $c } END { print v[int((NR + 1) / 2)] }'
}

table() { # NAME...
	printf '%-14s %7s %7s %9s %7s %9s %9s %11s\n' run 'wall s' 'CPU s' \
	    'peak MiB' URLs requests 'sent MB' 'archive MB'
	for name; do
		[ -e "$name.runs" ] || { echo "$name: not here"; continue; }
		echo "$name $(median "$name" 1) $(median "$name" 2) $(median "$name" 3) $(median "$name" 4) $(median "$name" 5) $(median "$name" 6) $(median "$name" 7)" |
		    awk '{ printf "%-14s %7.2f %7.2f %9.1f %7d %9d %9.1f %11.1f\n",
			$1, $2, $3, $4 / 1024, $5, $6, $7 / 1e6, $8 / 1e6 }'
	done
}

# at_least NAME PEER CPU WALL: how many times less NAME needs.
at_least() {
	[ -e "$2.runs" ] || return 0
	echo "$(median "$1" 2) $(median "$2" 2) $(median "$1" 1) $(median "$2" 1)" |
	    awk -v name="$1" -v peer="$2" -v cpu="$3" -v wall="$4" '{
		ok = $2 >= cpu * $1 && $4 >= wall * $3
		printf "%s - %s: %s needs %.1f times the CPU (%s wanted), %.1f times the wall time (%s wanted)\n",
		    ok ? "ok" : "not ok", name, peer, $2 / $1, cpu, $4 / $3, wall }'
}

# ---- workloads ----

cap1() {
	rm -f -- *.runs
	for repeat in $(seq "$repeats"); do
		fresh
		collection
		# shellcheck disable=SC2086
		measure holdfast $run_holdfast
		for peer in $peers; do run_peer "$peer"; done
	done
	# shellcheck disable=SC2086
	table holdfast $peers
	at_least holdfast wget 7 10
	at_least holdfast wget-gzip 5 7
	fresh
	collection
	# shellcheck disable=SC2086
	$run_holdfast >out 2>&1
	"$build/holdfast" stats -C archive/c latest | grep ' type '
	"$build/holdfast" verify -q -C archive/c && echo "ok - all of it verifies"
}

# What the articles of the site say, for the reader.
profile() {
	mkdir -p archive/c/sites
	cat >archive/c/sites/cap.site <<-'END'
	[site]
	format  = 1
	key     = cap
	version = 1
	host    = 127.0.0.1
	lang    = en
	[is_article]
	require = css(article h1)
	[canonical]
	from = link(canonical) | url
	[layout only]
	probe     = css(article h1) 1
	min_score = 1
	[fields]
	headline = css(article h1) | ws
	[body]
	root   = css(div.text)
	blocks = p figure
	[images]
	lead       = css(article figure img) ; caption css(.media-caption)
	inline     = css(div.text img)
	candidates = img@src
	END
}

cap1p() {
	rm -f holdfast.runs profile.runs
	for repeat in $(seq "$repeats"); do
		fresh
		collection
		# shellcheck disable=SC2086
		measure holdfast $run_holdfast
		fresh
		collection 'profile = cap'
		profile
		# shellcheck disable=SC2086
		measure profile $run_holdfast
	done
	table holdfast profile
	cat archive/c/snapshots/*/*/*/articles.jsonl | grep -c '"article":' |
	    sed 's/$/ articles read/'
}

cap2() {
	rm -f -- *.runs
	for repeat in $(seq "$repeats"); do
		use_edition 1
		fresh
		collection
		# shellcheck disable=SC2086
		$run_holdfast >out 2>&1
		use_edition 2
		sed "s|^|http://127.0.0.1:$port|" site/pages >pages
		touch mark
		measure second "$build/holdfast" capture -q -C archive/c \
		    --connections 6 -i pages
		"$build/holdfast" stats -C archive/c latest | grep ' type re[vs]' >types
		case " $peers " in *' wget '*)
			use_edition 1
			fresh
			# shellcheck disable=SC2086
			$run_wget --warc-file=archive/w1 "http://127.0.0.1:$port/" >out 2>&1
			use_edition 2
			touch mark
			# shellcheck disable=SC2086
			measure wget-dedup $run_wget --warc-file=archive/w2 \
			    --warc-dedup=archive/w1.cdx "http://127.0.0.1:$port/"
			;;
		esac
	done
	use_edition 1
	table second wget-dedup
	cat types
}

cap3() {
	"$build/site" "$top/plugins/almayadeen/fixtures/en" slow.ready slow-ca.pem --delay 50 &
	slow=$!
	until [ -s slow.ready ]; do sleep 0.05; done
	read -r slow_port _ <slow.ready
	seq 400 | sed "s|.*|http://127.0.0.1:$slow_port/odd/plain?n=&|" >list
	for connections in 1 2 6; do
		rm -f "slow$connections.runs"
		for repeat in $(seq "$repeats"); do
			fresh
			measure "slow$connections" "$build/holdfast" capture -q \
			    -C archive/c --robots=ignore --min-free 1M \
			    --allow-address 127.0.0.0/8 --no-revisit \
			    --connections $connections -i list
		done
		echo "$(median "slow$connections" 1) $(median "slow$connections" 2)" |
		    awk -v n=$connections '{ bound = 400 * 0.051 / n
			printf "%s - %d connection(s): %.2f s wall, %.2f s CPU; %.2f times latency x URLs / connections\n",
			    $1 <= 1.15 * bound ? "ok" : "not ok", n, $1, $2, $1 / bound }'
	done
	kill "$slow"
	slow=
}

cap4() {
	head -c 1073741824 /dev/urandom >edition1/root/media/large.jpg
	head -c 1048576 edition1/root/media/large.jpg >edition1/root/media/small.jpg
	rm -f large.runs small.runs
	for repeat in $(seq "$repeats"); do
		for size in small large; do
			fresh
			measure $size "$build/holdfast" capture -q -C archive/c \
			    --robots=ignore --min-free 1M --max-body 2G \
			    --allow-address 127.0.0.0/8 \
			    "http://127.0.0.1:$port/media/$size.jpg"
		done
	done
	rm -f edition1/root/media/large.jpg edition1/root/media/small.jpg
	table small large
}

make_site 1
case " $workloads " in *' cap2 '*) make_site 2 ;; esac
use_edition 1
start_nginx
echo "holdfast: $("$build/holdfast" --version | head -n 1)"
for peer in wget httrack; do
	command -v $peer >/dev/null && echo "$peer: $($peer --version | head -n 1)"
done
echo "nginx: $(nginx -v 2>&1 | sed 's/.*: //'); medians of $repeats turns; CPU is user + system with all child processes"
for workload in $workloads; do
	echo
	echo "== $workload"
	"$workload"
done
