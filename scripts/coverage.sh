#!/bin/sh
# Runs the quick tests of an instrumented build and prints which lines of src/ they reach. Exit 1 below 95 %.
#
#     scripts/coverage.sh BUILD-FOLDER
set -eu
build=$1
cd "$(dirname "$0")/.."
if ! command -v gcovr > /dev/null; then
    echo "gcovr is needed: apt-get install gcovr, or pip install gcovr" >&2
    exit 1
fi
find "$build" -name '*.gcda' -delete
ctest --test-dir "$build" -LE '^slow$' --output-on-failure -j "$(nproc 2> /dev/null || echo 2)"
gcovr --root . --filter src/ --object-directory "$build" --exclude-unreachable-branches --fail-under-line 95 \
    --txt --print-summary "$build"
