# Shared by the tests of run: . "$TOP/tests/system/run_lib.sh" behind lib.sh.

# run_conf DIR [LINE...]: a collection with a holdfast.conf that leads to the
# fixture site; LINEs stand in its head.
run_conf() {
	dir=$1
	shift
	"$HOLDFAST" init -C "$dir" --operator "City Archive" \
	    --contact mailto:web@archive.example >init.out 2>&1
	{
		echo "operator = City Archive"
		echo "contact = mailto:web@archive.example"
		echo "min-free = 1M"
		echo "ballast = 1M"
		echo "wait = 0s"
		for line in "$@"; do echo "$line"; done
		site_lines
	} >"$dir/holdfast.conf"
}

# run_site DIR NAME LINE...: a section.
run_site() {
	dir=$1
	echo "[site $2]" >>"$dir/holdfast.conf"
	shift 2
	for line in "$@"; do echo "$line"; done >>"$dir/holdfast.conf"
}

sealed_count() { find "$1/snapshots" -mindepth 3 -maxdepth 3 -type d ! -name '*.open' 2>/dev/null | wc -l; }
events() { jq -r "select(.event == \"$2\") | .text" "$1"/log/*.jsonl; }

# said NAME TEXT: what check_code ran last said TEXT.
said() {
	cp check.out said.out
	check "$1" grep -qF "$2" said.out
}
