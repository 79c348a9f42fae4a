#!/bin/sh
# audit: rolling fixity, the longest unchecked first; its history; status.
. "$TOP/tests/system/lib.sh"
start_site
capture_two c
stop_all
first=$(find c/snapshots -mindepth 3 -maxdepth 3 -type d | sort | sed -n 1p)
chmod -R u+w c/snapshots
history=c/log/audit.jsonl
count=$(find c/snapshots -type f | wc -l)
clock=1800000000

# audit OPTION...: an hour later each time.
audit() {
	clock=$((clock + 3600))
	HOLDFAST_TEST_CLOCK=$clock "$BUILD/holdfast-test" audit -C c "$@"
}
status() { HOLDFAST_TEST_CLOCK=$clock "$BUILD/holdfast-test" status -C c "$@"; }

check "status tells that there was none" sh -c "'$HOLDFAST' status -C c | grep -q '^audit *never'"
audit >out 2>&1
check_equal "a sound collection is exit 0" $? 0
check_equal "and silent" "$(cat out)" ""
check_equal "every file has a line" "$(wc -l <$history)" "$count"
check_equal "of these members" "$(head -n 1 $history | jq -r 'keys_unsorted | join(" ")')" \
    "time file size sha256 result"
check "its digests are those of the files" sh -c "cd c &&
    jq -r '.sha256 + \"  \" + .file' log/audit.jsonl | sha256sum -c --quiet"
check_equal "status knows" "$(status --json | jq -c '.audit | [.files, .never, .bad, .oldest_age_s]')" "[$count,0,0,0]"

# Rolling: one file a call, the oldest first.
rm $history
n=0
while [ $n -lt "$count" ]; do
	n=$((n + 1))
	audit --max-time 0 || { fail "call $n"; break; }
done
check_equal "as many calls as files come to all" \
    "$(jq -r .file $history | sort -u | wc -l)" "$count"
audit --max-time 0
check_equal "then the oldest comes again" "$(tail -n 1 $history | jq -r .file)" \
    "$(head -n 1 $history | jq -r .file)"
check_equal "status tells the age of the next" \
    "$(status --json | jq '.audit.oldest_age_s / 3600 | round')" "$((count - 1))"
audit --max-bytes 1 --json >out
check_equal "so many bytes are enough" "$(tail -n 1 out | jq -c '[.files, .exit]')" "[1,0]"

# A torn last line.
head -c -20 $history >torn
cp torn $history
audit --max-time 0
check_equal "a torn last line is survived" $? 0
check_equal "the next begins a line of its own" "$(tail -n 1 $history | jq -r .result)" ok
audit
check_equal "and so does all" $? 0

# Changes.
file=$first/about/ARCHIVING.md
cp "$file" kept
echo "# forged" >>"$file"
audit >out 2>err
check_equal "a change is exit 10" $? 10
check_equal "nothing on stdout" "$(cat out)" ""
check "the alarm names file and time" grep -q "ARCHIVING.md: changed: .*was well at 20" err
check_equal "one line" "$(wc -l <err)" 1
check_equal "it ends there" "$(tail -n 1 $history | jq -r .result)" changed
check "status has an alarm" sh -c "'$HOLDFAST' status -C c | grep -q '^alarm *audit: 1 file'"
audit >out 2>err
check_equal "it is told again" $? 10
check "and the others are looked at" sh -c "[ \$(grep -c '\"ok\"' $history) -gt $count ]"
cp kept "$file"
audit >out 2>&1
check_equal "as it was it is well" "$?$(cat out)" 0
(cd "$first" && echo "# forged" >>about/ARCHIVING.md && sha256sum about/ARCHIVING.md >../line &&
	sed -i "s|^.*  about/ARCHIVING.md\$|$(cat ../line)|" manifest-sha256.txt; rm ../line)
audit >out 2>err
check_equal "changed with its manifest line" $? 10
cp kept "$file"
(cd "$first" && sha256sum about/ARCHIVING.md >../line &&
	sed -i "s|^.*  about/ARCHIVING.md\$|$(cat ../line)|" manifest-sha256.txt; rm ../line)
audit >out 2>&1
check_equal "and back" $? 0
mv "$file" away
audit >out 2>err
check_equal "a file that is gone" $? 10
check "is told as missing" grep -q "ARCHIVING.md: missing; was well at" err
mv away "$file"
audit >out 2>&1
mv "$first" away
audit >out 2>err
check_equal "a snapshot that is gone" $? 10
mv away "$first"

# A history that cannot be right.
audit >out 2>&1
cp $history kept-history
late="${first#c/}/outcomes.jsonl"
line() { printf '{"time":"%s","file":"%s","size":1,"sha256":"%s","result":"ok"}\n' "$1" "$2" "$3"; }
sum=$(sha256sum <"c/$late" | cut -c1-64)
line 2126-01-01T00:00:00Z "$late" "$sum" >>$history
audit --max-bytes 1 >out 2>err
check_equal "who was looked at by a clock that was ahead is looked at first" \
    "$(tail -n 1 $history | jq -r .file)" "$late"
audit --max-bytes 1 >out 2>err
check "and not for ever" [ "$(tail -n 1 $history | jq -r .file)" != "$late" ]
for bad in '{"time":"2026-01-01T00:00:00Z","file":"snaps' 'null' '[1]' '{"file":3}' ''; do
	printf '%s\n' "$bad" >>$history
done
line 2026-01-01T00:00:00Z ../../etc/passwd "$sum" >>$history
line 2026-01-01T00:00:00Z "snapshots/../../etc/passwd" "$sum" >>$history
line 2026-01-01T00:00:00Z "$late" "not hex" >>$history
head -c 2000000 /dev/zero | tr '\0' x >>$history
printf '{"torn' >>$history
audit >out 2>&1
check_equal "garbage in the history harms nobody" "$?$(cat out)" 0
check_equal "and what comes behind it stands on its own line" \
    "$(tail -n 1 $history | jq -r .result)" ok
mv kept-history $history

# Beside a run, and where nothing can be written.
flock c/lock true 2>/dev/null
check_code "it takes no lock" 0 sh -c "exec 9>>c/lock; flock 9 2>/dev/null; '$HOLDFAST' audit -C c"
rm $history
check_code "a history that is lost begins anew" 0 "$HOLDFAST" audit -C c
check_code "no collection" 2 "$HOLDFAST" audit -C nowhere
mkdir -p full/log
mv $history full/log/
mkdir $history
check_code "nothing to write into" 3 "$HOLDFAST" audit -C c
rmdir $history
done_testing
