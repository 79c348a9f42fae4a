#!/bin/sh
# Run the tests built under $1 and count their TAP lines. $2, when given, are
# words of which test names must hold one (make tsan).
# Environment: CORPORA (folder of samples made by others), ONLY (a word).
set -u
mode=${1:?usage: tests/run.sh BUILD-FOLDER [WORDS]}
word=${2:-${ONLY:-}}
top=$(pwd)
BUILD=$top/$mode
export BUILD
TOP=$top
export TOP
[ -n "${CORPORA:-}" ] && CORPORA=$(cd "$CORPORA" && pwd) && export CORPORA
work=$BUILD/check
rm -rf "$work" 2>/dev/null || { chmod -R u+w "$work"; rm -rf "$work"; }
mkdir -p "$work"
passed=0 failed=0 skipped=0

is_wanted() { # NAME: does it hold one of the words?
	[ -n "$word" ] || return 0
	for one in $word; do
		case "$1" in *"$one"*) return 0 ;; esac
	done
	return 1
}

run() { # NAME COMMAND...: one test program in a directory of its own
	name=$1
	shift
	is_wanted "$name" || return 0
	dir=$work/$(echo "$name" | tr '/' '_')
	mkdir -p "$dir"
	log=$dir.log
	start=$(date +%s)
	(cd "$dir" && timeout "${TEST_TIMEOUT:-540}" "$@") >"$log" 2>&1 </dev/null
	code=$?
	end=$(date +%s)
	p=$(grep -c '^ok .*' "$log")
	s=$(grep -c '^ok .*# SKIP' "$log")
	f=$(grep -c '^not ok' "$log")
	if [ "$f" -eq 0 ] && [ "$code" -ne 0 ]; then
		f=1
		echo "not ok - $name ended with code $code" >>"$log"
	elif [ "$p" -eq 0 ] && [ "$f" -eq 0 ]; then
		f=1
		echo "not ok - $name ran no test" >>"$log"
	fi
	p=$((p - s))
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	printf '%-44s %4d passed %3d failed %3d skipped %4ds\n' \
	    "$name" "$p" "$f" "$s" $((end - start))
	grep '# SKIP' "$log" | sed 's/^ok [0-9]* - /    skipped: /'
	if [ "$f" -gt 0 ]; then
		sed 's/^/    /' "$log" | tail -n 60
	fi
	chmod -R u+w "$dir" 2>/dev/null
	[ "$f" -gt 0 ] || rm -rf "$dir"
}

for kind in unit conformance; do
	for source in tests/$kind/*.c; do
		[ -e "$source" ] || continue
		run "$kind/$(basename "$source" .c)" "$BUILD/${source%.c}"
	done
done
for source in tests/fuzz/fuzz_*.c; do
	[ -e "$source" ] || continue
	target=$(basename "$source" .c)
	run "fuzz/${target#fuzz_}" "$BUILD/tests/fuzz/replay_${target#fuzz_}" \
	    "$top/tests/fuzz/corpus/${target#fuzz_}"
done
for kind in system failure browser; do
	for script in tests/$kind/*.sh; do
		[ -e "$script" ] || continue
		case "$script" in */lib.sh | */*_lib.sh) continue ;; esac
		run "$kind/$(basename "$script" .sh)" sh "$top/$script"
	done
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
