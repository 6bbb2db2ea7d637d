#!/bin/sh
# Builds and runs engine_test.cpp: `native/tests/engine_test.sh [sanitizers, such as address,undefined or thread]`.
# Another compiler, and a machine to run on: CXX=aarch64-linux-gnu-g++ RUN="qemu-aarch64 -L /usr/aarch64-linux-gnu".
set -e
cd "$(dirname "$0")/.."
compiler=${CXX:-c++}
flags="-std=c++20 -O2 -g -ffp-contract=off -fno-math-errno -fno-trapping-math -pthread -Wall -Wextra -Wconversion"
if [ -n "$1" ]; then flags="$flags -fsanitize=$1 -fno-sanitize-recover=all"; fi
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
sets="baseline"
case "$($compiler -dumpmachine)" in x86_64*) sets="baseline avx2 avx512" ;; esac
for set in $sets; do
    case "$set$($compiler -dumpmachine)" in
        baselinex86_64*) machine=-march=x86-64-v2 ;;
        avx2*) machine=-march=x86-64-v3 ;;
        avx512*) machine=-march=x86-64-v4 ;;
        *) machine= ;;
    esac
    for file in kernels/*.cpp; do
        $compiler $flags $machine -DPIPPIN_ISA=$set -c "$file" -o "$build/$(basename "$file" .cpp).$set.o"
    done
done
$compiler $flags tests/engine_test.cpp run.cpp loop_plan.cpp table.cpp threads.cpp epochs.cpp copies.cpp "$build"/*.o -o "$build/engine_test"
$RUN "$build/engine_test"
