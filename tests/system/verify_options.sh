#!/bin/sh
# verify's options: checks, levels, parts, limits of time, verdicts, reports.
. "$TOP/tests/system/lib.sh"
start_site
base=https://english.almayadeen.net/news/politics
# shellcheck disable=SC2086 # SITE is a list of options
for n in 1 2 3; do
	"$HOLDFAST" capture -C c $SITE $base/story-$n >out 2>&1 ||
		{ fail "capture $n" "$(cat out)"; done_testing; }
	sleep 1.1
done
stop_all
first=$(find c/snapshots -mindepth 3 -maxdepth 3 -type d | sort | sed -n 1p)
last=$(newest c)
chmod -R u+w c/snapshots
mkdir files
n=0
for file in c/snapshots/*/*/*/records/*.warc.gz; do
	n=$((n + 1))
	cp "$file" files/$n.warc.gz
done

# flip FILE OFFSET: change one byte.
flip() {
	old=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	# shellcheck disable=SC2059 # an octal escape
	printf "\\$(printf %03o $((old ^ 1)))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
summary() { tail -n 1 "$1" | jq -r "$2"; }

# Objects.
check_code "a folder of record files" 0 "$HOLDFAST" verify files
"$HOLDFAST" verify --json files >out
check_equal "all of them" "$(summary out .files)" 3
"$HOLDFAST" verify --json - <files/1.warc.gz >out
check_equal "standard input" "$(summary out '"\(.exit) \(.files) \(.records > 50)"')" "0 1 true"
find files -name '*.warc.gz' >list
"$HOLDFAST" verify --json -i list >out
check_equal "a list" "$(summary out '"\(.exit) \(.files)"')" "0 3"
find files -name '*.warc.gz' -print0 | "$HOLDFAST" verify --json -0 -i - >out
check_equal "a list with NULs on standard input" "$(summary out '"\(.exit) \(.files)"')" "0 3"
tar -cf files.tar files
check_code "a container" 0 "$HOLDFAST" verify files.tar
check_code "one file in it" 0 "$HOLDFAST" verify files.tar/files/2.warc.gz
"$HOLDFAST" verify files/1.warc.gz >out
check "nothing marks the end of a file" grep -q "^note completeness files/1.warc.gz:" out

# Verdicts.
"$HOLDFAST" verify --json --verdicts files/1.warc.gz >out
check_equal "a verdict for each record" "$(jq -r .verdict out | grep -c sound)" \
    "$(summary out .records)"
check_equal "the summary counts them" "$(summary out .verdicts.sound)" "$(summary out .records)"
cp files/1.warc.gz bent.warc.gz
flip bent.warc.gz 20000
"$HOLDFAST" verify --json --verdicts bent.warc.gz >out
check_equal "of the damaged one, too" "$(jq -r .verdict out | grep -c damaged)" 1
check_equal "and every record is counted once" \
    "$(summary out '[.verdicts[]] | add')" "$(summary out .records)"

# Checks.
check_code "an unknown check is a usage error" 2 "$HOLDFAST" verify --only digest files
check "that names the nearest" sh -c "'$HOLDFAST' verify --skip digest files 2>&1 | grep -q digests"
check "help names the checks" sh -c "'$HOLDFAST' help verify | grep -q '^  outcomes '"
flip "$last/outcomes.jsonl" 100
check_code "a changed file" 10 "$HOLDFAST" verify -C c
check_code "is not seen where manifest and outcomes are left out" 0 \
    "$HOLDFAST" verify -C c --skip manifest,outcomes
check_code "is seen by the outcomes alone" 10 "$HOLDFAST" verify -C c --only outcomes
check_code "and by the manifest alone" 10 "$HOLDFAST" verify -C c --only manifest
check_code "not by the digests of records" 0 "$HOLDFAST" verify -C c --only digests
flip "$last/outcomes.jsonl" 100

# Levels.
check_code "quick" 0 "$HOLDFAST" verify -C c --level quick
check_code "deep" 0 "$HOLDFAST" verify -C c --level deep
check_code "quick of files" 0 "$HOLDFAST" verify --level quick files
check_code "an unknown level" 2 "$HOLDFAST" verify -C c --level shallow
"$HOLDFAST" verify -C c --level quick --json >quick
"$HOLDFAST" verify -C c --json >full
check_equal "quick reads less" "$(($(summary quick .bytes) < $(summary full .bytes)))" 1
records=$(find "$last/records" -name '*.warc.gz')
cp "$records" kept
head -c $(($(wc -c <kept) - 10)) kept >"$records"
check_code "quick sees a cut" 10 "$HOLDFAST" verify -C c --level quick
cp kept "$records"
head -c $(($(wc -c <files/1.warc.gz) - 10)) files/1.warc.gz >short.warc.gz
check_code "of a file that stands alone, too" 23 "$HOLDFAST" verify --level quick short.warc.gz
rm "$last/report.json.x" 2>/dev/null
echo x >"$last/extra"
check_code "quick sees a file too much" 10 "$HOLDFAST" verify -C c --level quick
rm "$last/extra"

# Parts.
total=0
for part in 1 2 3 4 5; do
	"$HOLDFAST" verify --json --subset $part/5 files >out || total=bad
	total=$((total + $(summary out .files)))
done
check_equal "every file is in one part of five" "$total" 3
for bad in 0/3 4/3 1 x/2 1/0; do
	"$HOLDFAST" verify --subset $bad files >out 2>&1
	[ $? -eq 2 ] || bad=
	[ -n "$bad" ] || break
done
check_equal "a part that is none is a usage error" "$bad" 1/0

# Time.
rm -rf c/state
check_code "time is over behind the first snapshot" 15 "$HOLDFAST" verify -C c --max-time 0
check "where it stopped is remembered" [ -s c/state/verify ]
check_code "the second" 15 "$HOLDFAST" verify -C c --max-time 0
"$HOLDFAST" verify -C c --json --max-time 0 >out
check_equal "the third is the last" "$(summary out '"\(.exit) \(.snapshots) \(.passed_over) \(.finished)"')" "0 1 2 true"
check "and nothing is remembered" [ ! -e c/state/verify ]
flip "$first/outcomes.jsonl" 100
check_code "a change counts more than time" 10 "$HOLDFAST" verify -C c --max-time 0
"$HOLDFAST" verify -C c --json --max-time 100 >out
check_equal "and is not found twice" "$(summary out '"\(.exit) \(.snapshots)"')" "0 2"
flip "$first/outcomes.jsonl" 100
check_code "files need --state" 2 "$HOLDFAST" verify --max-time 1 files
check_code "a file of one's own to remember" 15 "$HOLDFAST" verify --max-time 0 --state st files
"$HOLDFAST" verify --json --max-time 100 --state st files >out
check_equal "goes on there" "$(summary out '"\(.exit) \(.files) \(.passed_over)"')" "0 2 1"
check_code "for other objects it begins anew" 15 "$HOLDFAST" verify --max-time 0 --state st files
"$HOLDFAST" verify --json --max-time 100 --state st files/1.warc.gz >out
check_equal "all of them" "$(summary out .passed_over)" 0
echo mine >st
check_code "a file that is no state is refused" 2 "$HOLDFAST" verify --max-time 0 --state st files
check_equal "and left alone" "$(cat st)" mine

# JUnit.
printf 'WARC/1.1\r\n' >"odd <&\"
name.warc"
"$HOLDFAST" verify --json --junit j.xml files bent.warc.gz "odd <&\"
name.warc" nothere.warc >out 2>/dev/null
check_equal "damage counts more than what is not there" $? 23
if command -v python3 >/dev/null; then
	cat >junit.py <<'END'
import json, sys, xml.etree.ElementTree as E
root = E.parse("j.xml").getroot()
found = [json.loads(l) for l in open("out")]
summary = found.pop()
suites = root.findall("testsuite")
cases = errors = failures = 0
for s in suites:
    c = s.findall("testcase")
    assert len(c) == int(s.get("tests")) > 0, s.get("name")
    f = s.findall("testcase/failure")
    assert len(f) == int(s.get("failures"))
    e = s.findall("testcase/error")
    assert len(e) == int(s.get("errors"))
    failures += len(f)
    errors += len(e)
    cases += len(s.findall("testcase/failure")) + len(s.findall("testcase/error")) + len(s.findall("testcase/system-out"))
assert cases == len(found), (cases, len(found))
assert failures == summary["changed"] + summary["damaged"]
assert errors == summary["unread"] == 1
assert any("\n" in s.get("name") and "<&\"" in s.get("name") for s in suites)
END
	check "JUnit agrees with JSON Lines" python3 junit.py
	"$HOLDFAST" verify -C c --junit j.xml >out
	check "a collection without a finding, too" python3 -c 'import xml.etree.ElementTree as E
r = E.parse("j.xml").getroot()
assert not r.findall("testsuite/testcase/failure")
assert len(r.findall("testsuite")) == len(r.findall("testsuite/testcase")) > 30'
else
	skip "JUnit agrees with JSON Lines" "python3 is not there"
	skip "a collection without a finding, too" "python3 is not there"
fi
check_code "a report replaces a report" 0 "$HOLDFAST" verify --junit j.xml files
check_code "and nothing else" 2 "$HOLDFAST" verify --junit files/1.warc.gz files
check_code "the file is as it was" 0 "$HOLDFAST" verify files/1.warc.gz

# Exit codes together.
cp files/2.warc.gz changed.warc.gz
check_code "what is not there at all" 2 "$HOLDFAST" verify nothere.warc
check_code "in the middle of others it is a file error" 3 "$HOLDFAST" verify files/1.warc.gz nothere.warc files/2.warc.gz
"$HOLDFAST" verify --json files/1.warc.gz nothere.warc files/2.warc.gz >out 2>err
check_equal "and the others are verified" "$(summary out '"\(.files) \(.unread)"')" "2 1"
check_code "damage counts more" 23 "$HOLDFAST" verify bent.warc.gz nothere.warc
echo "# forged" >>"$last/about/ARCHIVING.md"
check_code "a change counts most" 10 "$HOLDFAST" verify bent.warc.gz nothere.warc "$last"
done_testing
