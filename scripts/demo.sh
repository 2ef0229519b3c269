#!/bin/sh
# The main job on real input: shows each command, then its output.
#
#     scripts/demo.sh PROGRAM
set -eu
program=$1
cd "$(dirname "$0")/.."

show() {
    printf '\n$ maxent'
    for word in "$@"; do
        case $word in
            *[!a-zA-Z0-9_./-]*) printf " '%s'" "$word" ;;
            *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n\n'
    "$program" "$@"
}

echo "Three dishes cost 1, 2 and 3. The average price paid is 1.75, and nothing else is known. Who buys what?"
show solve examples/fast-food.facts

echo
echo "A real table: admissions to the six largest departments of Berkeley in 1973, by sex, as their two-way margins tell it."
show solve examples/ucb-admissions.facts
