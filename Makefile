# make run    builds the release binary and starts a cluster on this machine
# make demo   starts a cluster of its own, walks through the first use and says what holds
# make test   everything that is tested, one summary at the end
# make compose-test  builds the image, starts the stack of compose/ with a real Kafka, and breaks it
# make bench  ratios against haproxy and plain C loops
# make format / make lint
.DEFAULT_GOAL := run
.PHONY: run demo test compose-test bench build format lint clean

build:
	@ops/scripts/install build
	@ops/scripts/build

run: build
	@exec .build/release/strongroom dev $(ARGS)

demo:
	@ops/scripts/install demo
	@ops/scripts/build
	@exec ops/scripts/demo

test: export STAGES ?=
test:
	@ops/scripts/install test
	@exec ops/scripts/test

compose-test:
	@ops/scripts/install compose
	@exec ops/scripts/compose-test $(ARGS)

bench:
	@ops/scripts/install bench
	@ops/scripts/build
	@exec ops/bench/run $(ARGS)

format:
	@swift format --in-place --parallel --recursive Package.swift Sources Tests

lint:
	@ops/scripts/install demo
	@exec ops/scripts/lint

clean:
	@rm -rf .build
