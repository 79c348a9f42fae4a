#!/bin/sh
# Bad input for verify: a clear finding, the right exit code, no hang, no
# crash, and the rest is verified all the same.
. "$TOP/tests/system/lib.sh"

record() { # URI LENGTH: a resource record of that many bytes
	printf 'WARC/1.1\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:uuid:%08x-0000-4000-8000-000000000000>\r\n' "$2"
	printf 'WARC-Date: 2026-11-22T08:27:47Z\r\nWARC-Target-URI: %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n' "$1" "$2"
	head -c "$2" /dev/zero | tr '\0' x
	printf '\r\n\r\n'
}
record http://a.example/1 100 | gzip -n >good.warc.gz
record http://a.example/2 200 | gzip -n >other.warc.gz

both() { # both good files were verified
	check_equal "$1" "$(tail -n 1 out | grep -o '^[0-9]* record file(s), [0-9]* records')" "$2"
}

: >empty.warc.gz
bad_verify "a file of 0 bytes" 0 "^warning warcinfo empty.warc.gz:0 - holds no record" good.warc.gz empty.warc.gz other.warc.gz
both "and the rest" "3 record file(s), 2 records"
mkdir nothing
bad_verify "an empty folder" 2 "no record file" nothing
bad_verify "among others" 3 nothing good.warc.gz nothing
printf 'hello\n' >text.warc
bad_verify "no record file" 23 text.warc text.warc good.warc.gz
bad_verify "nothing on standard input" 23 "-" -

{ printf 'WARC/1.1\r\nWARC-Type: resource\r\nX: '; head -c 30000000 /dev/zero | tr '\0' x; printf '\r\n\r\n'; record http://a.example/3 300; } >huge.warc
bad_verify "a head of 30 MB" 23 huge.warc huge.warc good.warc.gz
both "the record behind it is read" "2 record file(s), 2 records"

printf '' | gzip -n >zero.gz
cat zero.gz good.warc.gz zero.gz zero.gz other.warc.gz zero.gz >members.warc.gz
timeout 60 "$HOLDFAST" verify members.warc.gz >out 2>err
check_equal "members of no length end well" "$(($? == 0 || $? == 23))" 1
both "and hide no record" "1 record file(s), 2 records"

{ printf 'WARC/1.1\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:uuid:00000009-0000-4000-8000-000000000000>\r\nWARC-Date: 2026-11-22T08:27:47Z\r\nWARC-Target-URI: http://a.example/\r\nContent-Length: 10\r\n\r\n'
	head -c 600000000 /dev/zero; } | gzip -n -1 >bomb.warc.gz
bad_verify "a bomb behind a short record" 23 bomb.warc.gz bomb.warc.gz good.warc.gz
if [ -x /usr/bin/time ]; then
	/usr/bin/time -f %M -o rss "$HOLDFAST" verify bomb.warc.gz >out 2>&1
	rss=$(tail -n 1 rss)
	check_equal "takes no memory ($rss KiB)" "$((rss < 65536))" 1
else
	skip "takes no memory" "time is not there"
fi

mkdir d && cp good.warc.gz d/
bad_verify "a folder" 0 "1 record file" d
mkfifo fifo.warc
bad_verify "a FIFO that nobody writes to" 23 fifo.warc good.warc.gz fifo.warc
mkdir p && cp good.warc.gz p/ && mkfifo p/a.warc.gz
bad_verify "a FIFO in a folder is told" 23 "p/a.warc.gz: is no regular file" p
both "and not waited for" "1 record file(s), 1 records"
ln -s loop.warc.gz loop.warc.gz
bad_verify "a loop of symbolic links" 3 loop.warc.gz good.warc.gz loop.warc.gz other.warc.gz
both "and the rest" "2 record file(s), 2 records"
mkdir l && ln -s . l/again && cp good.warc.gz l/
bad_verify "a folder that holds itself" 0 "1 record file" l
bad_verify "a device" 23 /dev/full good.warc.gz /dev/full

odd='odd
name.warc.gz'
head -c 100 good.warc.gz >"$odd"
bad_verify "a name with a line feed is shown escaped" 23 'odd\\nname.warc.gz:' "$odd"
check_equal "so that each finding is one line" "$(grep -c '^name' out)" 0
bad_verify "the same file twice" 0 "named before" good.warc.gz ./good.warc.gz
both "is verified once" "1 record file(s), 1 records"
ln good.warc.gz hard.warc.gz
bad_verify "under another name, too" 0 "named before" good.warc.gz hard.warc.gz

# Somebody writes while it is read.
record http://a.example/4 50000000 >grown.warc
cp grown.warc growing.warc
(while [ ! -e enough ]; do cat good.warc.gz >>growing.warc; sleep 0.01; done) &
pids="$pids $!"
sleep 0.1
# On a busy machine the writer may sleep through one call.
for _ in 1 2 3 4 5; do
	timeout 60 "$HOLDFAST" verify growing.warc >out 2>err
	code=$?
	grep -q "^warning growing" out && break
done
check_equal "a file that grows ends" "$((code == 0 || code == 23))" 1
check "and it is told" grep -q "^warning growing growing.warc" out
touch enough

# What cannot be opened, in the middle of a list.
cp other.warc.gz secret.warc.gz
chmod 000 secret.warc.gz
printf '%s\n' good.warc.gz secret.warc.gz other.warc.gz >list
if ! cat secret.warc.gz >/dev/null 2>&1; then
	as=
elif setpriv --reuid 65534 --clear-groups "$HOLDFAST" help >/dev/null 2>&1; then
	as="setpriv --reuid 65534 --clear-groups"
	chmod 755 .
else
	as=none
fi
if [ "$as" != none ] && $as cat good.warc.gz >/dev/null 2>&1; then
	# shellcheck disable=SC2086
	timeout 60 $as "$HOLDFAST" verify --json -i list >out 2>err
	check_equal "permission denied in the middle of a list" $? 3
	check_equal "the rest is verified" "$(tail -n 1 out | jq -c '[.files, .unread]')" "[2,1]"
	check "it is a finding" sh -c "grep '\"unreadable\"' out | grep -q secret.warc.gz"
	check "and said" grep -q "secret.warc.gz.*Permission denied" err
else
	skip "permission denied in the middle of a list" "root may read all, and nobody cannot come here"
fi
bad_verify "a list that is not there" 3 nolist -i nolist
stop_all
done_testing
