#!/bin/sh
# What scripts/cron proposes works: systemd takes the units, and every command
# in them names verbs and options that there are.
. "$TOP/tests/system/lib.sh"
cron=$TOP/scripts/cron

# ---- commands

{
	sed -n 's/^ExecStart=[^ ]*holdfast //p' "$cron"/*.service
	sed -n 's/^[^#].*\$(holdfast \(.*\)).*/\1/p' "$cron/crontab"
	sed -n 's/^[^#]* \* [0-9*] holdfast //p' "$cron/crontab"
	sed -n 's/.* holdfast holdfast \(.*\)$/\1/p;s/.*holdfast \(init .*\) \\$/\1/p' "$cron/README.md"
} >commands
check "the commands are found" test "$(wc -l <commands)" -ge 9
bad=
while read -r verb rest; do
	"$HOLDFAST" help "$verb" >help 2>&1 || bad="$bad $verb"
	for word in $rest; do
		case $word in
		-[a-zA-Z]) grep -q -e "^  $word, " help || bad="$bad $verb$word" ;;
		--*) grep -q -e "^  .*$word\( \|\$\)" help || bad="$bad $verb$word" ;;
		esac
	done
done <commands
check_equal "every verb and option in them is there" "$bad" ""
check_equal "every line of crontab has five fields and a command" \
    "$(grep -v '^#' "$cron/crontab" | grep -v '^$' |
	grep -vcE '^([0-9*/,-]+ ){5}[a-z]')" 0

# ---- units

for file in "$cron"/*.service; do
	name=${file##*/}
	base=${name%.service}
	check "$name has its timer" test -s "$cron/$base.timer"
	for line in ProtectSystem=strict NoNewPrivileges=yes PrivateTmp=yes \
	    ProtectHome=yes KillMode=mixed "ReadWritePaths=/srv/holdfast/%i"; do
		grep -qx "$line" "$file" || fail "$name: $line"
	done
	! grep -q '^SystemCallFilter' "$file" || fail "$name: takes calls away that workers need"
done
if command -v systemd-analyze >/dev/null 2>&1; then
	mkdir units
	for file in "$cron"/holdfast-*@.*; do
		name=${file##*/}
		sed "s|/usr/local/bin/holdfast|$HOLDFAST|" "$file" \
		    >"units/${name%@*}@news.${name##*.}"
	done
	for file in units/*; do
		timeout 60 systemd-analyze verify --man=no "./$file" >out 2>&1
		# What it says of other units is not about ours; a line it does
		# not know is said, with exit code 0.
		grep -F -e "$(basename "$file")" out >said
		if [ ! -s said ]; then pass "systemd takes $file"; else
			fail "systemd takes $file" "$(cat said)"
		fi
	done
	sed -i 's/^KillMode=.*/KillMode=sometimes/' units/holdfast-run@news.service
	timeout 60 systemd-analyze verify --man=no ./units/holdfast-run@news.service >out 2>&1
	check "a wrong line would be seen" grep -q 'service:[0-9]*: .*kill mode' out
else
	skip "systemd takes the units" "no systemd-analyze"
fi
done_testing
