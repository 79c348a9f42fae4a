#!/bin/sh
# Run every fuzz target of build folder $1 for $2 seconds (30).
set -u
mode=${1:?usage: scripts/fuzz.sh BUILD-FOLDER [SECONDS]}
seconds=${2:-30}
bad=0
for source in tests/fuzz/fuzz_*.c; do
	name=$(basename "$source" .c)
	corpus=$mode/corpus/${name#fuzz_}
	mkdir -p "$corpus"
	echo "fuzz: $name for $seconds s"
	"$mode/tests/fuzz/$name" -max_total_time="$seconds" -max_len=65536 \
	    -rss_limit_mb=2048 -timeout=10 -print_final_stats=0 -verbosity=0 \
	    -artifact_prefix="$mode/" "$corpus" \
	    "tests/fuzz/corpus/${name#fuzz_}" 2>"$mode/$name.log" || {
		echo "fuzz: $name failed:"
		tail -n 30 "$mode/$name.log"
		bad=1
	}
done
exit $bad
