// The contract of a block function: one elementwise operation, or one reduction of rows, on numbers that lie
// in a row.
#pragma once
#include "program.h"

namespace pippin {

// Computes `count` numbers of `out`. Bit k of `single` says that operand k is one number, used for all of
// them. `out` may be the memory of an operand that isn't single; it overlaps none in any other way.
using Block = void (*)(void* out, const void* const* in, std::int64_t count, unsigned single);

// Reduces each of `rows` rows of `columns` numbers to one.
using Rowwise = void (*)(void* out, const void* in, std::int64_t rows, std::int64_t columns);

// The same where the numbers of a column lie side by side: that of row r and column c stands at c * stride +
// r. Strides are whole numbers of 16, and what lies behind the last row of a column may be read but means
// nothing.
using Columnwise = void (*)(void* out, const void* in, std::int64_t rows, std::int64_t columns,
                            std::int64_t stride);

// A block function for several operations at once, which then need no trip through memory in between. `tree`
// says which, as "add(a, multiply(subtract(b, a), c))": the primitives' names, and letters for the operands,
// in the order in which the function takes them. All numbers are floats, each operation rounds as it does
// alone, so the bits are the same.
struct CompoundEntry {
    const char* isa;
    const char* tree;
    Block block;
};

struct BlockEntry {
    const char* isa;
    const char* name;
    Type from;  // of the last operand
    Type to;
    Block block;
    Rowwise rowwise;
    Columnwise columnwise;  // null: there is none
};

}  // namespace pippin
