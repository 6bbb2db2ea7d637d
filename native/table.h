// The table of kernels: every kernel file enters its own (kernels/kernel.h), here they are found by name.
#pragma once
#include <string>
#include <vector>

#include "blocks.h"
#include "kernels/kernel.h"

namespace pippin {

// Instruction sets this machine can run, best last: "baseline", then "avx2" and "avx512" where there are
// such.
const std::vector<std::string>& instruction_sets();

// Null if there is none.
const Kernel* find_kernel(const std::string& isa, const std::string& name);
// All compounds of an instruction set.
std::vector<const CompoundEntry*> compounds(const std::string& isa);
const BlockEntry* find_block(const std::string& isa, const std::string& name, Type from, Type to);

// The names of all kernels and block functions, each once, sorted.
std::vector<std::string> kernel_names();

}  // namespace pippin
