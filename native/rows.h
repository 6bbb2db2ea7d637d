// Reductions of rows that come out the same on every instruction set: a row is reduced in 16 virtual lanes,
// number i in chain i mod 16, and the chains in a fixed tree. 16 / lanes vectors hold them.
#pragma once
#include "math.h"

namespace pippin::PIPPIN_ISA {

constexpr int vectors_of_16 = 16 / lanes;

struct Sixteen {
    Floats part[vectors_of_16];
};

using Eight [[gnu::vector_size(32)]] = float;
using Four [[gnu::vector_size(16)]] = float;

PIPPIN_INLINE Four low_half(Eight x) {
    return __builtin_shufflevector(x, x, 0, 1, 2, 3);
}

PIPPIN_INLINE Four high_half(Eight x) {
    return __builtin_shufflevector(x, x, 4, 5, 6, 7);
}

// Chain i with chain i + 8, then i with i + 4, with i + 2, with i + 1. `combine` takes two vectors of any
// length, or numbers.
template <class Combine> PIPPIN_INLINE float tree(const Sixteen& chains, Combine combine) {
#if defined(__AVX512F__)
    const Floats x = chains.part[0];
    const Eight eight = combine(__builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7),
                                __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15));
    const Four four = combine(low_half(eight), high_half(eight));
#elif defined(__AVX2__) && defined(__FMA__)
    const Eight eight = combine(chains.part[0], chains.part[1]);
    const Four four = combine(low_half(eight), high_half(eight));
#else
    const Four four =
        combine(combine(chains.part[0], chains.part[2]), combine(chains.part[1], chains.part[3]));
#endif
    const Four two = combine(four, __builtin_shufflevector(four, four, 2, 3, 2, 3));
    return combine(two[0], two[1]);
}

// The first `count` of a vector's numbers, and `other` in the place of the rest.
PIPPIN_INLINE Floats load_or(const float* from, std::int64_t count, float other) {
    if (count >= lanes) return load(from);
    if (count <= 0) return broadcast(other);
    Ints index;
    for (int lane = 0; lane < lanes; ++lane) index[lane] = lane;
    return choose(index < static_cast<std::int32_t>(count), load(from, first_lanes(count)), broadcast(other));
}

// The same tree for a short row, whose missing numbers are left out: nothing but the operations that count.
template <int count, class Combine> PIPPIN_INLINE float short_tree(const float* x, Combine combine) {
    float numbers[count];
    for (int i = 0; i < count; ++i) numbers[i] = x[i];
    for (int width = 8; width > 0; width /= 2)
        for (int i = 0; i < width; ++i)
            if (i + width < count) numbers[i] = combine(numbers[i], numbers[i + width]);
    return numbers[0];
}

// Reduces the `count` numbers of a row. `neutral` changes nothing when it is combined with another number.
template <class Combine>
PIPPIN_INLINE float reduce_row(const float* x, std::int64_t count, float neutral, Combine combine) {
    Sixteen chains;
    for (int v = 0; v < vectors_of_16; ++v) chains.part[v] = broadcast(neutral);
    std::int64_t i = 0;
    for (; i + 16 <= count; i += 16)
        for (int v = 0; v < vectors_of_16; ++v)
            chains.part[v] = combine(chains.part[v], load(x + i + v * lanes));
    if (i < count)
        for (int v = 0; v < vectors_of_16; ++v)
            chains.part[v] =
                combine(chains.part[v], load_or(x + i + v * lanes, count - i - v * lanes, neutral));
    return tree(chains, combine);
}

}  // namespace pippin::PIPPIN_ISA
