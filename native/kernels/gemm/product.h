// A whole product of two matrices from tiles: C[row, column] = sum over k of A[row, k] * B[k, column].
// Cuts C into tiles, and keeps in the caches what the tiles share. Not for convolution, which walks through
// images itself.
#pragma once
#include "tile.h"
#include "transpose.h"

namespace pippin::PIPPIN_ISA {

// How far behind the first of a tile's rows each of them stands.
struct Offsets {
    std::int64_t of_row[most_rows];
    PIPPIN_INLINE explicit Offsets(std::int64_t line = 0) {
        for (std::int64_t row = 0; row < most_rows; ++row) of_row[row] = row * line;
    }
};

// What stays the same for all pieces of a product. A is read in place, whatever its steps; its values are
// broadcast. B feeds the lanes: it is read in place if its columns lie side by side and it is small enough
// for the caches, otherwise it is copied, block by block, in the order tiles read it.
struct Product {
    std::int64_t terms;          // how many k there are
    std::int64_t a_row, a_term;  // how far, in floats, the next row and the next term of A are
    std::int64_t b_line;         // how far the next term of B is, or the next column if B is transposed
    bool b_transposed;
    std::int64_t c_line;  // how far the next row of C is, or the next column if C is transposed
    bool c_transposed;
    Offsets a_offset{a_row}, c_offset{c_transposed ? most_columns : c_line};
};

struct Piece {
    std::int64_t rows, columns;
    const float* a;
    const float* b;
    float* c;
};

// Blocks of B: this many terms by this many columns fill half of a second-level cache of 512 KiB.
constexpr std::int64_t block_terms = 256;
constexpr std::int64_t block_columns = 256;
// Rows of a transposed A that are copied at a time, if its terms are so far apart that they fall on few lines
// of the cache.
constexpr std::int64_t copied_rows = 64;
constexpr std::int64_t far_terms = 256;
// Rows between two announcements hold about this many floats, few enough to be still in the first-level
// cache.
constexpr std::int64_t announced_floats = 4096;

PIPPIN_INLINE std::int64_t whole_vectors(std::int64_t columns) {
    return divide_up(columns, lanes) * lanes;
}

// Rows of so few floats that all of them can be announced at once need no cutting, and no division.
PIPPIN_INLINE Cut announced_rows(const Piece& piece) {
    if (piece.rows * piece.columns <= announced_floats) return Cut(piece.rows, piece.rows);
    return Cut(piece.rows, at_least(announced_floats / piece.columns, most_rows));
}

// Copies a panel of B, `terms` of it, to `to`, whole vectors wide; columns that do not exist are never read
// there.
inline void pack(const float* b, std::int64_t b_line, bool b_transposed, const Panel& panel,
                 std::int64_t terms, float* to) {
    const std::int64_t width = panel.vectors * lanes;
    if (b_transposed) {
        transpose(b + panel.first * b_line, b_line, to, width, panel.columns, terms);
        return;
    }
    const float* from = b + panel.first;
    for (std::int64_t term = 0; term < terms; ++term, from += b_line, to += width) {
        int v = 0;
        for (; v < panel.vectors - 1; ++v) store(to + v * lanes, load(from + v * lanes));
        store(to + v * lanes, load(from + v * lanes, panel.mask));
    }
}

// Whether multiply_packed copies A, and how much memory it needs for copies.
PIPPIN_INLINE bool copies_a(const Product& p) {
    return p.a_row == 1 && p.a_term >= far_terms;
}
PIPPIN_INLINE std::int64_t packed_floats(const Product& p, std::int64_t columns) {
    const std::int64_t terms = at_most(p.terms, block_terms);
    return terms * (whole_vectors(at_most(columns, block_columns)) + (copies_a(p) ? copied_rows : 0));
}

// Copies `rows` rows of a transposed A, term by term. The copy's terms are copied_rows apart.
inline void copy_a(const float* a, std::int64_t a_term, std::int64_t rows, std::int64_t terms, float* to) {
    for (std::int64_t term = 0; term < terms; ++term, a += a_term, to += copied_rows)
        for (std::int64_t row = 0; row < rows; row += lanes) {
            const Mask mask = first_lanes(rows - row);
            store(to + row, load(a + row, mask), mask);
        }
}

// A block of A and of B as tiles read it: the first row of A, the panel's first value of B, and the steps
// between terms.
struct Block {
    const float* a;
    std::int64_t a_row, a_term;
    const std::int64_t* a_offset;
    const float* b;
    std::int64_t b_term, terms;
    bool add;
};

// The tiles of rows [from, to) within one panel.
PIPPIN_INLINE void run_rows(const Product& p, const Panel& panel, const Block& block, std::int64_t rows,
                            float* c) {
    alignas(64) float turned[most_rows * most_columns];
    Walk walk;
    walk.loop(0, block.terms, block.a_term, block.b_term);
    Tile tile;
    tile.a_offset = block.a_offset;
    tile.c_offset = p.c_offset.of_row;
    tile.b = block.b;
    tile.mask = panel.mask;
    tile.add = block.add;
    const Cut cut(rows, panel.most_rows());
    for (std::int64_t piece = 0, row = 0; piece < cut.pieces; ++piece) {
        const std::int64_t next = cut.start(piece + 1);
        tile.a = block.a + row * block.a_row;
        tile.c = p.c_transposed ? turned : c + row * p.c_line + panel.first;
        panel.run(next - row, tile, walk);
        if (p.c_transposed)
            transpose(turned, most_columns, c + panel.first * p.c_line + row, p.c_line, next - row,
                      panel.columns);
        row = next;
    }
}

// Straight from B as it lies. Calls done(first, last) for rows of C, which are columns here if C is
// transposed.
template <class Done> PIPPIN_INLINE void multiply_in_place(const Product& p, const Piece& piece, Done done) {
    const Panels panels(piece.columns);
    const Cut cut = p.c_transposed ? Cut(piece.rows, piece.rows) : announced_rows(piece);
    for (std::int64_t part = 0, row = 0; part < cut.pieces; ++part) {
        const std::int64_t next = cut.start(part + 1);
        for (std::int64_t i = 0; i < panels.count(); ++i) {
            const Panel panel = panels[i];
            const Block block = {piece.a + row * p.a_row, p.a_row,  p.a_term, p.a_offset.of_row,
                                 piece.b + panel.first,   p.b_line, p.terms,  false};
            run_rows(p, panel, block, next - row, piece.c + row * p.c_line);
            if (p.c_transposed) done(panel.first, panel.first + panel.columns);
        }
        if (!p.c_transposed) done(row, next);
        row = next;
    }
}

// C is transposed, and B is copied a panel at a time, with all its terms.
template <class Done>
PIPPIN_INLINE void multiply_turned(const Product& p, const Piece& piece, float* packed, Done done) {
    const Panels panels(piece.columns);
    for (std::int64_t i = 0; i < panels.count(); ++i) {
        const Panel panel = panels[i];
        pack(piece.b, p.b_line, p.b_transposed, panel, p.terms, packed);
        const Block block = {piece.a, p.a_row, p.a_term, p.a_offset.of_row, packed, panel.vectors * lanes,
                             p.terms, false};
        run_rows(p, panel, block, piece.rows, piece.c);
        done(panel.first, panel.first + panel.columns);
    }
}

// B is copied in blocks of terms and columns; the blocks of terms add up in C.
template <class Done>
PIPPIN_INLINE void multiply_packed(const Product& p, const Piece& piece, float* packed, Done done) {
    const bool copies = copies_a(p);
    float* copied = packed + packed_floats(p, piece.columns) - at_most(p.terms, block_terms) * copied_rows;
    const Offsets side_by_side(1);
    const Cut cut(piece.rows,
                  at_most(at_least(announced_floats / piece.columns, 4 * most_rows), copied_rows));
    for (std::int64_t column = 0; column < piece.columns; column += block_columns) {
        const std::int64_t columns = at_most(piece.columns - column, block_columns);
        const Panels panels(columns);
        std::int64_t term = 0;
        do {
            const std::int64_t terms = at_most(p.terms - term, block_terms);
            const float* b = piece.b + (p.b_transposed ? column * p.b_line + term : column + term * p.b_line);
            for (std::int64_t i = 0; i < panels.count(); ++i)
                pack(b, p.b_line, p.b_transposed, panels[i], terms, packed + panels[i].first * terms);
            for (std::int64_t part = 0; part < cut.pieces; ++part) {
                const std::int64_t row = cut.start(part), next = cut.start(part + 1);
                const float* a = piece.a + row * p.a_row + term * p.a_term;
                Block block = {a, p.a_row, p.a_term, p.a_offset.of_row, nullptr, 0, terms, term > 0};
                if (copies) {
                    copy_a(a, p.a_term, next - row, terms, copied);
                    block = {copied, 1, copied_rows, side_by_side.of_row, nullptr, 0, terms, term > 0};
                }
                for (std::int64_t i = 0; i < panels.count(); ++i) {
                    const Panel panel = panels[i];
                    block.b = packed + panel.first * terms;
                    block.b_term = panel.vectors * lanes;
                    run_rows(p, panel, block, next - row, piece.c + row * p.c_line + column);
                }
                if (column + columns == piece.columns && term + terms == p.terms) done(row, next);
            }
            term += terms;
        } while (term < p.terms);
    }
}

}  // namespace pippin::PIPPIN_ISA
