# Shared by the failure tests, after lib.sh: what a run had acknowledged when it
# was cut off, and whether it is there after the next start. Counters:
# lost, twice, broken, journalled.
lost=0 twice=0 broken=0 journalled=0

# A place in memory where there is one: thousands of syncs cost nothing there.
# Sets WORK; removed at the end.
work_in_memory() {
	WORK=$(mktemp -d /dev/shm/holdfast-test-XXXXXX 2>/dev/null) || WORK=$(pwd)/work
	mkdir -p "$WORK"
	trap 'stop_all; chmod -R u+w "$WORK"; rm -rf "$WORK"' EXIT
}

# strike_begin WHAT: strace that can inject, a place, the site; or the test ends.
strike_begin() {
	case $BUILD in */release) ;; *)
		skip "$1 struck at every call to the system" "sanitizers cannot run under strace"
		done_testing ;;
	esac
	if ! command -v strace >/dev/null || ! strace -qq -e inject=getpid:retval=1 true 2>/dev/null; then
		skip "$1 struck at every call to the system" "strace cannot inject here"
		done_testing
	fi
	work_in_memory
	start_site
}

# again_from FULL COPY: the collection as it was.
again_from() {
	chmod -R u+w "$2" 2>/dev/null
	rm -rf "$2"
	cp -a "$1" "$2"
}

# strike_points TRACE SAMPLE CALL...: into the file "points" every CALL and how
# often it was made (strace counts by thread: the most that any made), into
# "chosen" all of them with INJECT=all, else about SAMPLE, the same at each run.
# Sets whole and tried.
strike_points() {
	trace_of=$1 sample=$2
	shift 2
	for call in "$@"; do
		n=$(awk -v call="$call" 'index($2, call "(") == 1 { n[$1]++ } END { for (t in n) if (n[t] > m) m = n[t]; print m + 0 }' "$trace_of")
		i=1
		while [ $i -le "$n" ]; do echo "$call $i"; i=$((i + 1)); done
	done >points
	whole=$(wc -l <points)
	if [ "${INJECT:-}" = all ]; then cp points chosen; else
		awk -v n="$whole" -v sample="$sample" 'BEGIN { srand(20261122) } rand() < sample / n' points >chosen
	fi
	tried=$(wc -l <chosen)
}

# The lines of kind $2 in journal $1 that stand in whole groups, as JSON; of
# all groups but the last $3: a group is written when those before are on disk.
whole_lines() {
	awk -v kind="$2" -v back="$3" '
		substr($0, 10, 1) == kind { held[groups, n++] = substr($0, 12) }
		index("gke", substr($0, 10, 1)) {
			size[groups++] = n
			n = 0
		}
		END {
			for (g = 0; g < groups - back; g++)
				for (i = 0; i < size[g]; i++) print held[g, i]
		}' "$1"
}

# note_acked COLLECTION [N]: what its open snapshots' journals vouch for; without
# their last N groups.
note_acked() {
	rm -f acked.* ids.*
	for journal in "$1"/snapshots/*/*/*.journal; do
		[ -e "$journal" ] || continue
		name=$(basename "$journal" .journal)
		whole_lines "$journal" o "${2:-0}" 2>/dev/null | jq -r '"\(.url) \(.run // 1)"' | sort >"acked.$name"
		{ whole_lines "$journal" r "${2:-0}"; whole_lines "$journal" a "${2:-0}"; } 2>/dev/null | jq -r .id | sort >"ids.$name"
		journalled=$((journalled + $(wc -l <"acked.$name")))
	done
}

# check_sealed DIRECTORY: no target twice in a run, no record twice.
check_sealed() {
	jq -r '"\(.url) \(.run // 1)"' "$1/outcomes.jsonl" | sort >have
	[ -z "$(uniq -d have)" ] || { twice=$((twice + 1)); echo "# twice in $1: $(uniq -d have | head -n 1)"; }
	for file in "$1"/records/*.warc.gz "$1"/derived/*.warc.gz; do
		[ ! -e "$file" ] || gzip -dc "$file"
	done | grep -a '^WARC-Record-ID: ' | tr -d '\r<>' | cut -d' ' -f2 | sort >records
	[ -z "$(uniq -d records)" ] || { twice=$((twice + 1)); echo "# a record twice in $1"; }
}

# check_acked COLLECTION: after recovery, all of it is there, once.
check_acked() {
	for acked in acked.*; do
		[ -e "$acked" ] || continue
		name=${acked#acked.}
		sealed=$1/snapshots/$(echo "$name" | sed 's,^\(....\)\(..\).*,\1/\2,')/$name
		if [ ! -d "$sealed" ]; then
			[ ! -s "$acked" ] || { lost=$((lost + 1)); echo "# lost: all of $name"; }
		else
			check_sealed "$sealed"
			for pair in "$acked have" "ids.$name records"; do
				# shellcheck disable=SC2086 # two names
				set -- "$1" $pair
				comm -23 "$2" "$3" >gone
				[ ! -s gone ] || { lost=$((lost + 1)); echo "# lost of $name: $(head -n 1 gone)"; }
			done
		fi
		rm -f "$acked" "ids.$name"
	done
}

# recover_again COLLECTION: recovery as at the next start; 1 when it fails.
recover_again() {
	"$HOLDFAST" recover -C "$1" >recover.out 2>&1 && return 0
	broken=$((broken + 1))
	sed 's/^/# recover: /' recover.out
	return 1
}
