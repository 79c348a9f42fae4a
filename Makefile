# holdfast: one non-recursive Makefile. Everything it makes is under build/.
#
#   make run          dependencies, build, capture a fixture article, verify it
#   make check        dependencies, every test
#   make              the program: build/release/holdfast
#
# MODE=release|asan|tsan|fuzz chooses a folder of objects with flags of its
# own. CFLAGS, LDFLAGS and CC given on the command line are added to ours.
# DEFLATE=libdeflate|zlib: with zlib alone everything is read with the same
# verdicts, only slower; what is deflated anew has other bytes (folder
# build/MODE-zlib).

MODE    ?= release
DEFLATE ?= libdeflate
B       := build/$(MODE)$(if $(filter zlib,$(DEFLATE)),-zlib)
PREFIX  ?= /usr/local
DESTDIR ?=
CC      ?= cc
URL     ?=

DEPS := gcc make pkg-config ca-certificates libc6-dev libcurl4-openssl-dev \
    libarchive-dev zlib1g-dev libssl-dev \
    $(if $(filter zlib,$(DEFLATE)),,libdeflate-dev) libbrotli-dev \
    libzstd-dev libgumbo-dev libxml2-dev libuchardet-dev libjansson-dev \
    libsqlite3-dev libseccomp-dev libutf8proc-dev libidn2-dev
DEPS_DEV := clang clang-tidy clang-format cppcheck libclang-rt-14-dev strace \
    nginx jq wget mandoc libarchive-tools chromium time curl openssl \
    python3 e2fsprogs xfsprogs rsync unzip zstd nodejs iproute2

PACKAGES := libcurl libarchive zlib openssl libbrotlidec libzstd \
    $(filter libdeflate,$(DEFLATE)) gumbo libxml-2.0 uchardet jansson sqlite3 libseccomp libutf8proc libidn2

VERSION  := 0.1
REVISION := $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)

# Ours are in OUR_*, so that CFLAGS=... on the command line takes none away.
OUR_CPPFLAGS := -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I. -I$(B)/gen
OUR_CFLAGS := -std=c11 -Wpedantic -Wall -Wextra -Wshadow -Wstrict-prototypes \
    -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wvla -Wundef \
    -Werror=implicit-function-declaration -fstack-protector-strong \
    -fno-strict-aliasing -pthread -g -ffile-prefix-map=$(CURDIR)=.
OUR_LDFLAGS := -pthread -Wl,-z,relro,-z,now
ifeq ($(MODE),release)
OUR_CFLAGS += -O2 -D_FORTIFY_SOURCE=2
else ifeq ($(MODE),asan)
OUR_CFLAGS += -O1 -fsanitize=address,undefined -fno-omit-frame-pointer \
    -fno-sanitize-recover=undefined
else ifeq ($(MODE),tsan)
OUR_CFLAGS += -O1 -fsanitize=thread
else ifeq ($(MODE),fuzz)
CC := clang
OUR_CFLAGS += -O1 -fsanitize=address,undefined,fuzzer-no-link \
    -fno-sanitize-recover=undefined
else
$(error MODE is $(MODE); it is one of release asan tsan fuzz)
endif
ifneq ($(WERROR),)
OUR_CFLAGS += -Werror
endif

# Asked only when something is compiled: "make deps" must run without them.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PACKAGES)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PACKAGES)))$(PKG_LIBS)
COMPILE = $(CC) $(OUR_CPPFLAGS) $(PKG_CFLAGS) $(CPPFLAGS) $(OUR_CFLAGS) $(CFLAGS)
LINK    = $(CC) $(OUR_CFLAGS) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS)

SOURCES := $(filter-out $(patsubst %,core/base/deflate_%.c,$(filter-out \
    $(DEFLATE),libdeflate zlib)),$(sort $(wildcard core/*/*.c formats/*.c \
    plugins/*/*.c)))
LIB_SOURCES := $(filter-out core/cli/main.c,$(SOURCES))
LIB_OBJECTS := $(LIB_SOURCES:%.c=$(B)/%.o) $(B)/gen/embedded.o
LIB := $(B)/libholdfast.a
PROGRAM := $(B)/holdfast

# Things a reader must find in every sealed snapshot or in the binary.
EMBED := $(sort $(wildcard plugins/*/*.site plugins/*/*.map ARCHIVING.md \
    docs/*.schema.json))

UNIT := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/unit/*.c tests/conformance/*.c)))
FUZZ := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
REPLAY := $(patsubst $(B)/tests/fuzz/fuzz_%,$(B)/tests/fuzz/replay_%,$(FUZZ))
TOOLS := $(B)/site $(B)/raw $(B)/trap $(B)/holdfast-test
BENCH := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/bench/*.c)))

.PHONY: all deps deps-dev run check lint asan tsan fuzz interop install \
    uninstall clean tests tools
.SUFFIXES:
.SECONDARY:

all: $(PROGRAM)

deps:
	@sh scripts/deps.sh $(DEPS)

deps-dev:
	@sh scripts/deps.sh $(DEPS) $(DEPS_DEV)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(COMPILE) -MMD -MP -c -o $@ $<

$(B)/gen/embedded.c: $(EMBED) scripts/embed.sh
	@mkdir -p $(@D)
	@sh scripts/embed.sh $(EMBED) > $@.tmp && mv $@.tmp $@

$(B)/gen/embedded.o: $(B)/gen/embedded.c
	@echo "  CC $@"
	@$(COMPILE) -c -o $@ $<

# Written only when it changes, so that a new revision relinks and no more.
$(B)/gen/build_version.h: FORCE
	@mkdir -p $(@D)
	@printf '#define HOLDFAST_VERSION "%s"\n#define HOLDFAST_REVISION "%s"\n#define HOLDFAST_MODE "%s"\n' \
	    $(VERSION) $(REVISION) $(MODE) > $@.tmp; \
	    cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@
.PHONY: FORCE

$(LIB_OBJECTS) $(B)/core/cli/main.o: | $(B)/gen/build_version.h
$(B)/core/base/version.o: $(B)/gen/build_version.h

$(LIB): $(LIB_OBJECTS)
	@rm -f $@
	@$(AR) rcsD $@ $^

$(PROGRAM): $(B)/core/cli/main.o $(LIB)
	@echo "  LD $@"
	@$(LINK) -o $@ $^ $(PKG_LIBS)

# Test programs are linked with the library; a test that defines one of its
# symbols (the clock, a table) takes that object's place at link time.
$(B)/tests/%: $(B)/tests/%.o $(LIB)
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(LINK) -o $@ $(filter %.o,$^) $(LIB) $(PKG_LIBS)

# Tests that pour stories into the fixture template.
STORY_TESTS := unit/test_template unit/test_rule unit/test_reader \
    conformance/article_seed conformance/article_twin \
    conformance/rules_matter conformance/churn conformance/schema
$(STORY_TESTS:%=$(B)/tests/%): $(B)/tests/site/template.o $(B)/tests/site/story.o

# Benchmarks that make pages and pictures in bulk.
$(B)/tests/bench/crawl_site $(B)/tests/bench/ver_files: $(B)/tests/site/bulk.o

# The fixture news site and the raw-byte server.
$(B)/site: $(patsubst %.c,$(B)/%.o,$(sort $(wildcard tests/site/*.c)) tests/server/certificates.c) $(LIB)
	@echo "  LD $@"
	@$(LINK) -o $@ $^ $(PKG_LIBS)
$(B)/raw: $(patsubst %.c,$(B)/%.o,$(sort $(wildcard tests/server/*.c))) $(LIB)
	@echo "  LD $@"
	@$(LINK) -o $@ $^ $(PKG_LIBS) -lbrotlienc
# The program with a clock that tests can set (tests/seam/clock.c).
$(B)/holdfast-test: $(B)/core/cli/main.o $(B)/tests/seam/clock.o $(LIB)
	@echo "  LD $@"
	@$(LINK) -o $@ $^ $(PKG_LIBS)

$(B)/trap: $(patsubst %.c,$(B)/%.o,$(sort $(wildcard tests/net/*.c))) $(LIB)
	@echo "  LD $@"
	@$(LINK) -o $@ $^ $(PKG_LIBS)
$(B)/tests/fuzz/replay_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(LIB)
	@echo "  LD $@"
	@$(LINK) -o $@ $^ $(PKG_LIBS)
ifeq ($(MODE),fuzz)
$(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(LIB)
	@echo "  LD $@"
	@$(LINK) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS)
endif

tools: $(PROGRAM) $(TOOLS)
tests: tools $(UNIT) $(REPLAY) $(BENCH) $(B)/tests/browser/chrome

run: deps
	@$(MAKE) --no-print-directory MODE=$(MODE) $(PROGRAM) $(B)/site
	@sh scripts/quickstart.sh $(B) "$(URL)"

check: deps deps-dev
	@$(MAKE) --no-print-directory MODE=$(MODE) tests
	@sh tests/run.sh $(B)

lint: deps-dev $(B)/gen/build_version.h
	@sh scripts/lint.sh

asan:
	@$(MAKE) --no-print-directory MODE=asan tests
	@sh tests/run.sh build/asan

tsan:
	@$(MAKE) --no-print-directory MODE=tsan tests
	@sh tests/run.sh build/tsan "threads parallel index_records"

fuzz: deps-dev
	@$(MAKE) --no-print-directory MODE=fuzz fuzz-programs
	@sh scripts/fuzz.sh build/fuzz $(or $(TIME),$(SECONDS))

.PHONY: fuzz-programs
fuzz-programs: $(FUZZ)

interop: deps deps-dev
	@$(MAKE) --no-print-directory MODE=$(MODE) tools $(B)/tests/browser/chrome
	@sh tests/interop/run.sh $(B)

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
	    $(DESTDIR)$(PREFIX)/share/man/man5 \
	    $(DESTDIR)$(PREFIX)/share/doc/holdfast
	install -m 0755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/holdfast
	install -m 0644 core/cli/holdfast.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 0644 core/cli/holdfast.conf.5 \
	    $(DESTDIR)$(PREFIX)/share/man/man5/
	install -m 0644 README.md ARCHIVING.md LICENSE \
	    $(DESTDIR)$(PREFIX)/share/doc/holdfast/

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/holdfast \
	    $(DESTDIR)$(PREFIX)/share/man/man1/holdfast.1 \
	    $(DESTDIR)$(PREFIX)/share/man/man5/holdfast.conf.5
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/holdfast

clean:
	rm -rf build

-include $(patsubst %.c,$(B)/%.d,$(SOURCES) $(wildcard tests/*/*.c))
