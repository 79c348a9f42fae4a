/* Packages that verify is given: files, folders, standard input. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/package.h"
#include "core/archive/tree.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/cli/verify_verb.h"
#include "core/collection/config.h"
#include "core/collection/verify_package.h"
#include "core/collection/verify_wacz.h"

enum { HEAD_BYTES = 64 * 1024 };

/* Is it a container, by its head or else its name? 1; 0; -1. */
static int
is_container(struct input *in, struct error *e)
{
	uint8_t *head = mem_alloc(HEAD_BYTES);
	size_t n = 0;
	int rc = input_read(in, 0, head, HEAD_BYTES, &n, e);

	if (rc == 0)
		rc = package_of(head, n) != NULL ||
		     (n > 0 && package_named(input_name(in)) != NULL);
	free(head);
	return rc;
}

/* What comes once is read more than once here. */
static int
make_random(struct input **in, struct error *e)
{
	struct input *copy = NULL;

	if (input_is_random(*in))
		return 0;
	if (tree_spool(*in, &copy, e) != 0)
		return -1;
	input_free(*in);
	*in = copy;
	return 0;
}

/* 1, what is to be said was said; 0, look for record files. */
static int
take_result(struct verifying *v, const char *object,
    const struct verify_package_facts *f, const struct error *why)
{
	int is_form = f->form != FORM_NONE && f->form != FORM_RECORDS;

	if (why->kind == ERROR_USAGE && !is_form)
		return 0;
	if (why->kind == ERROR_INPUT || why->kind == ERROR_LIMIT)
		/* Names that clash: nothing in it can be told apart. */
		verify_note(
		    v, SEVERITY_DAMAGE, "package", object, 0, why->text);
	else
		verify_failed(v, object, why);
	return 1;
}

/* What an object is looked at as. */
enum look { LOOK_FOLDER, LOOK_CONTAINER, LOOK_LIST };

static int
verify_opened(
    struct verifying *v, const char *object, struct input *in, enum look look)
{
	const struct verify_collection_options base = verify_options_of(v);
	const struct verify_package_options o = { .base = &base,
		.trust = v->trust,
		.must_trust = config_text(v->cli->config, "trust")[0] != '\0',
		.completeness_only = v->level == VERIFY_QUICK };
	struct verify_package_facts facts = { .form = FORM_NONE };
	struct error why = { 0 };
	int rc;

	if (look == LOOK_LIST)
		rc = verify_wacz_list(object, &o, &v->totals, &facts, &why);
	else if (look == LOOK_FOLDER)
		rc = verify_package(object, &o, &v->totals, &facts, &why);
	else
		rc = verify_package_input(in, &o, &v->totals, &facts, &why);
	if (rc < 0)
		rc = take_result(v, object, &facts, &why);
	else
		rc = rc == 0;
	if (facts.signature != NULL && facts.signature[0] != '\0')
		verify_report_signature(v->report, object, facts.signature);
	free(facts.signature);
	return rc;
}

int
verify_packed(struct verifying *v, const char *object, struct input **in)
{
	struct error e = { 0 };
	int is;

	if (strcmp(object, "-") != 0 && file_is_dir(object))
		return verify_opened(v, object, NULL, LOOK_FOLDER);
	if (text_ends(object, ".json") &&
	    verify_opened(v, object, NULL, LOOK_LIST))
		return 1;
	/* What cannot be opened is told by who looks for record files. */
	if (input_open(in, object, object, NULL) != 0)
		return 0;
	is = is_container(*in, &e);
	if (is == 0 || (is > 0 && make_random(in, &e) == 0))
		return is > 0 && verify_opened(v, object, *in, LOOK_CONTAINER);
	verify_failed(v, object, &e);
	return 1;
}
