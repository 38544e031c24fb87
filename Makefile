.PHONY: help demo test check-applications verify-ledger benchmark format clean

# Folders of Swift sources, as `swift format` takes them.
SWIFT_FOLDERS := Package.swift Sources Protocols Tests Benchmarks
BENCHMARKS := LedgerBenchmarks AlgebraBenchmarks ProtocolBenchmarks AnalyticsBenchmarks ScriptBenchmarks

help:
	@echo "make demo       build the tool and run a script among three banks on this machine"
	@echo "make test       build and run all tests"
	@echo "make check-applications  compare the bundled scripts with sqlite3 and Python on the pooled data"
	@echo "make verify-ledger  have clients that are not ours verify the ledger, and kill runs at random"
	@echo "make benchmark  run all benchmarks, briefly"
	@echo "make format     format all Swift files"
	@echo "make clean      remove what was built"

demo:
	@.ci/preflight 3
	swift build -c release --product parley
	.build/release/parley demo

# The flags make `swift test` build as `swift build` does, so that nothing is compiled twice.
test:
	@.ci/preflight 13
	swift test -c release --disable-testable-imports
	.ci/imports --self-test
	.ci/imports
	.ci/external

check-applications:
	swift build -c release --product parley
	python3 Tests/Reference/check_applications.py .build/release/parley \
		--rows 60 --engines plain,replicated3
	python3 Tests/Reference/check_applications.py .build/release/parley \
		--rows 16 --engines additive-ot --banks bank-a,bank-b
	python3 Tests/Reference/check_applications.py .build/release/parley \
		--rows 16 --engines plain,replicated3 --ring prime:128

verify-ledger:
	.ci/verify-ledger

benchmark:
	@.ci/preflight 5
	set -e; for name in $(BENCHMARKS); do swift run -c release $$name --quick; done

format:
	swift format --in-place --recursive $(SWIFT_FOLDERS)

clean:
	rm -rf .build .build-external .build-verify
