# Shared by the system tests: . "$TOP/tests/system/lib.sh"
# Each test starts in an empty directory of its own, with TOP and BUILD set.
set -u
HOLDFAST=$BUILD/holdfast
number=0
result=0
pids=

pass() { number=$((number + 1)); echo "ok $number - $1"; }
fail() {
	number=$((number + 1)); result=1
	echo "not ok $number - $1"
	shift
	for line in "$@"; do echo "# $line"; done
}
skip() { number=$((number + 1)); echo "ok $number - $1 # SKIP $2"; }

# check NAME COMMAND...: passes when the command succeeds.
check() {
	name=$1
	shift
	if "$@" >check.out 2>&1; then pass "$name"; else
		fail "$name" "command: $*" "$(tail -n 20 check.out)"
	fi
}

# check_code NAME CODE COMMAND...: passes when it ends with that exit code.
check_code() {
	name=$1 want=$2
	shift 2
	"$@" >check.out 2>&1
	got=$?
	if [ "$got" -eq "$want" ]; then pass "$name"; else
		fail "$name" "command: $*" "exit $got, expected $want" \
		    "$(tail -n 20 check.out)"
	fi
}

# check_equal NAME VALUE EXPECTED
check_equal() {
	if [ "$2" = "$3" ]; then pass "$1"; else
		fail "$1" "is: $2" "expected: $3"
	fi
}

wait_for() { # FILE: until it is there, 10 s at most
	tries=0
	while [ ! -s "$1" ] && [ $tries -lt 200 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	[ -s "$1" ]
}

# start_site [OPTION...]: the fixture news site; sets HTTP, TLS and SITE (the
# options that lead holdfast to it).
start_site() {
	rm -f site.ready
	"$BUILD/site" "${FIXTURES:-$TOP/plugins/almayadeen/fixtures/en}" site.ready \
	    site-ca.pem --log site.log "$@" 2>site.err &
	pids="$pids $!"
	wait_for site.ready || { echo "Bail out! no fixture site"; exit 1; }
	read -r HTTP TLS <site.ready
	SITE="--allow-address 127.0.0.0/8 --ca-file site-ca.pem --min-free 1M"
	for host in english www espanol media alpha-ar-media media-es \
	    tracking-api; do
		SITE="$SITE --connect-to $host.almayadeen.net:443:127.0.0.1:$TLS"
		SITE="$SITE --connect-to $host.almayadeen.net:80:127.0.0.1:$HTTP"
	done
}

# site_lines: SITE as lines of a holdfast.conf, but for what tests set
# themselves.
site_lines() {
	# shellcheck disable=SC2086 # SITE is a list of options
	set -- $SITE
	while [ $# -gt 1 ]; do
		case $1 in
		--min-free | --wait) ;;
		--ca-file) echo "ca-file = $PWD/$2" ;;
		*) echo "${1#--} = $2" ;;
		esac
		shift 2
	done
}

stop_all() {
	for pid in $pids; do kill "$pid" 2>/dev/null; done
	pids=
}
trap 'stop_all' EXIT
trap 'exit 1' INT TERM

# The newest sealed snapshot of collection $1.
newest() { find "$1/snapshots" -mindepth 3 -maxdepth 3 -type d ! -name '*.open' | sort | tail -n 1; }

# capture_two COLLECTION: two articles, each in a snapshot of its own second.
capture_two() {
	for n in 1 2; do
		# shellcheck disable=SC2086 # SITE is a list of options
		"$HOLDFAST" capture -C "$1" $SITE \
		    https://english.almayadeen.net/news/politics/story-$n >out 2>&1 ||
			{ fail "capture $n" "$(cat out)"; done_testing; }
		sleep 1.1
	done
}

# bad_verify NAME CODE WORD OBJECT...: ends in time with that code, says WORD.
bad_verify() {
	name=$1 want=$2 word=$3
	shift 3
	timeout 60 "$HOLDFAST" verify "$@" >out 2>err </dev/null
	got=$?
	if [ "$got" -ne "$want" ]; then
		fail "$name" "exit $got, expected $want" "$(cat out err)"
	elif ! cat out err | grep -q -e "$word"; then
		fail "$name" "does not say '$word'" "$(cat out err)"
	else
		pass "$name"
	fi
}

# start_raw: the raw-byte server; sets PLAIN and SECURE (ports) and RAW_CA.
start_raw() {
	mkdir -p rawdir
	rm -f raw.ready # of an earlier one
	"$BUILD/raw" --dir rawdir --lifetime 500 "$@" >raw.ready 2>raw.err &
	pids="$pids $!"
	tries=0
	until grep -q '^ca ' raw.ready 2>/dev/null || [ $tries -ge 200 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	PLAIN=$(sed -n 's/^plain //p' raw.ready)
	SECURE=$(sed -n 's/^tls //p' raw.ready)
	RAW_CA=$(sed -n 's/^ca //p' raw.ready)
	[ -n "$PLAIN" ] || { echo "Bail out! no raw server"; exit 1; }
}

done_testing() { echo "1..$number"; exit $result; }
