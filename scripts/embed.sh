#!/bin/sh
# Write the C table embedded_files[] (core/news/profile.h) from the files named
# as arguments, in that order, to stdout. A file that does not exist is left
# out. Equal input gives equal output: no times, no absolute paths.
set -eu
LC_ALL=C
export LC_ALL

printf '/* Made by scripts/embed.sh from the files named below. */\n\n'
printf '#include "core/news/profile.h"\n'

# One array per file: hex bytes by od, put into C by sed.
n=0
for file in "$@"; do
	[ -f "$file" ] || continue
	printf '\nstatic const unsigned char file_%d[] = {\n' "$n"
	od -An -v -tx1 "$file" | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g; s/ *$//'
	# An empty file needs one element all the same; LEN does not count it.
	printf '0x00};\n'
	n=$((n + 1))
done

printf '\nconst struct embedded_file embedded_files[] = {\n'
n=0
for file in "$@"; do
	[ -f "$file" ] || continue
	printf '\t{"%s", file_%d, sizeof(file_%d) - 1},\n' "$file" "$n" "$n"
	n=$((n + 1))
done
printf '\t{0},\n};\n'
