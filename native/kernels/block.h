// What the elementwise kernel files include: the contract of a block function, the macro that enters one in
// the table, and the few shapes such functions have. A block function computes one operation on a run of
// numbers that fits in the nearest cache; loop.cpp strings them together, so nothing here knows about shapes
// or broadcasting.
#pragma once
#include "../blocks.h"
#include "../math.h"
#include "kernel.h"

#if defined(__APPLE__)
#define PIPPIN_BLOCK_SECTION __attribute__((used, section("__DATA,pippin_blocks")))
#else
#define PIPPIN_BLOCK_SECTION __attribute__((used, section("pippin_blocks")))
#endif

#if defined(__APPLE__)
#define PIPPIN_COMPOUND_SECTION __attribute__((used, section("__DATA,pippin_trees")))
#else
#define PIPPIN_COMPOUND_SECTION __attribute__((used, section("pippin_trees")))
#endif

// COMPOUND(approach, "add(a, multiply(subtract(b, a), c))", function)
#define COMPOUND(name, tree, function)                                                                        \
    static const ::pippin::CompoundEntry compound_##name = {PIPPIN_TEXT(PIPPIN_ISA), tree, function};         \
    PIPPIN_COMPOUND_SECTION static const ::pippin::CompoundEntry* const pointer_##name = &compound_##name

// BLOCK(add, float32, float32, function): the primitive's name, the type of its last operand, the type of the
// result.
#define BLOCK(name, from, to, function) PIPPIN_BLOCK_ENTRY(name, from, to, function, nullptr, nullptr)

// ROWWISE(sum, float32, float32, function): the same for a reduction of each row to one number. A fifth argument is the
// function for numbers that lie column by column.
#define ROWWISE(name, from, to, ...) PIPPIN_ROWWISE(name, from, to, __VA_ARGS__, nullptr, nullptr)
#define PIPPIN_ROWWISE(name, from, to, rowwise, columnwise, ...) \
    PIPPIN_BLOCK_ENTRY(name, from, to, nullptr, rowwise, columnwise)

#define PIPPIN_BLOCK_ENTRY(name, from, to, block, rowwise, columnwise)                             \
    static const ::pippin::BlockEntry block_##name##_##from##_##to = {                             \
        PIPPIN_TEXT(PIPPIN_ISA), #name,   ::pippin::Type::from, ::pippin::Type::to,                \
        block,                   rowwise, columnwise};                                             \
    PIPPIN_BLOCK_SECTION static const ::pippin::BlockEntry* const pointer_##name##_##from##_##to = \
        &block_##name##_##from##_##to

// The numbers of a block never overlap except one exactly on the other, so a loop over them may run in any
// order.
#if defined(__clang__)
#define PIPPIN_ANY_ORDER _Pragma("clang loop vectorize(assume_safety)")
#else
#define PIPPIN_ANY_ORDER _Pragma("GCC ivdep")
#endif

namespace pippin::PIPPIN_ISA {

// NaN in either operand is the result, as in NumPy.
PIPPIN_INLINE Floats larger(Floats a, Floats b) {
    return choose((a > b) | (a != a), a, b);
}

// y[i] = f(a[i]) for floats, a vector at a time; the last vector reads and writes only what there is.
template <class Function>
PIPPIN_INLINE void each_vector(void* out, const void* const* in, std::int64_t count, Function f) {
    float* y = static_cast<float*>(out);
    const float* a = static_cast<const float*>(in[0]);
    std::int64_t i = 0;
    for (; i + lanes <= count; i += lanes) store(y + i, f(load(a + i)));
    if (i < count) {
        const Mask rest = first_lanes(count - i);
        store(y + i, f(load(a + i, rest)), rest);
    }
}

// y[i] = f(a[i], b[i]) for floats; bit k of `single` says that operand k is one number for the whole block.
template <class Function>
PIPPIN_INLINE void each_pair(void* out, const void* const* in, std::int64_t count, unsigned single,
                             Function f) {
    const float* a = static_cast<const float*>(in[0]);
    const float* b = static_cast<const float*>(in[1]);
    if (single == 0) {
        float* y = static_cast<float*>(out);
        std::int64_t i = 0;
        for (; i + lanes <= count; i += lanes) store(y + i, f(load(a + i), load(b + i)));
        if (i < count) {
            const Mask rest = first_lanes(count - i);
            store(y + i, f(load(a + i, rest), load(b + i, rest)), rest);
        }
    } else if (single == 1) {
        const Floats left = broadcast(*a);
        each_vector(out, in + 1, count, [left, f](Floats right) { return f(left, right); });
    } else if (single == 2) {
        const Floats right = broadcast(*b);
        each_vector(out, in, count, [right, f](Floats left) { return f(left, right); });
    } else {
        const Floats both = f(broadcast(*a), broadcast(*b));
        const void* any[] = {out};
        each_vector(out, any, count, [both](Floats) { return both; });
    }
}

// The same for any types, one number at a time in words; compilers make vectors of it.
template <class To, class From, class Function>
PIPPIN_INLINE void each_number(void* out, const void* const* in, std::int64_t count, unsigned single,
                               Function f) {
    To* y = static_cast<To*>(out);
    const From* a = static_cast<const From*>(in[0]);
    if (single) {
        const To value = f(*a);
        for (std::int64_t i = 0; i < count; ++i) y[i] = value;
    } else {
        PIPPIN_ANY_ORDER
        for (std::int64_t i = 0; i < count; ++i) y[i] = f(a[i]);
    }
}

template <class To, class From, class Function>
PIPPIN_INLINE void each_two_numbers(void* out, const void* const* in, std::int64_t count, unsigned single,
                                    Function f) {
    To* y = static_cast<To*>(out);
    const From* a = static_cast<const From*>(in[0]);
    const From* b = static_cast<const From*>(in[1]);
    if (single == 0) {
        PIPPIN_ANY_ORDER
        for (std::int64_t i = 0; i < count; ++i) y[i] = f(a[i], b[i]);
    } else if (single == 1) {
        const From left = *a;
        PIPPIN_ANY_ORDER
        for (std::int64_t i = 0; i < count; ++i) y[i] = f(left, b[i]);
    } else if (single == 2) {
        const From right = *b;
        PIPPIN_ANY_ORDER
        for (std::int64_t i = 0; i < count; ++i) y[i] = f(a[i], right);
    } else {
        const To value = f(*a, *b);
        for (std::int64_t i = 0; i < count; ++i) y[i] = value;
    }
}

}  // namespace pippin::PIPPIN_ISA
