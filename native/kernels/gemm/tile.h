// The one loop that all heavy lines spend their time in: a tile of a few rows by a few vectors of columns,
//   C[row, column] = sum over k of A[row, k] * B[k, column],
// whose sums stay in registers while k runs. A value of A is broadcast, a row of B feeds the lanes. Where the
// values of A and B stand is told by a pointer per row and a walk, so that a window of an image serves as a
// row of A without being copied.
//
// Every element is one chain of multiply-adds in ascending k, whatever the tile: tiles of other sizes, on
// other instruction sets, or cut at other places give the same bits.
#pragma once
#include "parts.h"

namespace pippin::PIPPIN_ISA {

// The tiles that fill the registers without spilling: rows for 1, 2, 3 and 4 vectors. On Zen 5 all but the
// first reach 95-100 % of two multiply-adds a cycle; a single vector is bound by loads, at 80 %. With AVX2
// tiles of 6 by 2 and of 4 by 3 use the registers as well, but 256 terms of two vectors of B are half of a
// first-level cache: on Zen 3 the former are 5 % faster, more where another program shares the core.
#if defined(__AVX512F__)
constexpr int most_vectors = 4;
constexpr int most_rows_of[] = {8, 10, 8, 6};
#elif defined(__AVX2__) && defined(__FMA__)
constexpr int most_vectors = 2;
constexpr int most_rows_of[] = {8, 6};
#else
constexpr int most_vectors = 3;
constexpr int most_rows_of[] = {8, 6, 4};
#endif
constexpr int most_rows = 10;
constexpr int most_columns = most_vectors * lanes;

// The path of k through A and B: three nested loops, the first one innermost. A step is taken after each
// round of its loop, in floats, on top of the steps inside it.
struct Walk {
    std::int64_t count[3] = {1, 1, 1};
    std::int64_t a_step[3] = {};
    std::int64_t b_step[3] = {};

    // Sets the loop `level`, whose rounds start a_stride and b_stride apart. Inner loops are set first.
    PIPPIN_INLINE void loop(int level, std::int64_t rounds, std::int64_t a_stride, std::int64_t b_stride) {
        count[level] = rounds;
        a_step[level] = a_stride - travelled(a_step, level);
        b_step[level] = b_stride - travelled(b_step, level);
    }

    // Joins a loop with the next outer one where it runs once, or ends just where the next round of the outer
    // one starts. A long inner loop is faster than a short one run often.
    PIPPIN_INLINE void join() {
        for (int joined = 0; joined < 2 && (count[1] == 1 || (a_step[1] == 0 && b_step[1] == 0)); ++joined) {
            count[0] *= count[1];
            count[1] = count[2], a_step[1] += a_step[2], b_step[1] += b_step[2];
            count[2] = 1, a_step[2] = 0, b_step[2] = 0;
        }
    }

  private:
    // How far all rounds of the loops below `level` lead.
    PIPPIN_INLINE std::int64_t travelled(const std::int64_t* step, int level) const {
        std::int64_t distance = 0;
        for (int inner = 0; inner < level; ++inner) distance = count[inner] * (distance + step[inner]);
        return distance;
    }
};

struct Tile {
    const float* a;
    const std::int64_t* a_offset;  // how far behind a each row of A starts, in floats
    float* c;
    const std::int64_t* c_offset;  // how far behind c each row of the tile is written
    const float* b;
    Mask mask;  // the columns that exist in the last vector
    bool add;   // continue the sums that stand in c
};

using TileFunction = void (*)(const Tile&, const Walk&);

// `partial`: the last vector is masked.
template <int rows, int vectors, bool partial> void run_tile(const Tile& tile, const Walk& walk) {
    const Mask mask = tile.mask;
    const float* a[rows];
    Floats sum[rows][vectors];
    if (tile.add) {
#pragma GCC unroll 16
        for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
            for (int v = 0; v < vectors; ++v) {
                const float* from = tile.c + tile.c_offset[r] + v * lanes;
                sum[r][v] = partial && v == vectors - 1 ? load(from, mask) : load(from);
            }
        }
    } else {
#pragma GCC unroll 16
        for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
            for (int v = 0; v < vectors; ++v) sum[r][v] = Floats{};
        }
    }
#pragma GCC unroll 16
    for (int r = 0; r < rows; ++r) a[r] = tile.a + tile.a_offset[r];
    const float* b = tile.b;
    std::int64_t at = 0;
    const std::int64_t a_step = walk.a_step[0], b_step = walk.b_step[0];
    for (std::int64_t outer = walk.count[2]; outer > 0; --outer) {
        for (std::int64_t middle = walk.count[1]; middle > 0; --middle) {
// Counting and stepping are a fifth of the instructions of a small tile.
#pragma GCC unroll 4
            for (std::int64_t inner = walk.count[0]; inner > 0; --inner) {
                Floats column[vectors];
#pragma GCC unroll 4
                for (int v = 0; v < vectors; ++v)
                    column[v] = partial && v == vectors - 1 ? load(b + v * lanes, mask) : load(b + v * lanes);
#pragma GCC unroll 16
                for (int r = 0; r < rows; ++r) {
                    const Floats value = broadcast(a[r][at]);
#pragma GCC unroll 4
                    for (int v = 0; v < vectors; ++v) sum[r][v] = multiply_add(value, column[v], sum[r][v]);
                }
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
#pragma GCC unroll 4
        for (int v = 0; v < vectors; ++v) {
            float* to = tile.c + tile.c_offset[r] + v * lanes;
            if (partial && v == vectors - 1)
                store(to, sum[r][v], mask);
            else
                store(to, sum[r][v]);
        }
    }
}

// run_tile for every number of vectors, whole or partial, and every number of rows.
struct TileTable {
    TileFunction function[most_vectors][2][most_rows] = {};

    template <int rows, int vectors> constexpr void fill() {
        function[vectors - 1][0][rows - 1] = run_tile<rows, vectors, false>;
        function[vectors - 1][1][rows - 1] = run_tile<rows, vectors, true>;
        if constexpr (rows < most_rows_of[vectors - 1])
            fill<rows + 1, vectors>();
        else if constexpr (vectors < most_vectors)
            fill<1, vectors + 1>();
    }

    // Behind fill, because Clang computes ahead only what it has read already.
    constexpr TileTable() { fill<1, 1>(); }
};

inline constexpr TileTable tile_table;

// A few vectors of columns, and the tiles of that width.
struct Panel {
    std::int64_t first, columns;
    int vectors;
    Mask mask;
    const TileFunction* by_rows;

    PIPPIN_INLINE Panel(std::int64_t from, std::int64_t to)
        : first(from),
          columns(to - from),
          vectors(static_cast<int>(divide_up(columns, lanes))),
          mask(first_lanes(columns - (vectors - 1) * lanes)),
          by_rows(tile_table.function[vectors - 1][columns % lanes != 0]) {}
    PIPPIN_INLINE int most_rows() const { return most_rows_of[vectors - 1]; }
    PIPPIN_INLINE void run(std::int64_t rows, const Tile& tile, const Walk& walk) const {
        by_rows[rows - 1](tile, walk);
    }
};

// Cuts columns into panels of about the same number of vectors.
struct Panels {
    std::int64_t columns;
    Cut cut;
    PIPPIN_INLINE explicit Panels(std::int64_t n, int widest = most_vectors)
        : columns(n), cut(divide_up(n, lanes), widest) {}
    PIPPIN_INLINE std::int64_t count() const { return cut.pieces; }
    PIPPIN_INLINE Panel operator[](std::int64_t i) const {
        return Panel(cut.start(i) * lanes, at_most(cut.start(i + 1) * lanes, columns));
    }
};

}  // namespace pippin::PIPPIN_ISA
