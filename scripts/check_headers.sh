#!/bin/sh
# Every header compiles alone.
set -u
bad=0
flags="$(pkg-config --cflags libxml-2.0 openssl) -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I. -fsyntax-only -Wall -Wextra -Werror -x c"
for header in $(find core formats plugins tests -name '*.h' | sort); do
	# The test harness has static parts that only a program uses.
	case $header in tests/test.h) continue ;; esac
	# shellcheck disable=SC2086
	echo "#include \"$header\"" | ${CC:-cc} $flags - || {
		echo "$header: does not compile alone"
		bad=1
	}
done
exit $bad
