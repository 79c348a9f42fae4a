#!/bin/sh
# What init writes for three editions is run as it stands: their profiles say
# where pages are, what is an article, and how it is read.
# shellcheck disable=SC2086 # SITE is a list of options
. "$TOP/tests/system/lib.sh"
T=$BUILD/holdfast-test
cat >scenario <<'END'
start 2026-01-05T00:00:00Z
at +1h publish a1 edition=en section=news/politics headline="Harbor council meets" paragraphs=4 images=1 tags=2 post=101 author="Al Mayadeen English" source="Agencies"
at +1h publish b1 edition=ar section=news/politics headline="مجلس الميناء يجتمع" paragraphs=4 images=1 tags=2 post=102 author="الميادين نت"
at +1h publish b2 edition=ar section=news/economic headline="عبّارة \u2067ثانية\u2069" paragraphs=4 images=1 tags=2 post=104 json=0 ld=0 og=0
at +1h publish c1 edition=es section=noticias/politica headline="El consejo del puerto se reúne" paragraphs=4 images=1 tags=2 post=103 author="Al Mayadeen Español" source="La Marea + Agencias"
at +1h publish c2 edition=es section=noticias/economia headline="Un segundo barco" paragraphs=4 images=1 tags=2 post=105 json=0 ld=0 og=0
END
echo 1767600000 >clock # 2026-01-05T08:00:00Z
export HOLDFAST_TEST_CLOCK_FILE=clock
start_site --scenario scenario --clock clock --lifetime 120
"$T" init -C c --operator "City Archive" --contact mailto:web@archive.example \
    --site almayadeen-en --site almayadeen-ar --site almayadeen-es >out 2>&1
check_code "the file is sound" 0 "$T" config check -C c
timeout 120 "$T" run -C c --wait 0 $SITE >out 2>&1
# The fixture site has no page for some of the sections.
check_equal "a run of what init wrote misses nothing that there is" \
    "$(jq -r 'select(.outcome | IN("captured", "revisit", "redirect", "blocked-by-profile", "out-of-scope") | not) |
	"\(.outcome) \(.url)"' c/snapshots/*/*/*/outcomes.jsonl |
	grep -vE '^not-found .*/(analysis|articulos|noticias/[a-z]+)$')" ""
cat c/snapshots/*/*/*/articles.jsonl >articles
check_equal "each edition's articles are read" \
    "$(jq -r '.article.edition | "\(.key) \(.lang) \(.dir)"' articles | sort | uniq -c | sed 's/^ *//')" \
    "2 ar ar rtl
1 en en ltr
2 es es ltr"
check_equal "what a draft reads is degraded, the rest is well" \
    "$(jq -r '.article | "\(.edition.key) \(.quality.status)"' articles | sort -u)" \
    "ar ok
en ok
es degraded"
check_equal "dates have the offset of Beirut, printed or assumed" \
    "$(jq -r '.article.published | "\(.utc) \(.offset) \(.tz_source)"' articles | sort | uniq -c | sed 's/^ *//')" \
    "2 2026-01-05T01:00:00Z +02:00 assumed
3 2026-01-05T01:00:00Z +02:00 printed"
check_equal "the sources of the Spanish edition" \
    "$(jq -r '.article | select(.article_id == "almayadeen-es:103") | [.sources[].name] | join(";")' articles)" "La Marea;Agencias"
check_equal "the authors" "$(jq -r '.article.authors[0] | select(.) | "\(.name) \(.kind)"' articles | sort -u)" \
    "Al Mayadeen English organization
Al Mayadeen Español organization
الميادين نت organization"
check_equal "sections by their names" \
    "$(jq -r '.article.section[1].label' articles | sort -u | tr '\n' ' ')" \
    "$(printf 'Economía\nPolitics\nPolítica\nاقتصاد\nسياسة\n' | sort | tr '\n' ' ')"
check_equal "marks in a headline are kept as they are" \
    "$(jq -r '.article.headline | select(contains("ثانية")) | explode | map(select(. > 8000)) | join(" ")' articles)" "8295 8297"
check_code "everything verifies" 0 "$T" verify -C c --level deep
done_testing
