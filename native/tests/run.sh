#!/bin/sh
# Builds and runs the tests of the engine without Python: `native/tests/run.sh [address,undefined | thread]`, the argument
# naming sanitizers to build with. Another compiler, and a machine to run on:
# CXX=aarch64-linux-gnu-g++ RUN="qemu-aarch64 -L /usr/aarch64-linux-gnu".
set -e
cd "$(dirname "$0")/.."
export CXX="${CXX:-c++}"
flags="-std=c++20 -ffp-contract=off -fno-math-errno -fno-trapping-math -pthread -Wall -Wextra -Wconversion "
if [ -n "$1" ]; then flags="$flags -O1 -g -fsanitize=$1 -fno-sanitize-recover=all"; else flags="$flags -O3"; fi
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
case "$($CXX -dumpmachine)" in
    x86_64*) sets="baseline:-march=x86-64-v2 avx2:-march=x86-64-v3 avx512:-march=x86-64-v4" ;;
    *) sets="baseline:" ;;
esac
{
    for set in $sets; do
        for file in kernels/*.cpp; do
            echo "$flags ${set#*:} -DPIPPIN_ISA=${set%:*} -c $file -o $build/$(basename "$file" .cpp).${set%:*}.o"
        done
    done
    for file in *.cpp tests/engine_test.cpp tests/heavy_test.cpp; do
        echo "$flags -c $file -o $build/$(basename "$file" .cpp).o"
    done
} | xargs -P "$(getconf _NPROCESSORS_ONLN)" -L 1 "$CXX"
for test in engine_test heavy_test; do
    mkdir "$build/$test"
    mv "$build/$test.o" "$build/$test"
done
for test in engine_test heavy_test; do
    "$CXX" $flags "$build"/*.o "$build/$test/$test.o" -o "$build/$test/run"
    $RUN "$build/$test/run"
done
