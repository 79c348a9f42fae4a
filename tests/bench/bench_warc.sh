#!/bin/sh
# Reading record files beside others: verify, index, convert, manifests.
# The same files, in turns, five times; medians of wall and CPU; one table.
#
#	sh tests/bench/bench_warc.sh [BUILD-FOLDER]
#
# Environment: PERCENT (100) of the workloads' size, REPEATS (5), KINDS
# ("A B S T"), PARTS ("verify index convert manifest lookup"), FILES (where the
# workloads are kept; build/bench). Peers stand where make interop puts them;
# one that is not there is "not shown". A goal is met when wall and CPU meet
# it; the last line counts. The machine should have nothing else to do: the
# load is printed before and after. JUDGE=cpu says what CPU alone would say, for
# a machine that has.
set -u
LC_ALL=C
export LC_ALL
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:-$top/build/release}" && pwd) || exit 2
percent=${PERCENT:-100} repeats=${REPEATS:-5} kinds=${KINDS:-A B S T}
parts=${PARTS:-verify index convert manifest lookup}
files=${FILES:-$top/build/bench}
tools=$build/tests/bench
venv=$top/build/interop/venv/bin
cpp=$top/build/interop/venv-cpp/bin # FastWARC's last C++ version
holdfast=$build/holdfast
work=$(mktemp -d "${TMPDIR:-/tmp}/bench_warc.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
mkdir -p "$files"
cd "$work" || exit 2
met=0 not_met=0

# ---- runs ----

# measure RUN COMMAND...: one line "wall cpu peak" more in RUN.runs. A command
# that cannot be had or fails is not shown.
measure() {
	run=$1
	shift
	[ ! -e "$run.bad" ] || return
	if [ ! -x "$1" ]; then
		echo "$1 is not there" >"$run.bad"
		return
	fi
	"$tools/timed" "$run.runs" "$@" >"$run.out" 2>"$run.err" || {
		code=$?
		echo "ends with $code: $(tail -n 1 "$run.err" | cut -c 1-60)" >"$run.bad"
	}
}

median() { # RUN COLUMN
	sort -n -k "$2,$2" "$1.runs" |
	    awk -v c="$2" '{ v[NR] = $c } END { print v[int((NR + 1) / 2)] }'
}

# row RUN WHAT BYTES OURS: a line of the table; the last columns say how many
# times the wall and CPU of run OURS it takes.
row() {
	if [ -e "$1.bad" ]; then
		printf '%-34s not shown: %s\n' "$2" "$(cat "$1.bad")"
		return
	fi
	echo "$(median "$1" 1) $(median "$1" 2) $(median "$1" 3) $(median "$4" 1) $(median "$4" 2)" |
	    awk -v what="$2" -v bytes="$3" '{ printf "%-34s %8.3f %8.3f %8.1f %8.0f %8.2f %8.2f\n",
		what, $1, $2, $3 / 1024, bytes / 1e6 / ($1 > 0 ? $1 : 1), $1 / $4, $2 / $5 }'
}

header() {
	printf '\n%-34s %8s %8s %8s %8s %8s %8s\n' "$1" 'wall s' 'CPU s' 'peak MiB' 'MB/s' 'x wall' 'x CPU'
}

# goal TEXT OURS OTHER FACTOR [wall]: OTHER takes at least FACTOR times what
# OURS does, in wall and CPU, or only in wall.
goal() {
	if [ -e "$2.bad" ] || [ -e "$3.bad" ] || [ ! -e "$3.runs" ] || [ ! -e "$2.runs" ]; then
		echo "not shown - $1"
		return
	fi
	if echo "$(median "$2" 1) $(median "$2" 2) $(median "$3" 1) $(median "$3" 2)" |
	    awk -v f="$4" -v wall="${5:-}" -v judge="${JUDGE:-both}" '{
		ok_wall = $3 >= f * $1; ok_cpu = $4 >= f * $2
		exit !(wall != "" ? ok_wall : judge == "cpu" ? ok_cpu : ok_wall && ok_cpu) }'
	then
		met=$((met + 1))
		echo "met - $1"
	else
		not_met=$((not_met + 1))
		echo "NOT MET - $1"
	fi
}

goal_memory() { # RUN
	[ -e "$1.runs" ] || return
	if [ "$(sort -n -k 3,3 "$1.runs" | awk '{ m = $3 } END { print m }')" -le 32768 ]; then
		met=$((met + 1))
		echo "met - $1: at most 32 MiB resident"
	else
		not_met=$((not_met + 1))
		echo "NOT MET - $1: at most 32 MiB resident"
	fi
}

# ---- workloads ----

make_workload() { # KIND: sets FILE, BYTES_IN
	FILE=$files/$1-$percent.warc.gz
	[ -s "$FILE" ] && [ -s "$FILE.totals" ] ||
	    "$tools/ver_files" "$1" "$FILE" "$percent" >"$FILE.totals" || exit 2
	echo "workload $(cat "$FILE.totals")"
	BYTES_IN=$(wc -c <"$FILE")
	cat "$FILE" >/dev/null # into the page cache
}

# ---- verify ----

verify_kind() { # KIND
	k=$1
	repeat=0
	while [ $repeat -lt "$repeats" ]; do
		repeat=$((repeat + 1))
		rm -f fw.out cpp.out
		measure "verify-$k-1" "$holdfast" verify -q --threads 1 "$FILE"
		measure "verify-$k-bound" "$tools/bound" verify libdeflate "$FILE"
		measure "verify-$k-fastwarc" "$venv/fastwarc" check -q -p -o fw.out "$FILE"
		measure "verify-$k-2" "$holdfast" verify -q --threads 2 "$FILE"
		measure "verify-$k-bound-zlib" "$tools/bound" verify zlib "$FILE"
		measure "verify-$k-fastwarc-cpp" "$cpp/fastwarc" check -q -p -o cpp.out "$FILE"
		[ -z "${ZLIB_HOLDFAST:-}" ] ||
		    measure "verify-$k-zlib" "$ZLIB_HOLDFAST" verify -q --threads 1 "$FILE"
		[ $repeat -gt 2 ] || measure "verify-$k-warcio" "$venv/warcio" check "$FILE"
	done
	header "VER-$k"
	ours=verify-$k-1
	row $ours "holdfast verify, 1 thread" "$BYTES_IN" $ours
	row "verify-$k-2" "holdfast verify, 2 threads" "$BYTES_IN" $ours
	row "verify-$k-bound" "bound, libdeflate" "$BYTES_IN" $ours
	row "verify-$k-bound-zlib" "bound, zlib" "$BYTES_IN" $ours
	[ -z "${ZLIB_HOLDFAST:-}" ] ||
	    row "verify-$k-zlib" "holdfast without libdeflate" "$BYTES_IN" $ours
	row "verify-$k-fastwarc" "FastWARC $fastwarc check -p" "$BYTES_IN" $ours
	row "verify-$k-fastwarc-cpp" "FastWARC $fastwarc_cpp check -p" "$BYTES_IN" $ours
	row "verify-$k-warcio" "warcio $warcio check" "$BYTES_IN" $ours
	times=1.8 warcio_times=2.2
	[ "$k" != T ] || times=5.5 warcio_times=13
	goal "VER-$k: at least 0.85 of the bound" $ours "verify-$k-bound" 0.85
	goal "VER-$k: $times times FastWARC $fastwarc" $ours "verify-$k-fastwarc" $times
	goal "VER-$k: $times times FastWARC $fastwarc_cpp" $ours "verify-$k-fastwarc-cpp" $times
	goal "VER-$k: $warcio_times times warcio" $ours "verify-$k-warcio" $warcio_times
	goal "VER-$k: two threads 1.8 times one" "verify-$k-2" $ours 1.8 wall
	[ -z "${ZLIB_HOLDFAST:-}" ] ||
	    goal "VER-zlib-$k: 1.25 times FastWARC $fastwarc_cpp" "verify-$k-zlib" "verify-$k-fastwarc-cpp" 1.25
	goal_memory $ours
	goal_memory "verify-$k-2"
}

# ---- index ----

index_kind() { # KIND
	k=$1
	repeat=0
	while [ $repeat -lt "$repeats" ]; do
		repeat=$((repeat + 1))
		measure "index-$k" "$holdfast" index "$FILE"
		measure "index-$k-bound" "$tools/bound" inflate libdeflate "$FILE"
		measure "index-$k-fastwarc" "$venv/fastwarc" index "$FILE"
		measure "index-$k-fastwarc-cpp" "$cpp/fastwarc" index "$FILE"
		[ $repeat -gt 2 ] || measure "index-$k-cdxj" "$venv/cdxj-indexer" -s "$FILE"
	done
	header "IDX-$k"
	ours=index-$k
	row $ours "holdfast index" "$BYTES_IN" $ours
	row "index-$k-bound" "bound, inflate alone" "$BYTES_IN" $ours
	row "index-$k-fastwarc" "FastWARC $fastwarc index" "$BYTES_IN" $ours
	row "index-$k-fastwarc-cpp" "FastWARC $fastwarc_cpp index" "$BYTES_IN" $ours
	row "index-$k-cdxj" "cdxj-indexer $cdxj" "$BYTES_IN" $ours
	[ -e "index-$k-cdxj.bad" ] || {
		cmp -s "index-$k.out" "index-$k-cdxj.out" &&
		    echo "same - our $(wc -l <"index-$k.out") lines are cdxj-indexer's" ||
		    echo "DIFFERS - our lines and cdxj-indexer's: $(diff "index-$k.out" "index-$k-cdxj.out" | grep -c '^[<>]')"
	}
	goal "IDX-$k: at most 1.25 times the bound" $ours "index-$k-bound" 0.8
	goal "IDX-$k: 2.1 times FastWARC $fastwarc" $ours "index-$k-fastwarc" 2.1
	goal "IDX-$k: 2.1 times FastWARC $fastwarc_cpp" $ours "index-$k-fastwarc-cpp" 2.1
	goal "IDX-$k: 3.6 times cdxj-indexer" $ours "index-$k-cdxj" 3.6
	goal_memory $ours
}

# ---- convert ----

convert_site() {
	repeat=0
	while [ $repeat -lt "$repeats" ]; do
		repeat=$((repeat + 1))
		rm -rf converted && mkdir converted
		# shellcheck disable=SC2086 # options
		measure convert "$holdfast" convert ${CONVERT:-} -o converted/a.warc.gz "$FILE"
		[ $repeat -gt 2 ] && continue
		rm -f recompressed.warc.gz
		measure convert-fastwarc "$venv/fastwarc" recompress -q "$FILE" recompressed.warc.gz
		rm -f recompressed.warc.gz
		measure convert-fastwarc-cpp "$cpp/fastwarc" recompress -q "$FILE" recompressed.warc.gz
	done
	header "CMP-1 (A recompressed)"
	row convert "holdfast convert" "$BYTES_IN" convert
	row convert-fastwarc "FastWARC $fastwarc recompress" "$BYTES_IN" convert
	row convert-fastwarc-cpp "FastWARC $fastwarc_cpp recompress" "$BYTES_IN" convert
	[ -e convert.bad ] || {
		echo "bytes: in $BYTES_IN, out $(cat converted/* | wc -c), FastWARC's $(cat recompressed.warc.gz 2>/dev/null | wc -c)"
		"$holdfast" verify -q converted/*.warc.gz && echo "same - verify has no objection to what convert wrote"
	}
	goal "CMP-1: 9 times FastWARC $fastwarc" convert convert-fastwarc 9
	goal "CMP-1: 9 times FastWARC $fastwarc_cpp" convert convert-fastwarc-cpp 9
	goal_memory convert
}

# ---- manifests ----

manifest_files() {
	repeat=0
	all=$(ls "$files"/*-"$percent".warc.gz)
	bytes=$(cat $all | wc -c)
	while [ $repeat -lt "$repeats" ]; do
		repeat=$((repeat + 1))
		# shellcheck disable=SC2086 # a list of names
		{
		measure manifest "$tools/manifest_files" $all
		measure manifest-sha256sum "$(command -v sha256sum)" $all
		measure manifest-openssl "$(command -v openssl)" dgst -sha256 $all
		}
	done
	header "VER-M"
	row manifest "holdfast's manifest" "$bytes" manifest
	row manifest-sha256sum "sha256sum" "$bytes" manifest
	row manifest-openssl "openssl dgst -sha256" "$bytes" manifest
	sha256sum -c --quiet manifest.out && echo "same - sha256sum -c has no objection to our manifest"
	goal "VER-M: 3 times sha256sum" manifest manifest-sha256sum 3
}

# ---- all ----

has() { case " $parts " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }
version_of() { # PIP PACKAGE
	"$1" list --disable-pip-version-check 2>/dev/null |
	    awk -v p="$2" 'tolower($1) == p { v = $2 } END { print v == "" ? "(not there)" : v }'
}
fastwarc=$(version_of "$venv/pip" fastwarc)
fastwarc_cpp=$(version_of "$cpp/pip" fastwarc)
warcio=$(version_of "$venv/pip" warcio)
cdxj=$(version_of "$venv/pip" cdxj_indexer)

echo "holdfast: $("$holdfast" --version | head -n 1)"
echo "machine: $(nproc) cores, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), load $(cut -d ' ' -f 1-3 /proc/loadavg)"
echo "medians of $repeats turns (interpreted peers 2), files in the page cache; MB/s of the compressed file"
for kind in $kinds; do
	make_workload "$kind"
	if has verify; then verify_kind "$kind"; fi
	if has index; then index_kind "$kind"; fi
	if has convert && [ "$kind" = A ]; then convert_site; fi
done
if has manifest; then manifest_files; fi
if has lookup && [ -x "$tools/bench_index" ]; then
	echo
	echo "LOOK-10M, LOOK-ADD (bench_index)"
	"$tools/bench_index" "$work" || not_met=$((not_met + 1))
fi
cat <<'END'

What a run of holdfast verify checks that the peers' runs do not: the length
and CRC of every member with the record named (FastWARC stops at the first,
warcio skips the rest), one record a member, CRLF CRLF behind every block,
mandatory, forbidden and repeated fields and their form, ids and that they are
unique, dates, Concurrent-To and Refers-To targets, HTTP heads and lengths,
chunk framing, marks of truncation, originals of revisits, bytes behind the
last record; and it goes on behind damage and says both of its ends. The bound
compares nothing and survives no damage.
END
echo "load $(cut -d ' ' -f 1-3 /proc/loadavg)"
echo "$met goals met, $not_met not met"
[ $not_met -eq 0 ]
