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
// A is copied where its rows, or the terms of a transposed A, lie so many floats apart.
constexpr std::int64_t far_apart = 256;
// Panels of a copied B have so many vectors: block_terms of four with AVX-512 are more than a first-level
// cache holds, and three are as fast at reading and better at turning A (on Sapphire Rapids by 6-10 %).
constexpr int packed_vectors = most_vectors < 3 ? most_vectors : 3;
// In tiles of so many rows, so many rows at a time: they fill an eighth of that cache.
constexpr std::int64_t tile_rows = most_rows_of[packed_vectors - 1];
constexpr std::int64_t copied_rows = 64 / tile_rows * tile_rows;
constexpr std::int64_t copied_floats = copied_rows * block_terms + lanes;
static_assert(tile_rows <= lanes);
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

// Copies rows of A tile by tile, and within a tile term by term, so that the product reads them from first to
// last. Read in place, the rows of a tile are as many streams, and share few lines of the first-level cache
// if they lie a multiple of 4 KiB apart. Whole vectors are written: the next term overwrites what is too
// much, and behind the last one `to` has room for it.
inline void copy_tiles(const float* a, std::int64_t a_row, std::int64_t a_term, std::int64_t rows,
                       std::int64_t terms, float* to) {
    for (std::int64_t row = 0; row < rows; row += tile_rows) {
        const float* from = a + row * a_row;
        const std::int64_t there = at_most(rows - row, tile_rows);
        if (a_row == 1) {
            const Mask mask = first_lanes(there);
            for (std::int64_t term = 0; term < terms; ++term, from += a_term, to += tile_rows)
                store(to, load(from, mask));
            continue;
        }
        for (std::int64_t term = 0; term < terms; term += lanes, from += lanes) {
            const std::int64_t width = at_most(terms - term, lanes);
            const Mask mask = first_lanes(width);
            Floats square[lanes] = {};
#pragma GCC unroll 16
            for (int i = 0; i < tile_rows; ++i)
                if (i < there) square[i] = load(from + i * a_row, mask);
            transpose_square(square);
#pragma GCC unroll 16
            for (int i = 0; i < lanes; ++i)
                if (i < width) store(to + i * tile_rows, square[i]);
            to += width * tile_rows;
        }
    }
}

// B in blocks of terms and columns, each laid out panel by panel as tiles read it.
struct Blocks {
    std::int64_t terms, columns, of_terms, of_columns;
    PIPPIN_INLINE Blocks(std::int64_t all_terms, std::int64_t all_columns)
        : terms(all_terms),
          columns(all_columns),
          of_terms(at_least(divide_up(all_terms, block_terms), 1)),
          of_columns(divide_up(all_columns, block_columns)) {}
    PIPPIN_INLINE std::int64_t count() const { return of_terms * of_columns; }
    PIPPIN_INLINE std::int64_t floats() const { return terms * whole_vectors(columns); }

    struct Place {
        std::int64_t term, terms, column, columns, floats_before;
    };
    // Those of one range of columns come one after the other.
    PIPPIN_INLINE Place operator[](std::int64_t number) const {
        const std::int64_t column = number / of_terms * block_columns, term = number % of_terms * block_terms;
        const std::int64_t width = at_most(columns - column, block_columns);
        return {term, at_most(terms - term, block_terms), column, width,
                column * terms + term * whole_vectors(width)};
    }
};

inline void pack_block(const Product& p, const float* b, const Blocks::Place& block, float* to) {
    b += p.b_transposed ? block.column * p.b_line + block.term : block.column + block.term * p.b_line;
    const Panels panels(block.columns, packed_vectors);
    for (std::int64_t i = 0; i < panels.count(); ++i)
        pack(b, p.b_line, p.b_transposed, panels[i], block.terms, to + panels[i].first * block.terms);
}

// A block of A and of B as tiles read it: the first row of A, the panel's first value of B, and the steps
// between terms.
struct Block {
    const float* a;
    std::int64_t a_row, a_term;
    const std::int64_t* a_offset;
    const float* b;
    std::int64_t b_term, terms;
    bool add, copied;  // continue the sums that stand in C; A lies in tiles
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
    const Cut cut = block.copied ? Cut::steps(rows, tile_rows) : Cut(rows, panel.most_rows());
    for (std::int64_t piece = 0, row = 0; piece < cut.pieces; ++piece) {
        const std::int64_t next = at_most(cut.start(piece + 1), rows);
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
                                 piece.b + panel.first,   p.b_line, p.terms,  false,    false};
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
                             p.terms, false, false};
        run_rows(p, panel, block, piece.rows, piece.c);
        done(panel.first, panel.first + panel.columns);
    }
}

// B is copied in blocks of terms and columns, here or before (then `packed` holds all of them); the blocks of
// terms add up in C. `copied` has room for copied_floats.
template <class Done>
PIPPIN_INLINE void multiply_packed(const Product& p, const Piece& piece, float* packed, bool packed_before,
                                   float* copied, Done done) {
    const bool copies = at_least(p.a_row, p.a_term) >= far_apart;
    const Offsets in_tile(1);
    const Cut cut = Cut::steps(piece.rows, copied_rows);
    const Blocks blocks(p.terms, piece.columns);
    for (std::int64_t number = 0; number < blocks.count(); ++number) {
        const Blocks::Place place = blocks[number];
        float* const here = packed_before ? packed + place.floats_before : packed;
        if (!packed_before) pack_block(p, piece.b, place, here);
        const Panels panels(place.columns, packed_vectors);
        const bool add = place.term > 0;
        for (std::int64_t part = 0; part < cut.pieces; ++part) {
            const std::int64_t row = cut.start(part), next = at_most(cut.start(part + 1), piece.rows);
            const float* a = piece.a + row * p.a_row + place.term * p.a_term;
            Block block = {a, p.a_row, p.a_term, p.a_offset.of_row, nullptr, 0, place.terms, add, false};
            if (copies) {
                copy_tiles(a, p.a_row, p.a_term, next - row, place.terms, copied);
                block = {copied,      place.terms, tile_rows,    in_tile.of_row, nullptr, 0,
                         place.terms, add,         true};
            }
            for (std::int64_t i = 0; i < panels.count(); ++i) {
                const Panel panel = panels[i];
                block.b = here + panel.first * place.terms;
                block.b_term = panel.vectors * lanes;
                run_rows(p, panel, block, next - row, piece.c + row * p.c_line + place.column);
            }
            if (number + 1 == blocks.count()) done(row, next);
        }
    }
}

}  // namespace pippin::PIPPIN_ISA
