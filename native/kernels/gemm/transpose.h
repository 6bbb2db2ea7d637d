// Transposes a matrix, a square of vectors at a time: for operands that are stored the other way round.
#pragma once
#include "parts.h"

namespace pippin::PIPPIN_ISA {

template <int... index> struct Pattern {};

// One vector out of two: lane i of the result is lane index[i] of a and b laid end to end.
template <int... index> PIPPIN_INLINE Floats shuffle(Floats a, Floats b, Pattern<index...>) {
    return __builtin_shufflevector(a, b, index...);
}

#if defined(__AVX512F__)
using Low = Pattern<0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29>;
using High = Pattern<2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31>;
using LowPairs = Pattern<0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29>;
using HighPairs = Pattern<2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31>;
using EvenQuads = Pattern<0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27>;
using OddQuads = Pattern<4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31>;
#elif defined(__AVX2__) && defined(__FMA__)
using Low = Pattern<0, 8, 1, 9, 4, 12, 5, 13>;
using High = Pattern<2, 10, 3, 11, 6, 14, 7, 15>;
using LowPairs = Pattern<0, 1, 8, 9, 4, 5, 12, 13>;
using HighPairs = Pattern<2, 3, 10, 11, 6, 7, 14, 15>;
using EvenQuads = Pattern<0, 1, 2, 3, 8, 9, 10, 11>;
using OddQuads = Pattern<4, 5, 6, 7, 12, 13, 14, 15>;
#else
using Low = Pattern<0, 4, 1, 5>;
using High = Pattern<2, 6, 3, 7>;
using LowPairs = Pattern<0, 1, 4, 5>;
using HighPairs = Pattern<2, 3, 6, 7>;
#endif

// Squares of four within the vectors of four rows: afterwards row i holds column i of each square.
PIPPIN_INLINE void transpose_quads(Floats* row) {
    const Floats low01 = shuffle(row[0], row[1], Low{}), high01 = shuffle(row[0], row[1], High{});
    const Floats low23 = shuffle(row[2], row[3], Low{}), high23 = shuffle(row[2], row[3], High{});
    row[0] = shuffle(low01, low23, LowPairs{});
    row[1] = shuffle(low01, low23, HighPairs{});
    row[2] = shuffle(high01, high23, LowPairs{});
    row[3] = shuffle(high01, high23, HighPairs{});
}

// A whole square of `lanes` vectors.
PIPPIN_INLINE void transpose_square(Floats* row) {
#pragma GCC unroll 4
    for (int quad = 0; quad < lanes; quad += 4) transpose_quads(row + quad);
#if defined(__AVX2__) && defined(__FMA__)
    // The quads of a column now stand in rows four apart: gather the even and the odd ones, once for two,
    // twice for four.
    Floats moved[lanes];
#pragma GCC unroll 4
    for (int round = 4; round < lanes; round *= 2) {
#pragma GCC unroll 16
        for (int i = 0; i < lanes / 2; ++i) {
            const int pair = i / 4 * 8 + i % 4;
            moved[i] = shuffle(row[pair], row[pair + 4], EvenQuads{});
            moved[i + lanes / 2] = shuffle(row[pair], row[pair + 4], OddQuads{});
        }
#pragma GCC unroll 16
        for (int i = 0; i < lanes; ++i) row[i] = moved[i];
    }
#endif
}

// to[column * to_row + row] = from[row * from_row + column], for a block of at most `lanes` rows and columns.
PIPPIN_INLINE void transpose_block(const float* from, std::int64_t from_row, float* to, std::int64_t to_row,
                                   std::int64_t rows, std::int64_t columns) {
    Floats row[lanes];
    if (rows == lanes && columns == lanes) {
#pragma GCC unroll 16
        for (int i = 0; i < lanes; ++i) row[i] = load(from + i * from_row);
        transpose_square(row);
#pragma GCC unroll 16
        for (int i = 0; i < lanes; ++i) store(to + i * to_row, row[i]);
        return;
    }
    const Mask across = first_lanes(columns), down = first_lanes(rows);
#pragma GCC unroll 16
    for (int i = 0; i < lanes; ++i) row[i] = i < rows ? load(from + i * from_row, across) : Floats{};
    transpose_square(row);
#pragma GCC unroll 16
    for (int i = 0; i < lanes; ++i)
        if (i < columns) store(to + i * to_row, row[i], down);
}

[[gnu::noinline]] inline void transpose(const float* from, std::int64_t from_row, float* to,
                                        std::int64_t to_row, std::int64_t rows, std::int64_t columns) {
    for (std::int64_t row = 0; row < rows; row += lanes)
        for (std::int64_t column = 0; column < columns; column += lanes)
            transpose_block(from + row * from_row + column, from_row, to + column * to_row + row, to_row,
                            at_most(rows - row, lanes), at_most(columns - column, lanes));
}

}  // namespace pippin::PIPPIN_ISA
