// Walks the sections in which kernels enter themselves, and asks the processor which of their three copies it
// can run.
#include "table.h"

#include <set>

#if defined(__APPLE__)
extern const pippin::KernelEntry* const first_kernel[] __asm("section$start$__DATA$pippin_kernels");
extern const pippin::KernelEntry* const last_kernel[] __asm("section$end$__DATA$pippin_kernels");
extern const pippin::BlockEntry* const first_block[] __asm("section$start$__DATA$pippin_blocks");
extern const pippin::BlockEntry* const last_block[] __asm("section$end$__DATA$pippin_blocks");
extern const pippin::CompoundEntry* const first_tree[] __asm("section$start$__DATA$pippin_trees");
extern const pippin::CompoundEntry* const last_tree[] __asm("section$end$__DATA$pippin_trees");
#else
extern "C" const pippin::KernelEntry* const __start_pippin_kernels[];
extern "C" const pippin::KernelEntry* const __stop_pippin_kernels[];
extern "C" const pippin::BlockEntry* const __start_pippin_blocks[];
extern "C" const pippin::BlockEntry* const __stop_pippin_blocks[];
extern "C" const pippin::CompoundEntry* const __start_pippin_trees[];
extern "C" const pippin::CompoundEntry* const __stop_pippin_trees[];
#define first_kernel __start_pippin_kernels
#define last_kernel __stop_pippin_kernels
#define first_block __start_pippin_blocks
#define last_block __stop_pippin_blocks
#define first_tree __start_pippin_trees
#define last_tree __stop_pippin_trees
#endif

namespace pippin {

const std::vector<std::string>& instruction_sets() {
    static const std::vector<std::string> sets = [] {
        std::vector<std::string> found = {"baseline"};
#if defined(__x86_64__)
        __builtin_cpu_init();
        // What -march=x86-64-v3 and v4 let the compiler use; the operating system's part (saved registers) is
        // included.
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
            __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
            __builtin_cpu_supports("f16c") && __builtin_cpu_supports("lzcnt")) {
            found.push_back("avx2");
            if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("avx512vl"))
                found.push_back("avx512");
        }
#endif
        return found;
    }();
    return sets;
}

const Kernel* find_kernel(const std::string& isa, const std::string& name) {
    for (auto entry = first_kernel; entry != last_kernel; ++entry)
        if (isa == (*entry)->isa && name == (*entry)->kernel.name) return &(*entry)->kernel;
    return nullptr;
}

const BlockEntry* find_block(const std::string& isa, const std::string& name, Type from, Type to) {
    for (auto entry = first_block; entry != last_block; ++entry)
        if ((*entry)->from == from && (*entry)->to == to && isa == (*entry)->isa && name == (*entry)->name)
            return *entry;
    return nullptr;
}

std::vector<const CompoundEntry*> compounds(const std::string& isa) {
    std::vector<const CompoundEntry*> found;
    for (auto entry = first_tree; entry != last_tree; ++entry)
        if (isa == (*entry)->isa) found.push_back(*entry);
    return found;
}

std::vector<std::string> kernel_names() {
    std::set<std::string> names;
    for (auto entry = first_kernel; entry != last_kernel; ++entry) names.insert((*entry)->kernel.name);
    for (auto entry = first_block; entry != last_block; ++entry) names.insert((*entry)->name);
    return {names.begin(), names.end()};
}

}  // namespace pippin
