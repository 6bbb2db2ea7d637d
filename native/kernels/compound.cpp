// Compounds: what optimizers and activations do again and again, a whole expression in registers. loop_plan.cpp finds
// them in fused loops; each is the same operations in the same order as its parts, so the bits are the same.
#include "block.h"

namespace pippin::PIPPIN_ISA {
namespace {

// y[i] = f(operands[i]...) for `operands` arrays of floats; bit k of `single` says that operand k is one number.
template <int operands, class Function>
PIPPIN_INLINE void each_compound(void* out, const void* const* in, std::int64_t count, unsigned single, Function f) {
    float* y = static_cast<float*>(out);
    const float* x[operands];
    std::int64_t step[operands];
    alignas(64) float copies[operands][lanes];
    for (int k = 0; k < operands; ++k) {
        const bool is_single = single >> k & 1;
        if (is_single) store(copies[k], broadcast(*static_cast<const float*>(in[k])));
        x[k] = is_single ? copies[k] : static_cast<const float*>(in[k]);
        step[k] = is_single ? 0 : 1;
    }
    std::int64_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        Floats value[operands];
#pragma GCC unroll 8
        for (int k = 0; k < operands; ++k) value[k] = load(x[k] + i * step[k]);
        store(y + i, f(value));
    }
    if (i < count) {
        const Mask rest = first_lanes(count - i);
        Floats value[operands];
#pragma GCC unroll 8
        for (int k = 0; k < operands; ++k) value[k] = load(x[k] + i * step[k], rest);
        store(y + i, f(value), rest);
    }
}

#define FLOAT_COMPOUND(name, tree, operands, expression)                                                          \
    void name(void* out, const void* const* in, std::int64_t count, unsigned single) {                            \
        each_compound<operands>(out, in, count, single, [](const Floats* x) -> Floats { return expression; }); \
    }                                                                                                             \
    COMPOUND(name, tree, name)

// Running means of gradients and of their squares, as Adam and its kin keep them.
FLOAT_COMPOUND(approach, "add(a, multiply(subtract(b, a), c))", 3, x[0] + (x[1] - x[0]) * x[2]);
FLOAT_COMPOUND(approach_square, "add(a, multiply(subtract(square(b), a), c))", 3,
               x[0] + (x[1] * x[1] - x[0]) * x[2]);
// Their steps, and plain descent.
FLOAT_COMPOUND(scaled_descent, "subtract(a, divide(multiply(b, c), add(sqrt(d), e)))", 5,
               x[0] - x[1] * x[2] / (square_root(x[3]) + x[4]));
FLOAT_COMPOUND(descent, "subtract(a, multiply(b, c))", 3, x[0] - x[1] * x[2]);
// A bias and rectified linear units; their gradient.
FLOAT_COMPOUND(rectified_sum, "maximum(add(a, b), c)", 3, larger(x[0] + x[1], x[2]));
FLOAT_COMPOUND(where_larger, "where(less(a, b), c, d)", 4, choose(x[0] < x[1], x[2], x[3]));

}  // namespace
}  // namespace pippin::PIPPIN_ISA
