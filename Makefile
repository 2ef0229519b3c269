# Thin: CMake does the work. `make help` lists what there is.
BUILD = build
PREFIX = /usr/local
DESTDIR =
JOBS := $(shell nproc 2> /dev/null || echo 2)
MAKEFLAGS += --no-print-directory
CMAKE = cmake
CTEST = ctest --output-on-failure -j $(JOBS)

configure = $(CMAKE) --log-level=NOTICE -S . -B $(BUILD) -D CMAKE_BUILD_TYPE=Release -D CMAKE_INSTALL_PREFIX=$(PREFIX)
build = $(CMAKE) --build $(BUILD) -j $(JOBS)

.PHONY: all demo test bench install coverage valgrind clean help

all:
	@scripts/dependencies.sh build
	@$(configure) -D MAXENT_TESTS=OFF -D MAXENT_BENCH=OFF
	@$(build)

demo: all
	@scripts/demo.sh $(BUILD)/maxent

test:
	@scripts/dependencies.sh build test
	@$(configure) -D MAXENT_TESTS=ON
	@$(build)
	@$(CTEST) --test-dir $(BUILD) -LE '^slow$$'

bench:
	@scripts/dependencies.sh build bench
	@$(configure) -D MAXENT_BENCH=ON
	@$(build)
	@$(build) --target bench

install: all
	@DESTDIR=$(DESTDIR) $(CMAKE) --install $(BUILD)

coverage:
	@$(CMAKE) --log-level=NOTICE --preset coverage
	@$(CMAKE) --build --preset coverage -j $(JOBS)
	@scripts/coverage.sh build-coverage

valgrind:
	@$(CMAKE) --log-level=NOTICE --preset valgrind
	@$(CMAKE) --build --preset valgrind -j $(JOBS)
	@$(CTEST) --preset valgrind

clean:
	rm -rf build build-*

help:
	@echo "make            the library and the program, in $(BUILD)/"
	@echo "make demo       the same, and what it is good for"
	@echo "make test       the same, and the quick tests"
	@echo "make bench      side by side with numpy, scipy and packages, which it takes from PyPI"
	@echo "make install    to PREFIX=$(PREFIX), below DESTDIR when it is given"
	@echo "make coverage   lines of src/ that the tests reach; at least 95 % (gcovr)"
	@echo "make valgrind   the quick tests under valgrind"
	@echo "make clean      removes build/ and build-*/"
	@echo
	@echo "What is missing is installed first, by scripts/dependencies.sh, which says what and why."
