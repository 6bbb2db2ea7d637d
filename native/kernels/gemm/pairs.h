// Tiles for few columns: where two rows of A stand side by side in memory, both fill one vector, so that the
// lanes are not left half empty. The sums and their order are those of tile.h, so the bits are, too.
#pragma once
#include "tile.h"
#include "transpose.h"

namespace pippin::PIPPIN_ISA {

constexpr std::int64_t most_paired_columns = lanes / 2;
constexpr int most_pairs = 12;

#if defined(__AVX512F__)
using Doubled = Pattern<0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7>;
using Interleaved = Pattern<0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23>;
using Even = Pattern<0, 2, 4, 6, 8, 10, 12, 14, 0, 2, 4, 6, 8, 10, 12, 14>;
using Odd = Pattern<1, 3, 5, 7, 9, 11, 13, 15, 1, 3, 5, 7, 9, 11, 13, 15>;
#elif defined(__AVX2__) && defined(__FMA__)
using Doubled = Pattern<0, 0, 1, 1, 2, 2, 3, 3>;
using Interleaved = Pattern<0, 8, 1, 9, 2, 10, 3, 11>;
using Even = Pattern<0, 2, 4, 6, 0, 2, 4, 6>;
using Odd = Pattern<1, 3, 5, 7, 1, 3, 5, 7>;
#else
using Doubled = Pattern<0, 0, 1, 1>;
using Interleaved = Pattern<0, 4, 1, 5>;
using Even = Pattern<0, 2, 0, 2>;
using Odd = Pattern<1, 3, 1, 3>;
#endif

// Two floats that stand side by side, over and over.
PIPPIN_INLINE Floats broadcast_pair(const float* pair) {
    double both;
    __builtin_memcpy(&both, pair, sizeof both);
#if defined(__AVX512F__)
    return _mm512_castpd_ps(_mm512_set1_pd(both));
#elif defined(__AVX2__) && defined(__FMA__)
    return _mm256_castpd_ps(_mm256_set1_pd(both));
#elif defined(__x86_64__)
    return _mm_castpd_ps(_mm_set1_pd(both));
#else
    return vreinterpretq_f32_f64(vdupq_n_f64(both));
#endif
}

// A tile whose row r is two rows: of A at a_offset[r] and the float behind, of C at c_offset[r] and `columns`
// floats behind.
template <int rows> void run_pairs(const Tile& tile, const Walk& walk, std::int64_t columns) {
    const Mask mask = tile.mask;
    const float* a[rows];
    Floats sum[rows];
#pragma GCC unroll 16
    for (int r = 0; r < rows; ++r) {
        const float* c = tile.c + tile.c_offset[r];
        a[r] = tile.a + tile.a_offset[r];
        sum[r] = tile.add ? shuffle(load(c, mask), load(c + columns, mask), Interleaved{}) : Floats{};
    }
    const float* b = tile.b;
    std::int64_t at = 0;
    const std::int64_t a_step = walk.a_step[0], b_step = walk.b_step[0];
    for (std::int64_t outer = walk.count[2]; outer > 0; --outer) {
        for (std::int64_t middle = walk.count[1]; middle > 0; --middle) {
            for (std::int64_t inner = walk.count[0]; inner > 0; --inner) {
                const Floats row = load(b, mask), column = shuffle(row, row, Doubled{});
#pragma GCC unroll 16
                for (int r = 0; r < rows; ++r)
                    sum[r] = multiply_add(broadcast_pair(a[r] + at), column, sum[r]);
                at += a_step;
                b += b_step;
            }
            at += walk.a_step[1];
            b += walk.b_step[1];
        }
        at += walk.a_step[2];
        b += walk.b_step[2];
    }
#pragma GCC unroll 16
    for (int r = 0; r < rows; ++r) {
        float* c = tile.c + tile.c_offset[r];
        store(c, shuffle(sum[r], sum[r], Even{}), mask);
        store(c + columns, shuffle(sum[r], sum[r], Odd{}), mask);
    }
}

struct PairTable {
    void (*function[most_pairs])(const Tile&, const Walk&, std::int64_t) = {};

    template <int rows> constexpr void fill() {
        function[rows - 1] = run_pairs<rows>;
        if constexpr (rows < most_pairs) fill<rows + 1>();
    }

    constexpr PairTable() {
        fill<1>();
    }  // behind fill, because Clang computes ahead only what it has read already
};

inline constexpr PairTable pair_table;

}  // namespace pippin::PIPPIN_ISA
