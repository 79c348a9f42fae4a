#!/bin/sh
# Includes go only leftwards: base < web < {news, archive} < collection <
# {crawl, replay} < cli; formats and plugins stand outside, and core never
# includes them. Outside libraries are fenced to the files named below.
set -u
bad=0
say() { echo "$1"; bad=1; }

allowed() {
	case $1 in
	base) echo base ;;
	web) echo 'base web' ;;
	news) echo 'base web news' ;;
	archive) echo 'base web archive' ;;
	collection) echo 'base web news archive collection' ;;
	crawl) echo 'base web news archive collection crawl' ;;
	replay) echo 'base web news archive collection replay' ;;
	cli) echo 'base web news archive collection crawl replay cli' ;;
	esac
}

for dir in core/*/; do
	layer=$(basename "$dir")
	ok=$(allowed "$layer")
	for file in "$dir"*.[ch]; do
		[ -e "$file" ] || continue
		for used in $(sed -n 's|^#include "\(core/[a-z]*\)/.*|\1|p
			s|^#include "\(formats\)/.*|\1|p
			s|^#include "\(plugins\)/.*|\1|p
			s|^#include "\(tests\)/.*|\1|p' "$file" | sort -u); do
			name=${used#core/}
			case " $ok " in
			*" $name "*) ;;
			*) say "$file: includes $used, which is not to the left of core/$layer" ;;
			esac
		done
	done
done

fence() { # HEADER-PATTERN FILE...: only these files include it
	pattern=$1
	shift
	for file in $(grep -lE "^#include <($pattern)" -r core formats plugins --include='*.[ch]'); do
		case " $* " in
		*" $file "*) ;;
		*) say "$file: includes a library that is fenced to: $*" ;;
		esac
	done
}

fence 'curl/' core/web/connect.c core/web/fetch.c
fence 'gumbo\.h|libxml/' core/web/page.c core/web/page_tree.c core/web/page_tree.h core/web/select.c core/web/select_xpath.c
fence 'sqlite3\.h' core/base/db.c
fence 'openssl/' core/base/digest.c core/web/connect.c core/web/fetch.c core/web/handshake.c core/collection/proof*.c core/collection/proof_part.h
fence 'libdeflate\.h' core/base/deflate_libdeflate.c
fence 'zlib\.h' core/archive/gzip_member.c core/archive/gzip_reader.c core/archive/gzip_header.c core/archive/gzip_header.h core/base/deflate_libdeflate.c core/base/deflate_zlib.c core/web/decode.c formats/zip_inflate.c
fence 'zstd\.h|zstd_errors\.h' core/archive/zstd_reader.c core/archive/zstd_writer.c core/web/decode.c
fence 'archive\.h|archive_entry\.h' formats/tar.c formats/tar_read.c
fence 'jansson\.h' core/base/json.c
fence 'idn2\.h' core/web/url.c core/web/url_host.c
fence 'seccomp\.h' core/base/worker.c
exit $bad
