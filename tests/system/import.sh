#!/bin/sh
# import: record files of others in a collection, as they were, with where
# they came from; all or nothing whatever happens.
. "$TOP/tests/system/lib.sh"
command -v jq >/dev/null || { skip "import" "jq is not installed"; done_testing; }
start_site
if command -v wget >/dev/null; then
	for n in 1 2 3; do
		echo "http://127.0.0.1:$HTTP/news/politics/story-$n"
	done >urls
	echo "http://127.0.0.1:$HTTP/not/there" >>urls
	wget -q --header 'Host: english.almayadeen.net' -O /dev/null \
	    --warc-file packed -i urls
	wget -q --header 'Host: english.almayadeen.net' -O /dev/null \
	    --warc-file plain --no-warc-compression -i urls
else
	skip "files of wget" "wget is not installed"
fi
stop_all

bytes() { wc -c <"$1" | tr -d ' '; }
segment() { ls "$(newest "$1")"/records/*.warc.gz; }
report() { jq -e "$2" "$(newest "$1")/report.json" >/dev/null; }

if [ -s packed.warc.gz ]; then
	"$HOLDFAST" import -C none --dry-run packed.warc.gz >out 2>&1
	check "a dry run makes no collection" [ ! -e none ]
	check_code "a file of wget is imported" 0 \
	    "$HOLDFAST" import -C c packed.warc.gz
	check_code "and the collection verifies" 0 "$HOLDFAST" verify -C c
	check_equal "without a word about habits of wget" \
	    "$("$HOLDFAST" verify -C c | wc -l | tr -d ' ')" 1
	tail -c "$(bytes packed.warc.gz)" "$(segment c)" >tail
	check "its members are there byte for byte" cmp packed.warc.gz tail
	check "the report tells where they came from" report c \
	    ".kind == \"import\" and .status == \"complete\" and
	    .run.files[0].name == \"packed.warc.gz\" and
	    .run.files[0].size == $(bytes packed.warc.gz) and
	    .run.files[0].sha256 == \"$(sha256sum packed.warc.gz | cut -c1-64)\" and
	    .run.files[0].format == \"WARC/1.0, gzip\" and
	    (.run.files[0].warcinfo | test(\"software: Wget\"))"
	check "and so does a record" sh -c "gzip -dc '$(segment c)' |
	    grep -a -q 'WARC-Target-URI: urn:holdfast:import:'"
	check "the sums balance" report c ".totals.targets == 4 and
	    .totals.by_outcome.captured == 3 and
	    .totals.by_outcome[\"not-found\"] == 1"
	check_equal "ls lists its captures" \
	    "$("$HOLDFAST" ls -C c latest | wc -l | tr -d ' ')" 4
	check "show finds one" "$HOLDFAST" show -C c "$(sed -n 1p urls)"
	check "cat gives its payload" sh -c "'$HOLDFAST' cat -C c \
	    '$(sed -n 1p urls)' | grep -q '<html'"
	check_code "what can be made again is the same" 0 \
	    "$HOLDFAST" rebuild all -C c
	check_code "again: nothing written" 0 \
	    "$HOLDFAST" import -C c packed.warc.gz
	cp check.out said
	check "and said" grep -q 'imported already' said
	check_code "--fail-if-unchanged" 24 \
	    "$HOLDFAST" import -C c --fail-if-unchanged packed.warc.gz
	check_equal "one snapshot" "$("$HOLDFAST" ls -C c | wc -l | tr -d ' ')" 1
	check_code "a plain file" 0 "$HOLDFAST" import -C p plain.warc
	gzip -dc "$(segment p)" | tail -c "$(bytes plain.warc)" >tail
	check "its records are there byte for byte" cmp plain.warc tail
	check_code "one member a record" 0 "$HOLDFAST" verify -C p
	check_code "beside the other one" 0 "$HOLDFAST" import -C c plain.warc
	check_code "the chain holds" 0 "$HOLDFAST" verify -C c

	# Damage, and bytes that are not those of the digests.
	size=$(bytes packed.warc.gz)
	head -c $((size - 100)) packed.warc.gz >cut.warc.gz
	check_code "a cut file: what is whole is imported" 23 \
	    "$HOLDFAST" import -C cut cut.warc.gz
	cp check.out said
	check "the cut is named" grep -q 'gzip-cut' said
	check "in the report too" report cut \
	    '.run.files[0].left_out[0].code == "gzip-cut"'
	check_code "and what is there verifies" 0 "$HOLDFAST" verify -C cut
	sed 's/^HTTP\/1.1 404/HTTP\/1.1 405/' plain.warc >changed.warc
	check_code "a digest that differs: left out" 10 \
	    "$HOLDFAST" import -C m changed.warc
	check "it is named" report m '.run.files[0].mismatched == 1 and
	    .run.files[0].left_out[0].code == "digest"'
	check_code "the rest is there" 0 "$HOLDFAST" verify -C m
	check_code "--keep-mismatch takes what was left out" 0 \
	    "$HOLDFAST" import -C m --keep-mismatch changed.warc
	check "marked" report m '.totals.records == 3 and
	    (.run.files[0].marked | length) == 1'
	check_code "which verify knows" 0 "$HOLDFAST" verify -C m
	cp check.out said
	check "and says" grep -q 'it was imported so' said
	check_code "then there is nothing more" 24 "$HOLDFAST" import -C m \
	    --keep-mismatch --fail-if-unchanged changed.warc
	check_code "a file that is not there" 3 \
	    "$HOLDFAST" import -C c packed.warc.gz nothing.warc.gz
	check_code "a bad key" 2 "$HOLDFAST" import -C c --site a/b plain.warc

	# Inside containers.
	mkdir box && cp packed.warc.gz plain.warc box && tar -czf box.tgz box
	if "$HOLDFAST" import -C b box.tgz >out 2>&1; then
		check_equal "files inside a compressed tar" \
		    "$(jq -c '[.run.files[].imported > 0]' \
		    "$(newest b)/report.json")" "[true,true]"
		check_code "..." 0 "$HOLDFAST" verify -C b
	else
		fail "files inside a compressed tar" "$(cat out)"
	fi
fi

# kill -9 at any write: all or nothing.
if [ -s packed.warc.gz ] && strace -o /dev/null true 2>/dev/null; then
	bad=0
	for call in fdatasync pwrite64 fsync renameat2; do
		for when in 1 2 3 4; do
			rm -rf k 2>/dev/null || { chmod -R u+w k; rm -rf k; }
			"$HOLDFAST" init -C k >/dev/null
			strace -f -o trace -e trace=$call \
			    -e inject="$call:signal=KILL:when=$when" \
			    "$HOLDFAST" import -C k packed.warc.gz >out 2>&1
			"$HOLDFAST" recover -C k >out2 2>&1 &&
			    "$HOLDFAST" verify -C k >>out2 2>&1 &&
			    "$HOLDFAST" import -C k packed.warc.gz >>out2 2>&1 &&
			    "$HOLDFAST" verify -C k >>out2 2>&1 &&
			    [ "$("$HOLDFAST" ls -C k | wc -l)" -eq 1 ] &&
			    [ -z "$(find k/snapshots -name '*.open' -o -name '*.journal')" ] || {
				bad=$((bad + 1))
				echo "# kill at $call $when: $(tail -n 4 out2)"
			}
		done
	done
	check_equal "kill -9 at 16 writes: all or nothing, once" $bad 0
	case $BUILD in */release) ;; *)
		skip "SIGINT during an import" "the leak checker cannot run under strace" ;;
	esac
fi
if [ -s packed.warc.gz ] && [ "${BUILD%/release}" != "$BUILD" ] &&
    strace -o /dev/null true 2>/dev/null; then
	strace -f -o trace -e trace=fdatasync -e inject=fdatasync:signal=INT:when=2 \
	    "$HOLDFAST" import -C i packed.warc.gz >out 2>&1
	code=$?
	case $code in 0 | 11) pass "SIGINT ends in order" ;;
	*) fail "SIGINT ends in order" "exit $code" "$(cat out)" ;; esac
	check "nothing is left open" sh -c \
	    "[ -z \"\$(find i/snapshots -name '*.open' -o -name '*.journal')\" ]"
else
	skip "signals during an import" "strace may not trace here"
fi

if [ -z "${CORPORA:-}" ]; then
	skip "files of others" "CORPORA is not set"
	done_testing
fi

# others NAME FILE...: imported, and nothing changed.
others() {
	who=$1
	shift
	chmod -R u+w o 2>/dev/null
	rm -rf o
	check_code "$who: imported" 0 "$HOLDFAST" import -C o "$@"
	check "$who: every record" report o \
	    'all(.run.files[]; .already or .imported + .repeated == .records)'
	check_code "$who: verified" 0 "$HOLDFAST" verify -C o
	check_code "$who: listings made anew" 0 "$HOLDFAST" rebuild all -C o
}
find "$CORPORA" -type f >all
others "warcio" $(grep 'webrecorder__warcio/.*/example\.warc\.gz$' all) \
    $(grep 'webrecorder__warcio/.*/example-iana.org-chunked\.warc$' all) \
    $(grep 'webrecorder__warcio/.*/post-test\.warc\.gz$' all)
others "wget" $(grep '/example-wget-bad-target-uri\.warc\.gz$' all | head -n 1)
others "Heritrix" $(grep 'iipc__warc-specifications/.*revisit.*\.warc\(\.gz\)*$' all)
others "Browsertrix" $(grep 'py-wacz/.*/valid_.*\.wacz$' all)
others "ARC" $(grep 'pywb/sample_archive/warcs/example\.arc\(\.gz\)*$' all)
others "pywb" $(grep 'pywb/sample_archive/warcs/\(iana\|dupes\)\.warc\.gz$' all)
one=$(grep 'pywb/sample_archive/warcs/iana\.warc\.gz$' all)
chmod -R u+w o && rm -rf o
"$HOLDFAST" import -C o "$one" >out 2>&1
tail -c "$(bytes "$one")" "$(segment o)" >tail
check "343 members of pywb byte for byte" cmp "$one" tail
whole=$(grep 'webrecorder__warcio/.*/example-bad\.warc\.gz\.bad$' all)
"$HOLDFAST" import -C w "$whole" >out 2>&1
check_code "a whole file in one member: one member a record" 0 \
    "$HOLDFAST" verify -C w
gzip -dc "$whole" >whole
gzip -dc "$(segment w)" | tail -c "$(bytes whole)" >tail
check "with the same bytes" cmp whole tail
done_testing
