#!/bin/sh
# No connection to an address that is not public, whichever way it is named
# and wherever the name comes from. In a network namespace in which every
# address is local and listened to; the listeners are the judge.
. "$TOP/tests/system/lib.sh"

if [ -z "${SSRF_INSIDE:-}" ]; then
	if ! unshare -Urnm true 2>/dev/null || ! command -v ip >/dev/null; then
		skip "no denied address is connected to" "no network namespace can be made here (unshare -Urnm, ip)"
		done_testing
	fi
	printf 'nameserver 127.0.0.1\noptions attempts:1 timeout:2\n' >resolv.conf
	SSRF_INSIDE=1 exec unshare -Urnm sh "$0"
fi
ip link set lo up
ip route add local 0.0.0.0/0 dev lo
ip -6 route add local ::/0 dev lo
mount --bind resolv.conf /etc/resolv.conf

# An address of each range, the ends of some too.
v4="0.0.0.1 10.0.0.1 10.255.255.254 100.64.0.1 100.127.255.254 127.0.0.1
127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.254 192.0.0.1 192.0.2.1
192.88.99.1 192.168.0.1 192.168.255.254 198.18.0.1 198.19.255.254 198.51.100.1
203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 0.0.0.0"
v6=":: ::1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:a9fe:a9fe ::ffff:10.0.0.1
::127.0.0.1 ::a00:1 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::7f00:1 100::1
2001::1 2001:10::1 2001:db8::1 2002:7f00:1:: 2002:a00:1:: fc00::1 fd00::1
fe80::1 fec0::1 ff02::1 ::ffff:0:127.0.0.1 ::1:0:0:1 3fff::1 5f00::1"
odd="2130706433 0x7f000001 0x7F.0.0.1 0177.0.0.1 017700000001 127.1 127.0.1 0
00 0x0 0x7f.1 127.0x1 2852039166 0xa9fea9fe 0251.0376.0251.0376 169.16689662
10.1 167772161 0x0a000001 012.1 127.0.0.1. 0x7f000001. 127.000.000.001
localhost localhost. LOCALHOST %6c%6f%63%61%6c%68%6f%73%74 a.localhost
%31%32%37.0.0.1 127%2e0%2e0%2e1 127。0。0。1 １２７.0.0.1 ①②⑦.⓪.⓪.① 127．0．0．1
0x7f%2e1 ⑯⑨.254.169.254 ｌocalhost lo­calhost"
names="127-0-0-1 10-0-0-1 169-254-169-254 192-168-0-1 172-16-0-1 100-64-0-1
0-0-0-0 203-0-113-1"
{
	for a in $v4; do echo "http://$a/"; done
	for a in $v6; do echo "http://[$a]/"; done
	for a in $odd; do echo "http://$a/"; done
	for a in $names; do
		for kind in a mx cn rb; do echo "http://$kind-$a.test/"; done
	done
	for a in 00000000000000000000000000000001 00000000000000000000ffff7f000001 \
	    0064ff9b00000000000000007f000001 20027f00000100000000000000000000 \
	    fd000000000000000000000000000001 fe800000000000000000000000000001; do
		echo "http://x-$a.test/"
	done
	# Which host is meant.
	cat <<'END'
http://pub.test@127.0.0.1/
http://pub.test:80@127.0.0.1/
http://pub.test%40127.0.0.1/
http://127.0.0.1\@pub.test:8080/
http://127.0.0.1:8080/
http://127.0.0.1:08080/
https://127.0.0.1/
https://localhost/
https://10.0.0.1:443/
https://[::1]:8080/
http:127.0.0.1/
http:\\127.0.0.1\
http:///127.0.0.1/
//127.0.0.1/
http://127.0.0.1	/
http://[::1%25lo]/
http://[fe80::1%25lo]/
http://[::ffff:127.0.0.1]:8080/
http://[0:0:0:0:0:ffff:127.0.0.1]/
END
} >list
count=$(wc -l <list)
start_trap() {
	rm -f trap.ready
	"$BUILD/trap" list hits trap.ready 2>trap.err &
	pids="$pids $!"
	wait_for trap.ready || { echo "Bail out! no listeners"; cat trap.err; exit 1; }
}
start_trap

# As seeds, behind redirects, as requisites in twelve ways, as robots.txt.
i=0
while [ $i -lt "$count" ]; do
	echo "http://pub.test/r/$i"
	echo "http://pub.test/p/$i"
	echo "http://rob-$i.test/page"
	i=$((i + 1))
done >derived
cat list derived >seeds
grab() { # COLLECTION OPTION...
	into=$1
	shift
	timeout 280 "$HOLDFAST" capture -q -C "$into" -i seeds --min-free 1M \
	    --connect-timeout 2 --max-time-per-url 5 "$@" >out 2>err
}
urls() { cat "$1"/snapshots/*/*/*/outcomes.jsonl; }
: >hits
grab col
code=$?
denied() { grep -v '^11\.0\.0\.1 ' hits; }
check_equal "the capture ends by itself" "$(echo $code | grep -c '^[0-8]$\|^18$')" 1
urls col >outcomes
tried=$(jq -r 'select(.url | test("^https?://(pub|rob-)") | not) | .url' outcomes | sort -u | wc -l)
if [ "$tried" -ge 400 ]; then
	pass "$tried URLs lead there"
else
	fail "at least 400 URLs lead there" "only $tried"
fi
check_equal "listeners see no connection" "$(denied | sort | uniq -c | head)" ""
check_equal "pages of the public host were captured, all" \
    "$(jq -r 'select(.url | test("^http://pub.test/p/[0-9]+$")) | .outcome' outcomes | sort | uniq -c | tr -s ' ' | sed 's/^ //')" \
    "$count captured"
check_equal "no bytes are kept from elsewhere" \
    "$(jq -r 'select(.outcome == "captured") | .url' outcomes | grep -v '^http://\(pub\|rob-[0-9]*\|rb-[0-9-]*\|mx-[0-9-]*\).test/')" ""
echo "# $(jq -r 'select(.url | test("^https?://(pub|rob-)") | not) | .outcome' outcomes | sort | uniq -c | tr -s '\n ' ' ')"

# A name that changes between looking and connecting: many times.
i=0
while [ $i -lt 40 ]; do echo "http://rb-127-0-0-1.test/$i"; echo "http://rb-10-0-0-$i.test/"; i=$((i + 1)); done >seeds
: >hits
grab rebind
check_equal "80 names that change their minds lead nowhere" "$(denied | head -3)" ""

# Entries of a sitemap, by run.
"$HOLDFAST" init -C runs --operator me --contact mailto:me@example.org >out 2>&1
cat >>runs/holdfast.conf <<'END'

[site trap]
sitemap = http://pub.test/list.xml
scope = any
wait = 0s
connections = 2
sitemap-archive = yes
END
if "$HOLDFAST" help run >/dev/null 2>&1; then
	: >hits
	timeout 120 "$HOLDFAST" run -C runs --min-free 1M >run.out 2>run.err
	urls runs >run.outcomes 2>/dev/null
	listed=$(grep -c '?list' run.outcomes)
	if [ "$listed" -ge 100 ]; then pass "$listed entries of a sitemap are wanted"; else
		fail "entries of a sitemap are wanted" "$listed" "$(head -5 run.err run.out)"
	fi
	check_equal "and none is connected to" "$(denied | head -3)" ""
else
	skip "entries of a sitemap" "there is no verb run"
fi

# The fault: with the ranges allowed the listeners see who comes.
: >hits
cp list seeds
grab open --allow-address 0.0.0.0/0 --allow-address ::/0
seen=$(denied | cut -d' ' -f1 | sort -u | wc -l)
if [ "$seen" -ge 20 ]; then pass "they would be seen: with all allowed, at $seen addresses"; else
	fail "they would be seen when allowed" "$(denied | sort | uniq -c)"
fi
done_testing
