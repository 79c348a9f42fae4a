# Part of run.sh: tars beside GNU tar, bsdtar and Python's tarfile.

# tar_sums DIR: what lies there, by name and digest.
tar_sums() {
	(cd "$1" && find . -type f | LC_ALL=C sort | xargs -d '\n' sha256sum)
}

# Each writes down what it reads of one tar in three packings.
check_tar() {
	for end in tar tar.gz tar.zst; do
		check_code "a $end is exported" 0 "$HOLDFAST" export -C article --tar our.$end
		rm -rf gnu bsd python
		mkdir gnu bsd python
		check_equal "GNU tar unpacks it and says nothing" \
		    "$(tar -xf our.$end -C gnu 2>&1; echo $?)" 0
		check_equal "GNU tar finds no difference to it" \
		    "$(tar --compare --no-same-owner -f our.$end -C gnu 2>&1 | grep -cv 'Uid differs\|Gid differs')" 0
		if command -v bsdtar >/dev/null; then
			check_equal "bsdtar unpacks it and says nothing" \
			    "$(bsdtar -xf our.$end -C bsd 2>&1; echo $?)" 0
			check_equal "both have the same files" "$(tar_sums bsd)" "$(tar_sums gnu)"
		else
			not_shown bsdtar "not installed"
		fi
		check_code "what was unpacked verifies" 0 "$HOLDFAST" verify "gnu/$(ls gnu)"
	done
	check_equal "Python's tarfile: files and folders, no names of owners, no pax fields" \
	    "$(python3 -c 'import tarfile
t = tarfile.open("our.tar")
m = t.getmembers()
print(all(x.isfile() or x.isdir() for x in m), {(x.uid, x.gid, x.uname, x.gname) for x in m},
    [x.name for x in m if x.pax_headers], len({x.mtime for x in m}))')" \
	    "True {(0, 0, '', '')} [] 1"
	# Theirs.
	for format in gnu pax ustar; do
		tar --format=$format -cf theirs.tar -C gnu .
		check_code "what GNU tar makes of it as $format verifies" 0 "$HOLDFAST" verify theirs.tar
	done
}
