# `make help` lists what can be made.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

LINT_VERSION := v2.11.4
TOOLS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/pointbridge/tools/$(LINT_VERSION)
# The checker of the Shopify schema subset, when it is at hand beside the checkout.
SCHEMA_CHECK ?= ../shared/check-shopify-schema
# How often the real process is killed under load.
POINTBRIDGE_STORM ?= 5

# The race detector watches everything but SQLite's engine (C made Go: its memory is not Go's, so there is nothing the detector
# could see, yet watching it cost two thirds of the time) and the memory-hard hash of passwords. With the detector comes a check
# of conversions of unsafe pointers, which is about the arithmetic of the library that makes them: the product makes none.
# No library that uses sync.Map or another generic of sync may join them (gorm would save a quarter): of each such function the
# linker keeps one copy for everybody, and where that is an unwatched one, the detector tells of races that are none.
RACE := -race -gcflags=all=-d=checkptr=0 $(foreach p,modernc.org/sqlite/lib modernc.org/libc/... modernc.org/memory golang.org/x/crypto/...,-gcflags=$(p)=-race=false)

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# gotestsum tells of the tests while they run and of every failure at the end. It neither fails for a test that was left out nor
# names the longest ones in short, so a small report of ours has the last line.
GOTESTSUM := go run gotest.tools/gotestsum@v1.13.0 --format pkgname --format-icons text --format-hide-empty-pkg

# The packages that take longest begin first, so that none of them is left for the end, when a processor would wait.
FIRST := ./integrations/store
LONG_WALKS := ./test/browser ./test/process

# The tests of these take the same Go through hundreds of walks on each database. The detector watches the half on PostgreSQL, where
# more happens at once; the half on SQLite comes with the walks, at a quarter of the cost. What differs between the databases is in
# integrations/store, which is watched on both, as all other packages are. Halves are known by the names that storetest gives them, on
# whatever level: what bore no such name would run both times, never not at all.
HALVES := orders|crash|storm
half = "/^$(1)$$|//^$(1)$$|///^$(1)$$|////^$(1)$$"

# What walks through pages, commands and documents from outside does so without the detector, which costs nearly three times as
# much: it is the service of the other tests, which race it on purpose. Processes that are killed tell of no race, and nobody would
# hear of one in the others. What reads the project's own files, and what migrates, does nothing at once.
WALKS := books|browser|campaigns|command|console|contract|identity|openapi|process|repository|rights|story|wallet

# Where the files of tests are, which live for seconds: in memory, where it has room for them. Nobody waits for a disk then
# when SQLite says that something has to be on it. Those of the tests' PostgreSQL are there as well.
MEMORY := $(shell scripts/memory)

# What all runs share. Without tables for debuggers a binary links in half the time; traces and the detector's reports read others.
GO_TEST := go test -json -vet=off -shuffle=on -count=1 "-ldflags=-s -w" $(if $(MEMORY),-exec "env TMPDIR=$(MEMORY)")

# Tests in a browser, which wait for pages more than for a processor, come with the walks after the others, and those of memory
# alone, because the detector itself is what would fill it. After a program's end the detector would sleep for a second, in each of a
# hundred binaries and each process that a test starts. Garbage is collected seldom, as long as a binary stays small.
# Checks and walks are built as the image is, without C and without this machine's paths: what one of them compiled serves the
# others, and the test that builds the image compiles nothing anew. The detector alone cannot do without C.
.PHONY: test
test: export CGO_ENABLED := 0
test: export GOFLAGS := $(strip $(GOFLAGS) -trimpath)
test: ## Everything: checks, then all tests, on both databases, with the race detector where things happen at once, without it for what walks from outside, in a browser, and of memory
	@$(AT_ONCE) $(CHECKS) machinery
	@export GOGC=400 GOMEMLIMIT=3GiB GORACE=atexit_sleep_ms=10; events=$$(mktemp); trap 'rm -f "$$events"' EXIT; code=0; \
	POINTBRIDGE_TEST_ALL=1 POINTBRIDGE_STORM=$(POINTBRIDGE_STORM) scripts/with-browser scripts/with-machinery scripts/with-openapi scripts/with-postgres \
	  $(GOTESTSUM) --jsonfile-timing-events "$$events" --raw-command -- bash -c 'code=0; \
	  CGO_ENABLED=1 $(GO_TEST) $(RACE) -timeout 38m -p 2 -parallel 4 $(FIRST) $$(go list ./... | grep -vE "/(test/($(WALKS)|$(HALVES))|migrations)$$") || code=1; \
	  CGO_ENABLED=1 $(GO_TEST) $(RACE) -timeout 38m -p 2 -parallel 4 -skip $(call half,sqlite) $$(go list ./test/... | grep -E "/test/($(HALVES))$$") || code=1; \
	  $(GO_TEST) -timeout 25m -p 2 -parallel 4 -skip $(call half,postgres) $$(go list ./test/... | grep -E "/test/($(HALVES))$$") || code=1; \
	  $(GO_TEST) -timeout 25m -p 2 -parallel 4 -skip "^TestMemory" $(LONG_WALKS) $$(go list ./... | grep -E "/(test/($(WALKS))|migrations)$$") || code=1; \
	  $(GO_TEST) -timeout 10m -run "^TestMemory" ./test/process || code=1; exit $$code' || code=1; \
	go run ./tools/testreport -noskip "$$events" || code=1; exit $$code

# The checks wait for one another's disk and downloads more than for a processor: they are made at once, and each speaks when it
# has ended.
CHECKS := format lint schema current vulnerabilities function alerts
AT_ONCE := $(MAKE) --no-print-directory --jobs=5 --output-sync=target

.PHONY: checks
checks: ## All checks of the sources, at once
	@$(AT_ONCE) $(CHECKS)

# What the tests need beside the sources comes while the checks compile.
.PHONY: machinery
machinery:
	@scripts/with-browser scripts/with-machinery scripts/with-openapi scripts/with-postgres true

.PHONY: format
format: ## Check the format of the sources
	@unformatted=$$(git ls-files '*.go' | xargs gofmt -l); [ -z "$$unformatted" ] || { echo "not formatted (gofmt -w):"; echo "$$unformatted"; exit 1; }

.PHONY: vet
vet: ## Compile everything and run go vet
	@go vet -tags medusa ./...

# The linters vet, too: `make test` leaves vetting to them, once, for the tests' sources as well.
.PHONY: lint
lint: $(TOOLS)/golangci-lint ## Run the linters of .golangci.yml
	@$(TOOLS)/golangci-lint run ./...

$(TOOLS)/golangci-lint:
	@echo "building golangci-lint $(LINT_VERSION), once"
	@mkdir -p $(TOOLS) && GOBIN=$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

.PHONY: alerts
alerts: ## Check the alerts for Prometheus, and try them out
	@scripts/check-alerts

.PHONY: vulnerabilities
vulnerabilities: ## Look for known vulnerabilities that the program can reach
	@scripts/check-vulnerabilities

.PHONY: schema
schema: ## Hold the Shopify schema subset against Shopify's own
	@if [ -f $(SCHEMA_CHECK) ]; then python3 $(SCHEMA_CHECK) integrations/shopify/schema/schema.graphql; \
	else echo "the schema checker is not at hand (SCHEMA_CHECK); left out"; fi

.PHONY: function
function: ## Compile the checkout's Function and hold the committed module against its sources
	@scripts/build-function

.PHONY: generate
generate: ## Refresh what is generated: GraphQL client, Square's types, OpenAPI, .env.example, coverage page
	@go generate ./integrations/shopify ./integrations/pos/square/wire ./api
	@go test -count=1 -run TestEnvExample ./test/command -update
	@go run ./tools/coverage -write

.PHONY: current
current: ## Check that the coverage page is current
	@go run ./tools/coverage

.PHONY: bench
bench: ## Measure conversions against the bare database
	@go build -o bin/pointbridge . && scripts/with-postgres --durable bin/pointbridge bench

.PHONY: bench-pages
bench-pages: ## Measure lists, searches and reports with ten thousand and a million coupons
	@go build -o bin/pointbridge . && scripts/with-postgres --durable bin/pointbridge bench pages

.PHONY: storm
storm: ## The long measure of the storm tests: 100000 random operations, processes killed forty times, replicas in turn for ten minutes
	@POINTBRIDGE_OPS=100000 POINTBRIDGE_STORM=40 POINTBRIDGE_MINUTES=10 POINTBRIDGE_TEST_ALL=1 scripts/with-machinery scripts/with-postgres \
	  go test -count=1 -timeout 60m -v -run '^(TestStorm|TestKilledUnderLoad|TestKilledWhileEnding|TestThreeReplicasBehindNginxAreKilledInTurn)$$' ./test/storm ./test/process

.PHONY: medusa
medusa: ## Run the saga against Medusa's store credit, a ledger of others (installs 700 MB, once); no part of test
	@scripts/with-postgres scripts/with-medusa go test -tags medusa -count=1 -timeout 30m -shuffle=on ./test/medusa

.PHONY: demo
demo: ## Run everything in one process
	@go run . demo

.PHONY: build
build: ## Build the program
	@CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin/pointbridge .
