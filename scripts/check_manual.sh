#!/bin/sh
# The manual is sound mdoc and tells of every verb, every option with its
# letter, default and choices, and every exit code; and of no verb or option
# that the program does not have.
set -u
page=core/cli/holdfast.1
bad=0
say() { echo "$page: $1"; bad=1; }

# Which manuals are installed here is not the page's affair.
lint=$(mandoc -Tlint "$page" 2>&1 | grep -v -e 'referenced manual not found' -e 'outdated mandoc.db')
[ -z "$lint" ] || say "$lint"

# "init" ... from the table; the page has ".It Cm init".
verbs=$(sed -n 's/.*{ \.name = "\([a-z]*\)".*/\1/p' core/cli/verbs.c)
[ -n "$verbs" ] || say "no verbs found in core/cli/verbs.c"
for verb in $verbs; do
	sed -n '/^\.Sh VERBS/,/^\.Sh OBJECTS/p' "$page" |
		grep -q "^\.It Cm $verb\( \|\$\)" || say "verb $verb is missing"
done
for verb in $(sed -n '/^\.Sh VERBS/,/^\.Sh OBJECTS/s/^\.It Cm \([a-z]*\).*/\1/p' "$page" | sort -u); do
	echo "$verbs" | grep -qx "$verb" || say "verb $verb is not in the program"
done

# Settings, one a line: name, letter, type, argument, default, choices, uses,
# help.
table=core/collection/config_table.c
settings=$(sed -n '/^const struct setting setting_table/,/^};/p' "$table" |
	sed 's|/\*.*\*/||' | tr -d '\n\t' |
	sed "s/'0'/'zero'/g"';s/{ "/\n"/g' | grep '^"' |
	sed "s/\\\\\"/'/g;s/\"  *\"//g" |
	sed "s/^\"\([a-z-]*\)[a-z:]*\", *'\{0,1\}\([^',]*\)'\{0,1\}, *SETTING_\([A-Z]*\), *\"\([^\"]*\)\", *\"\([^\"]*\)\", *\"\([^\"]*\)\", *\([^\"]*\), *\"\(.*\)\" },.*/\1^\2^\3^\4^\5^\6^\7^\8/")
[ -n "$settings" ] || say "no settings found in $table"
# A setting is an option when a verb has one of its uses.
uses=$(sed -n '/\.use = /,/,$/p' core/cli/verbs.c | grep -o 'USE_[A-Z]*' | sort -u)
is_option() { # USES
	for use in $(echo "$1" | grep -o 'USE_[A-Z]*'); do
		echo "$uses" | grep -qx "$use" && return 0
	done
	return 1
}
names=
while IFS='^' read -r name letter kind argument fallback choices use _; do
	is_option "$use" || continue
	names="$names $name"
	item=".It Fl -$name"
	[ "$letter" = 0 ] || item=".It Fl ${letter%zero} , Fl -$name"
	[ "$letter" != zero ] || item=".It Fl 0 , Fl -$name"
	[ -z "$argument" ] || item="$item Ar $argument"
	if ! grep -qxF -e "$item" "$page"; then
		say "no line \"$item\""
		continue
	fi
	text=$(awk -v item="$item" '$0 == item { on = 1; next }
	    on && /^\.(It|El)/ { exit } on' "$page")
	for word in $choices; do
		echo "$text" | grep -qw -e "$word" || say "--$name: choice $word is missing"
	done
	case $kind in FLAG | LIST) continue ;; esac
	[ -z "$fallback" ] || echo "$text" | grep -qF -e "$fallback" ||
		say "--$name: default $fallback is missing"
done <<END
$settings
END
for name in $(sed -n '/^\.Sh OPTIONS/,/^\.Sh ENV/s/^\.It .*Fl -\([a-z-]*\).*/\1/p' "$page"); do
	case " $names " in *" $name "*) ;; *) say "option --$name is not in the program" ;; esac
done

for code in $(sed -n 's/.*EXIT_[A-Z]* = \([0-9]*\).*/\1/p' core/cli/cli.h); do
	sed -n '/^\.Sh EXIT STATUS/,/^\.Sh JSON/p' "$page" | grep -qx ".It $code" ||
		say "exit code $code is missing"
done
# The manual of the file: every key with its argument, default and choices, and
# no other.
page=core/cli/holdfast.conf.5
lint=$(mandoc -Tlint "$page" 2>&1 | grep -v -e 'referenced manual not found' -e 'outdated mandoc.db')
[ -z "$lint" ] || say "$lint"
names=
while IFS='^' read -r name _ kind argument fallback choices use _; do
	case $use in *USE_FILE* | *USE_SITE*) ;; *) continue ;; esac
	names="$names $name"
	item=".It Cm $name"
	[ -z "$argument" ] || item="$item Ar $argument"
	if ! grep -qxF -e "$item" "$page"; then
		say "no line \"$item\""
		continue
	fi
	text=$(awk -v item="$item" '$0 == item { on = 1; next }
	    on && /^\.(It|El)/ { exit } on' "$page")
	for word in $choices; do
		echo "$text" | grep -qw -e "$word" || say "$name: choice $word is missing"
	done
	[ -n "$fallback" ] || continue
	echo "$text" | sed -n '/^Default$/,$p' | grep -qF -e ".Li $fallback " ||
		say "$name: default $fallback is missing"
done <<END
$settings
END
for name in $(sed -n 's/^\.It Cm \([a-z-]*\).*/\1/p' "$page"); do
	case " $names " in *" $name "*) ;; *) say "key $name is not in the program" ;; esac
done
for word in $(sed -n '/^\.Sh HEAD/,/^\.Sh EXAMPLES/s/^\.It Cm \([a-z-]*\).*/\1/p' "$page"); do
	echo "$settings" | grep -q "^$word^.*USE_SITE" && say "$word: may stand in a section"
done
exit $bad
