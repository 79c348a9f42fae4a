#!/bin/sh
# Capture beside wget --warc-file: the same URLs from the same nginx on
# loopback, in turns, five times; medians. Says whether the goal is met (at
# least 3 times less CPU than wget) and ends with 1 when it is not.
#
#	sh tests/bench/bench_capture.sh [BUILD-FOLDER]
#
# Environment: PAGES (200 articles and the lists of them), REPEATS (5). nginx's log is the judge: every URL
# once with 200 and all its bytes, or the run does not count.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:-$top/build/release}" && pwd) || exit 2
repeats=${REPEATS:-5}
for tool in nginx wget awk /usr/bin/time; do
	command -v "$tool" >/dev/null || { echo "bench_capture: needs $tool"; exit 2; }
done
work=$(mktemp -d "${TMPDIR:-/tmp}/bench_capture.XXXXXX") || exit 2
server=
finish() {
	[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null
	chmod -R u+w "$work"
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM
chmod 755 "$work"
cd "$work" || exit 2
"$build/tests/bench/crawl_site" site "${PAGES:-200}" || exit 2

. "$top/tests/bench/nginx.sh"
start_nginx
site=http://127.0.0.1:$port
sed "s|^|$site|" site/pages >pages
awk -v site="$site" '{ print site $1 }' site/all >urls

# ---- the judge ----

# judge FROM: requests after line FROM of the log are each URL of the site
# once, with all its bytes as they are or packed. Sets SENT.
judge() {
	tail -n +$(($1 + 1)) access.log | awk -v all=site/all '
	    BEGIN { while ((getline line <all) > 0) {
	        split(line, f, " "); plain[f[1]] = f[2]; packed[f[1]] = f[3]; n++ } }
	    $3 == "/robots.txt" { next }
	    $1 != 200 || !($3 in plain) || seen[$3]++ ||
	        ($2 != plain[$3] && $2 != packed[$3]) { print "unexpected: " $0; bad++ }
	    { good++; sent += $2 }
	    END { print sent, (!bad && good == n) ? "ok" : "bad: " good "/" n }' >verdict
	read -r SENT rest <verdict
	[ "$rest" = ok ] && return
	echo "bench_capture: the server saw something else:"
	tail -n 5 verdict
	exit 1
}

# measure NAME COMMAND...: one line "wall cpu peak sent archive" in NAME.runs.
measure() {
	name=$1
	shift
	from=$(wc -l <access.log)
	/usr/bin/time -q -f '%e %U %S %M' -o used "$@" >out 2>&1
	code=$?
	if [ $code -ne 0 ]; then
		echo "bench_capture: $name ends with $code"
		tail -n 5 out
		exit 1
	fi
	judge "$from"
	bytes=$(find archive -name '*.warc*' -type f -exec cat {} + | wc -c)
	awk -v sent="$SENT" -v bytes="$bytes" \
	    '{ print $1, $2 + $3, $4, sent, bytes }' used >>"$name.runs"
}

fresh() {
	[ ! -e archive ] || chmod -R u+w archive
	rm -rf archive
	mkdir archive
}

holdfast="$build/holdfast capture -q -C archive/c --connections 6 --allow-address 127.0.0.0/8 --min-free 1M -i pages"
wget="wget -q -i urls -e robots=off --delete-after -P archive/files --warc-tempdir=archive --warc-file=archive/w"

for repeat in $(seq "$repeats"); do
	# shellcheck disable=SC2086 # commands with their options
	{
	fresh; measure holdfast $holdfast --robots=ignore
	fresh; measure wget $wget
	fresh; measure holdfast-robots $holdfast
	/usr/bin/time -q -f '%e %U %S %M' -o used "$build/holdfast" verify -C archive/c >out 2>&1 ||
	    { echo "bench_capture: verify fails"; tail -n 5 out; exit 1; }
	awk '{ print $1, $2 + $3, $4, 0, 0 }' used >>verify.runs
	fresh; measure wget-gzip $wget --compression=gzip
	}
done

# ---- the answer ----

median() { # NAME COLUMN
	sort -n -k "$2,$2" "$1.runs" | awk -v c="$2" '{ v[NR] = $c } END { print v[int((NR + 1) / 2)] }'
}
pages=$(wc -l <pages)
echo "holdfast: $("$build/holdfast" --version | head -n 1)"
echo "wget: $(wget --version | head -n 1); nginx: $(nginx -v 2>&1 | sed 's/.*: //')"
echo "medians of $repeats turns; CPU is user + system with all child processes; a page comes with what it shows"
printf '%-16s %7s %7s %12s %8s %9s %11s\n' run 'wall s' 'CPU s' 'CPU ms/page' 'MB/s' 'peak MiB' 'archive MB'
for name in holdfast holdfast-robots wget wget-gzip verify; do
	echo "$name $(median $name 1) $(median $name 2) $(median $name 3) $(median $name 4) $(median $name 5)" |
	    awk -v pages="$pages" '{ printf "%-16s %7.2f %7.2f %12.2f %8.1f %9.1f %11.1f\n",
		$1, $2, $3, $3 * 1000 / pages, $5 / 1e6 / ($2 > 0 ? $2 : 0.01), $4 / 1024, $6 / 1e6 }'
done
echo "$(median holdfast 2) $(median wget 2) $(median wget-gzip 2) $(median holdfast 1) $(median wget 1)" |
    awk '{ printf "wget needs %.1f times the CPU and %.1f times the wall time of holdfast; with --compression=gzip %.1f times the CPU\n",
	$2 / $1, $5 / $4, $3 / $1
	ok = $2 >= 3 * $1
	print (ok ? "ok" : "not ok") " - at least 3 times less CPU than wget --warc-file"
	exit !ok }'
