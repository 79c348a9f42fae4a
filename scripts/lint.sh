#!/bin/sh
# Everything make lint looks at. Prints what is wrong; silent parts are fine.
set -u
bad=0
part() { # NAME COMMAND...
	name=$1
	shift
	if "$@" >build/lint.out 2>&1; then
		echo "lint: $name: fine"
	else
		echo "lint: $name:"
		head -n 60 build/lint.out | sed 's/^/    /'
		bad=1
	fi
}
mkdir -p build
sources=$(find core formats plugins tests -name '*.[ch]' | sort)

# shellcheck disable=SC2086 # lists of words
part format clang-format --dry-run --Werror $sources
part layers sh scripts/check_layers.sh
part style sh scripts/check_style.sh
part headers sh scripts/check_headers.sh
part readme sh scripts/check_readme.sh
part manual sh scripts/check_manual.sh
part cppcheck sh scripts/cppcheck.sh
part clang-tidy sh scripts/tidy.sh
exit $bad
