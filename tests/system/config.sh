#!/bin/sh
# The settings of a collection: what init writes works, what is wrong in the
# file is told with its line and with what to do, all of it at once.
. "$TOP/tests/system/lib.sh"
H=$HOLDFAST
# tells NAME PATTERN: what check_code ran last said so.
tells() {
	if grep -q -e "$2" check.out; then pass "$1"; else fail "$1" "$(cat check.out)"; fi
}

# ---- init

check_code "init without a terminal makes the collection" 0 \
    sh -c '"$0" init -C bare >out 2>err </dev/null' "$H"
check "and says what is missing" grep -q "operator and contact are not set; run refuses" err
check_code "what it wrote is sound" 0 "$H" config check -C bare
"$H" init -C news --operator "City Archive" --contact mailto:web@archive.example \
    --site almayadeen-en >out 2>err </dev/null
check_equal "init with flags asks nothing" "$(cat err)" ""
check_equal "and names the directory" "$(cat out)" "$(pwd)/news"
check "the site is switched on" grep -qx '\[site almayadeen-en\]' news/holdfast.conf
check_code "its file is sound" 0 "$H" config check -C news
check_equal "silently" "$(cat check.out)" ""
check_equal "its sources are those of the profile" \
    "$("$H" config show --json -C news almayadeen-en | jq -r 'select(.source) | .origin' | sort -u)" \
    "profile almayadeen-en"
check_equal "the values are those given" \
    "$("$H" config show --json -C news | jq -r 'select(.name == "operator") | .value')" "City Archive"

# Every commented key works when its "#" is taken away: one by one, then all.
"$H" init -C all --operator a --contact b@c.example >/dev/null 2>&1
cp all/holdfast.conf plain.conf
: >all/cookies.txt
chmod 600 all/cookies.txt
number_of_keys=$(grep -c '^#[a-z-]* = ' plain.conf)
bad=
for line in $(grep -n '^#[a-z-]* = ' plain.conf | cut -d: -f1); do
	sed -e "${line}s/^#//" -e 's/^#\[site/[site/' plain.conf >all/holdfast.conf
	"$H" config check -C all >out 2>&1 || bad="$bad $(cat out)"
done
check_equal "each of $number_of_keys commented keys works" "$bad" ""
sed -e 's/^#\([a-z-]* = \)/\1/' -e 's/^#\[site/[site/' plain.conf >all/holdfast.conf
check_code "all of them together" 0 "$H" config check -C all

# refuses NAME PATTERN ARGUMENT...: init with exit 2 that makes nothing.
refuses() {
	name=$1 pattern=$2
	shift 2
	"$H" init -C refused "$@" >out 2>err </dev/null
	check_equal "$name: exit 2" $? 2
	check "$name: told" grep -q -e "$pattern" err
	check "$name: nothing is made" test ! -e refused
}
refuses "a contact that is none" "mailto:you@example.org" --contact nobody
refuses "a site without profile" "holdfast profile list" --site almayaden
refuses "a site twice" "given twice" --site almayadeen-en --site almayadeen-en
"$H" init -C news --contact x@y.example >out 2>err </dev/null
check_equal "what is there stays: exit 2" $? 2
check "what is there stays: told" grep -q "is there already; change --contact in it" err

if command -v script >/dev/null 2>&1; then
	printf '\nCity Archive\nnobody\nweb@archive.example\n' |
	    script -qec "'$H' init -C asked" /dev/null >out 2>&1
	check "on a terminal operator and contact are asked for" \
	    grep -q '^operator = City Archive$' asked/holdfast.conf
	check "until they read" grep -q '^contact = web@archive.example$' asked/holdfast.conf
	printf '\n\n\n' | script -qec "'$H' init -C unasked; echo \"code=\$?\"" /dev/null >out 2>&1
	check "three empty answers are exit 2" grep -q 'code=2' out
	check "with what to do" grep -q 'holdfast init --operator NAME' out
	check "and nothing is made" test ! -e unasked
else
	skip "init on a terminal" "no script(1)"
fi

# ---- where values come from

cat >news/holdfast.conf <<'END'
operator = City Archive
contact = mailto:web@archive.example
wait = 2s
[site almayadeen-en]
wait = 4s
front = https://english.almayadeen.net/ pages 1..2
sitemap = auto
[site other]
scope = host
front = https://other.example/
END
shown() { # NAME [SITE]
	"$H" config show --json -C news ${2:+"$2"} |
	    jq -r --arg n "$1" 'select(.name == $n and ((.site // "") == "'"${2:-}"'")) | "\(.value) \(.origin)"'
}
conf=$(pwd)/news/holdfast.conf
check_equal "a value of the head" "$(shown wait)" "2s $conf:3"
check_equal "a value of the section" "$(shown wait almayadeen-en)" "4s $conf:5"
check_equal "the head's holds for the others" "$(shown wait other)" "2s $conf:3"
check_equal "a default" "$(shown depth other)" "2 default"
check_equal "the sources of a site" \
    "$("$H" config show --json -C news almayadeen-en |
	jq -r 'select(.source) | "\(.source) \(.url) \(.every_s) \(.last_page)"' | head -n 2)" \
    "front https://english.almayadeen.net/ 900 2
sitemap https://english.almayadeen.net/robots.txt 21600 1"
check "as text, too" sh -c '"$0" config show -C news other | grep -q "^# front https://other.example/ every 900s"' "$H"
check_code "a site that is not there" 2 "$H" config show -C news othr
tells 'with the nearest' 'did you mean "other"'

# ---- mistakes: each with file, line and what to do

mistakes=0
# mistake LINE PATTERN TEXT: holdfast.conf of TEXT is refused at LINE.
mistake() {
	mistakes=$((mistakes + 1))
	printf '%b' "$3" >news/holdfast.conf
	"$H" config check -C news >out 2>err
	code=$?
	if [ $code -eq 2 ] && grep -q -e "holdfast.conf:$1: .*$2" err && [ ! -s out ]; then
		pass "mistake $mistakes: $2"
	else
		fail "mistake $mistakes: $2" "exit $code" "$(cat err)"
	fi
}
who='operator = a\ncontact = b@c.example\n'
mistake 1 'did you mean "operator"' 'operater = x\n'
mistake 2 'given twice; the first is .*:1' 'wait = 1\nwait = 2\n'
mistake 1 'soon is not a time' 'wait = soon\n'
mistake 1 '1w is not a time' 'every = 1w\n'
mistake 1 '12 parsecs is not a whole number' 'limit = 12 parsecs\n'
mistake 1 '20GB is not a size (as 4096, 64M or 1G)' 'min-free = 20GB\n'
mistake 1 'sure is not yes or no' 'media = sure\n'
mistake 1 'maybe is not one of: obey warn ignore' 'robots = maybe\n'
mistake 1 'everything is not one of: page news prefix' 'scope = everything\n'
mistake 1 'tomorrow is not one of: run day' 'seal = tomorrow\n'
mistake 1 'retry is not one of: fail wait skip' 'lock = retry\n'
mistake 1 'nothing is not one of' 'images =\n'
mistake 1 'the value is missing' 'exclude =\n'
mistake 1 'only = is known here' 'wait += 1\n'
mistake 1 'neither a section head nor' 'wait 5\n'
mistake 1 'no key in front' '= 5\n'
mistake 1 'nothing to continue' '  wait = 5\n'
mistake 1 'save the file with LF' 'wait = 5\r\n'
mistake 1 'byte order mark' '\357\273\277wait = 5\n'
mistake 1 'not UTF-8' 'operator = \377\n'
mistake 1 'control character' 'operator = a\033b\n'
mistake 1 'no closing bracket' '[site a\n'
mistake 1 'unknown section; it is \[site NAME\]' '[news]\n'
mistake 1 'which one' '[site]\n'
mistake 1 'lower-case letters' '[site Al_Mayadeen]\n'
mistake 2 'there are two of this name' '[site a]\n[site a]\n'
mistake 1 'put it below a \[site NAME\]' 'front = https://a.example/\n'
mistake 2 'put it above the first section' '[site a]\nmin-free = 1G\n'
mistake 4 'begins with https://' "${who}[site a]\nfront = a.example\n"
mistake 4 'did you mean "every"' "${who}[site a]\nfeed = https://a.example/ evry 5m\n"
mistake 4 'pages 0..3: not A..B' "${who}[site a]\nfront = https://a.example/ pages 0..3\n"
mistake 4 'links a\[\[' "${who}[site a]\nfront = https://a.example/ links a[[\n"
mistake 4 'of which host' "${who}[site a]\nsitemap = auto\n"
mistake 5 'there already, by .*:4' "${who}[site a]\nfeed = https://a.example/\nfeed = https://a.example/\n"
mistake 4 'did you mean "almayadeen-en"' "${who}[site a]\nprofile = almayadeen-em\n"
mistake 4 'no profile says what is news' "${who}[site a]\nscope = news\nfront = https://a.example/\n"
mistake 4 'exclude: a(b' "${who}[site a]\nexclude = a(b\n"
mistake 4 'recapture: ' "${who}[site a]\nrecapture = badly\n"
mistake 4 'allow-address: ' "${who}[site a]\nallow-address = 10.0.0.0/64\n"
mistake 4 'not \"name=value; domain\"' "${who}[site a]\ncookie = yes\n"
mistake 4 'not \"Name: value\"' "${who}[site a]\nheader = Accept Language\n"
mistake 4 'there is at least one' "${who}[site a]\nconnections = 0\n"
mistake 4 'cannot be read' "${who}[site a]\nload-cookies = nosuch.txt\n"
printf 'a cookie\n' >news/cookies.txt
chmod 644 news/cookies.txt
mistake 4 'chmod 600 .*news/cookies.txt' "${who}[site a]\nload-cookies = cookies.txt\n"
chmod 600 news/cookies.txt
mistake 4 'line 1: not a cookie' "${who}[site a]\nload-cookies = cookies.txt\n"

printf 'wait = soon\n[site a]\nfront = a.example\nbogus = 1\n[site b]\nexclude = a(b\n' >news/holdfast.conf
check_code "several mistakes" 2 "$H" config check -C news
check_equal "are all told, each with its line" \
    "$(sed -n 's/^.*holdfast.conf:\([0-9]*\): .*/\1/p' check.out | sort -n | tr '\n' ' ')" "1 3 4 6 "
tells 'who captures is missed as soon as there are sites' 'operator is not set'
check_code "every verb refuses such a file" 2 "$H" ls -C news
tells 'with the first of them' 'holdfast.conf:1: wait: soon'

printf '%b' "$who" >news/holdfast.conf
chmod 640 news/cookies.txt
check_code "capture refuses cookies that others may read" 2 \
    "$H" capture -C news --load-cookies news/cookies.txt https://127.0.0.1/
tells "saying what to do" 'chmod 600 news/cookies.txt'
mkdir -p news/sites
printf '[site]\nformat = 1\nkey = x\nhots = x.example\n' >news/sites/x.site
printf '[site]\nformat = 1\nkey = y\nhost = y.example\n[fieldz]\na = b\n' >news/sites/y.site
check_code "profiles that do not read" 2 "$H" config check -C news
check_equal "are all told" "$(grep -c 'sites/[xy].site:[0-9]*: ' check.out)" 2
check_code "no collection there" 2 "$H" config check -C nosuch
tells 'what to do then' 'holdfast init -C nosuch'
check_code "config without a word" 2 "$H" config
check_code "config with another word" 2 "$H" config list
check_equal "mistakes tried" "$((mistakes >= 30))" 1
done_testing
