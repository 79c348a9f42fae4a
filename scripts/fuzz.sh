#!/bin/sh
# Run every fuzz target of build folder $1 for $2 seconds (30). ONLY: words
# with blanks between; targets with none of them in their names are left out.
# Prints for each what tests/fuzz/README.md counts: minutes and executions.
set -u
mode=${1:?usage: scripts/fuzz.sh BUILD-FOLDER [SECONDS]}
seconds=${2:-30}
bad=0

wanted() {
	[ -n "${ONLY:-}" ] || return 0
	for word in $ONLY; do
		case "$1" in *"$word"*) return 0 ;; esac
	done
	return 1
}

for source in tests/fuzz/fuzz_*.c; do
	name=$(basename "$source" .c)
	wanted "$name" || continue
	corpus=$mode/corpus/${name#fuzz_}
	mkdir -p "$corpus"
	"$mode/tests/fuzz/$name" -max_total_time="$seconds" -max_len=65536 \
	    -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 -verbosity=0 \
	    -artifact_prefix="$mode/" "$corpus" \
	    "tests/fuzz/corpus/${name#fuzz_}" 2>"$mode/$name.log" || {
		echo "fuzz: $name failed:"
		tail -n 30 "$mode/$name.log"
		bad=1
	}
	awk -v name="${name#fuzz_}" -v s="$seconds" '
	    /number_of_executed_units/ { n = $2 }
	    END { printf "| %s | %.2f | %d |\n", name, s / 60, n }' "$mode/$name.log"
done
exit $bad
