#!/bin/sh
# Follow README.txt of a collection with gzip, sha256sum and jq alone (and the
# shell's own tools): check the newest snapshot, read one article's text, cut
# out one picture and compare its digest. PATH is cut down to prove it.
#   scripts/by-hand.sh COLLECTION [PAGE-URL]
set -eu
collection=${1:?usage: scripts/by-hand.sh COLLECTION [PAGE-URL]}
url=${2:-}
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
for tool in gzip sha256sum jq; do
	ln -s "$(command -v $tool)" "$tools/$tool"
done
# What any system has to move bytes and list names.
for tool in sh cat head tail grep cut tr rm mktemp; do
	ln -s "$(command -v $tool)" "$tools/$tool"
done
PATH=$tools
export PATH

[ -s "$collection/README.txt" ] || { echo "$collection: no README.txt" >&2; exit 1; }
snapshot=
for dir in "$collection"/snapshots/*/*/*; do
	case $dir in *.open | *.journal) ;; *) snapshot=$dir ;; esac
done
cd "$snapshot"

echo "1. the manifest"
sha256sum -c --strict --quiet manifest-sha256.txt
echo "   every file is as listed"

echo "2. the archive files"
gzip -t records/*.warc.gz
echo "   every member unpacks"

echo "3. an article"
line=$(head -n 1 articles.jsonl)
if [ -n "$url" ]; then
	line=$(jq -c --arg u "$url" 'select(.article.url.final == $u or .article.url.requested == $u)' articles.jsonl | head -n 1)
fi
if [ -n "$line" ]; then
	printf '%s' "$line" | jq -r '"   " + .article.headline'
	printf '%s' "$line" | jq -r '.article.body_text' | head -c 300
	echo "..."
elif [ -n "$url" ] || [ -s articles.jsonl ]; then
	echo "no such article" >&2
	exit 1
else
	echo "   none: no page said anything new"
fi

# cut FILE OFFSET LENGTH: one gzip member, unpacked.
member() { tail -c +$(($2 + 1)) "$1" | head -c "$3" | gzip -dc; }

echo "4. a picture"
entry=$(cut -d' ' -f3- index.cdxj | jq -c 'select((.mime // "") | startswith("image/"))' | head -n 1)
if [ -z "$entry" ]; then
	# All pictures are as they were: a revisit names the record of one.
	line=$(jq -c 'select(.need == "image" and (.outcome == "revisit" or .outcome == "not-modified"))' outcomes.jsonl | head -n 1)
	head=$(mktemp)
	member "$(printf '%s' "$line" | jq -r .file)" "$(printf '%s' "$line" | jq -r .offset)" \
	    "$(printf '%s' "$line" | jq -r .length)" >"$head"
	id=$(grep -a '^WARC-Refers-To: ' "$head" | tr -d '<>\r' | cut -d' ' -f2)
	rm -f "$head"
	found=$(grep -lF "\"$id\"" ../../../*/*/*/index.cdxj | head -n 1)
	[ -n "$found" ] || { echo "$id: not in this collection" >&2; exit 1; }
	echo "   a revisit of $id"
	cd "${found%/index.cdxj}"
	entry=$(grep -F "\"$id\"" index.cdxj | cut -d' ' -f3-)
fi
file=$(printf '%s' "$entry" | jq -r .filename)
offset=$(printf '%s' "$entry" | jq -r .offset)
length=$(printf '%s' "$entry" | jq -r .length)
want=$(printf '%s' "$entry" | jq -r .digest)
out=$(mktemp)
member "$file" "$offset" "$length" >"$out"
# The record's fields end at the first empty line, the HTTP head at the next;
# four bytes (CR LF CR LF) end the record.
fields=0
count=0
bytes=0
cr=$(printf '\r')
while IFS= read -r text; do
	bytes=$((bytes + ${#text} + 1))
	if [ "$text" = "$cr" ]; then
		count=$((count + 1))
		[ $count -eq 1 ] && fields=$bytes
		[ $count -eq 2 ] && break
	fi
done <"$out"
block=$(grep -a -m 1 '^Content-Length: ' "$out" | tr -d '\r' | cut -d' ' -f2)
payload=$((block - (bytes - fields)))
got=$(tail -c +$((bytes + 1)) "$out" | head -c $payload | sha256sum | cut -c 1-64)
rm -f "$out"
echo "   $(printf '%s' "$entry" | jq -r .url): $payload bytes"
echo "   recorded $want"
echo "   computed sha256:$got"
[ "$want" = "sha256:$got" ]
echo "all as recorded"
