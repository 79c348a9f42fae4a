# Part of run.sh: bags beside the Library of Congress's program.

# It reads ours: a folder, and what is unpacked of a tar.
bagit_reads_ours() {
	check_code "a bag is exported" 0 "$HOLDFAST" export -C article --bag ourbag
	check_code "and one in a tar" 0 "$HOLDFAST" export -C article --bag ourtar.tar.gz
	tar -xzf ourtar.tar.gz
	for bag in ourbag ourtar; do
		check_equal "bagit.py --validate finds $bag valid" \
		    "$("$venv/bagit.py" --validate --quiet "$bag" 2>&1; echo $?)" 0
	done
	check_equal "it reads bag-info.txt as it was meant" \
	    "$("$venv/python" -c 'import bagit, json
info = bagit.Bag("ourbag").info
print(" ".join(info["External-Description"].split())[:35], info["Payload-Oxum"])')" \
	    "Snapshot of web pages captured from $(find ourbag/data -type f -printf '%s\n' | awk '{ s += $1; n++ } END { print s "." n }')"
	cp -a ourbag broken
	chmod -R u+w broken
	echo >>"$(find broken/data -name report.json)"
	check "it sees a changed byte" sh -c '! "$0" --validate --quiet broken 2>bagit.out' "$venv/bagit.py"
}

# We read what it makes, with any of its algorithms and in several processes.
bagit_writes() {
	for algorithm in md5 sha1 sha224 sha256 sha384 sha512; do
		rm -rf theirs
		mkdir -p theirs/deep/er
		cp "$article"/records/*.gz "$article"/report.json theirs/deep/
		: >theirs/deep/er/empty
		echo text >"theirs/ذكاء é 100%.txt"
		"$venv/bagit.py" --quiet --$algorithm --contact-name Somebody theirs 2>bagit.out
		# "%" is itself in the drafts whose version it writes.
		check_code "what bagit.py makes with $algorithm is valid" 0 "$HOLDFAST" verify theirs
		echo >>theirs/data/deep/report.json
		check_code "a byte more in it is seen" 10 "$HOLDFAST" verify theirs
	done
}

check_bagit() {
	bagit_reads_ours
	bagit_writes
}
