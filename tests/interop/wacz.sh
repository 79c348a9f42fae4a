# What others make of our WACZ files, and we of theirs: part of run.sh, which
# has the snapshot of an article, the peers' folder and all that counts.

# from_npm PACKAGE...: installed beside each other, without their scripts. A
# registry that lags behind may lack the newest warcio, and any 2.4 will do.
from_npm() {
	command -v npm >/dev/null || { not_shown "$*" "npm is not installed"; return 1; }
	all=1
	for one in "$@"; do [ -d "$peers/npm/node_modules/$one" ] || all=; done
	[ -z "$all" ] || return 0
	mkdir -p "$peers/npm"
	echo '{"private": true, "overrides": {"warcio": "^2.4.10"}}' >"$peers/npm/package.json"
	(cd "$peers/npm" && timeout 240 npm install --silent --no-audit --no-fund \
	    --ignore-scripts "$@") >npm.out 2>&1 && return 0
	not_shown "$*" "npm: $(grep -i -m 1 error npm.out)"
	return 1
}

# ReplayWeb.page is a page of its own: its package is unpacked, nothing that it
# names is installed.
from_npm_alone() {
	[ -s "$peers/replaywebpage/package/sw.js" ] && return
	command -v npm >/dev/null || { not_shown replaywebpage "npm is not installed"; return 1; }
	mkdir -p "$peers/replaywebpage"
	(cd "$peers/replaywebpage" && timeout 120 npm pack --silent replaywebpage &&
	    tar -xzf replaywebpage-*.tgz) >npm.out 2>&1
	[ -s "$peers/replaywebpage/package/sw.js" ] && return
	not_shown replaywebpage "npm: $(grep -i -m 1 error npm.out)"
	return 1
}

# Plain, packed and several; unsigned where the name says so.
make_waczs() {
	"$HOLDFAST" init -C article --operator Test --contact mailto:test@example.test \
	    </dev/null >out 2>&1
	check_code "export --wacz" 0 "$HOLDFAST" export -C article --wacz plain.wacz
	check_code "export --wacz --packed-index" 0 "$HOLDFAST" export -C article \
	    --wacz packed.wacz --packed-index --no-sign
	check_code "export --wacz --split" 0 "$HOLDFAST" export -C article \
	    --wacz several.wacz --split 1K
	"$HOLDFAST" export -C odd --wacz odd.wacz >out 2>&1
	jq -r 'select(.outcome == "captured") | [.digest, .url] | @tsv' \
	    "$article/outcomes.jsonl" >wacz.kept
	waczs="plain.wacz packed.wacz several-00001.wacz odd.wacz"
}

check_zips() {
	for f in $waczs; do
		if command -v unzip >/dev/null; then
			check_equal "unzip -t finds no error in $f" \
			    "$(unzip -t "$f" 2>&1 | tail -n 1)" \
			    "No errors detected in compressed data of $f."
			check_equal "zipinfo: all of $f is stored, none has a descriptor or an extra field" \
			    "$(zipinfo -v "$f" | grep -c -e 'compression method:  *none (stored)')" \
			    "$(unzip -Z1 "$f" | wc -l)"
			check_equal "zipinfo has no warning of $f" \
			    "$(zipinfo -v "$f" 2>&1 | grep -i -e warning -e error)" ""
		fi
		check_code "verify finds $f as it was sealed" 0 "$HOLDFAST" verify "$f"
		[ -n "$no_python" ] || check_equal "Python's zipfile finds every CRC of $f right" \
		    "$(python3 -c 'import sys, zipfile
print(zipfile.ZipFile(sys.argv[1]).testzip())' "$f" 2>&1)" None
	done
}

# It validates with frictionless, compares names and hashes, and the digest.
check_py_wacz() {
	for f in $waczs; do
		"$venv/wacz" validate -f "$f" >wacz.out 2>&1
		check_equal "wacz validate accepts $f" "$? $(tail -n 1 wacz.out)" \
		    "0 Validation succeeded, the passed WACZ is valid"
	done
	cp plain.wacz broken.wacz
	printf 'X' | dd of=broken.wacz bs=1 seek=5000 conv=notrunc 2>/dev/null
	check_code "wacz validate refuses one with a changed byte" 1 \
	    "$venv/wacz" validate -f broken.wacz
	check_code "verify does, too" 10 "$HOLDFAST" verify broken.wacz
	"$venv/wacz" create -o py.wacz --detect-pages --text "$article"/records/*.gz >wacz.out 2>&1
	check_code "verify accepts what py-wacz makes of our records" 0 "$HOLDFAST" verify py.wacz
}

# Its loader reads index, pages and records, and compares hash and signature.
check_wabac() {
	for f in plain.wacz packed.wacz several.json; do
		timeout 60 node "$TOP/tests/interop/wabac.mjs" "$peers/npm/node_modules" \
		    "$PWD/$f" wacz.kept >wabac.out 2>&1
		check_equal "wabac gives all $(wc -l <wacz.kept) captured URLs of $f, byte for byte" \
		    "$(jq -c '[.right, .wrong]' wabac.out)" "[$(wc -l <wacz.kept),[]]"
		check_equal "it lists the article of $f, with its text" \
		    "$(jq -c '[.text, .pages[].url]' wabac.out)" \
		    '[1,"https://english.almayadeen.net/news/politics/story-7"]'
		case $f in packed.wacz) continue ;; esac # not signed
		check_equal "it finds the signature of $f right" \
		    "$(jq -c '[.checked | to_entries[] | select(.key | endswith("signature")) | .value]' wabac.out)" \
		    "[true]"
		check_equal "and the hashes of datapackage.json and pages.jsonl" \
		    "$(jq -c '[.checked | to_entries[] | select(.key | endswith(".json") or endswith(".jsonl")) | .value]' wabac.out)" \
		    "[true,true]"
	done
}

# The WACZ it makes of our records: the same index but for connections and
# certificates, which it lists and we do not, the same page.
check_js_wacz() {
	timeout 60 node "$peers/npm/node_modules/@harvard-lil/js-wacz/bin/cli.js" create \
	    -f "$article/records/*.warc.gz" -o js.wacz >js.out 2>&1
	[ -s js.wacz ] || { not_shown js-wacz "$(tail -n 1 js.out)"; return; }
	for f in js plain; do
		unzip -p $f.wacz 'indexes/index.cdx*' | sed 's/^[^{]*//' |
		    jq -r 'select(.url | startswith("http")) | [.url, .offset, .length, .mime, .status, .filename,
			(.digest | sub("^sha256:"; ""))] | @tsv' | sort >$f.lines
		unzip -p $f.wacz pages/pages.jsonl | jq -r 'select(.url) | .url, .ts[:19]' >$f.pages
	done
	check_equal "js-wacz makes our $(wc -l <plain.lines) index lines" "$(diff js.lines plain.lines)" ""
	# Its hash of a file has every piece of it twice.
	check_code "verify refuses what it made" 10 "$HOLDFAST" verify js.wacz
	check_equal "for nothing but its hash of the record file" \
	    "$(sed -n 's/^\(changed\|damage\) \([^ ]*\) \([^ ]*\) .*/\2 \3/p' check.out)" \
	    "resource-digest js.wacz/archive/$(basename "$article"/records/*.gz):0"
	check_equal "js-wacz finds our page, captured in the same second" "$(cat js.pages)" "$(cat plain.pages)"
}

make_waczs
check_zips
from_pypi wacz wacz && check_py_wacz
if command -v node >/dev/null; then
	from_npm @webrecorder/wabac fake-indexeddb @harvard-lil/js-wacz &&
	    { check_wabac; check_js_wacz; }
	if from_npm_alone; then
		mkdir -p replay
		(cd replay && TOP=$TOP BUILD=$BUILD REPLAYWEB=$peers/replaywebpage/package \
		    sh "$TOP/tests/browser/replayweb.sh") >replay.out 2>&1
		check_equal "ReplayWeb.page shows the articles in a browser ($(grep -c '^ok' replay.out) checks)" \
		    "$(grep -e '^not ok' -e SKIP replay.out)" ""
	fi
else
	not_shown "wabac, js-wacz, ReplayWeb.page" "node is not installed"
fi
