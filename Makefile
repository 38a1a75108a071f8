# SPDX-License-Identifier: MIT
#
# make                 build/mp_policy.so, build/libmp_policy.so, build/mp-policy, build/man
# make demo            the main job with and without the plugin, on a private cluster
# make test            lint and every test
# make test-packages   builds, installs, upgrades and removes the packages
# make test-matrix     the end-to-end tests on the Slurm of three Debian releases
# make test-vm         steps on an emulated node with systemd, cgroup v2, hardware threads and
#                      NUMA; VM=full takes hours in place of a quarter of one, VM=changed
#                      runs nothing if nothing has changed since it passed
# make bench           what it costs and what it gains, in numbers: docs/performance.md
# make soak            the long forms of the tests that break things: a quarter of an hour
# make fuzz            each reader of foreign bytes for FUZZTIME (5m); it needs clang
#
# make install         into DESTDIR; see below for the directories
# make dist            the source archive, its SBOM, both in build/dist
# make rpm             rpm packages in build/rpm
# make deb             Debian packages in build/deb
#
# demo and the tests install what the machine lacks (apt-get or dnf, as root).

VERSION := $(shell cat VERSION)

# Not /usr/local: some distributions let a group write there, and then neither
# the engine nor the policy is trusted.
PREFIX ?= /usr
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
DOCDIR ?= $(DATADIR)/doc/slurm-mp-policy
LICENSEDIR ?= $(DOCDIR)
SYSCONFDIR ?= /etc
ZSHDIR ?= $(DATADIR)/zsh/site-functions
# built into the engine and the tool
SHARE = $(DATADIR)/slurm-mp-policy
# built into the shim
ENGINE_DIR ?= $(LIBDIR)/slurm-mp-policy
# where the compiler's Slurm looks for plugins
SLURM_PLUGINDIR ?= $(shell CC='$(CC)' packaging/slurm-facts plugindir)

CC ?= cc
GO ?= go
CFLAGS ?= -O2 -g
# Packagers empty it: their compiler may have warnings that are not known yet.
WERROR ?= -Werror
# prefix-map: the same bytes wherever they are built; -ffile-prefix-map is not
# known to gcc 7, SLES 15's, and the sources are named by relative paths anyway
SHIM_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Wall -Wextra $(WERROR) -Wshadow -Wconversion \
	'-fdebug-prefix-map=$(CURDIR)=.' \
	-fPIC -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 \
	-DMP_ENGINE_PATH='"$(ENGINE_DIR)/libmp_policy.so"'
# now: a symbol that this Slurm lacks must refuse the plugin when it is loaded,
# not end srun when it is called. dl, pthread: for dlopen(3) and the evaluator's threads, before
# glibc 2.34 in libraries of their own; every program of Slurm's has them.
SHIM_LDFLAGS = -shared -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack \
	-Wl,--as-needed -Wl,--version-script=cshim/mp_policy.map -ldl -lpthread
# {datadir} of a policy: the engine and the tool must mean the same
GO_LDFLAGS = -s -w -X "slurm-mp-policy/policy.dataDir=$(SHARE)"
ENGINE_LDFLAGS = $(GO_LDFLAGS) -extldflags "-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack"

SHIM_SRC = $(sort $(wildcard cshim/*.c))
SHIM_HDR = $(wildcard cshim/*.h)
GO_SRC = $(shell find plugin evaluation policy nodeinfo plaintext regular workload -name '*.go' ! -name '*_test.go') \
	policy/builtin.conf plugin/abi.c go.mod go.sum

export GOFLAGS ?= -buildvcs=false

MAN = $(sort build/man/mp-policy.1 build/man/mp_policy.conf.5 $(patsubst docs/man/%,build/man/%,$(wildcard docs/man/*.[1-8])))
COMPLETIONS = build/completions/bash/mp-policy build/completions/zsh/_mp-policy build/completions/fish/mp-policy.fish

.DELETE_ON_ERROR:

.PHONY: all deps demo test test-matrix test-vm check bench soak fuzz lint clean install uninstall licences archive dist rpm deb test-packages FORCE

all: build/mp_policy.so build/libmp_policy.so build/mp-policy $(MAN) $(COMPLETIONS)

build:
	mkdir -p build

# Each changes when the directory does that it names, so that what has it built in is
# built anew for another one.
build/engine-dir: NAMED = $(ENGINE_DIR)
build/data-dir: NAMED = $(SHARE)
build/engine-dir build/data-dir: FORCE | build
	@echo '$(NAMED)' | cmp -s - $@ || echo '$(NAMED)' >$@

build/mp_policy.so: $(SHIM_SRC) $(SHIM_HDR) cshim/mp_policy.map build/engine-dir Makefile | build
	$(CC) $(SHIM_CFLAGS) $(CFLAGS) $(CPPFLAGS) $(SHIM_SRC) $(SHIM_LDFLAGS) $(LDFLAGS) -o $@

# Go's cache does not look at a header outside of the package: the sum makes it.
build/libmp_policy.so: $(GO_SRC) cshim/abi.h build/data-dir Makefile | build
	CGO_ENABLED=1 CGO_CFLAGS="$${CGO_CFLAGS--O2 -g} -DMP_ABI_SUM=$$(cksum < cshim/abi.h | cut -d ' ' -f 1)" \
	$(GO) build -buildmode=c-shared -trimpath -tags netgo,osusergo \
		-ldflags '$(ENGINE_LDFLAGS)' -o $@ ./plugin

# cgo: run has to know which signals were ignored before Go's runtime started.
# pie: as distributions want programs with C code to be (lintian: hardening-no-pie).
build/mp-policy: $(GO_SRC) $(shell find cmd -name '*.go' -o -name '*.[ch]') VERSION build/data-dir Makefile | build
	CGO_ENABLED=1 $(GO) build -buildmode=pie -trimpath -tags netgo,osusergo \
		-ldflags '$(ENGINE_LDFLAGS) -X main.version=$(VERSION)' -o $@ ./cmd/mp-policy

build/man/%: docs/man/%
	install -D -m 644 $< $@

# The source archive has it made.
ifeq ($(wildcard docs/man/mp_policy.conf.5),)
build/man/mp_policy.conf.5: docs/policy.md docs/man/conf-page
	@mkdir -p $(@D)
	docs/man/conf-page | GOFLAGS= $(GO) tool -modfile=tools/man.mod go-md2man -in /dev/stdin | sed '/^\.TH/a .ad l' >$@
endif

$(COMPLETIONS): build/completions/%: build/mp-policy
	@mkdir -p $(@D)
	build/mp-policy completion $(*D) >$@

# The pages of its commands come with it.
build/man/mp-policy.1: build/mp-policy
	CGO_ENABLED=0 $(GO) run -tags man -ldflags '-X main.version=$(VERSION)' ./cmd/mp-policy man $(@D)
	sed -i '/^\.TH/a .ad l' $@

deps:
	tests/install-deps build test

demo:
	@MAKE='$(MAKE)' tests/demo

# Half an hour; BENCH='-scale 0.1' takes less and says less.
bench:
	tests/install-deps build test bench
	$(MAKE) all
	$(GO) run ./tests/cmd/bench $(BENCH)
	$(GO) run -C tests/bench/plot . $(CURDIR)/docs/performance

# -count=1: the tests depend on the machine, which the cache of go test does not see.
# -timeout is for one package: the tests of the clusters take ten minutes on a busy machine.
test: deps
	$(MAKE) all lint
	$(GO) test -count=1 -timeout 40m ./...

# The releases' systems are made once, in this directory; see tests/matrix.
MATRIX_CACHE ?= /var/cache/slurm-mp-policy

test-matrix:
	tests/install-deps matrix
	MATRIX_CACHE='$(MATRIX_CACHE)' tests/matrix/run $(MATRIX_RELEASES)

# tests/vm describes the forms.
VM ?= short

test-vm:
	MATRIX_CACHE='$(MATRIX_CACHE)' $(GO) test -count=1 -timeout 8h -v ./tests/vm -vm $(VM)

soak: deps
	$(MAKE) all
	$(GO) test -count=1 -timeout 3h -v ./tests/faults -soak

FUZZTIME ?= 5m
FUZZ_SECONDS = $$(echo $(FUZZTIME) | awk '/m$$/ {$$1 *= 60} /h$$/ {$$1 *= 3600} {print $$1 + 0}')
FUZZ_GO = plugin:FuzzDecode workload:FuzzBatch policy:FuzzApplied policy:FuzzParse workload/python:FuzzRun workload/python/syntax:FuzzParse workload/python/modules:FuzzInstalled workload/shell:FuzzShell workload/shell:FuzzAgainstParser

# libFuzzer takes seconds; what it finds goes to tests/shim/testdata/fuzz, and what
# go test finds to the package's testdata/fuzz: both are run by make test from then on.
fuzz: build/fuzz-shim
	mkdir -p build/corpus
	build/fuzz-shim -max_total_time=$(FUZZ_SECONDS) \
		-max_len=65536 -artifact_prefix=tests/shim/testdata/fuzz/ build/corpus tests/shim/testdata/fuzz
	for target in $(FUZZ_GO); do \
		$(GO) test ./$${target%:*} -run '^$$' -fuzz "^$${target#*:}\$$" -fuzztime $(FUZZTIME) || exit 1; \
	done

build/fuzz-shim: tests/shim/programs/fuzz.c tests/shim/programs/step_env.h $(SHIM_SRC) $(SHIM_HDR) | build
	clang -std=gnu11 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-DMP_ENGINE_PATH='"/x"' -Icshim $< cshim/apply.c cshim/board.c cshim/config.c cshim/environment.c cshim/record.c \
		cshim/words.c -o $@

# tools/lint.mod keeps the linters' own dependencies out of go.mod.
LINT = $(GO) tool -modfile=tools/lint.mod

lint: build/mp_policy.so
	$(GO) vet ./...
	$(LINT) staticcheck ./...
	@files=$$($(LINT) gofumpt -l .); [ -z "$$files" ] || { echo "gofumpt -w is needed by: $$files"; exit 1; }
	$(CC) $(SHIM_CFLAGS) -O2 -fanalyzer $(SHIM_SRC) $(SHIM_LDFLAGS) -o build/analyzed.so

# The tests that need neither root nor Slurm's daemons nor a network.
check: all
	$(GO) test -count=1 ./cmd/... ./evaluation/... ./nodeinfo/... ./plaintext ./plugin/... ./policy/... ./regular ./workload/... ./tests/linkage
	build/mp-policy check packaging/mp_policy.conf

# They link to each other, so each keeps its place.
DOCS = README.md CHANGELOG.md CONTRIBUTING.md policy/builtin.conf $(wildcard docs/*.md docs/performance/* examples/*) \
	packaging/README.md $(wildcard packaging/ansible/* packaging/easybuild/* packaging/spack/*)

# Files are replaced, never written into: a process may have the old one mapped.
PUT = install -D -m
POLICY = $(SYSCONFDIR)/slurm/mp_policy.conf

install: all licences
	@[ '$(SLURM_PLUGINDIR)' ] || { echo 'make install: the plugin directory of Slurm is not known; set SLURM_PLUGINDIR=DIRECTORY' >&2; exit 1; }
	$(PUT) 755 build/mp_policy.so '$(DESTDIR)$(SLURM_PLUGINDIR)/mp_policy.so'
	$(PUT) 755 build/libmp_policy.so '$(DESTDIR)$(ENGINE_DIR)/libmp_policy.so'
	$(PUT) 755 build/mp-policy '$(DESTDIR)$(BINDIR)/mp-policy'
	[ -e '$(DESTDIR)$(POLICY)' ] || $(PUT) 644 packaging/mp_policy.conf '$(DESTDIR)$(POLICY)'
	$(PUT) 644 packaging/plugstack.conf '$(DESTDIR)$(SHARE)/plugstack.conf.d/mp_policy.conf'
	$(PUT) 644 packaging/plugstack-observe.conf '$(DESTDIR)$(SHARE)/plugstack.conf.d/mp_policy-observe.conf'
	$(PUT) 644 python/sitecustomize.py '$(DESTDIR)$(SHARE)/python/sitecustomize.py'
	$(PUT) 644 docs/check.schema.json '$(DESTDIR)$(SHARE)/check.schema.json'
	$(PUT) 644 docs/doctor.schema.json '$(DESTDIR)$(SHARE)/doctor.schema.json'
	$(PUT) 644 docs/explain.schema.json '$(DESTDIR)$(SHARE)/explain.schema.json'
	$(PUT) 644 docs/inspect.schema.json '$(DESTDIR)$(SHARE)/inspect.schema.json'
	$(PUT) 644 docs/report.schema.json '$(DESTDIR)$(SHARE)/report.schema.json'
	$(PUT) 644 docs/rules.schema.json '$(DESTDIR)$(SHARE)/rules.schema.json'
	for page in build/man/*; do \
		$(PUT) 644 $$page "$(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/}" || exit; done
	$(PUT) 644 build/completions/bash/mp-policy '$(DESTDIR)$(DATADIR)/bash-completion/completions/mp-policy'
	$(PUT) 644 build/completions/zsh/_mp-policy '$(DESTDIR)$(ZSHDIR)/_mp-policy'
	$(PUT) 644 build/completions/fish/mp-policy.fish '$(DESTDIR)$(DATADIR)/fish/vendor_completions.d/mp-policy.fish'
	$(PUT) 644 LICENSE '$(DESTDIR)$(LICENSEDIR)/LICENSE'
	for file in $$(cd build && find licences -type f); do \
		$(PUT) 644 "build/$$file" '$(DESTDIR)$(LICENSEDIR)'/"$$file" || exit; done
	for file in $(DOCS); do $(PUT) 644 "$$file" '$(DESTDIR)$(DOCDIR)'/"$$file" || exit; done

# Removes what install made, if it has not been changed. An empty directory is removed
# too, but never one that the caller names: others may use it.
uninstall:
	@[ '$(SLURM_PLUGINDIR)' ] || { echo 'make uninstall: the plugin directory of Slurm is not known; set SLURM_PLUGINDIR=DIRECTORY' >&2; exit 1; }
	rm -f '$(DESTDIR)$(SLURM_PLUGINDIR)/mp_policy.so' '$(DESTDIR)$(ENGINE_DIR)/libmp_policy.so' '$(DESTDIR)$(BINDIR)/mp-policy' \
		'$(DESTDIR)$(DATADIR)/bash-completion/completions/mp-policy' '$(DESTDIR)$(ZSHDIR)/_mp-policy' \
		'$(DESTDIR)$(DATADIR)/fish/vendor_completions.d/mp-policy.fish' '$(DESTDIR)$(LICENSEDIR)/LICENSE' \
		'$(DESTDIR)$(MANDIR)'/man1/mp-policy*.1 '$(DESTDIR)$(MANDIR)'/man5/mp_policy.conf.5 '$(DESTDIR)$(MANDIR)'/man8/mp_policy.8
	rm -rf '$(DESTDIR)$(SHARE)' '$(DESTDIR)$(LICENSEDIR)/licences'
	cd '$(DESTDIR)$(DOCDIR)' 2>/dev/null || exit 0; rm -f $(DOCS); \
		rmdir -p --ignore-fail-on-non-empty $(sort $(filter-out ./,$(dir $(DOCS)))) 2>/dev/null || :
	! cmp -s packaging/mp_policy.conf '$(DESTDIR)$(POLICY)' || rm -f '$(DESTDIR)$(POLICY)'
	for dir in '$(DESTDIR)$(ENGINE_DIR)' '$(DESTDIR)$(LICENSEDIR)' '$(DESTDIR)$(DOCDIR)'; do \
		[ ! -d "$$dir" ] || rmdir --ignore-fail-on-non-empty "$$dir" || exit; done

# The licences of what the binaries are made of.
licences: | build
	GO='$(GO)' packaging/licences build/licences

DIST = build/dist/slurm-mp-policy-$(VERSION).tar.gz
# counts packages of one VERSION
PACKAGE_RELEASE ?= 1

# The SBOM is of what is linked, as the binaries themselves have it.
SBOM = GOFLAGS= $(GO) tool -modfile=tools/sbom.mod cyclonedx-gomod bin -json -std -noserial -notimestamp

archive: build/man/mp_policy.conf.5
	GO='$(GO)' packaging/source-archive build/dist

dist: archive build/libmp_policy.so build/mp-policy
	for binary in libmp_policy.so mp-policy; do \
		$(SBOM) -version '$(VERSION)' -output build/dist/$$binary-$(VERSION).cdx.json build/$$binary || exit; done

# The packages are built from the archive, not from here.
rpm: archive
	GO='$(GO)' CC='$(CC)' packaging/build-rpm $(DIST) build/rpm $(PACKAGE_RELEASE)

deb: archive
	GO='$(GO)' CC='$(CC)' packaging/build-deb $(DIST) build/deb $(PACKAGE_RELEASE)

test-packages:
	tests/install-deps build test matrix rpm deb
	$(MAKE) dist
	MP_POLICY_TEST_PACKAGES=1 $(GO) test -count=1 -timeout 60m -v ./tests/packages

clean:
	rm -rf build
