#!/bin/sh
# make run: capture one article, verify it, say what was kept and where.
# Without a URL the bundled fixture news site is started on loopback.
set -eu
build=${1:?usage: scripts/quickstart.sh BUILD-FOLDER [URL]}
url=${2:-}
top=$(pwd)
demo=$top/build/demo
holdfast=$top/$build/holdfast
site=
mkdir -p "$demo"
trap '[ -z "$site" ] || kill "$site" 2>/dev/null' EXIT

if [ -n "$url" ]; then
	"$holdfast" capture -C "$demo/collection" "$url" && code=0 || code=$?
else
	url=https://english.almayadeen.net/news/politics/harbor-town-and--northern--council-split-over-ferry-plan--th
	rm -f "$demo/ready"
	"$top/$build/site" "$top/plugins/almayadeen/fixtures/en" \
	    "$demo/ready" "$demo/site-ca.pem" --lifetime 120 &
	site=$!
	tries=0
	while [ ! -s "$demo/ready" ] && [ $tries -lt 100 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	read -r http tls <"$demo/ready"
	set -- --ca-file "$demo/site-ca.pem" --allow-address 127.0.0.0/8
	for host in english media tracking-api; do
		set -- "$@" --connect-to \
		    "$host.almayadeen.net:443:127.0.0.1:$tls"
	done
	echo "fixture news site: 127.0.0.1 port $http (http), $tls (https)"
	"$holdfast" capture -C "$demo/collection" "$@" "$url" && code=0 || code=$?
fi
if [ "$code" -ne 0 ] && [ "$code" -ne 8 ]; then
	echo "capture ended with exit code $code; see: holdfast help capture" >&2
	exit "$code"
fi
"$holdfast" verify -C "$demo/collection"
echo
echo "kept in $demo/collection:"
"$holdfast" ls -C "$demo/collection"
echo
echo "the article:"
"$holdfast" article -C "$demo/collection" "$url" | head -n 12 || true
echo "..."
echo
echo "to look at it:"
echo "  $build/holdfast ls -C build/demo/collection latest"
echo "  $build/holdfast article -C build/demo/collection --json $url"
echo "  $build/holdfast cat -C build/demo/collection $url"
echo "  or open the .warc.gz of a snapshot in ReplayWeb.page"
exit "$code"
