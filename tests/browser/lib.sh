# Shared by the browser tests, after lib.sh.

# need_browser NAME TOOL...: sets browser; or the test ends, as skipped.
need_browser() {
	skipped=$1
	shift
	case $BUILD in */release) ;; *)
		skip "$skipped" "only beside the release build"
		done_testing ;;
	esac
	browser=
	for try in chromium chromium-browser google-chrome; do
		command -v $try >/dev/null && { browser=$try; break; }
	done
	[ -n "$browser" ] || { skip "$skipped" "chromium is not installed"; done_testing; }
	for need in "$@"; do
		command -v "$need" >/dev/null || { skip "$skipped" "$need is not installed"; done_testing; }
	done
}

# only_loopback NAME: the test begins again in a network namespace that has
# nothing but lo.
only_loopback() {
	if [ -z "${ONLY_LOOPBACK:-}" ]; then
		if ! unshare -Urn ip link set lo up 2>/dev/null; then
			skip "$1" "no network namespace can be made here (unshare -Urn, ip)"
			done_testing
		fi
		ONLY_LOOPBACK=1 exec unshare -Urn sh "$0"
	fi
	ip link set lo up
}
