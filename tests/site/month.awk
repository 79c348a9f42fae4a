# A scenario of some weeks of news, for tests/system/month.sh: awk -v days=7
# -v daily=6 -v seed=1 -v editions="en ar es" -f month.awk. The same numbers give the
# same scenario. Weather (outages, challenges) falls on fixed days, so that a
# test can say what it expects.

function random(n) # 0..n-1
{
	state = (state * 1103515245 + 12345) % 2147483648
	return int(state / 2147483648 * n)
}

function pick(list,	parts, n)
{
	n = split(list, parts, " ")
	return parts[random(n) + 1]
}

function stamp(s)
{
	return "+" int(s / 86400) "d" int(s % 86400 / 60) "m"
}

function say(at, text)
{
	if (at < days * 86400)
		lines[++count] = sprintf("%012d at %s %s", at, stamp(at), text)
}

# Seconds from publishing to an edit, as last edits of real articles fall.
function edit_delay(	r)
{
	r = random(100)
	if (r < 59) return 300 + random(3300)
	if (r < 92) return 3600 + random(18000)
	if (r < 98) return 21600 + random(64800)
	return 86400 + random(518400)
}

function edits(id, at, edition, images,	n, what)
{
	if (random(100) >= 81)
		return
	for (n = 1 + random(3); n > 0; n--) {
		what = pick("headline typo typo add-paragraph remove-paragraph" \
		    " reorder silent updated dek quotes note nbsp bidi zwsp" \
		    " touch tags tag-add caption credit image-new" \
		    " image-revision image-bytes")
		if (edition == "ar" && random(3) == 0)
			what = "tashkeel"
		if (images == 0 && what ~ /^(caption|credit|image)/)
			what = "typo"
		say(at + edit_delay(), "edit " id " " what " n=" \
		    (what ~ /^(caption|credit|image)/ ? 0 : random(6)))
	}
}

# Some go away, and some of those come back.
function fate(id, at,	gone)
{
	if (random(100) < 3)
		say(at + 3600 * (2 + random(30)), "rename " id " slug=renamed-" id)
	if (random(100) >= 8)
		return
	gone = at + 21600 + random(432000)
	say(gone, "delete " id " " pick("404 404 410 soft404 home section 451"))
	if (random(2))
		say(gone + 172800 + random(172800), "restore " id)
}

function article(number, at,	id, edition, images, more)
{
	id = "a" number
	edition = edition_of[number % edition_count + 1]
	images = pick("1 1 1 2 3 0")
	more = ""
	if (edition == "en")
		more = " section=" (number % 2 ? "news/politics" : \
		    pick("news/politics news/economic articles/opinion"))
	if (random(20) == 0)
		more = more " kind=" pick("tweet video live")
	if (random(10) == 0)
		more = more " author=\"Ilse Tamm\" source=\"Agencies + The Tide\""
	say(at, "publish " id " edition=" edition " images=" images more)
	edits(id, at, edition, images)
	fate(id, at)
}

function weather(from, to, text)
{
	if (from < days * 86400)
		print "from " stamp(from) " to " stamp(to) " " text
}

BEGIN {
	if (days == 0) days = 7
	if (daily == 0) daily = 6
	state = seed + 20260105
	day = 86400
	print "start 2026-01-05T00:00:00Z"
	# All editions have something from the start, and (six a day) each has
	# something new at least every 20 hours.
	edition_count = split(editions == "" ? "en" : editions, edition_of, " ")
	for (i = 0; i < 15; i++)
		article(i, 600 + 60 * i)
	for (d = 0; d < days; d++)
		for (n = 0; n < daily; n++)
			article(100 + d * daily + n, d * day + int((n + random(80) / 100) * day / daily))
	weather(1 * day, 2 * day, "layout")
	weather(2 * day + 28800, 2 * day + 43200, "challenge host=english")
	weather(3 * day + 7200, 3 * day + 39600, "outage")
	weather(4 * day + 25200, 4 * day + 32400, "ratelimit after=1800 host=www")
	weather(5 * day, 6 * day, "no-validators")
	weather(5 * day + 28800, 5 * day + 32400, "status n=503 host=espanol")
	weather(8 * day, 12 * day, "sitemap-gz")
	weather(10 * day, 11 * day, "challenge mitigated=no")
	weather(13 * day, 20 * day, "outage")
	weather(22 * day, 23 * day, "consent")
	weather(24 * day, 25 * day, "json-broken how=comma")
	weather(26 * day, 26 * day + 30000, "status n=500")
	weather(28 * day, 28 * day + 21600, "truncate host=english")
	# "at" lines must be in order for one article: publish comes first.
	for (i = 2; i <= count; i++) {
		line = lines[i]
		for (j = i - 1; j > 0 && substr(lines[j], 1, 12) > \
		    substr(line, 1, 12); j--)
			lines[j + 1] = lines[j]
		lines[j + 1] = line
	}
	for (i = 1; i <= count; i++)
		print substr(lines[i], 14)
}
