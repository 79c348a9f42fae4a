#!/bin/sh
# export --wacz: what is in it, that nothing is missing, and that the same gives
# the same bytes. What others make of it: tests/interop/wacz.sh.
. "$TOP/tests/system/lib.sh"
for need in jq unzip; do
	command -v $need >/dev/null || { skip "WACZ files" "$need is not installed"; done_testing; }
done
start_site
host=https://english.almayadeen.net/news/politics
check_code "init" 0 "$HOLDFAST" init -C col --operator "Example Library" \
    --contact mailto:archive@example.org
for story in story-7 story-8; do
	# shellcheck disable=SC2086 # SITE is a list of options
	check_code "$story" 0 "$HOLDFAST" capture -q -C col $SITE $host/$story
done
stop_all
first=$(find col/snapshots -mindepth 3 -maxdepth 3 -type d | sort | head -n 1)
newest=$(cut -d ' ' -f 2 col/snapshots/*/*/*/index.cdxj | sort -n | tail -n 1 |
    sed 's/\(....\)\(..\)\(..\)\(..\)\(..\)\(..\)/\1-\2-\3T\4:\5:\6Z/')

# ---- what is in it ----

check_code "the collection" 0 "$HOLDFAST" export -C col --wacz all.wacz
check "unzip -t" unzip -tq all.wacz
unzip -q all.wacz -d all
check_equal "in the order of the standard, datapackage last" \
    "$(unzip -Z1 all.wacz | cut -d / -f 1 | uniq | sed 's/^2.*/SNAPSHOT/' | uniq | tr '\n' ' ')" \
    "archive indexes pages SNAPSHOT datapackage.json datapackage-digest.json "
check_equal "every file of each snapshot, byte for byte, under its origin" "$(
	find col/snapshots -mindepth 4 -type f | sort | while read -r file; do
		path=$(jq -r --arg o "${file#col/snapshots/*/*/}" \
		    '.resources[] | select(.origin == $o) | .path' all/datapackage.json)
		cmp "$file" "all/$path" 2>&1
	done)" ""
check_equal "every file is listed with its hash and size" "$(
	find all -type f ! -name 'datapackage*' -printf '%P\n' | sort | while read -r file; do
		jq -r --arg p "$file" '.resources[] | select(.path == $p) |
		    "\(.hash | sub("^sha256:"; ""))  \(.bytes)"' all/datapackage.json |
		    sed "s|\$| $file|"
	done)" "$(find all -type f ! -name 'datapackage*' -printf '%P\n' | sort | while read -r file; do
		echo "$(sha256sum <"all/$file" | cut -c 1-64)  $(wc -c <"all/$file") $file"
	done)"
check_equal "names are those a Data Package may have, once each" \
    "$(jq -r '.resources[].name' all/datapackage.json | sort | uniq -d
       jq -r '.resources[].name' all/datapackage.json | grep -v '^[-a-z0-9._/]*$')" ""
check_equal "all lies one folder deep" "$(find all -mindepth 3)" ""
check_equal "nothing but the index is called as one" \
    "$(find all -name '*.cdx*' -o -name '*.idx' | grep -v '\.sealed$')" all/indexes/index.cdxj
check_equal "datapackage.json" \
    "$(jq -r '.profile, .wacz_version, .created, (.software | sub(" .*"; "")), (.mainPageUrl | sub(".*/"; ""))' all/datapackage.json)" \
    "data-package
1.1.1
$newest
holdfast
story-7"
check "who captured it is told" jq -e '.description | startswith("Captured by Example Library (mailto:archive@example.org)")' all/datapackage.json
check_equal "all is dated by the newest capture, in even seconds" "$(unzip -ZT all.wacz |
    sed -n 's/.* \(2[0-9]\{7\}\.[0-9]\{6\}\) .*/\1/p' | sort -u | wc -l)" 1

# ---- index and pages ----

check_equal "the index is sorted" "$(LC_ALL=C sort -c all/indexes/index.cdxj 2>&1)" ""
lines() { sed 's/^[^{]*//' "$@" | jq -c '[.url, .offset, .length, .id]' | sort; }
check_equal "it has the lines of all snapshots" "$(lines all/indexes/index.cdxj)" \
    "$(lines col/snapshots/*/*/*/index.cdxj)"
check_equal "each names a file in archive/ and a gzip member there" "$(
	sed 's/^[^{]*//' all/indexes/index.cdxj | jq -r '[.filename, .offset, .length, .id] | @tsv' |
	    while read -r file offset length id; do
		dd if="all/archive/$file" bs=1 skip="$offset" count="$length" 2>/dev/null | gzip -dc |
		    tr -d '\r' | grep -aqx -e "WARC-Record-ID: <$id>" || echo "$id"
	    done)" ""
check_equal "a page for each article" "$(sed 1d all/pages/pages.jsonl | jq -r .url)" "$host/story-7
$host/story-8"
check_equal "the first line says that pages have text" \
    "$(head -n 1 all/pages/pages.jsonl | jq -c '[.format, .id, .hasText]')" '["json-pages-1.0","pages",true]'
check_equal "as the articles have it" \
    "$(sed 1d all/pages/pages.jsonl | jq -S '{title, text, articleId, language, published}')" \
    "$(cat col/snapshots/*/*/*/articles.jsonl | jq -S '.article | {title: .headline, text: .body_text,
	articleId: .article_id, language: .edition.lang, published: .published.utc}')"
check_equal "by the ids of their records" "$(sed 1d all/pages/pages.jsonl | jq -r .id)" \
    "$(cat col/snapshots/*/*/*/articles.jsonl | jq -r .binding.response_record)"
check_equal "and their seconds" "$(sed 1d all/pages/pages.jsonl | jq -r .ts)" \
    "$(cat col/snapshots/*/*/*/articles.jsonl | jq -r '.binding.response_date | sub("\\..*"; "Z")')"
check_code "with a packed index" 0 "$HOLDFAST" export -C col --wacz packed.wacz --packed-index
unzip -q packed.wacz -d packed
check_equal "the same lines" "$(gzip -dc packed/indexes/index.cdx.gz | cmp - all/indexes/index.cdxj 2>&1)" ""
check_equal "a list of its blocks" "$(sed -n '1p;$p' packed/indexes/index.idx | sed 's/^[^{]*//' |
    jq -c '.filename // [.offset, .length]' | tr '\n' ' ')" \
    "\"index.cdx.gz\" [0,$(wc -c <packed/indexes/index.cdx.gz)] "

# ---- back again, by hand ----

mkdir hand
sed -n '/^### A WACZ of ours/,/^### A WACZ and/p' "$TOP/ARCHIVING.md" |
    sed -n '/^```/,/^```/p' | grep -v '^```' >hand.sh
(cd hand && PACKAGE=../all.wacz sh -u ../hand.sh) >hand.out 2>&1
check_equal "the commands of ARCHIVING.md make snapshots of it that their manifests prove" \
    "$? $(cat hand.out)" "0 "
check_equal "byte for byte those of the collection" "$(for s in col/snapshots/*/*/*; do
	diff -r "$s" "hand/$(basename "$s")" 2>&1
done)" ""

# ---- signed, the same bytes ----

check_equal "signed over datapackage.json" \
    "$(jq -r '[.hash, .signedData.hash, .signedData.created, .signedData.version] | @tsv' all/datapackage-digest.json)" \
    "$(hash=sha256:$(sha256sum <all/datapackage.json | cut -c 1-64)
       printf '%s\t%s\t%s\t0.1.0' "$hash" "$hash" "$(jq -r .created all/datapackage.json)")"
check_code "verify, without unpacking" 0 "$HOLDFAST" verify all.wacz
check_equal "it says who signed" "$(grep -c "^signature .*anonymous key sha256:" check.out)" 1
check_code "verify, with a packed index" 0 "$HOLDFAST" verify packed.wacz
check_code "not signed" 0 "$HOLDFAST" export -C col --wacz plain.wacz --no-sign
check_equal "no signature" "$(unzip -p plain.wacz datapackage-digest.json | jq -c 'keys')" '["hash","path"]'
mkdir elsewhere
cp -a col elsewhere/other
(cd elsewhere && umask 077 && HOLDFAST_TEST_CLOCK=1900000000 "$BUILD/holdfast-test" export \
    -C other --wacz again.wacz) >out 2>&1
check "from another folder, in another year, for another user: the same bytes, signature too" \
    cmp all.wacz elsewhere/again.wacz
(cd elsewhere && HOLDFAST_TEST_CLOCK=1910000000 "$BUILD/holdfast-test" export \
    -C other --wacz t1.wacz --time 2027-01-02T03:04:05Z) >out 2>&1
check_code "dated otherwise" 0 "$HOLDFAST" export -C col --wacz t2.wacz --time 20270102030405
check "the same bytes" cmp t2.wacz elsewhere/t1.wacz
check_equal "created is that" "$(unzip -p t2.wacz datapackage.json | jq -r .created)" 2027-01-02T03:04:05Z

# ---- several ----

check_code "in parts" 0 "$HOLDFAST" export -C col --wacz parts.wacz --split 1K
check_equal "one for each snapshot, and a list" "$(echo parts*)" "parts-00001.wacz parts-00002.wacz parts.json"
check_equal "the list has their hashes" \
    "$(jq -r '.profile, (.resources[] | "\(.hash)  \(.path)  \(.bytes)")' parts.json)" \
    "multi-wacz-package
$(for f in parts-*.wacz; do echo "sha256:$(sha256sum <$f | cut -c 1-64)  $f  $(wc -c <$f)"; done)"
check_code "verify follows the list" 0 "$HOLDFAST" verify parts.json
for part in 1 2; do
	check_code "part $part verifies alone" 0 "$HOLDFAST" verify parts-0000$part.wacz
	check_equal "it has a page" "$(unzip -p parts-0000$part.wacz pages/pages.jsonl | wc -l)" 2
	check_equal "and knows which part it is" \
	    "$(unzip -p parts-0000$part.wacz datapackage.json | jq -c .part)" "{\"number\":$part,\"count\":2}"
done
check_equal "all index lines, once" "$(for p in 1 2; do unzip -p parts-0000$p.wacz indexes/index.cdxj; done |
    LC_ALL=C sort)" "$(cat all/indexes/index.cdxj)"
check_equal "the second repeats what is in the first, and says so" \
    "$(unzip -p parts-00002.wacz datapackage.json | jq -r '.relation.requires[] | .filename, .hash')" \
    "$(jq -r '.resources[0] | .path, .hash' parts.json)"
check_equal "the first needs none" "$(unzip -p parts-00001.wacz datapackage.json | jq -c .relation)" null

# ---- one snapshot, a selection ----

check_code "one snapshot" 0 "$HOLDFAST" export -C col --wacz one.wacz "$(basename "$first")"
check_equal "its article gives the title" "$(unzip -p one.wacz datapackage.json | jq -r .title)" \
    "$(jq -r .article.headline "$first/articles.jsonl")"
check_code "a capture, with what it repeats" 0 "$HOLDFAST" export -C col --self-contained \
    --wacz story.wacz $host/story-8
check_code "verify finds it whole" 0 "$HOLDFAST" verify story.wacz
check_equal "no original is missing" "$(grep -c 'original is not there' check.out)" 0
check_equal "one page" "$(unzip -p story.wacz pages/pages.jsonl | sed 1d | jq -r .url)" $host/story-8

# ---- what cannot be ----

cp all.wacz before
check_code "a target that is there" 2 "$HOLDFAST" export -C col --wacz all.wacz
check "stays as it was" cmp all.wacz before
: >gone-00002.wacz
check_code "a part that is there" 2 "$HOLDFAST" export -C col --wacz gone.wacz --split 1K
check_equal "nothing is made" "$(echo gone*)" gone-00002.wacz
check_code "another end" 2 "$HOLDFAST" export -C col --wacz a.zip
check_code "no such folder" 2 "$HOLDFAST" export -C col --wacz none/a.wacz
chmod 0644 col/keys/package.pem
check_code "a key that others may read" 9 "$HOLDFAST" export -C col --wacz key.wacz
check_equal "nothing is made then" "$(echo key*)" "key*"
chmod 0600 col/keys/package.pem
records=$(echo "$first"/records/*.gz)
chmod u+w "$records"
printf X | dd of="$records" bs=1 seek=3000 conv=notrunc 2>/dev/null
check_code "records that are not as they were sealed" 10 "$HOLDFAST" export -C col --wacz bad.wacz
check_code "nor in parts" 10 "$HOLDFAST" export -C col --wacz bad.wacz --split 1K
check_equal "nothing is left" "$(echo bad*)" "bad*"
if unshare -Urm true 2>/dev/null; then
	mkdir small
	cp -a elsewhere/other whole
	unshare -Urm sh -c 'mount -t tmpfs -o size=200k none small || exit 99
		"$1" export -C whole --wacz small/a.wacz
		echo "$?" "$(ls small)"
		mount -t tmpfs -o size=500k none small || exit 99
		"$1" export -C whole --wacz small/a.wacz --split 1K
		echo "$?" "$(ls small)"' sh "$HOLDFAST" >out 2>err
	check_equal "a full disk: exit 3, nothing is left, nor of parts" "$(cat out)" "3 
3 "
else
	skip "a full disk: exit 3, nothing is left, nor of parts" "no mount namespace can be made here (unshare -Urm)"
fi
done_testing
