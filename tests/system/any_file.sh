#!/bin/sh
# Looking into record files of anybody: ls, show, cat, extract and stats on
# files, standard input, folders and containers, sound, damaged and odd.
. "$TOP/tests/system/lib.sh"
hf() { "$HOLDFAST" "$@"; }

# record TYPE ID URI DATE FIELDS BLOCK-FILE: one record on standard output.
# FIELDS end in CR LF each.
record() {
	printf 'WARC/1.0\r\nWARC-Type: %s\r\nWARC-Record-ID: <%s>\r\n' "$1" "$2"
	[ -z "$3" ] || printf 'WARC-Target-URI: %s\r\n' "$3"
	printf 'WARC-Date: %s\r\n%bContent-Length: %s\r\n\r\n' "$4" "$5" "$(wc -c <"$6" | tr -d ' ')"
	cat "$6"
	printf '\r\n\r\n'
}

response='Content-Type: application/http; msgtype=response\r\n'
request='Content-Type: application/http; msgtype=request\r\n'
page=http://news.example/page
picture=http://img.news.example:8080/p.png
printf 'software: by hand\r\n' >b0
printf 'GET /page HTTP/1.1\r\nHost: news.example\r\n\r\n' >b1
printf '<html>coded body</html>' | gzip -nc >coded
{
	printf 'HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset=utf-8\r\n'
	printf 'Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n'
	printf '%x\r\n' "$(wc -c <coded)"
	cat coded
	printf '\r\n0\r\n\r\n'
} >b2
printf 'HTTP/1.1 404 Not Found\r\nContent-Type: image/png\r\nContent-Length: 6\r\n\r\nno png' >b3
printf 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n' >b4
printf 'plain \033[31mresource\n' >b5
u=urn:uuid:00000000-0000-4000-8000-00000000000
make_records() { # COMMAND...: run for each record
	record warcinfo ${u}0 '' 2024-02-29T23:59:59Z 'Content-Type: application/warc-fields\r\n' b0 | "$@"
	record request ${u}1 $page 2024-03-01T00:00:00Z "$request" b1 | "$@"
	record response ${u}2 $page 2024-03-01T00:00:00Z "$response" b2 | "$@"
	record response ${u}3 $picture 2025-01-01T00:00:00Z "$response" b3 | "$@"
	record revisit ${u}4 $page 2025-01-02T00:00:00Z "${response}WARC-Profile: http://netpreserve.org/warc/1.0/revisit/identical-payload-digest\r\nWARC-Refers-To-Target-URI: $page\r\nWARC-Refers-To-Date: 2024-03-01T00:00:00Z\r\n" b4 | "$@"
	record resource ${u}5 "file:///tmp/a b" 2025-01-03T00:00:00Z 'Content-Type: text/plain\r\nWARC-Truncated: length\r\n' b5 | "$@"
}
make_records cat >all.warc
make_records gzip -nc >all.warc.gz
gzip -nc <all.warc >whole.warc.gz
cp all.warc.gz "$(printf 'new\nline.warc.gz')"

# ls
want='0 warcinfo - application/warc-fields 19
1 request - - 42
2 response 200 text/html 159
3 response 404 image/png 76
4 revisit 200 text/html 44
5 resource - text/plain 20'
seen() { # FILE...: number, type, status, media type, block length
	hf ls --json "$@" | jq -r '[.id[-1:], .type, (if .status == 0 then "-" else .status end), (if .mime == "" then "-" else .mime end), .block_length] | join(" ")'
}
for file in all.warc all.warc.gz whole.warc.gz "$(printf 'new\nline.warc.gz')"; do
	check_equal "ls --json tells of every record of $(echo "$file" | tr '\n' '?')" "$(seen "$file")" \
	    "$(echo "$want" | sed "s/ 159\$/ $(wc -c <b2)/")"
done
check_equal "ls reads standard input" "$(seen - <all.warc.gz)" "$(seen all.warc.gz)"
check_equal "members cut out by ls --json are the file" \
    "$(hf ls --json all.warc.gz | jq -r '"\(.offset) \(.length)"' | while read -r o l; do
	tail -c +$((o + 1)) all.warc.gz | head -c "$l" | gzip -dc
    done | sha256sum)" "$(sha256sum <all.warc)"
check_equal "records of a plain file are cut out as well" \
    "$(hf ls --json all.warc | jq -r '"\(.offset) \(.length)"' | while read -r o l; do
	tail -c +$((o + 1)) all.warc | head -c "$l"
    done | sha256sum)" "$(sha256sum <all.warc)"
check_equal "ls gives one line a record" "$(hf ls all.warc | tail -n 1)" \
    "$(hf ls --json all.warc | jq -r 'select(.type == "resource") | "\(.offset) \(.length) resource 2025-01-03T00:00:00Z - text/plain 20 file:///tmp/a b"')"
check_equal "of several files each line names its own" \
    "$(hf ls all.warc all.warc.gz | cut -d : -f 1 | sort | uniq -c | tr -s ' ')" " 6 all.warc
 6 all.warc.gz"
check_equal "optional members are there when they say something" \
    "$(hf ls --json all.warc | jq -c 'select(.truncated) | [.id[-1:], .truncated]')" '["5","length"]'

# containers
mkdir -p box/archive box/pages
cp all.warc.gz box/archive/one.warc.gz
cp all.warc box/archive/two.warc
echo '{}' >box/pages/pages.jsonl
(cd box && bsdtar --format zip --options zip:compression=store -cf ../box.wacz archive pages &&
	bsdtar --format zip --options zip:compression=deflate -cf ../packed.zip archive pages &&
	tar -cf ../box.tar archive pages && tar -czf ../box.tar.gz archive pages)
for file in box box.wacz packed.zip box.tar box.tar.gz; do
	check_equal "$file: every record of both files" "$(hf ls --json $file | jq -r .file | sort | uniq -c | tr -s ' ')" \
	    " 6 $file/archive/one.warc.gz
 6 $file/archive/two.warc"
	check_equal "$file: one file in it" "$(seen $file/archive/one.warc.gz)" "$(seen all.warc.gz)"
	check_equal "$file: a record by its id" "$(hf cat $file 00000000-0000-4000-8000-000000000003)" 'no png'
done
check_code "a file that is not in the container is 2" 2 hf ls box.wacz/archive/three.warc
check_equal "standard input may be a tar" "$(hf ls --json - <box.tar.gz | jq -r .file | sort -u)" "-/archive/one.warc.gz
-/archive/two.warc"

# show and cat
offset=$(hf ls --json all.warc.gz | jq 'select(.id[-1:] == "3") | .offset')
check_equal "show by offset" "$(hf show all.warc.gz --offset "$offset" --json | jq -c '[.type, .url, .offset, .http.start_line]')" \
    "[\"response\",\"$picture\",$offset,\"HTTP/1.1 404 Not Found\"]"
check_equal "show by id" "$(hf show --json all.warc ${u}3 | jq -c '[.type, .url, (.fields | length)]')" "[\"response\",\"$picture\",6]"
check_equal "show on standard input" "$(hf show --json - ${u}3 <all.warc.gz | jq -r .url)" "$picture"
check_equal "show by offset on standard input" "$(hf show --json - --offset "$offset" <all.warc.gz | jq -r .url)" "$picture"
check_equal "cat decodes" "$(hf cat all.warc.gz $page)" '<html>coded body</html>'
check_equal "cat --payload keeps the content coding" "$(hf cat all.warc.gz ${u}2 --payload | sha256sum)" "$(sha256sum <coded)"
check_equal "cat --raw is the block" "$(hf cat all.warc.gz ${u}2 --raw | sha256sum)" "$(sha256sum <b2)"
check_equal "cat --headers is the head" "$(hf cat all.warc.gz ${u}0 --headers | head -n 2 | tr -d '\r' | tail -n 1)" 'WARC-Type: warcinfo'
check_equal "cat of a revisit is its original" "$(hf cat all.warc.gz ${u}4)" '<html>coded body</html>'
check_code "show without a record is a usage error" 2 hf show all.warc.gz
check_code "an offset where no record starts is 2 or 23" 23 hf show all.warc.gz --offset 1
check_code "a record that is not there is 2" 2 hf cat all.warc.gz urn:uuid:00000000-0000-4000-8000-000000000009
check_code "an offset in several files is a usage error" 2 hf cat box.wacz --offset 0
check_equal "an offset in one file of a container" "$(hf cat box.wacz/archive/one.warc.gz --offset "$offset")" 'no png'
check_equal "an escape is not sent to a terminal" \
    "$(script -qec "'$HOLDFAST' cat all.warc ${u}5" /dev/null | tr -d '\r' | grep -c 'x1b')" 1

# extract
check "extract writes the payloads of a file" hf extract out all.warc.gz
check_equal "one is decoded" "$(cat out/news.example/page.html)" '<html>coded body</html>'
check_equal "the index says where from" "$(jq -c '[.file, .from, .offset, .decoded]' out/index.jsonl | sed -n 2p)" \
    "[\"img.news.example+8080/p.png\",\"all.warc.gz\",$offset,true]"
check "extract takes folders and containers" hf extract out2 box box.tar.gz
check_equal "equal names get a number" "$(wc -l <out2/index.jsonl) $(find out2 -type f | wc -l)" '8 9'
check_code "extract into a directory that has an index is refused" 2 hf extract out all.warc.gz

# stats
check_equal "stats counts" "$(hf stats --json all.warc.gz box.wacz | jq -c '[.files, .records, .damaged, (.type[] | select(.type == "response") | .records), (.status[] | select(.status == "200") | .records), (.mime[] | select(.mime == "image/png") | .records), (.host[] | select(.host == "img.news.example") | .records), (.year[] | select(.year == "2025") | .records)]')" \
    '[3,18,0,6,6,3,3,9]'
check_equal "stats sums" "$(hf stats --json all.warc | jq '.stored')" "$(wc -c <all.warc)"
check_equal "stats as text" "$(hf stats all.warc | head -n 1 | cut -d , -f 1-2)" '1 files, 6 records'

# damage: what follows is still there
cp all.warc.gz hurt.warc.gz
two=$(hf ls --json all.warc.gz | jq 'select(.id[-1:] == "2") | .offset')
printf 'XXXX' | dd of=hurt.warc.gz bs=1 seek=$((two + 60)) conv=notrunc 2>/dev/null
check_code "damage ends in 23" 23 hf ls hurt.warc.gz
check_equal "damage is said once, with its place" "$(grep -c "hurt.warc.gz at $two: .*bytes are passed over" check.out)" 1
check_equal "every record behind it is listed" "$(hf ls --json hurt.warc.gz 2>/dev/null | jq -r '.id[-1:]' | tail -n 3 | tr '\n' ' ')" '3 4 5 '
check_code "extract goes on behind damage" 23 hf extract out3 hurt.warc.gz
check_equal "and leaves nothing half" "$(jq -r .file out3/index.jsonl | tr '\n' ' ')$(find out3 -type f | wc -l)" 'img.news.example+8080/p.png 2'
check_code "cat behind damage is good" 0 hf cat hurt.warc.gz ${u}3
check_code "stats of damage ends in 23" 23 hf stats hurt.warc.gz
head -c $((two + 40)) all.warc.gz >cut.warc.gz
check_code "a cut file ends in 23" 23 hf ls cut.warc.gz
head -c 300 box.wacz >cut.wacz
check_code "a cut container ends in 23" 23 hf ls cut.wacz

# odd names and files: said, the rest is listed, nothing hangs
mkdir odd
cp all.warc odd/good.warc
: >odd/empty.warc
mkfifo odd/pipe.warc
ln -s loop.warc odd/loop.warc
printf 'no archive' >notes.txt
check_code "no record file is 23" 23 hf ls notes.txt
check_code "no file at all is 2" 2 hf ls absent.warc.gz
check_code "an empty file is no damage" 0 hf ls odd/empty.warc
check_equal "but is said" "$(cat check.out)" "holdfast: odd/empty.warc: holds no records"
check_code "a link to itself is 3" 3 hf ls odd/loop.warc
check_code "a pipe that nobody writes to does not hang" 23 timeout 20 "$HOLDFAST" ls odd/pipe.warc
check_equal "a folder with such things is listed" "$(timeout 20 "$HOLDFAST" ls --json odd 2>/dev/null | jq -r .file | sort -u)" odd/good.warc
check_equal "a missing file does not hide the others" "$(hf ls --json absent.warc all.warc 2>/dev/null | wc -l)" 6
cp all.warc secret.warc
chmod 0 secret.warc
as_nobody=
if [ "$(id -u)" -eq 0 ]; then
	as_nobody='setpriv --reuid 65534 --regid 65534 --clear-groups'
fi
# shellcheck disable=SC2086 # words of a command
if $as_nobody "$HOLDFAST" ls all.warc >/dev/null 2>&1; then
	check_code "permission denied in a list is 3" 3 $as_nobody "$HOLDFAST" ls all.warc secret.warc all.warc.gz
	check_equal "and the rest is listed" "$($as_nobody "$HOLDFAST" ls --json all.warc secret.warc all.warc.gz 2>/dev/null | wc -l)" 12
	check_equal "a folder with it as well" "$($as_nobody "$HOLDFAST" ls --json . 2>/dev/null | jq -r .file | grep -c '^./all')" 12
else
	skip "permission denied in a list is 3" "root may read everything"
fi
check_equal "the same file twice is listed twice" "$(hf ls --json all.warc all.warc | wc -l)" 12
check_code "output that cannot be written is 3" 3 sh -c "'$HOLDFAST' ls --json all.warc >/dev/full"

# memory: a record of 300 MB goes through
{
	printf 'HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n'
	head -c 300000000 /dev/zero
} >big.block
record response ${u}6 http://news.example/big 2025-01-04T00:00:00Z "$response" big.block | gzip -1nc >big.warc.gz
rm big.block
for verb in "ls" "stats" "cat big.warc.gz ${u}6" "extract out4"; do
	case $verb in cat*) file= ;; *) file=big.warc.gz ;; esac
	# shellcheck disable=SC2086
	/usr/bin/time -f %M -o rss "$HOLDFAST" $verb $file >/dev/null 2>&1
	name="${verb%% *} of a large record takes at most 32 MiB"
	case $BUILD in
	*/release) check_equal "$name" "$([ "$(tail -n 1 rss)" -le 32768 ] && echo yes)" yes ;;
	*) skip "$name" "sanitizers use memory of their own" ;;
	esac
done
rm -rf out4 big.warc.gz

# others' files
if [ -n "${CORPORA:-}" ]; then
	truth=$CORPORA/truth/warc_records.tsv
	cut -f 1 "$truth" | tail -n +2 | uniq | while read -r file; do
		(cd "$CORPORA" && "$HOLDFAST" ls --json "$file" 2>/dev/null)
	done | jq -r 'if .file | test("\\.arc(\\.|$)") then .type = "arc" | .date = "-" | .length = "-" else . end |
	    [.file, .offset, .type, (if .status == 0 then "-" else .status end), .date, .block_length, (if .uri == "" then "-" else .uri end), .length] | map(tostring) | join("\t")' |
		sort >ours
	# Sound rows: file offset type status date block_len uri length; of ARC
	# the truth has the date as it stands there and no type.
	tail -n +2 "$truth" |
		awk -F '\t' -v OFS='\t' '$15 == "-" && $10 >= 0 { sub(/^</, "", $17); sub(/>$/, "", $17)
		    if ($6 == "arc") $9 = $4 = "-"
		    print $1, $3, $6, ($7 == "?" || $6 == "request" ? "-" : $7), $9, $10, $17, ($4 == -1 ? 0 : $4) }' | sort >theirs
	check_equal "ls agrees with others' reading of $(wc -l <theirs) sound records" "$(comm -13 ours theirs | head -n 5)" ""
else
	skip "ls agrees with others' reading" "CORPORA is not set"
fi
done_testing
