#!/bin/sh
# Packages: the same bytes wherever, whenever and by whomever they are made,
# read by others, and nothing left where something went wrong.
. "$TOP/tests/system/lib.sh"
start_site
start_raw
base=https://english.almayadeen.net/news/politics
here=$(pwd)

hf() { verb=$1; shift; "$HOLDFAST" "$verb" -C c "$@"; }
# capture DAY URL...: of November 2026; the site does not ask for the date
# shellcheck disable=SC2086 # SITE is a list of options
capture() {
	clock=$((1793491200 + ($1 - 1) * 86400))
	shift
	HOLDFAST_TEST_CLOCK=$clock "$BUILD/holdfast-test" capture -q -C c $SITE "$@"
}
flip() { # FILE OFFSET
	byte=$(dd if="$1" bs=1 skip="$2" count=1 2>/dev/null | od -An -tu1)
	# shellcheck disable=SC2059 # an octal escape is made
	printf "\\$(printf %o $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
"$HOLDFAST" init c --operator "Harbor Library" --contact mailto:archive@harbor.example >/dev/null 2>&1
capture 2 $base/story-1
first=$(basename "$(newest c)")
capture 3 $base/story-1 $base/story-2
second=$(basename "$(newest c)")

# Equal bytes: on another day, elsewhere, with another mask, zone and language.
for kind in "tar one.tar" "tar one.tar.gz" "tar one.tar.zst" "warc one.warc.gz" "bag one-bag.tar" "bag bag" \
    "wacz one.wacz" "articles articles" "articles articles.tar.gz"; do
	option=${kind% *} target=${kind#* }
	check_code "export --$option $target" 0 hf export "--$option" "$target"
	mkdir -p elsewhere/deeper
	cp -r c elsewhere/of-another-name
	find elsewhere/of-another-name -exec touch -d 2031-01-01 {} +
	(
		cd elsewhere/deeper || exit
		umask 077
		HOLDFAST_TEST_CLOCK=1924992000 TZ=Asia/Kathmandu LC_ALL=C.UTF-8 LANG=ar_LB.UTF-8 HOME=/nowhere \
		    "$BUILD/holdfast-test" export -C ../of-another-name "--$option" "$here/elsewhere/$target" >/dev/null
	)
	check_equal "$target is the same made elsewhere, another day" "$(diff -r "$target" "elsewhere/$target" 2>&1)" ""
	check_equal "with the same modes" "$(find "$target" -printf '%P %m\n' | sort)" \
	    "$(find "elsewhere/$target" -printf '%P %m\n' | sort)"
	chmod -R u+w elsewhere && rm -rf elsewhere
done
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	mkdir -m 777 nobody
	cp -r c nobody/c && chmod -R a+rX nobody/c
	[ ! -e nobody/c/keys ] || rm -r nobody/c/keys
	if setpriv --reuid=65534 --regid=65534 --clear-groups \
	    "$HOLDFAST" export -C nobody/c --tar nobody/one.tar >/dev/null 2>err; then
		check "another user makes the same tar" cmp one.tar nobody/one.tar
	else
		skip "another user" "$(head -n 1 err)"
	fi
else
	skip "another user" "not root, or no setpriv"
fi

# What it holds, and who reads it.
check_equal "a tar.gz and a tar.zst hold the very tar" \
    "$(gzip -dc one.tar.gz | sha256sum) $(zstd -dcq one.tar.zst 2>/dev/null | sha256sum)" "$(sha256sum <one.tar) $(sha256sum <one.tar)"
check_equal "GNU tar lists every file of both snapshots" "$(tar -tf one.tar | grep -vc '/$')" \
    "$(find c/snapshots -type f | wc -l)"
check_equal "bsdtar lists the same" "$(bsdtar -tf one.tar)" "$(tar -tf one.tar)"
mkdir gnu bsd
tar -xf one.tar -C gnu && bsdtar -xf one.tar -C bsd
check "both unpack the same" diff -r gnu bsd
check_code "unpacked each snapshot verifies" 0 "$HOLDFAST" verify -q "gnu/$first" "gnu/$second"
check_equal "everything is dated by the newest capture" \
    "$(find gnu -mindepth 1 -printf '%TY-%Tm-%Td\n' | sort -u)" "2026-11-03"
check_code "or as asked" 0 "$HOLDFAST" export -C c --tar dated.tar --time 2020-02-02T02:02:02Z
check_equal "to the second" "$(TZ=UTC tar --full-time -tvf dated.tar | awk '{ print $4, $5 }' | sort -u)" "2020-02-02 02:02:02"
check_equal "nobody owns it" "$(tar --numeric-owner -tvf one.tar | awk '{ print $2 }' | sort -u)" "0/0"
check_code "digits do as well" 0 "$HOLDFAST" export -C c --tar digits.tar --time 20200202020202
check "as the same time" cmp dated.tar digits.tar
check_code "a time that is none is refused" 2 "$HOLDFAST" export -C c --tar x.tar --time soon

# also = tar and export --tar of one snapshot are the same bytes.
check_code "one snapshot by a beginning of its name" 0 "$HOLDFAST" export -C c --tar second.tar "$(echo "$second" | cut -c 1-10)"
check_code "latest is the same" 0 "$HOLDFAST" export -C c --tar latest.tar latest
check "byte for byte" cmp second.tar latest.tar
check_code "a snapshot asked for twice goes once" 0 "$HOLDFAST" export -C c --tar twice.tar latest "$second"
check "as the same tar" cmp latest.tar twice.tar

# --warc: members byte for byte behind one of its own.
own=$(zcat one.warc.gz | grep -a -c '^WARC-Filename: one.warc.gz')
check_equal "a warcinfo record stands in front" "$own $(zcat one.warc.gz | sed -n 2p | tr -d '\r')" "1 WARC-Type: warcinfo"
for part in "$first/records" "$first/derived" "$second/records" "$second/derived"; do
	find c/snapshots -path "*/$part/*" | sort | xargs cat
done >members
tail -c "$(wc -c <members)" one.warc.gz | cmp -s - members
check_equal "then all records byte for byte, one snapshot behind the other" $? 0
check_code "it verifies" 0 "$HOLDFAST" verify -q one.warc.gz
check_code "--split makes several" 0 "$HOLDFAST" export -C c --warc part.warc.gz --split 100K
check_equal "which hold the same records" \
    "$(for f in part-*.warc.gz; do zcat "$f" | grep -a '^WARC-Record-ID' ; done | sort | uniq -d | wc -l)" 0
check_equal "each with one in front" "$(for f in part-*.warc.gz; do zcat "$f" | sed -n 2p; done | tr -d '\r' | sort -u)" "WARC-Type: warcinfo"
check_code "as zstd" 0 "$HOLDFAST" export -C c --warc one.warc.zst
check_code "that verifies, too" 0 "$HOLDFAST" verify -q one.warc.zst
check_code "another end is refused" 2 "$HOLDFAST" export -C c --warc one.gz

# --dry-run says what would go, and --json the same for programs.
check_code "--dry-run" 0 sh -c "'$HOLDFAST' export -C c --tar dry.tar --dry-run --json >dry.json"
check_equal "writes nothing" "$(ls dry.tar* 2>/dev/null)" ""
check_equal "and says how much it is" "$(jq -c '[.files, .bytes, .dry_run]' dry.json)" \
    "[$(find c/snapshots -type f | wc -l),$(find c/snapshots -type f -printf '%s\n' | awk '{ s += $1 } END { print s }'),true]"
check_code "of a selection, too" 0 sh -c "'$HOLDFAST' export -C c --wacz dry.wacz --dry-run $base/story-2 >out"
check_equal "by its name" "$(cut -d : -f 1 out | head -n 1)" "20261103T000000Z-selection"

# Mistakes.
check_code "no kind of package" 2 "$HOLDFAST" export -C c latest
check_code "two kinds" 2 "$HOLDFAST" export -C c --tar a.tar --warc a.warc.gz
check_code "a target that is there" 2 "$HOLDFAST" export -C c --tar one.tar latest
check_code "a folder that is not there" 3 "$HOLDFAST" export -C c --tar no/such/folder/a.tar
check_code "a name that is no tar's" 2 "$HOLDFAST" export -C c --tar a.wacz
check_code "a snapshot that is not there" 2 "$HOLDFAST" export -C c --tar a.tar 20200101T000000Z-nothing
check_code "no collection" 2 "$HOLDFAST" export -C nothing --tar a.tar
check "nothing is left of these" sh -c '! ls a.*'
cp -r c open && chmod -R u+w open
mv "open/snapshots/2026/11/$second" "open/snapshots/2026/11/$second.open"
"$HOLDFAST" export -C open --tar a.tar "$second" >out 2>err
check_equal "an open snapshot is refused, and it is said why" "$? $(grep -c 'not sealed' err)" "2 1"
check_code "a collection with one exports the others" 0 "$HOLDFAST" export -C open --tar rest.tar
check_equal "alone" "$(tar -tf rest.tar | cut -d / -f 1 | sort -u)" "$first"
for file in records/holdfast-20261103000000-00001.warc.gz report.json index.cdxj about/ARCHIVING.md; do
	cp -r c bad && chmod -R u+w bad
	flip "bad/snapshots/2026/11/$second/$file" 30
	for option in tar:a.tar.gz wacz:a.wacz bag:a-bag warc:a.warc.gz; do
		case $option:$file in warc:*:[!r]* | warc:*:report.json) continue ;; esac
		check_code "--${option%%:*} with a flipped bit in $file" 10 "$HOLDFAST" export -C bad "--${option%%:*}" "${option#*:}"
	done
	rm "bad/snapshots/2026/11/$second/$file"
	check_code "and without that file" 10 "$HOLDFAST" export -C bad --tar a.tar
	rm -rf bad
done
check "nothing is left of them either" sh -c '! ls -d a.* a-*'

# A full disk, and a signal in the middle.
if unshare -Urm true 2>/dev/null; then
	mkdir small
	for option in tar:a.tar wacz:a.wacz bag:a-bag warc:a.warc.gz; do
		# shellcheck disable=SC2016 # of the inner shell
		unshare -Urm sh -c 'mount -t tmpfs -o size=128k none small &&
		    { "$1" export -C c "--$2" "small/$3" 2>err; echo "$? $(ls small | wc -l) $(grep -c "No space" err)"; }' \
		    - "$HOLDFAST" "${option%%:*}" "${option#*:}" >out
		check_equal "--${option%%:*} on a full disk is exit 3, said, and leaves nothing" "$(cat out)" "3 0 1"
	done
else
	skip "a full disk" "no user namespaces"
fi
size=${EXPORT_TEST_BYTES:-100000000}
{
	printf 'WARC/1.0\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:uuid:c1d0a5c0-0000-4000-8000-000000000001>\r\n'
	printf 'WARC-Date: 2026-11-01T00:00:00Z\r\nWARC-Target-URI: http://big.example/\r\nContent-Type: image/x\r\n'
	printf 'Content-Length: %s\r\n\r\n' "$size"
	openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2>/dev/null | head -c "$size"
	printf '\r\n\r\n'
} >big.warc
check_code "a big record is imported" 0 "$HOLDFAST" import -C big big.warc
rm big.warc
for option in tar:b.tar.gz; do # slow enough to be hit; others: test_export
	"$HOLDFAST" export -C big "--${option%%:*}" "${option#*:}" 2>err &
	run=$!
	tries=0
	while ! ls -d b[.-]* >out 2>/dev/null && [ $tries -lt 500 ]; do
		tries=$((tries + 1))
		sleep 0.01
	done
	kill -INT $run
	wait $run
	check_equal "--${option%%:*} stopped by a signal is exit 11 and leaves nothing" \
	    "$? $(ls -d b.* b-* 2>/dev/null)" "11 "
done
if [ "${BUILD##*/}" = release ]; then
	for option in tar:b.tar tar:b.tar.gz tar:b.tar.zst wacz:b.wacz bag:b-bag warc:b.warc.gz; do
		/usr/bin/time -f %M -o peak "$HOLDFAST" export -C big "--${option%%:*}" "${option#*:}" >out 2>err
		check_equal "--${option%%:*} ${option#*:} of a big record" $? 0
		check "has a peak of $(tail -n 1 peak) KiB, under 64 MiB" [ "$(tail -n 1 peak)" -lt 65536 ]
		rm -r "${option#*:}"
	done
	/usr/bin/time -f %M -o peak "$HOLDFAST" export -C big --tar b.tar http://big.example/ >out 2>err
	check_equal "a selection of it" $? 0
	check "has a peak of $(tail -n 1 peak) KiB, under 64 MiB" [ "$(tail -n 1 peak)" -lt 65536 ]
	mkdir unpacked && tar -xf b.tar -C unpacked
	check_code "and verifies" 0 "$HOLDFAST" verify -q unpacked/*
	rm -r unpacked b.tar
else
	skip "memory" "sanitizers use memory of their own"
fi
if command -v script >/dev/null; then
	script -qec "'$HOLDFAST' export -C big --tar b.tar" /dev/null </dev/null >typed 2>&1
	check "a terminal shows how far it is" grep -qE "[0-9.]+ [kMG]?B of [0-9.]+ MB" typed
else
	skip "a terminal shows how far it is" "no script(1) here"
fi
chmod -R u+w big && rm -rf big

# What is withdrawn.
check_code "a capture is withdrawn for a while" 0 "$HOLDFAST" withdraw -C c $base/story-2 \
    --reason "asked by a court" --by "the library" --until 2099-01-01
for option in tar:a.tar wacz:a.wacz bag:a-bag warc:a.warc.gz; do
	"$HOLDFAST" export -C c "--${option%%:*}" "${option#*:}" >out 2>err
	check_equal "--${option%%:*} refuses it with reason and date" \
	    "$? $(grep -c 'until 2099-01-01.*asked by a court' err)" "2 1"
done
check_code "so does a selection" 2 "$HOLDFAST" export -C c --tar a.tar --url "$base/*"
check_code "and it itself" 2 "$HOLDFAST" export -C c --tar a.tar $base/story-2
check "nothing is left" sh -c '! ls -d a.* a-*'
check_code "what does not hold it goes" 0 "$HOLDFAST" export -C c --tar without.tar "$first"
check_code "--without-withdrawn leaves it out" 0 "$HOLDFAST" export -C c --tar left.tar --without-withdrawn
mkdir left && tar -xf left.tar -C left
check_code "what is left verifies" 0 "$HOLDFAST" verify -q left/*
check "and says nothing of it" sh -c "! zcat left/*/records/*.gz left/*/derived/*.gz | cat - left/*/*.* |
    grep -aqE '(WARC-Target-URI: |\"url\": ?\")$base/story-2'"
check_code "after its date it goes again" 0 env HOLDFAST_TEST_CLOCK=4102444800 "$BUILD/holdfast-test" \
    export -C c --tar later.tar "$second"
check "as before" cmp later.tar second.tar
stop_all
done_testing
