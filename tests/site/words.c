/* Invented text. */
#include "tests/site/words.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/text.h"

enum { SLUG_MAX = 60, WORDS = 48 };

static const char *const english[WORDS] = { "harbor", "council", "ferry",
	"pilot", "island", "mayor", "bridge", "fog", "lighthouse", "market",
	"company", "plan", "winter", "letter", "street", "rope", "tide", "crew",
	"storm", "anchor", "meeting", "report", "question", "answer",
	"northern", "quiet", "older", "second", "early", "final", "holds",
	"builds", "refuses", "repeats", "expects", "brings", "keeps", "opens",
	"over", "under", "near", "before", "after", "without", "because",
	"while", "again", "today" };
static const char *const arabic[WORDS] = { "الميناء", "المجلس", "العبارة",
	"الجزيرة", "الجسر", "الضباب", "المنارة", "السوق", "الشركة", "الخطة",
	"الشتاء", "الرسالة", "الشارع", "المد", "العاصفة", "الاجتماع", "التقرير",
	"السؤال", "الجواب", "البلدة", "السفينة", "البحر", "الصباح", "المساء",
	"يعلن", "يرفض", "يؤكد", "يفتح", "يبني", "ينتظر", "يعيد", "يحمل", "جديد",
	"قديم", "هادئ", "شمالي", "ثان", "مبكر", "أخير", "كبير", "فوق", "تحت",
	"قرب", "قبل", "بعد", "دون", "لأن", "بينما" };
static const char *const spanish[WORDS] = { "puerto", "consejo", "barco",
	"piloto", "isla", "alcalde", "puente", "niebla", "faro", "mercado",
	"empresa", "plan", "invierno", "carta", "calle", "cuerda", "marea",
	"tripulación", "tormenta", "ancla", "reunión", "informe", "cuestión",
	"respuesta", "norteño", "quieto", "antiguo", "segundo", "temprano",
	"último", "mantiene", "construye", "rechaza", "repite", "espera",
	"trae", "guarda", "abre", "sobre", "bajo", "cerca", "antes", "después",
	"sin", "porque", "mientras", "otra vez", "mañana" };

/* FNV-1a, then splitmix64. */
uint64_t
words_number(const char *key)
{
	uint64_t z = 0xcbf29ce484222325U;

	for (; *key != '\0'; key++)
		z = (z ^ (uint8_t)*key) * 0x100000001b3U;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

static const char *const *
vocabulary(const char *edition)
{
	if (strcmp(edition, "ar") == 0)
		return arabic;
	return strcmp(edition, "es") == 0 ? spanish : english;
}

const char *
words_one(const char *edition, const char *key)
{
	return vocabulary(edition)[words_number(key) % WORDS];
}

char *
words_make(struct arena *a, const char *edition, const char *key,
    unsigned count, const char *end)
{
	struct buf out = { 0 };
	uint64_t n = words_number(key);
	char *text;

	for (unsigned i = 0; i < count; i++) {
		buf_add_text(&out, i > 0 ? " " : "");
		buf_add_text(&out, vocabulary(edition)[(n >> 8) % WORDS]);
		n = n * 6364136223846793005U + 1442695040888963407U;
		n ^= n >> 29;
	}
	if (out.len > 0 && out.data[0] >= 'a' && out.data[0] <= 'z')
		out.data[0] = (uint8_t)(out.data[0] - 'a' + 'A');
	buf_add_text(&out, end);
	text = arena_text(a, buf_text(&out));
	buf_clear(&out);
	return text;
}

char *
words_slug(struct arena *a, const char *text)
{
	const uint8_t *s = (const uint8_t *)text;
	size_t len = strlen(text);
	struct buf out = { 0 };
	unsigned count = 0;
	char *slug;

	while (len > 0 && count++ < SLUG_MAX) {
		uint32_t cp;
		size_t used = text_utf8_next(s, len, &cp, NULL);

		if (cp < 128)
			cp = (uint32_t)text_lower((int)cp);
		if ((cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9') ||
		    (cp >= 0xc0 && cp < 0x2000))
			text_utf8_add(&out, cp);
		else
			buf_add_byte(&out, '-');
		s += used;
		len -= used;
	}
	slug = arena_text(a, buf_text(&out));
	buf_clear(&out);
	return slug;
}
