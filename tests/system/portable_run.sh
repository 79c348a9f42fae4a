#!/bin/sh
# A collection that run keeps, copied to another place, user and host without
# state/ and index/, at rest and while a run wrote, also in an unlucky order:
# what can go on goes on by itself, what is torn is told and mended on demand,
# and the chain holds. No file names the place, the host or the user.
# shellcheck disable=SC2086 # SITE is a list of options
. "$TOP/tests/system/lib.sh"
. "$TOP/tests/system/run_lib.sh"
start_site --delay 5
HOST=zebra-crossing-8 OWNER=4054321 OTHER=4065432
chmod o+rx . 2>/dev/null
# as UID HOST COMMAND...: as that user on that host, where that can be had.
as() {
	uid=$1 host=$2
	shift 2
	if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
		set -- setpriv --reuid $uid --regid $uid --clear-groups "$@"
	fi
	if unshare --uts true 2>/dev/null; then
		# shellcheck disable=SC2016 # for the inner shell
		set -- unshare --uts sh -c 'hostname "$1" && shift && exec "$@"' sh $host "$@"
	fi
	"$@"
}
own() { # UID PATH
	[ "$(id -u)" -ne 0 ] || chown -R $1:$1 "$2"
}
run_in() { as $1 $2 "$HOLDFAST" run -C "$3" $SITE --ballast 0 --wait 0 -q; }
there() { run_in $OTHER elsewhere "$1"; }

mkdir -p nested-place-43
here=$(pwd)/nested-place-43
"$HOLDFAST" init -C "$here/c" >/dev/null 2>&1
cat >"$here/c/holdfast.conf" <<'EOF'
operator = City Archive
contact = mailto:web@archive.example
[site almayadeen-en]
front = https://english.almayadeen.net/ every 15m
feed = none
sitemap = none
EOF
own $OWNER nested-place-43
run_in $OWNER $HOST "$here/c" >run.out 2>&1 &
run=$!
open_one() { find nested-place-43/c/snapshots -mindepth 3 -maxdepth 3 -name '*.open' 2>/dev/null; }
tries=0
until [ -s "$(open_one)/records/"*00001.warc.gz ] 2>/dev/null || [ $tries -ge 200 ]; do
	tries=$((tries + 1))
	sleep 0.02
done
sleep 0.5
# While it writes: in order (a journal is read before its records), in an
# unlucky order, and in parts that belong together only later.
open=$(open_one)
month=$(dirname "$open" | sed 's|.*/c/||')
snap=$(basename "$open" .open)
for copy in running torn late twice; do
	mkdir -p "moved/$copy/c/$month"
	cp -a nested-place-43/c/collection.json nested-place-43/c/holdfast.conf "moved/$copy/c"
done
cp -a "$open" "moved/torn/c/$month"
for copy in running late twice; do
	cp -a "nested-place-43/c/$month/$snap.journal" "moved/$copy/c/$month"
done
cp -a "$open" "moved/running/c/$month"
cp -a "$open" "moved/twice/c/$month"
size=$(stat -c %s "nested-place-43/c/$month/$snap.journal")
tries=0
until [ "$(stat -c %s "nested-place-43/c/$month/$snap.journal")" -gt $((size + 2000)) ] || [ $tries -ge 200 ]; do
	tries=$((tries + 1))
	sleep 0.02
done
check "the copies were made while a snapshot was open" [ -d "$open" ]
cp -a "nested-place-43/c/$month/$snap.journal" "moved/torn/c/$month"
wait $run
check_equal "the run ends well" "$? $(cat run.out)" "0 "
first=$(newest nested-place-43/c)
for copy in late twice; do
	cp -a "$first" "moved/$copy/c/$month"
done
mkdir -p moved/at-rest
cp -a nested-place-43/c moved/at-rest/c
rm -rf moved/at-rest/c/state moved/at-rest/c/index

search() {
	find nested-place-43/c -type f | while read -r file; do
		case $file in
		*.gz) gzip -dc "$file" ;;
		*) cat "$file" ;;
		esac | grep -aqwF -e "$1" && echo "$file"
	done
}
for word in "$here" nested-place-43 "$(id -un)@"; do
	check_equal "no file names $(basename "$word")" "$(search "$word")" ""
done
[ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null && check_equal "no file names the number of the user" "$(search $OWNER)" ""
unshare --uts true 2>/dev/null && check_equal "no file names the host" "$(search $HOST)" ""

own $OTHER moved
url=$(jq -r 'select(.outcome == "captured" and .need == "page") | .url' "$first/outcomes.jsonl" | grep /news/ | head -n 1)
check "there is an article to look for" [ -n "$url" ]

C=moved/torn/c
check_code "torn: run ends with 10" 10 there $C
said "and says what to do" 'recover --cut-damaged'
check_code "torn: recover --cut-damaged" 8 as $OTHER elsewhere "$HOLDFAST" recover -C $C --cut-damaged
check "what lies behind is kept" [ -n "$(ls $C/quarantine)" ]
check_code "torn: nothing is left to recover" 0 as $OTHER elsewhere "$HOLDFAST" recover -C $C

for copy in torn running late twice at-rest; do
	C=moved/$copy/c
	if [ $copy = at-rest ]; then
		check_code "$copy: rebuild" 0 as $OTHER elsewhere "$HOLDFAST" rebuild all -C $C
	fi
	check_code "$copy: run goes on" 0 there $C
	check_equal "$copy: and complains of nothing" "$(cat check.out)" ""
	check_code "$copy: verify" 0 as $OTHER elsewhere "$HOLDFAST" verify -C $C
	check_equal "$copy: nothing stays open" "$(find $C/snapshots -name '*.open' -o -name '*.journal')" ""
	check "$copy: ls" as $OTHER elsewhere "$HOLDFAST" ls -C $C "$url"
	check "$copy: article" as $OTHER elsewhere "$HOLDFAST" article -C $C --text "$url"
	check_equal "$copy: all that was captured there is here" \
	    "$(jq -r 'select(.need == "page") | .url' "$first/outcomes.jsonl" | sort -u)" \
	    "$(jq -r 'select(.need == "page") | .url' $C/snapshots/*/*/*/outcomes.jsonl | sort -u)"
done
check_equal "the open one was gone on with where it was whole" \
    "$(jq '.runs | length' moved/running/c/"$month/$snap"/report.json)" 2
check_equal "the sealed one counted where there were both" "$(ls moved/twice/c/quarantine)" "$snap.open"
for copy in torn late twice at-rest; do
	check_equal "$copy: the next one follows it" \
	    "$(jq -r .previous.snapshot "$(newest moved/$copy/c)/report.json")" "$snap"
done
stop_all
done_testing
