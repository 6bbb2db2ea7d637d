// A fused loop, ready to run: which numbers it reads, the operations it applies to one block after the other,
// what it writes.
//
// The loop runs over rows x columns numbers, row by row. Values are full (rows * columns numbers) or columns
// (one number per row: what a reduction of rows leaves). Every value has a slot: a pointer that is set for
// each block.
#pragma once
#include "blocks.h"

namespace pippin {

// How an array that is smaller than the loop is spread over it.
enum class Spread : std::int32_t {
    none,     // as large as the loop (or, for a column, one number per row)
    single,   // one number for all
    repeat,   // the same row again and again
    each,     // one number per row, for all its columns
    strided,  // anything else: walked with strides
};

struct LoopOperand {
    std::int32_t input;  // of the line
    std::int32_t bytes;  // of one number
    bool column;         // of the kind column: its own extent is one number per row
    Spread spread;
    std::int32_t rank;  // of the walk, for `strided`
    std::int64_t extent[max_rank];
    std::int64_t stride[max_rank];  // in numbers
};

constexpr std::int32_t most_step_operands = 6;

struct LoopStep {
    Block block = nullptr;            // One of these three: an operation on numbers,
    Rowwise rowwise = nullptr;        // a reduction of each row,
    Columnwise columnwise = nullptr;  // (the same where blocks are turned)
    std::int32_t spread_bytes =
        0;                // or the spreading of a column over its rows, in numbers of so many bytes.
    bool column = false;  // the operation works on one number per row
    unsigned single = 0;
    std::int32_t operands[most_step_operands] = {};
    std::int32_t operand_count = 0;
    std::int32_t out = 0;
};

struct LoopResult {
    std::int32_t slot;
    std::int32_t output;  // of the line
    std::int32_t bytes;
    bool column;
    bool direct;  // the step that makes it writes to the output itself; otherwise it is copied when the block
                  // is done
};

struct LoopPlan {
    std::int64_t rows = 0, columns = 0;
    std::int64_t block_rows = 0;     // whole rows in a block; 0 if a block is a piece of a row
    std::int64_t block_columns = 0;  // numbers of such a piece
    std::int64_t units = 0;          // what parts consist of: rows, or pieces
    std::int64_t pieces = 1;         // of one row
    std::int64_t block_bytes = 0;    // scratch of one slot
    bool turned = false;  // in a block, the numbers of a column lie side by side: rows of few numbers fill
                          // whole vectors
    std::int32_t scratch_slots = 0;
    std::int32_t slots = 0;
    // Plain pointers: this file is read by code of every instruction set, which must not share compiled
    // templates.
    const LoopOperand* operands = nullptr;  // slot i is operand i
    const LoopStep* steps = nullptr;
    const LoopResult* results = nullptr;
    const std::int32_t* scratch_of = nullptr;  // slot -> place in scratch memory, or -1
    std::int32_t operand_count = 0;
    std::int32_t step_count = 0;
    std::int32_t result_count = 0;
};

// How far apart the columns of a turned block of so many rows stand.
[[gnu::always_inline]] inline std::int64_t turned_stride(std::int64_t rows) {
    return (rows + 15) / 16 * 16;
}

// Enough for the longest loop that transforms/fuse.py makes, each of its lines with three operands and a
// spread column.
constexpr std::int32_t most_loop_slots = 512;

}  // namespace pippin
