// Finds, among the steps of a loop, the expressions that one block function computes whole.
#pragma once
#include <string>

#include "loop_plan.h"

namespace pippin {

// The same loop with fewer steps: each expression that the instruction set has a compound for is one step.
// What is read elsewhere, or is a result, stays a step of its own.
LoopDescription combined(const std::string& isa, const LoopDescription& loop);

}  // namespace pippin
