#!/bin/sh
# Builds and runs heavy_test.cpp: each kernel file once per instruction set, with the flags of that set. An argument names
# sanitizers to build with: address,undefined or thread.
set -e
cd "$(dirname "$0")/.."
build=${BUILD:-/tmp/pippin-heavy-test}
flags="-std=c++20 -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math -Wall -Wextra -Wconversion -Werror"
if [ -n "$1" ]; then
    flags="-std=c++20 -O1 -g -fsanitize=$1 -fno-sanitize-recover=all"
    build=$build-$1
fi
mkdir -p "$build"
compile() {
    isa=$1
    shift
    for kernel in matmul conv conv_kernel_gradient pool; do
        # shellcheck disable=SC2086
        ${CXX:-g++} $flags -DPIPPIN_ISA="$isa" "$@" -c "kernels/$kernel.cpp" -o "$build/$kernel.$isa.o"
    done
}
compile baseline -march=x86-64-v2
compile avx2 -march=x86-64-v3
compile avx512 -march=x86-64-v4
# shellcheck disable=SC2086
${CXX:-g++} $flags -Wno-conversion -pthread tests/heavy_test.cpp "$build"/*.o -o "$build/heavy_test"
"$build/heavy_test"
