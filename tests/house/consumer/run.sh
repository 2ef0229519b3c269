#!/bin/sh
# Installs a build into a scratch folder and builds a program against it in four ways: pkg-config and find_package, shared
# and static. Each must print the fast-food answer.
#
#     run.sh BUILD-FOLDER C-COMPILER
set -eu
build=$1
cc=$2
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cmake --install "$build" --prefix "$scratch/usr" > "$scratch/install.log"
PKG_CONFIG_PATH=$(dirname "$(find "$scratch/usr" -name maxent.pc)")
export PKG_CONFIG_PATH
# The installed .pc names the prefix of the configuration; a staged copy is told where it is.
prefix=--define-variable=prefix=$scratch/usr
libdir=$(pkg-config $prefix --variable=libdir maxent)

check() { # name, program
    answer=$(LD_LIBRARY_PATH=$libdir "$2")
    if [ "$answer" != "0.466 0.318 0.216" ]; then
        echo "$1: '$answer' instead of 0.466 0.318 0.216" >&2
        exit 1
    fi
    echo "$1: $answer"
}

# shellcheck disable=SC2046
"$cc" "$here/consumer.c" -o "$scratch/pc_shared" $(pkg-config $prefix --cflags --libs maxent)
check "pkg-config, shared" "$scratch/pc_shared"

# shellcheck disable=SC2046
"$cc" "$here/consumer.c" -o "$scratch/pc_static" \
    $(pkg-config $prefix --static --cflags --libs maxent | sed 's/-lmaxent/-l:libmaxent.a/')
check "pkg-config, static" "$scratch/pc_static"

cmake -S "$here" -B "$scratch/cmake" -D CMAKE_C_COMPILER="$cc" -D CMAKE_PREFIX_PATH="$scratch/usr" > "$scratch/cmake.log"
cmake --build "$scratch/cmake" > "$scratch/build.log" || { cat "$scratch/build.log"; exit 1; }
check "find_package, shared" "$scratch/cmake/consumer_shared"
check "find_package, static" "$scratch/cmake/consumer_static"

# Static means static: no libmaxent.so among what these programs load.
if ldd "$scratch/pc_static" "$scratch/cmake/consumer_static" | grep libmaxent; then
    echo "a static program loads the shared library" >&2
    exit 1
fi
soname=$(objdump -p "$libdir/libmaxent.so" | awk '$1 == "SONAME" { print $2 }')
[ "$soname" = libmaxent.so.0 ] || { echo "SONAME is '$soname'" >&2; exit 1; }
for file in bin/maxent share/doc/maxent/LICENSE share/bash-completion/completions/maxent \
    share/zsh/site-functions/_maxent share/fish/vendor_completions.d/maxent.fish; do
    [ -f "$scratch/usr/$file" ] || { echo "$file is not installed" >&2; exit 1; }
done
"$scratch/usr/bin/maxent" --version
