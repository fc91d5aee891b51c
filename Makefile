# The interface for people. `make` alone lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup setup-test build demo test unit-test browser-test interop-test check format fuzz bench clean

help: ## What there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: ## Install what building and running needs (apt)
	@Scripts/setup.sh

setup-test: ## Install what the tests need as well (apt, pip)
	@Scripts/setup.sh --test

build: setup ## Build the release binary
	swift build -c release --product tributary

demo: build ## Three levels with simulated cameras on this machine: a link to each
	@.build/release/tributary demo

test: setup-test ## Everything: checks, unit and socket tests, peers, the console in Chromium
	@Scripts/test.sh

unit-test: setup ## Only the Swift tests
	swift build --build-tests && Scripts/swift-test.sh

browser-test: setup-test build ## Only the console in headless Chromium, against a real server
	@Scripts/browser-test.sh

interop-test: setup-test build ## Only the peers that share no code with us (SIPp, FFmpeg)
	@Tests/Interop/run.sh

check: ## Formatting, dependency directions, forbidden words
	@Scripts/check.sh

format: ## Format every Swift file
	swift format -i --configuration .swift-format -r Sources Tests Package.swift

fuzz: setup ## 10 million inputs for every parser (long; see Fuzz/run.sh)
	Fuzz/run.sh --runs 10000000

bench: build ## Measure this machine's floor and us beside it
	@for m in ingest record fanout start register; do .build/release/tributary bench $$m || exit 1; done

clean: ## Forget build products and demo data
	rm -rf .build tributary-demo Tests/Browser/screenshots
