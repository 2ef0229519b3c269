#!/bin/sh
# Makes sure that what is needed is there, and installs it with the system's package manager when it is not.
#
#     scripts/dependencies.sh build           to build the library and the program
#     scripts/dependencies.sh build test      and to run the tests
#     scripts/dependencies.sh build test ci   and to run everything that .ci/run does
#     scripts/dependencies.sh build bench     and to run the benchmarks
#
# What is there is found by using it (compiling a header, running a program), not by asking the package manager. When
# nothing is missing this touches neither the package manager nor the network. Before it installs anything it says what and
# why. Exit 1, with the list, when something is missing and cannot be installed.
set -u

compiler=${CC:-}
if [ -z "$compiler" ]; then
    for candidate in cc gcc clang; do
        if command -v "$candidate" > /dev/null 2>&1; then
            compiler=$candidate
            break
        fi
    done
fi

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

manager=none
for candidate in apt-get dnf pacman apk zypper brew; do
    if command -v "$candidate" > /dev/null 2>&1; then
        manager=$candidate
        break
    fi
done

packages=
reasons=

# ---- the probes: true when the thing works ----

has_program() { # name
    command -v "$1" > /dev/null 2>&1
}

has_library() { # header, compiler flags
    [ -n "$compiler" ] || return 1
    printf '#include <%s>\nint main(void) { return 0; }\n' "$1" > "$scratch/probe.c"
    shift
    # shellcheck disable=SC2086
    "$compiler" "$scratch/probe.c" -o "$scratch/probe" "$@" > /dev/null 2>&1
}

has_cmake() {
    cmake --version 2> /dev/null | awk 'NR == 1 { split($3, v, "."); exit !(v[1] > 3 || (v[1] == 3 && v[2] >= 21)) }
        END { if (NR == 0) exit 1 }'
}

has_make() {
    has_program make || has_program ninja
}

has_cmocka() {
    [ -n "$compiler" ] || return 1
    printf '#include <stdarg.h>\n#include <stddef.h>\n#include <setjmp.h>\n#include <stdint.h>\n#include <cmocka.h>\n' > "$scratch/probe.c"
    printf 'int main(void) { return 0; }\n' >> "$scratch/probe.c"
    "$compiler" "$scratch/probe.c" -o "$scratch/probe" -lcmocka > /dev/null 2>&1
}

has_cxx() {
    printf '#include <cstddef>\nint main() { return 0; }\n' > "$scratch/probe.cpp"
    for candidate in ${CXX:-} c++ g++ clang++; do
        "$candidate" "$scratch/probe.cpp" -o "$scratch/probe" > /dev/null 2>&1 && return 0
    done
    return 1
}

has_clang() { # flags, for example the sanitizers whose run-time libraries come in packages of their own
    printf 'int main(void) { return 0; }\n' > "$scratch/probe.c"
    clang "$@" "$scratch/probe.c" -o "$scratch/probe" > /dev/null 2>&1
}

has_module() { # Python module
    python3 -c "import $1" > /dev/null 2>&1
}

# ---- what is missing ----

# need WHY NAME APT DNF PACMAN APK ZYPPER BREW -- PROBE...
need() {
    why=$1 name=$2 apt=$3 dnf=$4 pacman=$5 apk=$6 zypper=$7 brew=$8
    shift 9
    if "$@"; then
        return
    fi
    case $manager in
        apt-get) package=$apt ;;
        dnf) package=$dnf ;;
        pacman) package=$pacman ;;
        apk) package=$apk ;;
        zypper) package=$zypper ;;
        brew) package=$brew ;;
        *) package=$name ;;
    esac
    packages="$packages $package"
    reasons="$reasons    $name: $why ($package)
"
}

for group in "$@"; do
    case $group in
        build)
            need "compiles everything" "a C compiler" "gcc libc6-dev" gcc gcc "gcc musl-dev" gcc gcc -- has_library stdio.h
            need "runs the build" make make make make make make make -- has_make
            need "configures the build" "cmake 3.21" cmake cmake cmake cmake cmake cmake -- has_cmake
            need "reads .gz files" zlib zlib1g-dev zlib-devel zlib zlib-dev zlib-devel zlib -- has_library zlib.h -lz
            need "reads .zst files" zstd libzstd-dev libzstd-devel zstd zstd-dev libzstd-devel zstd -- has_library zstd.h -lzstd
            ;;
        test)
            need "runs the tests of the command line" python3 python3 python3 python python3 python3 python3 -- \
                has_program python3
            need "runs the unit tests" cmocka libcmocka-dev libcmocka-devel cmocka cmocka-dev libcmocka-devel cmocka -- has_cmocka
            need "checks that C++ programs can use the headers" "a C++ compiler" g++ gcc-c++ gcc g++ gcc-c++ gcc -- has_cxx
            need "draws the .png plots" gnuplot gnuplot-nox gnuplot gnuplot gnuplot gnuplot gnuplot -- has_program gnuplot
            need "checks the man pages" mandoc mandoc mandoc mandoc mandoc mandoc mandoc -- has_program mandoc
            ;;
        ci)
            need "the second compiler" clang clang clang clang clang clang llvm -- has_clang
            need "OpenMP for the second compiler" libomp libomp-dev libomp-devel openmp openmp-dev libomp-devel libomp -- \
                has_clang -fopenmp
            need "builds the consumer programs" pkg-config pkg-config pkgconf-pkg-config pkgconf pkgconf pkg-config pkg-config -- \
                has_program pkg-config
            ;;
        bench)
            need "runs the benchmarks" python3 python3 python3 python python3 python3 python3 -- has_program python3
            need "the private environment of the peers" "python3 with venv" python3-venv python3 python py3-pip python3 python3 -- \
                has_module ensurepip
            ;;
        *)
            echo "usage: $0 [build] [test] [ci] [bench]" >&2
            exit 2
            ;;
    esac
done

if [ -z "$packages" ]; then
    exit 0
fi

# ---- install ----

set -f # $packages and $run are lists of words
case $manager in
    apt-get) install="apt-get install -y --no-install-recommends" ;;
    dnf) install="dnf install -y" ;;
    pacman) install="pacman -S --needed --noconfirm" ;;
    apk) install="apk add" ;;
    zypper) install="zypper --non-interactive install" ;;
    brew) install="brew install" ;;
    none) install= ;;
esac

echo "Missing:"
printf '%s' "$reasons"

give_up() { # sentence
    {
        echo
        echo "$1 Needed are:"
        printf '%s' "$reasons"
        if [ -n "$install" ]; then
            echo "Please install them, for example with"
            echo "    $install$packages"
        fi
        echo "and run this again."
    } >&2
    exit 1
}

as_root=
if [ "$manager" = none ]; then
    give_up "There is no package manager here that this script knows (apt-get, dnf, pacman, apk, zypper, brew)."
elif [ "$manager" != brew ] && [ "$(id -u)" -ne 0 ]; then
    if ! has_program sudo; then
        give_up "Installing needs the rights of root, and there is no sudo."
    fi
    as_root=sudo
    if ! [ -t 0 ]; then
        as_root="sudo -n" # nobody there to type a password
        if ! sudo -n true 2> /dev/null; then
            give_up "Installing needs the rights of root, and sudo asks for a password."
        fi
    fi
fi

echo "Installing them: $as_root${as_root:+ }$install$packages"
if [ "$manager" = apt-get ]; then
    run="$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=2 -o DPkg::Lock::Timeout=120"
    # The list of packages is fetched only when the one that is there is not good enough.
    if ! { $run install -y --no-install-recommends --simulate $packages > /dev/null 2>&1 &&
           $run install -y --no-install-recommends $packages; }; then
        $run update || give_up "The list of packages could not be fetched."
        $run install -y --no-install-recommends $packages || give_up "The packages could not be installed."
    fi
else
    $as_root $install $packages || give_up "The packages could not be installed."
fi
echo "All is there now."
