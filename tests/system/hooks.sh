#!/bin/sh
# Hooks and packages: what is run when a snapshot is sealed or an alarm begins,
# and what becomes of it when that fails.
. "$TOP/tests/system/lib.sh"
. "$TOP/tests/system/run_lib.sh"
start_site
home=https://english.almayadeen.net/
here=$(pwd)
cat >hook <<END
#!/bin/sh
env | grep ^HOLDFAST_ >"$here/facts.\$1"
echo "\$*" >>"$here/calls"
cat >"$here/input"
ls -l /proc/self/fd | grep -c "$here/c/" >"$here/open"
echo "said by the hook"
[ ! -e "$here/broken" ] || [ "\$1" = alarm ]
END
chmod +x hook
by_hand() { echo "${home}news/politics/story-$1" | "$HOLDFAST" run -C c --json -i - >out 2>err; }

run_conf c "on-seal = $here/hook 'on seal' now" "on-alarm = $here/hook alarm" "hook-time = 3s"
run_site c almayadeen-en "front = $home" "feed = none" "sitemap = none" "also = tar"
"$HOLDFAST" run -C c >out 2>err
check_equal "a run with hooks ends well" "$? $(cat err)" "0 "
snapshot=$(newest c)
name=$(basename "$snapshot")
check_equal "the hook got its words" "$(cat calls)" "on seal now"
check_equal "it got the facts of the snapshot" \
    "$(grep -E '_(EVENT|COLLECTION|NAME|SITE|STATUS|SNAPSHOT)=' "facts.on seal" | sort | paste -sd' ')" \
    "HOLDFAST_COLLECTION=$here/c HOLDFAST_EVENT=seal HOLDFAST_NAME=$name HOLDFAST_SITE=almayadeen-en HOLDFAST_SNAPSHOT=$here/${snapshot#"$here"/} HOLDFAST_STATUS=complete"
check_equal "and the digest of the manifest" "$(sed -n 's/HOLDFAST_MANIFEST_SHA256=//p' "facts.on seal")" \
    "$(sha256sum "$snapshot/manifest-sha256.txt" | cut -c 1-64)"
check_equal "its input is empty, no file of ours is open in it" "$(wc -c <input) $(cat open)" "0 0"
check_equal "what it printed is in the log" "$(events c hook-output)" "said by the hook"
check_equal "also = tar leaves a package" "$(ls c/packages)" "$name.tar"
mkdir unpacked && tar -xf "c/packages/$name.tar" -C unpacked
check_code "that verifies" 0 "$HOLDFAST" verify -q "unpacked/$name"

# A hook that fails is tried again by the next run.
: >broken
rm -f calls
by_hand 50
check_equal "a failing hook is exit 22" "$?" 22
check_equal "and an alarm that says so" "$(grep -c 'on-seal failed and will be tried again' err)" 1
check_equal "the capture is sealed nevertheless" "$(sealed_count c)" 2
"$HOLDFAST" status -C c --json >status
check_equal "status counts what is pending" "$(jq -r '.pending_steps > 0' status)" true
"$HOLDFAST" run -C c >out 2>err
check_equal "it fails again, with its code and without a word" "$? $(cat out err)" "22 "
rm broken calls
"$HOLDFAST" run -C c >out 2>err
check_equal "the next run makes up for it" "$? $(sort calls | uniq -c | sed 's/^ *//' | paste -sd,)" "0 1 alarm,1 on seal now"
check_equal "and says that it is over" "$(grep -c '  ends: ' err)" 1
check_equal "the alarm hook got the text" "$(grep -c 'on-seal failed' facts.alarm)" 1
"$HOLDFAST" run -C c >out 2>err
check_equal "then nothing is pending" "$? $(cat out err)" "0 "

# Mistakes: too slow, no such program, bad quoting.
sed -i "s|^on-seal = .*|on-seal = sh -c 'sleep 60'|; s|^hook-time = .*|hook-time = 1s|" c/holdfast.conf
begin=$(date +%s)
by_hand 51
check_equal "one that takes too long is killed" "$? $(grep -c 'killed after 1 s' err)" "22 1"
check "and holds nobody up" [ $(($(date +%s) - begin)) -lt 10 ]
sed -i "s|^on-seal = .*|on-seal = /no/such/program|" c/holdfast.conf
"$HOLDFAST" run -C c >out 2>err
check_equal "one that is not there is pending, too" "$?" 22
sed -i "/^on-seal = /d" c/holdfast.conf
"$HOLDFAST" run -C c >out 2>err
check_equal "without the setting nothing is pending any more" "$?" 0

# A package that cannot be written.
rm -rf c/packages && : >c/packages
by_hand 52
check_equal "a package that cannot be written is exit 22" "$?" 22
rm c/packages
"$HOLDFAST" run -C c >out 2>err
check_equal "and is written by the next run" "$? $(ls c/packages | wc -l)" "0 1"
# What another verb has sealed is handed on, too.
rm -f calls
sed -i "1i on-seal = $here/hook sealed" c/holdfast.conf
# shellcheck disable=SC2086 # SITE is a list of options
"$HOLDFAST" capture -C c $SITE "${home}news/politics/story-60" >out 2>err
"$HOLDFAST" run -C c >out 2>err
check_equal "a snapshot of another verb gets its hook with the next run" "$? $(cat calls)" "0 sealed"

# One snapshot whose hook fails every time holds no other up.
sed -i "/^on-alarm = /d" c/holdfast.conf
cat >hook <<END
#!/bin/sh
case \$HOLDFAST_NAME in \$(cat "$here/bad")) exit 1 ;; esac
echo "\$HOLDFAST_NAME" >>"$here/calls"
END
echo '*' >bad
by_hand 70
check_equal "a hook fails" "$?" 22
basename "$(newest c)" >bad
rm -f calls
by_hand 71
by_hand 72
"$HOLDFAST" run -C c >out 2>err
check_equal "what fails for one snapshot is done for the others" "$? $(wc -l <calls)" "22 2"
echo none >bad
"$HOLDFAST" run -C c >out 2>err
check_equal "and for it, too, some day" "$? $(wc -l <calls)" "0 3"

# A signal does not wait for a hook.
printf '#!/bin/sh\necho x >"%s/started"\nexec sleep 50\n' "$here" >hook
rm -f started
sed -i "s|^hook-time = .*|hook-time = 1m|" c/holdfast.conf
echo "${home}news/politics/story-73" >given
"$HOLDFAST" run -C c -i given >out 2>err &
pid=$!
wait_for started
kill -TERM $pid
begin=$(date +%s)
wait $pid
check_equal "SIGTERM ends a run whose hook takes long" "$?" 11
check "soon" [ $(($(date +%s) - begin)) -lt 5 ]
check_equal "the hook is to be done, and nobody is alarmed" "$("$HOLDFAST" status -C c --json | jq -c '[.pending_steps, (.standing_alarms | length)]')" '[1,0]'
check_code "all verifies" 0 "$HOLDFAST" verify -q -C c
done_testing
