#!/bin/sh
# Every path that README.md and ARCHIVING.md name in backquotes exists.
set -u
bad=0
for path in $(grep -ohE '`(core|formats|plugins|scripts|tests|docs|\.ci)(/[A-Za-z0-9_.{},*-]+)*/?`' README.md | tr -d '`' | sort -u); do
	case $path in
	*[{*]*) ls -d $(eval echo "$path") >/dev/null 2>&1 || { echo "README.md: $path: no such path"; bad=1; } ;;
	*) [ -e "$path" ] || { echo "README.md: $path: no such path"; bad=1; } ;;
	esac
done
exit $bad
