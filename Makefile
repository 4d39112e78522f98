# Every target does its own set-up: on a bare Debian with Swift 6, `make demo` is the only command needed.
SHELL := /bin/bash
.DEFAULT_GOAL := help

BORDERS := --explicit-target-dependency-import-check error
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
PACKAGES := libsqlite3-dev libinotifytools0-dev libzip-dev
# Tests that wait for something real share two cores with those that compute: a few at a time are quicker than all.
# A pass that hangs ends, and its children with it.
TEST := timeout --kill-after=30 1800 swift test $(BORDERS) --experimental-maximum-parallelization-width 4
# Languages and numerics compute without a pause: beside them a server that is tested would wait for a thread.
PURE := ^(JSON|JSONata|Shapes|StatesLanguage|Kernels|Recommenders)Tests\.
# Trainings, trials and answers on two threads, and the kernels below them.
THREADED := ^(RecommendersTests\.ThreadTests|KernelsTests\.(Parallel|Solver|CoOccurrence|DotProductRanking|Matrix|MatrixProduct|SymmetricInverse|UnitVectors|NeighbourGraph|RatingFactors|SequenceTraining|SparseRows)Tests)

.PHONY: help setup testsetup demo build release test tsan lint format bench peers load soak soak-kills fuzz validate readme ci clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 12

setup: ## Install the C libraries, where missing
	@missing=""; for p in $(PACKAGES); do \
	    dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	    echo "Installing$$missing"; \
	    $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing; fi

demo: setup ## Train on the MovieLens example and print recommendations
	@swift build $(BORDERS) -c release --product millrace
	@example/run.sh .build/release/millrace

build: setup ## Build everything (debug)
	@swift build $(BORDERS) --build-tests

release: setup ## Build the program (release): .build/release/millrace
	@swift build $(BORDERS) -c release --product millrace

testsetup: setup
	@command -v rsync >/dev/null || $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq rsync
	@command -v curl >/dev/null || $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq curl
	@python3 -c 'import ensurepip, venv' 2>/dev/null \
	    || $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3 python3-venv

test: testsetup build ## Run all tests; those of the whole program come last
	@$(TEST) --skip-build --filter '$(PURE)'
	@$(TEST) --skip-build --skip '$(PURE)' --skip EndToEndTests
	@$(TEST) --skip-build --filter EndToEndTests

tsan: ## Run what computes on several threads under ThreadSanitizer (some minutes)
	@cd Sanitizing && TSAN_OPTIONS=halt_on_error=1 swift test --sanitize=thread --filter '$(THREADED)'

lint: ## Check the format
	@swift format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources Fuzzing/Package.swift Fuzzing/Sources Sanitizing/Package.swift

format: ## Format the sources in place
	@swift format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources Fuzzing/Package.swift Fuzzing/Sources Sanitizing/Package.swift

bench: setup ## Measure (release build; some minutes)
	@cd Benchmarks && swift run -c release millrace-bench

soak: setup ## Ten minutes of mixed traffic with trainings and swaps: no request may fail, memory must stay flat
	@cd Benchmarks && swift build -c release --product millrace
	@Benchmarks/Peers/soak $(SOAK)

soak-kills: testsetup build ## Two groups retrained each minute and kill -9 at random: SOAK_SECONDS long, 1200 unless given
	@MILLRACE_SOAK_SECONDS=$${SOAK_SECONDS:-1200} swift test $(BORDERS) --skip-build --filter SoakTests

load: testsetup ## Measure recommendations over HTTP beside the bound, Flask and FastAPI (some minutes)
	@command -v wrk >/dev/null || $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq wrk
	@cd Benchmarks && swift build -c release --product millrace && swift build -c release --product constant-service
	@Benchmarks/Peers/load $(LOAD)

peers: testsetup ## Measure beside the libraries of Python, a quarter of an hour; PEERS="--help" says on which data
	@command -v g++ >/dev/null && python3 -c 'import os, sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h")' \
	    2>/dev/null || $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq g++ python3-dev
	@cd Benchmarks && swift build -c release --product millrace-peers
	@Benchmarks/Peers/compare $(PEERS)

fuzz: setup ## Fuzz the parsers: FUZZ_SECONDS for each, 600 unless given; what is found lands in Fuzzing/Findings
	@cd Fuzzing && swift build -c release -Xswiftc -sanitize=fuzzer -Xswiftc -use-ld=lld
	@cd Fuzzing && for target in json jsonpath jsonata definition; do \
	    mkdir -p Findings/$$target && echo "fuzzing $$target" && \
	    .build/release/millrace-fuzz $$target Findings/$$target ../Tests/FuzzedCases/$$target \
	        -artifact_prefix=Findings/$$target- -max_total_time=$${FUZZ_SECONDS:-600} -timeout=10 \
	        -rss_limit_mb=2048 -verbosity=0 || exit 1; done

validate: ## Check the state machines that ship with the program
	@swift run $(BORDERS) millrace validate statemachines/*.asl.json example/params.json example/*/*.asl.json

readme: setup ## Write the README's table of operations anew
	@swift run $(BORDERS) millrace operations --into README.md

ci: testsetup lint build test ## What must pass before a change lands
	@$(MAKE) --no-print-directory validate
	@example/run.sh .build/debug/millrace
	@example/rating-svd/run .build/debug/millrace
	@example/movie-flow/run .build/debug/millrace

clean: ## Remove what was built
	@swift package clean
