# SPDX-License-Identifier: MIT
#
# make            build/mp_policy.so, build/libmp_policy.so, build/mp-policy, build/man
# make demo       the main job with and without the plugin, on a private cluster
# make test       lint and every test
# make bench      launches with and without the plugin, side by side
#
# demo and test install what the machine lacks (apt-get or dnf, as root).

PREFIX ?= /usr
LIBDIR ?= $(PREFIX)/lib
ENGINE_DIR ?= $(LIBDIR)/slurm-mp-policy

CC ?= cc
GO ?= go
CFLAGS ?= -O2 -g
SHIM_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wshadow -Wconversion \
	-fPIC -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 \
	-DMP_ENGINE_PATH='"$(ENGINE_DIR)/libmp_policy.so"'
# now: a symbol that this Slurm lacks must refuse the plugin when it is loaded,
# not end srun when it is called.
SHIM_LDFLAGS = -shared -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack \
	-Wl,--as-needed -Wl,--version-script=cshim/mp_policy.map
ENGINE_LDFLAGS = -s -w -extldflags "-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack"

SHIM_SRC = $(sort $(wildcard cshim/*.c))
SHIM_HDR = $(wildcard cshim/*.h)
GO_SRC = $(shell find plugin evaluation policy nodeinfo workload -name '*.go' ! -name '*_test.go') \
	policy/builtin.conf plugin/abi.c go.mod go.sum

export GOFLAGS ?= -buildvcs=false

.PHONY: all deps demo test bench lint clean

all: build/mp_policy.so build/libmp_policy.so build/mp-policy build/man/mp-policy.1

build:
	mkdir -p build

build/mp_policy.so: $(SHIM_SRC) $(SHIM_HDR) cshim/mp_policy.map Makefile | build
	$(CC) $(SHIM_CFLAGS) $(CFLAGS) $(CPPFLAGS) $(SHIM_SRC) $(SHIM_LDFLAGS) $(LDFLAGS) -o $@

build/libmp_policy.so: $(GO_SRC) cshim/abi.h Makefile | build
	CGO_ENABLED=1 $(GO) build -buildmode=c-shared -trimpath -tags netgo,osusergo \
		-ldflags '$(ENGINE_LDFLAGS)' -o $@ ./plugin

build/mp-policy: $(GO_SRC) $(shell find cmd -name '*.go') Makefile | build
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o $@ ./cmd/mp-policy

# The pages of its commands come with it.
build/man/mp-policy.1: build/mp-policy VERSION
	CGO_ENABLED=0 $(GO) run -tags man -ldflags '-X main.version=$(shell cat VERSION)' ./cmd/mp-policy man $(@D)

deps:
	tests/install-deps build test

demo: deps
	$(MAKE) all
	tests/demo

bench: deps
	$(MAKE) all
	$(GO) run ./tests/cmd/bench

# -count=1: the tests look at the machine, which the cache knows nothing of.
test: deps
	$(MAKE) all lint
	$(GO) test -count=1 ./...

# tools/lint.mod keeps the linters' own dependencies out of go.mod.
LINT = $(GO) tool -modfile=tools/lint.mod

lint: build/mp_policy.so
	$(GO) vet ./...
	$(LINT) staticcheck ./...
	@files=$$($(LINT) gofumpt -l .); [ -z "$$files" ] || { echo "gofumpt -w is needed by: $$files"; exit 1; }
	$(CC) $(SHIM_CFLAGS) -O2 -fanalyzer $(SHIM_SRC) $(SHIM_LDFLAGS) -o build/analyzed.so

clean:
	rm -rf build
