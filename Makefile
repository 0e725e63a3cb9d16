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
CPPFLAGS := -D_GNU_SOURCE -Iinclude -Iagent -I$(BUILD)/include
LIBS := -lev -lbpf -ljson-c -lcrypto -lsystemd -lelf -lz
XFLAGS = -std=gnu11 $(WARN) $(CPPFLAGS) -MMD -MP

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules

AGENT_SRC := $(wildcard agent/*.c agent/*/*.c agent/*/*/*.c)
CLI_SRC := $(wildcard cli/*.c)
SKEL := $(BUILD)/include/xpppd.skel.h

# ---- flavours: plain (what is installed), asan (what is tested), fuzz

# $(call flavour,NAME,COMPILER,FLAGS)
define flavour
$(BUILD)/$(1)/%.o: %.c | $(BUILD)/.gitignore
	@mkdir -p $$(@D)
	$(2) $$(XFLAGS) $(3) -c -o $$@ $$<
$(BUILD)/$(1)/%.o: $(BUILD)/gen/%.c | $(BUILD)/.gitignore
	@mkdir -p $$(@D)
	$(2) $$(XFLAGS) $(3) -Wno-error -w -I$(BUILD)/gen/agent/conf -c -o $$@ $$<
$(BUILD)/$(1)/agent/dataplane/bpf_dataplane.o: | $(SKEL)
$(1)_AGENT := $$(patsubst %.c,$(BUILD)/$(1)/%.o,$$(filter-out agent/main.c,$$(AGENT_SRC)))
ifneq ($$(wildcard agent/conf/grammar.y),)
$(1)_AGENT += $(BUILD)/$(1)/agent/conf/grammar.tab.o $(BUILD)/$(1)/agent/conf/lexer.yy.o
endif
$(BUILD)/$(1)/libagent.a: $$($(1)_AGENT)
	rm -f $$@; $(AR) rcs $$@ $$^
$(BUILD)/$(1)/xpppd: $(BUILD)/$(1)/agent/main.o $(BUILD)/$(1)/libagent.a
	$(2) $(3) $$(LDFLAGS) -o $$@ $$^ $$(LIBS)
$(BUILD)/$(1)/libcli.a: $$(patsubst %.c,$(BUILD)/$(1)/%.o,$$(filter-out cli/main.c,$$(CLI_SRC)))
	rm -f $$@; $(AR) rcs $$@ $$^
$(BUILD)/$(1)/xpppctl: $(BUILD)/$(1)/cli/main.o $(BUILD)/$(1)/libcli.a
	$(2) $(3) $$(LDFLAGS) -o $$@ $$^ -ljson-c
endef

ASAN := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -DXPPPD_FUZZ
$(eval $(call flavour,plain,$(CC),$(CFLAGS)))
$(eval $(call flavour,asan,$(CC),$(ASAN)))
$(eval $(call flavour,fuzz,$(CLANG),$(FUZZ)))

$(BUILD)/.gitignore:
	@mkdir -p $(BUILD) && printf '*\n' > $@

# ---- generated: grammar, vmlinux.h, BPF skeleton

$(BUILD)/gen/agent/conf/grammar.tab.c: agent/conf/grammar.y
	@mkdir -p $(@D)
	bison -Wall -Werror -d -o $@ $<
$(BUILD)/gen/agent/conf/lexer.yy.c: agent/conf/lexer.l $(BUILD)/gen/agent/conf/grammar.tab.c
	@mkdir -p $(@D)
	flex -o $@ $<

VMLINUX_BTF ?= /sys/kernel/btf/vmlinux
BPF_ARCH := $(patsubst aarch64,arm64,$(patsubst x86_64,x86,$(shell uname -m)))
BPF_CFLAGS := -O2 -g -mcpu=v3 -target bpf -D__TARGET_ARCH_$(BPF_ARCH) -Wall -Wextra -Werror -Wno-unused-parameter

$(BUILD)/bpf/vmlinux.h: | $(BUILD)/.gitignore
	@mkdir -p $(@D)
	$(BPFTOOL) btf dump file $(VMLINUX_BTF) format c > $@
$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c $(wildcard bpf/*.h include/xpppd/*.h) $(BUILD)/bpf/vmlinux.h
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -Iinclude -Ibpf -I$(BUILD)/bpf -c -o $@ $<
$(BUILD)/include/%.skel.h: $(BUILD)/bpf/%.bpf.o
	@mkdir -p $(@D)
	$(BPFTOOL) gen skeleton $< name $* > $@

# ---- what users call

.PHONY: help all clean
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
all: $(BUILD)/plain/xpppd $(BUILD)/plain/xpppctl ## build the agent, the BPF programs and xpppctl
clean: ## remove everything that was built
	rm -rf $(BUILD)

# ---- tests

UNIT := $(patsubst tests/unit/%.c,$(BUILD)/asan/tests/unit/%,$(wildcard tests/unit/test_*.c))
$(BUILD)/asan/tests/unit/%: $(BUILD)/asan/tests/unit/%.o $(BUILD)/asan/libagent.a $(BUILD)/asan/libcli.a
	$(CC) $(ASAN) -o $@ $^ -lcmocka $(LIBS)
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/tests/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
$(BUILD)/fuzz/tests/fuzz/%: $(BUILD)/fuzz/tests/fuzz/%.o $(BUILD)/fuzz/libagent.a
	$(CLANG) $(FUZZ) -fsanitize=fuzzer -o $@ $^ $(LIBS)

.PHONY: unit-bin fuzz-bin
unit-bin: $(UNIT)
fuzz-bin: $(FUZZERS)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
