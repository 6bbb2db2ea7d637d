// Runs fused loops: block after block, every operation on the whole block before the next, so that what lies
// between two operations stays in the nearest cache and no operation is looked at twice in a block.
#include "../loop.h"
#include "block.h"
#include "gemm/parts.h"
#include "turned.h"

namespace pippin::PIPPIN_ISA {
namespace {

PIPPIN_INLINE const LoopPlan& plan_of(const Line& line) {
    return *static_cast<const LoopPlan*>(line.plan);
}

// The row again and again: what is there already is copied behind itself.
template <class Number>
void repeat_row(Number* to, const Number* row, std::int64_t rows, std::int64_t columns) {
    const std::int64_t total = rows * columns;
    __builtin_memcpy(to, row, static_cast<std::size_t>(at_most(total, columns)) * sizeof(Number));
    for (std::int64_t done = columns; done < total; done *= 2)
        __builtin_memcpy(to + done, to,
                         static_cast<std::size_t>(at_most(done, total - done)) * sizeof(Number));
}

template <int columns, class Number> void spread_short(Number* to, const Number* column, std::int64_t rows) {
    for (std::int64_t r = 0; r < rows; ++r)
        for (int c = 0; c < columns; ++c) to[r * columns + c] = column[r];
}

// Calls the function for short rows that has their length built in.
template <int columns, class Number>
PIPPIN_INLINE bool spread_up_to(Number* to, const Number* column, std::int64_t rows, std::int64_t wanted) {
    if (wanted == columns) return spread_short<columns>(to, column, rows), true;
    if constexpr (columns > 1) return spread_up_to<columns - 1>(to, column, rows, wanted);
    return false;
}

template <class Number>
void spread_column(Number* to, const Number* column, std::int64_t rows, std::int64_t columns) {
    if (columns <= 16 && spread_up_to<16>(to, column, rows, columns)) return;
    for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t c = 0; c < columns; ++c) to[r * columns + c] = column[r];
}

// Numbers [first, first + count) of a walk over extents with strides, in row-major order.
template <class Number>
void walk(Number* to, const Number* from, const LoopOperand& o, std::int64_t first, std::int64_t count) {
    if (count == 0) return;
    std::int64_t index[max_rank] = {};
    std::int64_t rest = first, offset = 0;
    for (std::int32_t axis = o.rank; axis-- > 0;) {
        index[axis] = rest % o.extent[axis];
        rest /= o.extent[axis];
        offset += index[axis] * o.stride[axis];
    }
    const std::int32_t inner = o.rank - 1;
    for (std::int64_t done = 0; done < count;) {
        const std::int64_t run = at_most(o.extent[inner] - index[inner], count - done);
        for (std::int64_t i = 0; i < run; ++i) to[done + i] = from[offset + i * o.stride[inner]];
        done += run;
        offset += run * o.stride[inner];
        index[inner] += run;
        for (std::int32_t axis = inner; axis > 0 && index[axis] == o.extent[axis]; --axis) {
            offset += o.stride[axis - 1] - o.extent[axis] * o.stride[axis];
            index[axis] = 0;
            ++index[axis - 1];
        }
    }
}

// Calls function(number) with a number of the size that `bytes` says, as a null pointer of its type.
template <class Function> PIPPIN_INLINE void of_size(std::int32_t bytes, Function function) {
    if (bytes == 4)
        function(static_cast<float*>(nullptr));  // moved, never computed with
    else
        function(static_cast<std::uint8_t*>(nullptr));
}

// One run over part of the loop: where each slot points now.
struct Run {
    const Line& line;
    const LoopPlan& plan;
    char* scratch;
    const void* at[most_loop_slots];
    std::int64_t stride = 0;  // of a turned block

    PIPPIN_INLINE Run(const Line& of, char* memory) : line(of), plan(plan_of(of)), scratch(memory) {}

    PIPPIN_INLINE void* memory(std::int32_t place) { return scratch + place * plan.block_bytes; }

    // Slots that never move, and spreads that are the same for all blocks.
    PIPPIN_INLINE void start() {
        for (std::int32_t slot = 0; slot < plan.slots; ++slot)
            if (plan.scratch_of[slot] >= 0) at[slot] = memory(plan.scratch_of[slot]);
        for (std::int32_t slot = 0; slot < plan.operand_count; ++slot) {
            const LoopOperand& o = plan.operands[slot];
            const void* data = line.inputs[o.input].data;
            if (o.spread == Spread::single || (o.spread == Spread::repeat && plan.block_rows == 1))
                at[slot] = data;
            if (o.spread == Spread::repeat && plan.block_rows > 1 && !plan.turned)
                of_size(o.bytes, [&]<class Number>(Number*) {
                    repeat_row(static_cast<Number*>(memory(plan.scratch_of[slot])),
                               static_cast<const Number*>(data), plan.block_rows, plan.columns);
                });
        }
    }

    // The blocks to come are turned ones of so many rows.
    PIPPIN_INLINE void turn(std::int64_t rows) {
        if (stride == turned_stride(rows)) return;
        stride = turned_stride(rows);
        for (std::int32_t slot = 0; slot < plan.operand_count; ++slot) {
            const LoopOperand& o = plan.operands[slot];
            if (o.spread == Spread::repeat)
                of_size(o.bytes, [&]<class Number>(Number*) {
                    repeat_turned(static_cast<Number*>(memory(plan.scratch_of[slot])), stride,
                                  line.inputs[o.input].as<Number>(), plan.columns);
                });
        }
    }

    // What read does, for a turned block of whole rows.
    PIPPIN_INLINE void read_turned(std::int64_t row, std::int64_t rows) {
        turn(rows);
        for (std::int32_t slot = 0; slot < plan.operand_count; ++slot) {
            const LoopOperand& o = plan.operands[slot];
            if (o.spread == Spread::single || o.spread == Spread::repeat) continue;
            of_size(o.bytes, [&]<class Number>(Number*) {
                const Number* data = line.inputs[o.input].as<Number>();
                if (o.column)
                    at[slot] = data + row;
                else if (o.spread == Spread::each)
                    spread_turned(static_cast<Number*>(memory(plan.scratch_of[slot])), stride, data + row, rows,
                                  plan.columns);
                else
                    turn_in(static_cast<Number*>(memory(plan.scratch_of[slot])), stride, data + row * plan.columns, rows,
                            plan.columns);
            });
        }
    }

    // Points the operands at a block: `rows` whole rows, or `count` numbers of one row from `column` on.
    PIPPIN_INLINE void read(std::int64_t row, std::int64_t rows, std::int64_t column, std::int64_t count) {
        for (std::int32_t slot = 0; slot < plan.operand_count; ++slot) {
            const LoopOperand& o = plan.operands[slot];
            const char* data = line.inputs[o.input].as<const char>();
            const std::int64_t first = o.column ? row : row * plan.columns + column;
            if (o.spread == Spread::none)
                at[slot] = data + first * o.bytes;
            else if (o.spread == Spread::repeat && plan.block_rows == 0)
                at[slot] = data + column * o.bytes;
            else if (o.spread == Spread::each && plan.block_rows <= 1)
                at[slot] = data + row * o.bytes;
            else if (o.spread == Spread::each)
                of_size(o.bytes, [&]<class Number>(Number*) {
                    spread_column(static_cast<Number*>(memory(plan.scratch_of[slot])),
                                  reinterpret_cast<const Number*>(data) + row, rows, plan.columns);
                });
            else if (o.spread == Spread::strided)
                of_size(o.bytes, [&]<class Number>(Number*) {
                    walk(static_cast<Number*>(memory(plan.scratch_of[slot])),
                         reinterpret_cast<const Number*>(data), o, first, o.column ? rows : count);
                });
        }
    }

    PIPPIN_INLINE char* place_of(const LoopResult& result, std::int64_t row, std::int64_t column) {
        return line.outputs[result.output].as<char>() +
               (result.column ? row : row * plan.columns + column) * result.bytes;
    }

    PIPPIN_INLINE void apply(const LoopStep& step, std::int64_t rows, std::int64_t count) {
        void* out = const_cast<void*>(at[step.out]);
        if (step.block) {
            const void* in[most_step_operands];
            for (std::int32_t i = 0; i < step.operand_count; ++i) in[i] = at[step.operands[i]];
            step.block(out, in, step.column ? rows : count, step.single);
        } else if (step.rowwise && plan.turned) {
            step.columnwise(out, at[step.operands[0]], rows, plan.columns, stride);
        } else if (step.rowwise) {
            step.rowwise(out, at[step.operands[0]], rows, plan.columns);
        } else {
            of_size(step.spread_bytes, [&]<class Number>(Number*) {
                if (plan.turned)
                    return spread_turned(static_cast<Number*>(out), stride,
                                         static_cast<const Number*>(at[step.operands[0]]), rows, plan.columns);
                spread_column(static_cast<Number*>(out), static_cast<const Number*>(at[step.operands[0]]),
                              rows, plan.columns);
            });
        }
    }

    PIPPIN_INLINE void block(std::int64_t row, std::int64_t rows, std::int64_t column, std::int64_t count) {
        if (plan.turned)
            read_turned(row, rows), count = plan.columns * stride;
        else
            read(row, rows, column, count);
        for (std::int32_t i = 0; i < plan.result_count; ++i)
            if (plan.results[i].direct) at[plan.results[i].slot] = place_of(plan.results[i], row, column);
        for (std::int32_t i = 0; i < plan.step_count; ++i) apply(plan.steps[i], rows, count);
        for (std::int32_t i = 0; i < plan.result_count; ++i) {
            const LoopResult& result = plan.results[i];
            if (result.direct) continue;
            if (plan.turned && !result.column) {
                of_size(result.bytes, [&]<class Number>(Number*) {
                    turn_out(reinterpret_cast<Number*>(place_of(result, row, column)),
                             static_cast<const Number*>(at[result.slot]), stride, rows, plan.columns);
                });
                continue;
            }
            const std::int64_t bytes = (result.column ? rows : count) * result.bytes;
            __builtin_memcpy(place_of(result, row, column), at[result.slot], static_cast<std::size_t>(bytes));
        }
    }

    void units(std::int64_t first, std::int64_t last) {
        start();
        if (plan.block_rows) {
            for (std::int64_t row = first; row < last; row += plan.block_rows) {
                const std::int64_t rows = at_most(plan.block_rows, last - row);
                block(row, rows, 0, rows * plan.columns);
            }
        } else {
            for (std::int64_t unit = first; unit < last; ++unit) {
                const std::int64_t row = unit / plan.pieces;
                const std::int64_t column = (unit - row * plan.pieces) * plan.block_columns;
                block(row, 1, column, at_most(plan.block_columns, plan.columns - column));
            }
        }
    }
};

void run_units(const Line& line, std::int64_t first, std::int64_t last) {
    if (first >= last) return;
    const std::int64_t bytes = plan_of(line).scratch_slots * plan_of(line).block_bytes;
    char* scratch = static_cast<char*>(__builtin_alloca_with_align(static_cast<std::size_t>(bytes), 512));
    Run(line, scratch).units(first, last);
}

std::int64_t parts(const Line& line) {
    const LoopPlan& plan = plan_of(line);
    return parts_for(line.work, plan.block_rows ? divide_up(plan.units, plan.block_rows) : plan.units);
}

void run_parts(const Line& line, std::int64_t first, std::int64_t last) {
    const LoopPlan& plan = plan_of(line);
    run_units(line, first_row(plan.units, line.parts, first), first_row(plan.units, line.parts, last));
}

// As the end of another line: called for rows of that line's result.
void run_rows(const Line& line, std::int64_t first, std::int64_t last) {
    const LoopPlan& plan = plan_of(line);
    run_units(line, first * plan.pieces, last * plan.pieces);
}

KERNEL(loop, parts, nullptr, run_parts, nullptr);
KERNEL(loop_rows, nullptr, nullptr, run_rows, nullptr);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
