#!/bin/sh
# clang-tidy with the checks of .clang-tidy over the program's sources, one at
# a time: given several, version 14 finds va_lists uninitialized that are not.
set -u
flags="$(pkg-config --cflags libxml-2.0 openssl) -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I. -Ibuild/release/gen"
find core formats plugins -name '*.c' | sort |
    xargs -P 2 -n 1 sh -c 'clang-tidy --quiet "$@" -- '"$flags"' 2>/dev/null' sh >build/tidy.out
if grep -qE '(warning|error):' build/tidy.out; then
	grep -E -A4 '(warning|error):' build/tidy.out
	exit 1
fi
