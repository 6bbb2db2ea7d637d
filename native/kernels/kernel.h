// What every kernel file includes: the contract, and the macro by which a kernel enters itself in the table.
//
// Each file of kernels/ is compiled once per instruction set (PIPPIN_ISA = baseline, avx2, avx512) with that
// set's flags, inside a namespace of that name, so that the linker can never mix them. Entries are constants
// in a section of their own: entering costs no start-up code, which matters because start-up code of the
// AVX-512 files must not run on older machines.
#pragma once
#include "../program.h"

#define PIPPIN_JOIN_(a, b) a##b
#define PIPPIN_JOIN(a, b) PIPPIN_JOIN_(a, b)
#define PIPPIN_TEXT_(a) #a
#define PIPPIN_TEXT(a) PIPPIN_TEXT_(a)

namespace pippin {

struct KernelEntry {
    const char* isa;
    Kernel kernel;
};

}  // namespace pippin

#if defined(__APPLE__)
#define PIPPIN_SECTION __attribute__((used, section("__DATA,pippin_kernels")))
#else
#define PIPPIN_SECTION __attribute__((used, section("pippin_kernels")))
#endif

// KERNEL(matmul, parts, scratch, run, finish);  the name is the primitive's, the rest are functions or
// nullptr. A sixth and seventh argument are `prepare` and `finish_parts`. The section holds pointers, not
// entries: compilers pad larger objects, and the table is walked from end to end.
#define KERNEL(name, ...)                                                                    \
    static const ::pippin::KernelEntry PIPPIN_JOIN(entry_, name) = {PIPPIN_TEXT(PIPPIN_ISA), \
                                                                    {#name, __VA_ARGS__}};   \
    PIPPIN_SECTION static const ::pippin::KernelEntry* const PIPPIN_JOIN(pointer_, name) =   \
        &PIPPIN_JOIN(entry_, name)
