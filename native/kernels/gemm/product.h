// A whole product of two matrices from tiles: C[row, column] = sum over k of A[row, k] * B[k, column].
// Cuts C into tiles, and keeps in the caches what the tiles share. Not for convolution, which walks through images itself.
#pragma once
#include "tile.h"
#include "transpose.h"

namespace pippin::PIPPIN_ISA {

// A is read in place, whatever its steps; its values are broadcast. B feeds the lanes: it is read in place if its columns lie
// side by side and it is small enough for the caches, otherwise it is copied, block by block, in the order tiles read it.
struct Product {
    std::int64_t rows, columns, terms;
    const float* a;
    std::int64_t a_row, a_term;  // how far, in floats, the next row and the next term of A are
    const float* b;
    std::int64_t b_line;         // how far the next term of B is, or the next column if B is transposed
    bool b_transposed;
    float* c;
    std::int64_t c_line;         // how far the next row of C is, or the next column if C is transposed
    bool c_transposed;
};

// Blocks of B: this many terms by this many columns fill half of a second-level cache of 512 KiB.
constexpr std::int64_t block_terms = 256;
constexpr std::int64_t block_columns = 256;
// Rows between two announcements hold about this many floats, few enough to be still in the first-level cache.
constexpr std::int64_t announced_floats = 4096;

PIPPIN_INLINE std::int64_t whole_vectors(std::int64_t columns) {
    return divide_up(columns, lanes) * lanes;
}

// Copies terms [0, terms) of a panel of B to `to`, whole vectors wide; columns that do not exist are never read there.
inline void pack(const Product& p, const Panel& panel, std::int64_t first_term, std::int64_t terms, float* to) {
    const std::int64_t width = panel.vectors * lanes;
    if (p.b_transposed) {
        transpose(p.b + panel.first * p.b_line + first_term, p.b_line, to, width, panel.columns, terms);
        return;
    }
    const float* from = p.b + first_term * p.b_line + panel.first;
    for (std::int64_t term = 0; term < terms; ++term, from += p.b_line, to += width) {
        int v = 0;
        for (; v < panel.vectors - 1; ++v) store(to + v * lanes, load(from + v * lanes));
        store(to + v * lanes, load(from + v * lanes, panel.mask));
    }
}

// How far behind the first of a tile's rows each of them stands.
struct Offsets {
    std::int64_t of_row[most_rows];
    PIPPIN_INLINE Offsets(std::int64_t rows, std::int64_t line) {
        for (std::int64_t row = 0, offset = 0; row < at_most(rows, most_rows); ++row, offset += line) of_row[row] = offset;
    }
};

// The tiles of rows [from, to) within one panel. `b` is where the panel's first term stands, `b_step` how far the next is.
PIPPIN_INLINE void run_rows(const Product& p, const Panel& panel, std::int64_t from, std::int64_t to, std::int64_t first_term,
                            std::int64_t terms, const float* b, std::int64_t b_step) {
    alignas(64) float turned[most_rows * most_columns];
    const std::int64_t width = panel.vectors * lanes;
    const Offsets a_offset(to - from, p.a_row), c_offset(to - from, p.c_transposed ? width : p.c_line);
    Walk walk;
    walk.loop(0, terms, p.a_term, b_step);
    Tile tile;
    tile.a_offset = a_offset.of_row;
    tile.c_offset = c_offset.of_row;
    tile.b = b;
    tile.mask = panel.mask;
    tile.add = first_term > 0;
    const Cut cut(to - from, panel.most_rows());
    for (std::int64_t piece = 0, row = from; piece < cut.pieces; ++piece) {
        const std::int64_t next = from + cut.start(piece + 1);
        tile.a = p.a + row * p.a_row + first_term * p.a_term;
        tile.c = p.c_transposed ? turned : p.c + row * p.c_line + panel.first;
        panel.run(next - row, tile, walk);
        if (p.c_transposed)
            transpose(turned, width, p.c + panel.first * p.c_line + row, p.c_line, next - row, panel.columns);
        row = next;
    }
}

// Straight from B as it lies. Calls done(first, last) for rows of C, which are columns here if C is transposed.
template <class Done>
PIPPIN_INLINE void multiply_in_place(const Product& p, Done done) {
    const Panels panels(p.columns);
    if (p.c_transposed) {
        for (std::int64_t i = 0; i < panels.count(); ++i) {
            const Panel panel = panels[i];
            run_rows(p, panel, 0, p.rows, 0, p.terms, p.b + panel.first, p.b_line);
            done(panel.first, panel.first + panel.columns);
        }
        return;
    }
    const Cut blocks(p.rows, at_least(announced_floats / p.columns, most_rows));
    for (std::int64_t block = 0; block < blocks.pieces; ++block) {
        const std::int64_t from = blocks.start(block), to = blocks.start(block + 1);
        for (std::int64_t i = 0; i < panels.count(); ++i) {
            const Panel panel = panels[i];
            run_rows(p, panel, from, to, 0, p.terms, p.b + panel.first, p.b_line);
        }
        done(from, to);
    }
}

// Through copies of B. A transposed C takes all terms at once, a panel at a time; otherwise blocks of terms add up in C.
template <class Done>
PIPPIN_INLINE void multiply_packed(const Product& p, float* packed, Done done) {
    if (p.c_transposed) {
        const Panels panels(p.columns);
        for (std::int64_t i = 0; i < panels.count(); ++i) {
            const Panel panel = panels[i];
            pack(p, panel, 0, p.terms, packed);
            run_rows(p, panel, 0, p.rows, 0, p.terms, packed, panel.vectors * lanes);
            done(panel.first, panel.first + panel.columns);
        }
        return;
    }
    const Cut blocks(p.rows, at_least(announced_floats / p.columns, 4 * most_rows));
    for (std::int64_t column = 0; column < p.columns; column += block_columns) {
        const std::int64_t columns = at_most(p.columns - column, block_columns);
        const bool last_columns = column + columns == p.columns;
        const Panels panels(columns);
        Product block = p;
        block.b += column * (p.b_transposed ? p.b_line : 1);
        block.c += column;
        std::int64_t term = 0;
        do {
            const std::int64_t terms = at_most(p.terms - term, block_terms);
            for (std::int64_t i = 0; i < panels.count(); ++i)
                pack(block, panels[i], term, terms, packed + panels[i].first * terms);
            for (std::int64_t part = 0; part < blocks.pieces; ++part) {
                const std::int64_t from = blocks.start(part), to = blocks.start(part + 1);
                for (std::int64_t i = 0; i < panels.count(); ++i) {
                    const Panel panel = panels[i];
                    run_rows(block, panel, from, to, term, terms, packed + panel.first * terms, panel.vectors * lanes);
                }
                if (last_columns && term + terms == p.terms) done(from, to);
            }
            term += terms;
        } while (term < p.terms);
    }
}

}  // namespace pippin::PIPPIN_ISA
