/* The program: find the verb, read its options, run it. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/worker.h"
#include "core/cli/cli.h"
#include "core/collection/config.h"
#include "core/news/profile.h"
#include "core/news/service.h"

/* The first signal asks for an orderly end, the second forces it. A signal
 * handler can reach nothing but a static variable. */
static volatile sig_atomic_t stop_asked;
static volatile sig_atomic_t show_asked;

static void
on_signal(int number)
{
	(void)number;
	if (stop_asked)
		_exit(EXIT_FORCED);
	stop_asked = 1;
}

static void
on_show(int number)
{
	(void)number;
	show_asked = 1;
}

static void
catch_signals(void)
{
	struct sigaction a = { .sa_handler = on_signal };
	struct sigaction show = { .sa_handler = on_show };
	struct sigaction hangup;

	/* Who started it with nohup wants it to go on. */
	if (sigaction(SIGHUP, NULL, &hangup) == 0 &&
	    hangup.sa_handler != SIG_IGN)
		(void)sigaction(SIGHUP, &a, NULL);
	(void)sigaction(SIGUSR1, &show, NULL);
	(void)sigaction(SIGINT, &a, NULL);
	(void)sigaction(SIGTERM, &a, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

/* Workers come first: before any thread, socket or archive is opened. */
static int
start_workers(struct cli *c, struct error *e)
{
	struct worker_limits limits;
	struct worker_service service;
	char *dir = cli_collection_dir(c);
	char *sites = mem_format("%s/sites", dir);

	free(dir);
	if (file_is_dir(sites))
		c->sites_dir = sites;
	else
		free(sites);
	service_limits(&limits);
	service = service_new(c->sites_dir);
	c->zygote = zygote_start(&service, &limits, e);
	free(service.context);
	if (c->zygote == NULL)
		return -1;
	return profile_set_load(&c->profiles, c->sites_dir, e);
}

static int
load_config(struct cli *c, struct error *e)
{
	char *dir = cli_collection_dir(c);
	char *path = mem_format("%s/holdfast.conf", dir);
	int rc = config_load(c->config, path, e);

	free(path);
	free(dir);
	return rc;
}

static int
run(struct cli *c, int argc, char **argv)
{
	struct error e = { 0 };

	if (options_parse(c, argc, argv, &e) != 0 ||
	    (!(c->verb->flags & VERB_CONFIG) && load_config(c, &e) != 0))
		return cli_fail(&e);
	if ((c->verb->flags & VERB_WORKERS) && start_workers(c, &e) != 0)
		return cli_fail(&e);
	catch_signals();
	c->stop = &stop_asked;
	c->show = &show_asked;
	return c->verb->run(c);
}

/* Output that could not be written is a failure too. */
static int
finish(int code)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		cli_say("standard output: cannot be written");
		return code == EXIT_DONE ? EXIT_FILE : code;
	}
	return code;
}

int
main(int argc, char **argv)
{
	struct cli c = { 0 };
	int code;

	(void)umask(022);
	if (argc < 2) {
		help_short(stdout);
		return finish(EXIT_DONE);
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		help_short(stdout);
		return finish(EXIT_DONE);
	}
	if (strcmp(argv[1], "--version") == 0)
		return finish(help_version());
	c.verb = verb_find(argv[1]);
	if (c.verb == NULL) {
		const char *near = verb_nearest(argv[1]);

		cli_say("%s: unknown verb%s%s%s", argv[1],
		    near == NULL ? "" : "; did you mean ",
		    near == NULL ? "" : near, near == NULL ? "" : "?");
		return EXIT_USAGE;
	}
	c.config = config_new();
	c.terminal = isatty(STDERR_FILENO);
	code = run(&c, argc - 2, argv + 2);
	profile_set_free(c.profiles);
	zygote_stop(c.zygote);
	config_free(c.config);
	free(c.sites_dir);
	free(c.objects);
	return finish(code);
}
