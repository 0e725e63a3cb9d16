# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The xpppd authors
#
# Everything that is built goes to $(BUILD). Sources are found by where they lie: a new
# .c below agent/ or cli/, a new tests/unit/test_*.c or tests/fuzz/fuzz_*.c needs no line here.

BUILD ?= build
CC ?= cc
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
# The kernel's ethtool structs end in an array and are wrapped: gcc and clang mean the same by it.
WARN += -Wno-gnu-variable-sized-type-not-at-end
CPPFLAGS := -D_GNU_SOURCE -Iinclude -Iagent -I$(BUILD)/include
LIBS := -lev -lmicrohttpd -llmdb -lbpf -ljson-c -lradcli -lssl -lcrypto -lsystemd -lelf -lz
DIALER_LIBS := -ljson-c -lcrypto
XFLAGS = -std=gnu11 $(WARN) $(CPPFLAGS) -MMD -MP

# One short line for each step; `make V=1` shows the commands.
ifeq ($(V),)
.SILENT:
endif
NOTE = echo '  $@'

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules

AGENT_SRC := $(wildcard agent/*.c agent/*/*.c agent/*/*/*.c)
CLI_SRC := $(wildcard cli/*.c)
# the dialer shares nothing with the agent: it is compiled without the include paths
DIALER_SRC := $(filter-out tests/dialer/test_%,$(wildcard tests/dialer/*.c))
SKEL := $(patsubst bpf/%.bpf.c,$(BUILD)/include/%.skel.h,$(wildcard bpf/*.bpf.c))

# ---- flavours: plain (what is installed), asan (what is tested), fuzz

# $(call flavour,NAME,COMPILER,FLAGS)
define flavour
$(BUILD)/$(1)/%.o: %.c | $(BUILD)/.gitignore
	@mkdir -p $$(@D); $$(NOTE)
	$(2) $$(XFLAGS) $(3) -c -o $$@ $$<
$(BUILD)/$(1)/%.o: $(BUILD)/gen/%.c | $(BUILD)/.gitignore
	@mkdir -p $$(@D); $$(NOTE)
	$(2) $$(XFLAGS) $(3) -Wno-error -w -I$(BUILD)/gen/agent/conf -c -o $$@ $$<
$(BUILD)/$(1)/agent/dataplane/bpf_dataplane.o $(BUILD)/$(1)/agent/dataplane/mppe_home.o $(BUILD)/$(1)/agent/dataplane/cpus.o: | $(SKEL)
$(1)_AGENT := $$(patsubst %.c,$(BUILD)/$(1)/%.o,$$(filter-out agent/main.c,$$(AGENT_SRC)))
ifneq ($$(wildcard agent/conf/grammar.y),)
$(1)_AGENT += $(BUILD)/$(1)/agent/conf/grammar.tab.o $(BUILD)/$(1)/agent/conf/lexer.yy.o
endif
$(BUILD)/$(1)/libagent.a: $$($(1)_AGENT)
	rm -f $$@; $(AR) rcs $$@ $$^
$(BUILD)/$(1)/xpppd: $(BUILD)/$(1)/agent/main.o $(BUILD)/$(1)/libagent.a
	@$$(NOTE)
	$(2) $(3) $$(LDFLAGS) -o $$@ $$^ $$(LIBS)
$(BUILD)/$(1)/libcli.a: $$(patsubst %.c,$(BUILD)/$(1)/%.o,$$(filter-out cli/main.c,$$(CLI_SRC)))
	rm -f $$@; $(AR) rcs $$@ $$^
$(BUILD)/$(1)/xpppctl: $(BUILD)/$(1)/cli/main.o $(BUILD)/$(1)/libcli.a
	@$$(NOTE)
	$(2) $(3) $$(LDFLAGS) -o $$@ $$^ -ljson-c
$(BUILD)/$(1)/tests/dialer/%.o: CPPFLAGS := -D_GNU_SOURCE
$(BUILD)/$(1)/dialer: $$(patsubst %.c,$(BUILD)/$(1)/%.o,$$(DIALER_SRC))
	@$$(NOTE)
	$(2) $(3) $$(LDFLAGS) -o $$@ $$^ $$(DIALER_LIBS)
endef

ASAN := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -DXPPPD_FUZZ
$(eval $(call flavour,plain,$(CC),$(CFLAGS)))
$(eval $(call flavour,asan,$(CC),$(ASAN)))
$(eval $(call flavour,fuzz,$(CLANG),$(FUZZ)))

$(BUILD)/.gitignore:
	@mkdir -p $(BUILD) && printf '*\n' > $@

# ---- generated: grammar, BPF skeleton

$(BUILD)/gen/agent/conf/grammar.tab.c: agent/conf/grammar.y
	@mkdir -p $(@D); $(NOTE)
	bison -Wall -Werror -d -o $@ $<
$(BUILD)/gen/agent/conf/lexer.yy.c: agent/conf/lexer.l $(BUILD)/gen/agent/conf/grammar.tab.c
	@mkdir -p $(@D); $(NOTE)
	flex -o $@ $<

# UAPI headers only: the object is the same on whatever kernel it is built
BPF_CFLAGS := -O2 -g -mcpu=v3 -target bpf -Wall -Wextra -Werror -Wno-unused-parameter
BPF_INCLUDE = -Iinclude -idirafter /usr/include/$(shell $(CC) -print-multiarch)

$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c $(wildcard bpf/*.h bpf/mppe/*.h include/xpppd/*.h) | $(BUILD)/.gitignore
	@mkdir -p $(@D); $(NOTE)
	$(CLANG) $(BPF_CFLAGS) $(BPF_INCLUDE) -c -o $@ $<
$(BUILD)/bpf/%.bpf.o: tests/bench/%.bpf.c $(wildcard tests/bench/*.h) | $(BUILD)/.gitignore
	@mkdir -p $(@D); $(NOTE)
	$(CLANG) $(BPF_CFLAGS) $(BPF_INCLUDE) -c -o $@ $<
$(BUILD)/bpf/%.bpf.o: tests/bpf/%.bpf.c $(wildcard include/xpppd/*.h) | $(BUILD)/.gitignore
	@mkdir -p $(@D); $(NOTE)
	$(CLANG) $(BPF_CFLAGS) $(BPF_INCLUDE) -c -o $@ $<
$(BUILD)/include/%.skel.h: $(BUILD)/bpf/%.bpf.o
	@mkdir -p $(@D); $(NOTE)
	$(BPFTOOL) gen skeleton $< name $* > $@

# ---- kernel module: against the running kernel's headers, or KDIR's; DEBUG=1: with a self-test

KDIR ?= /lib/modules/$(shell uname -r)/build
MODULE_UTS = $(KDIR)/include/generated/utsrelease.h
MODULE_RELEASE = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(MODULE_UTS) 2> /dev/null)
MODULE_DIR = $(abspath $(BUILD))/module/$(MODULE_RELEASE)$(if $(DEBUG),-debug)
# What Kbuild and DKMS find in one directory.
MODULE_SRC := bpf/mppe/Kbuild $(wildcard bpf/mppe/*.[ch]) packaging/module-btf
MODULE_INCLUDE := include/xpppd/mppe.h include/xpppd/reason.h
# $(call module_copy,DIR)
define module_copy
install -d $(1)/include/xpppd
install -m 644 $(filter-out packaging/%,$(MODULE_SRC)) $(1)
install -m 755 packaging/module-btf $(1)
install -m 644 $(MODULE_INCLUDE) $(1)/include/xpppd
endef

# ---- what users call

JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2))
# Targets that need packages come in two steps: what they need may only exist after the first.
STEP = +@$(MAKE) --no-print-directory

.PHONY: help all deps demo check check-fast bench bench-instructions bench-vlans fuzz lint install install-dkms module clean
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
all: $(BUILD)/plain/xpppd $(BUILD)/plain/xpppctl ## build the agent, the BPF programs and xpppctl
deps: ## install the Debian packages that build, demo, check, lint and bench need
	@packaging/deps
demo: deps ## build, dial in, forward, look inside, hang up: in network namespaces, needs root
	$(STEP) $(JOBS) all dialer
	@tests/demo
check: deps ## all tests: unit, bpf, fuzz corpus, namespaces, virtual machines; needs root
	$(STEP) $(JOBS) check-bin
	@tests/run
check-fast: deps ## all tests but those in virtual machines
	$(STEP) $(JOBS) check-bin
	@tests/run --fast
bench: deps ## measure; build/bench/report.md; PARTS="control radius": these, ROUNDS=1: quickly
	$(STEP) $(JOBS) all dialer bench-bin
	@tests/bench/run $(PARTS)
bench-instructions: deps ## the agent's instructions a session, beside those that are kept
	$(STEP) $(JOBS) $(BUILD)/plain/tests/bench/instructions
	@tests/bench/count-instructions
bench-vlans: deps ## measure 100,000 sessions over 100 VLANs
	$(STEP) $(JOBS) all dialer
	@tests/bench/run vlans
fuzz: deps ## run each fuzz target for T=60 seconds
	$(STEP) $(JOBS) fuzz-bin
	@tests/fuzz/run $(or $(T),60) $(FUZZERS)
lint: deps ## format, both compilers' warnings, cppcheck, shellcheck, man pages, sizes
	$(STEP) $(JOBS) lint-build
	@tests/lint/run
module: | $(BUILD)/.gitignore ## build xppp_mppe.ko for the running kernel or KDIR=headers
	@[ -e $(MODULE_UTS) ] || { echo "no kernel headers in $(KDIR)"; exit 1; }
	$(call module_copy,$(MODULE_DIR))
	$(MAKE) -s -C $(KDIR) M=$(MODULE_DIR) W=1 $(if $(DEBUG),DEBUG=$(DEBUG)) modules
	packaging/module-btf $(KDIR) $(MODULE_DIR)/xppp_mppe.ko
	echo '  $(MODULE_DIR)/xppp_mppe.ko'
clean: ## remove everything that was built
	rm -rf $(BUILD)

# ---- installation

PREFIX ?= /usr/local
SBIN = $(DESTDIR)$(PREFIX)/sbin
MAN = $(DESTDIR)$(PREFIX)/share/man
CONF = $(DESTDIR)/etc/xpppd
LIBDIR = $(DESTDIR)$(PREFIX)/lib

install: all ## install below PREFIX=/usr/local (DESTDIR for packagers); keeps a configuration that is there
	[ -d $(CONF) ] || install -d -m 750 $(CONF)
	install -d -m 755 $(SBIN) $(MAN)/man5 $(MAN)/man8 $(DESTDIR)$(PREFIX)/share/doc/xpppd \
		$(LIBDIR)/systemd/system $(LIBDIR)/sysusers.d $(LIBDIR)/tmpfiles.d
	install -m 755 $(BUILD)/plain/xpppd $(BUILD)/plain/xpppctl $(SBIN)
	install -m 644 docs/xpppd.8 docs/xpppctl.8 $(MAN)/man8
	install -m 644 docs/xpppd.conf.5 $(MAN)/man5
	install -m 644 README.md LICENSE docs/operators-guide.md docs/CHANGELOG.md packaging/grafana-dashboard.json $(DESTDIR)$(PREFIX)/share/doc/xpppd
	sed 's|@SBINDIR@|$(PREFIX)/sbin|' packaging/xpppd.service.in > $(LIBDIR)/systemd/system/xpppd.service
	chmod 644 $(LIBDIR)/systemd/system/xpppd.service
	install -m 644 packaging/xpppd.sysusers $(LIBDIR)/sysusers.d/xpppd.conf
	install -m 644 packaging/xpppd.tmpfiles $(LIBDIR)/tmpfiles.d/xpppd.conf
	[ -e $(CONF)/xpppd.conf ] || install -m 640 packaging/xpppd.conf $(CONF)/xpppd.conf
	[ -e $(CONF)/npppd-users ] || install -m 640 packaging/npppd-users $(CONF)/npppd-users
	[ -n "$(DESTDIR)" ] || packaging/activate

# The module's source where DKMS builds it from, on each kernel that is installed.
DKMS_DIR = $(DESTDIR)/usr/src/xppp_mppe-$(DKMS_VERSION)
DKMS_VERSION = 1.$(shell sed -n 's/^.define XP_MPPE_VERSION //p' include/xpppd/mppe.h)

install-dkms: ## install the module's source for DKMS; then: dkms install xppp_mppe/VERSION
	$(call module_copy,$(DKMS_DIR))
	sed 's/@VERSION@/$(DKMS_VERSION)/' packaging/dkms.conf.in > $(DKMS_DIR)/dkms.conf
	chmod 644 $(DKMS_DIR)/dkms.conf
	echo '  dkms install xppp_mppe/$(DKMS_VERSION)'

# ---- tests

UNIT := $(patsubst tests/unit/%.c,$(BUILD)/asan/tests/unit/%,$(wildcard tests/unit/test_*.c))
$(BUILD)/asan/tests/unit/%: $(BUILD)/asan/tests/unit/%.o $(BUILD)/asan/libagent.a $(BUILD)/asan/libcli.a
	@$(NOTE)
	$(CC) $(ASAN) $(LDFLAGS) -o $@ $^ -lcmocka $(LIBS)
# They let memory run out.
$(BUILD)/asan/tests/unit/test_%_memory: LDFLAGS += -Wl,--wrap=calloc
# The kernel module's source in a process.
MODULE_TEST := tests/unit/test_mppe_module.o
$(BUILD)/asan/$(MODULE_TEST) $(BUILD)/plain/$(MODULE_TEST) $(BUILD)/lint/$(MODULE_TEST): \
	CPPFLAGS += -Itests/unit/kernel
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/tests/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
$(BUILD)/fuzz/tests/fuzz/%: $(BUILD)/fuzz/tests/fuzz/%.o $(BUILD)/fuzz/libagent.a
	@$(NOTE)
	$(CLANG) $(FUZZ) -fsanitize=fuzzer -o $@ $^ $(LIBS)
# A test_*.c in tests/bpf is a program, the other sources there are what they share.
BPF_TEST := $(patsubst tests/bpf/%.c,$(BUILD)/asan/tests/bpf/%,$(wildcard tests/bpf/test_*.c))
BPF_TEST_LIB := $(patsubst %.c,$(BUILD)/asan/%.o,$(filter-out tests/bpf/test_% %.bpf.c,$(wildcard tests/bpf/*.c)))
BPF_TEST_SKEL := $(patsubst tests/bpf/%.bpf.c,$(BUILD)/include/%.skel.h,$(wildcard tests/bpf/*.bpf.c))
$(BPF_TEST:%=%.o) $(BPF_TEST_LIB): | $(SKEL) $(BPF_TEST_SKEL)
$(BUILD)/asan/tests/bpf/%: $(BUILD)/asan/tests/bpf/%.o $(BPF_TEST_LIB) $(BUILD)/asan/libagent.a
	@$(NOTE)
	$(CC) $(ASAN) -o $@ $^ -lcmocka $(LIBS)
$(BUILD)/dialer: $(BUILD)/plain/dialer
	ln -f $< $@
$(BUILD)/asan/tests/dialer/test_%: $(BUILD)/asan/tests/dialer/test_%.o \
		$(patsubst %.c,$(BUILD)/asan/%.o,$(filter-out %/main.c,$(DIALER_SRC)))
	@$(NOTE)
	$(CC) $(ASAN) -o $@ $^ -lcmocka $(DIALER_LIBS)
UNIT += $(patsubst %.c,$(BUILD)/asan/%,$(wildcard tests/dialer/test_*.c))
BENCH := $(patsubst tests/bench/%.c,$(BUILD)/plain/tests/bench/%,$(filter-out %.bpf.c,$(wildcard tests/bench/*.c)))
BENCH_SKEL := $(patsubst tests/bench/%.bpf.c,$(BUILD)/include/%.skel.h,$(wildcard tests/bench/*.bpf.c))
$(BENCH:%=%.o): | $(SKEL) $(BENCH_SKEL)
$(BUILD)/plain/tests/bench/%: $(BUILD)/plain/tests/bench/%.o $(BUILD)/plain/libagent.a
	@$(NOTE)
	$(CC) $(CFLAGS) -o $@ $^ $(LIBS) -lm

.PHONY: unit-bin fuzz-bin bpf-bin bench-bin dialer asan-bin check-bin
unit-bin: $(UNIT)
fuzz-bin: $(FUZZERS)
bpf-bin: $(BPF_TEST)
bench-bin: $(BENCH)
dialer: $(BUILD)/dialer
asan-bin: $(BUILD)/asan/xpppd $(BUILD)/asan/xpppctl
check-bin: all asan-bin unit-bin fuzz-bin bpf-bin dialer $(BUILD)/asan/dialer

# ---- lint: every source through both compilers, every header alone

LINT_SRC := $(AGENT_SRC) $(CLI_SRC) $(filter-out %.bpf.c,$(wildcard tests/*/*.c))
LINT_HEADERS := $(filter-out %_kfunc.h bpf/mppe/kernel.h,$(wildcard include/xpppd/*.h bpf/mppe/*.h agent/*.h agent/*/*.h agent/*/*/*.h cli/*.h))
LINT_OBJ := $(LINT_SRC:%.c=$(BUILD)/plain/%.o) $(LINT_SRC:%.c=$(BUILD)/lint/%.o) $(LINT_HEADERS:%=$(BUILD)/lint/%.alone)
$(LINT_OBJ): | $(SKEL) $(BENCH_SKEL) $(BPF_TEST_SKEL)
$(BUILD)/lint/%.o: %.c
	@mkdir -p $(@D); $(NOTE)
	@$(CLANG) $(XFLAGS) -fsyntax-only -MF $(@:.o=.d) -MT $@ $< && touch $@
$(BUILD)/lint/%.h.alone: %.h | $(BUILD)/.gitignore
	@mkdir -p $(@D); $(NOTE)
	@printf '#include <linux/types.h>\n#include "%s"\n' $< | $(CC) -I. $(filter-out -MMD -MP,$(XFLAGS)) -fsyntax-only -x c - && touch $@
.PHONY: lint-build
lint-build: $(LINT_OBJ)

-include $(shell find $(BUILD) -path $(BUILD)/test -prune -o -type f -name '*.d' -print 2>/dev/null)
