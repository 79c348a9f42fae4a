#!/bin/sh
# Who signed a WACZ: our key, and a domain with a time stamp by an authority
# made here with openssl.
. "$TOP/tests/system/lib.sh"

start_site
# shellcheck disable=SC2086 # SITE is a list of options
"$HOLDFAST" capture -q -C c $SITE \
    https://english.almayadeen.net/news/politics/story-7 ||
	{ fail "a page is captured" "$?"; done_testing; }

# check_code, and what was printed is in last.out.
code() { check_code "$@"; cp check.out last.out; }

# The commands of ARCHIVING.md's Nth block about signatures, as they stand.
by_hand() {
	awk -v want="$1" '/^### A WACZ and its signature/ { on = 1 }
		/^## 7/ { on = 0 }
		on && /^```/ { inside = !inside; n += inside; next }
		on && inside && n == want' "$TOP/ARCHIVING.md" >by_hand.sh
	PACKAGE=$2 sh -eu by_hand.sh
}

# ---- our own key ----
check_equal "a capture alone makes no key" "$(ls c/keys 2>&1 | wc -l)" 1
check "another init makes the key of a collection" "$HOLDFAST" init -C c \
    --operator Test --contact mailto:test@example.org
check_equal "its folder is closed" "$(stat -c %a c/keys)" 700
check_equal "the key too" "$(stat -c %a c/keys/package.pem)" 600
sum=$(sha256sum <c/keys/package.pem)
check "init leaves a key alone" "$HOLDFAST" init -C c
check_equal "it is the same" "$(sha256sum <c/keys/package.pem)" "$sum"
"$HOLDFAST" export -C c --wacz a.wacz >export.out 2>&1
code "an exported WACZ verifies" 0 "$HOLDFAST" verify a.wacz
"$HOLDFAST" verify a.wacz >verify.out
key=$(openssl pkey -in c/keys/package.pem -pubout -outform DER | sha256sum | cut -c 1-64)
check "verify names the key" grep -q "^signature a.wacz: anonymous key sha256:$key" verify.out
check "so does its JSON" sh -c '"$1" verify --json a.wacz |
    jq -se --arg k "$2" "any(.[]; .signature != null and
    .file == \"a.wacz\" and (.signature | contains(\$k)))"' x "$HOLDFAST" "$key"
check "openssl agrees, by the commands of ARCHIVING.md" by_hand 1 a.wacz
by_hand 1 a.wacz >hand.out 2>&1
check "they say that it verifies" grep -q '^Verified OK' hand.out
check "they name the key, too" grep -q "^$key" hand.out
check_equal "their hashes are equal" "$(sed -n 1p hand.out | cut -c 1-64)" \
    "$(sed -n 2p hand.out | cut -d : -f 2)"

# ---- a key that is not private ----
chmod 644 c/keys/package.pem
code "a key that others may read is refused" 9 \
    "$HOLDFAST" export -C c --wacz b.wacz
check "the command that mends it is said" grep -q 'chmod 600 .*package.pem' last.out
check "nothing was made" [ ! -e b.wacz ]
chmod 600 c/keys/package.pem
chmod 750 c/keys
code "so is one in a folder that others may look into" 9 \
    "$HOLDFAST" export -C c --wacz b.wacz
check "that command is said, too" grep -q 'chmod 700 .*keys' last.out
chmod 700 c/keys

mv c/keys/package.pem kept.pem
code "a key that is gone is missed" 9 "$HOLDFAST" export -C c --wacz b.wacz
check "it is said what makes one" grep -q 'holdfast init' last.out
code "but for those who want no signature" 0 "$HOLDFAST" export -C c --wacz e.wacz --no-sign
mv kept.pem c/keys/package.pem

# ---- nothing of the key elsewhere ----
sed -n '2,$p' c/keys/package.pem | grep -v -e - >secret
head -n 1 secret | cut -c 30-60 >pattern
"$HOLDFAST" export -C c --tar a.tar >>export.out 2>&1
"$HOLDFAST" export -C c --wacz d.wacz --packed-index >>export.out 2>&1
mkdir told
for f in a.wacz a.tar d.wacz export.out verify.out hand.out; do cp "$f" told/; done
cp -r c/log c/state c/snapshots c/index told/ 2>/dev/null
check_equal "no log, report, export or message has its text" \
    "$(grep -rlaF -f pattern told | wc -l)" 0
python3 - <<'END' >found 2>&1
import os, re, subprocess
text = subprocess.run(["openssl", "pkey", "-in", "c/keys/package.pem",
    "-text", "-noout"], capture_output=True).stdout.decode()
hexes = re.search(r"priv:\n(.*?)pub:", text, re.S).group(1)
secret = bytes.fromhex(re.sub(r"[^0-9a-f]", "", hexes))[-48:]
n = 0
for top, _, names in os.walk("told"):
    for name in names:
        data = open(os.path.join(top, name), "rb").read()
        n += any(x in data for x in (secret, secret[::-1],
            secret.hex().encode(), secret.hex().upper().encode()))
print(n)
END
check_equal "nor its bytes" "$(cat found)" 0

# ---- a domain, and an authority for time ----
cat >ca.cnf <<'END'
[root]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
[leaf]
basicConstraints=critical,CA:FALSE
subjectAltName=DNS:archive.example
[time]
basicConstraints=critical,CA:FALSE
extendedKeyUsage=critical,timeStamping
[tsa1]
serial=./serial
signer_digest=sha256
default_policy=1.2.3.4.1
digests=sha256
accuracy=secs:1
ess_cert_id_alg=sha256
END
echo 01 >serial
new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
for name in root time_root; do
	new_key $name
	openssl req -x509 -new -key $name.key -subj "/CN=$name" -days 100 \
	    -config /dev/null -out $name.pem 2>/dev/null ||
		openssl req -x509 -new -key $name.key -subj "/CN=$name" -days 100 -out $name.pem
done
issue() { # NAME SUBJECT SECTION ISSUER
	new_key "$1"
	openssl req -new -key "$1.key" -subj "/CN=$2" -out "$1.csr" 2>/dev/null
	openssl x509 -req -in "$1.csr" -CA "$4.pem" -CAkey "$4.key" \
	    -CAcreateserial -days 30 -extfile ca.cnf -extensions "$3" \
	    -out "$1.pem" 2>/dev/null
}
issue leaf archive.example leaf root
issue stamp time time time_root
cat root.pem time_root.pem >roots.pem
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
check "a WACZ without a signature is made" "$HOLDFAST" export -C c --wacz plain.wacz \
    --no-sign --time "$now"
mkdir d
(cd d && unzip -q ../plain.wacz)

# sign_domain: d/datapackage-digest.json anew; LEAF and STAMP name the keys,
# DATA is what is stamped instead.
sign_domain() {
	hash=sha256:$(sha256sum <d/datapackage.json | cut -c 1-64)
	printf %s "$hash" >hash
	openssl dgst -sha256 -sign "${LEAF:-leaf}.key" hash | base64 -w 0 >sig
	openssl ts -query -data "${DATA:-sig}" -sha256 -cert -out q.tsq 2>/dev/null
	openssl ts -reply -config ca.cnf -section tsa1 -signer stamp.pem \
	    -inkey stamp.key -chain time_root.pem -queryfile q.tsq -out r.tsr \
	    2>ts.err || cat ts.err
	cat "${LEAF:-leaf}.pem" root.pem >domain.chain
	cat stamp.pem time_root.pem >time.chain
	jq -n --arg hash "$hash" --rawfile sig sig --rawfile dc domain.chain \
	    --rawfile tc time.chain --arg ts "$(base64 -w 0 r.tsr)" \
	    --arg created "$now" '{path: "datapackage.json", hash: $hash,
	    signedData: {hash: $hash, created: $created, software: "test",
	    version: "0.1.0", signature: $sig, domain: "archive.example",
	    domainCert: $dc, timeSignature: $ts, timestampCert: $tc}}' \
	    >d/datapackage-digest.json
}
# change FILTER: what was signed, otherwise.
change() {
	jq "$1" d/datapackage-digest.json >t.json &&
	    cat t.json >d/datapackage-digest.json
}
sign_domain
code "a domain with a time stamp verifies" 0 "$HOLDFAST" verify --trust roots.pem d
check "verify names it" grep -q '^signature d: domain archive.example, 20.*time stamp 20' last.out
check_equal "without a warning" "$(grep -c '^warning signature' last.out)" 0
code "it proves nothing to who asks for others" 10 "$HOLDFAST" verify --trust root.pem d
check "that is not what was asked for" grep -q '^changed signature .*the time cannot be proved' last.out
code "nor is it imported then" 10 "$HOLDFAST" import -C c --dry-run --trust root.pem d
code "but for who believes in them it is" 0 "$HOLDFAST" import -C c --dry-run --trust roots.pem d
code "or does not ask" 0 "$HOLDFAST" import -C c --dry-run d
code "nor who it is" 10 "$HOLDFAST" verify --trust time_root.pem d
check "which is said, too" grep -q '^changed signature .*the domain cannot be proved' last.out
code "nor with the roots of the system" 0 "$HOLDFAST" verify d
check "that is a warning, as nobody asked" grep -q '^warning signature .*the domain cannot be proved' last.out
code "a file of roots that is not there" 9 "$HOLDFAST" verify --trust absent.pem d
cp d/datapackage-digest.json digest.json
jq -j .signedData.hash digest.json >hash.txt
check "openssl agrees, by the commands of ARCHIVING.md" by_hand 2 d
check_equal "about all three" "$(grep -c OK check.out)" 3

change '.signedData.domain = "other.example"'
code "another domain" 10 "$HOLDFAST" verify --trust roots.pem d
check "is told" grep -q '^changed signature .*domainCert is not of the domain other.example' last.out
sign_domain
change '.signedData.extra = "x"'
code "a member that does not belong there" 10 "$HOLDFAST" verify --trust roots.pem d
check "is told" grep -q '^changed signature .*extra does not belong there' last.out
sign_domain
change '.more = 1'
code "nor beside the signature" 10 "$HOLDFAST" verify --trust roots.pem d
echo other >other
DATA=other sign_domain
code "a time stamp of other bytes" 10 "$HOLDFAST" verify --trust roots.pem d
check "is told" grep -q '^changed signature .*time stamp is of other bytes' last.out
LEAF=stamp sign_domain
code "a key of somebody else" 10 "$HOLDFAST" verify --trust roots.pem d
sign_domain
change '.signedData.created = "2020-01-01T00:00:00Z"'
code "another creation" 10 "$HOLDFAST" verify --trust roots.pem d
sign_domain
change 'del(.signedData)'
code "a signature that was taken off is no damage" 0 "$HOLDFAST" verify --trust roots.pem d
check "to who asks that somebody vouches it is a warning" grep -q '^warning signature .*is not signed' last.out
code "to others" 0 "$HOLDFAST" verify d
check "it is a note" grep -q '^note signature .*is not signed' last.out
sign_domain
sed -i 's/"title"/"titel"/' d/datapackage.json
code "a changed datapackage.json under a right signature" 10 \
    "$HOLDFAST" verify --trust roots.pem d
check "is told" grep -q '^changed signature .*hash is not that of datapackage.json' last.out

# ---- several, by the list of them ----
# shellcheck disable=SC2086
"$HOLDFAST" capture -q -C c $SITE \
    https://english.almayadeen.net/news/politics/story-7 >/dev/null 2>&1
check "several WACZ are made with a list" "$HOLDFAST" export -C c --wacz m.wacz --split 1K
check_equal "there are two" "$(ls m-0*.wacz | wc -l)" 2
code "they verify by their list" 0 "$HOLDFAST" verify m.json
check "as signed ones" grep -q '^signature m.json: 2 of 2 files' last.out
check "all their records are verified" grep -q '^2 snapshot(s), 3 record file(s)' last.out
mv m-00001.wacz hidden
code "one that is not there is missed" 10 "$HOLDFAST" verify m.json
check "by its name" grep -q '^changed resource-missing m-00001.wacz' last.out
cp a.wacz m-00001.wacz
code "another in its place is found" 10 "$HOLDFAST" verify m.json
check "though it is sound" grep -q '^changed resource-digest m-00001.wacz.*not the file' last.out
done_testing
