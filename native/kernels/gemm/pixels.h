// Tiles for pictures of one channel and few filters: pixels side by side feed the lanes, and a value of the kernel is
// broadcast, so that no lane is left empty. The sums and their order are those of tile.h, so the bits are, too.
#pragma once
#include "tile.h"
#include "transpose.h"

namespace pippin::PIPPIN_ISA {

constexpr int vectors_of_pixels = 2;   // at once, from anywhere
constexpr int most_filters_at_once = 6;  // as many sums as registers hold

// A square holds the pixels of a vector: row f the sums of filter f.
using Square = Floats[lanes];

// Of `filters` filters that stand side by side at b.
template <int filters>
void run_pixels(const float* const* pixels, const Walk& walk, const float* b, Floats* first, Floats* second) {
    const float *left = pixels[0], *right = pixels[1];
    Floats sum[filters][vectors_of_pixels] = {};
    std::int64_t at = 0;
    const std::int64_t a_step = walk.a_step[0], b_step = walk.b_step[0];
    for (std::int64_t outer = walk.count[2]; outer > 0; --outer) {
        for (std::int64_t middle = walk.count[1]; middle > 0; --middle) {
            for (std::int64_t inner = walk.count[0]; inner > 0; --inner) {
                const Floats a = load(left + at), other = load(right + at);
#pragma GCC unroll 8
                for (int f = 0; f < filters; ++f) {
                    const Floats weight = broadcast(b[f]);
                    sum[f][0] = multiply_add(a, weight, sum[f][0]);
                    sum[f][1] = multiply_add(other, weight, sum[f][1]);
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
#pragma GCC unroll 8
    for (int f = 0; f < filters; ++f) {
        first[f] = sum[f][0];
        second[f] = sum[f][1];
    }
}

struct PixelTable {
    void (*function[most_filters_at_once])(const float* const*, const Walk&, const float*, Floats*, Floats*) = {};

    template <int filters> constexpr void fill() {
        function[filters - 1] = run_pixels<filters>;
        if constexpr (filters < most_filters_at_once) fill<filters + 1>();
    }

    constexpr PixelTable() {
        fill<1>();
    }  // behind fill, because Clang computes ahead only what it has read already
};

inline constexpr PixelTable pixel_table;

// Writes a vector of pixels, `filters` floats each. For every pixel but the last ones a whole vector is written; what is
// too much of it, the next pixels write anew.
PIPPIN_INLINE void write_pixels(Floats* square, std::int64_t filters, Mask mask, float* to) {
    transpose_square(square);
#pragma GCC unroll 16
    for (int pixel = 0; pixel < lanes; ++pixel) {
        if ((lanes - pixel) * filters >= lanes)
            store(to + pixel * filters, square[pixel]);
        else
            store(to + pixel * filters, square[pixel], mask);
    }
}

// Two vectors of pixels, whose first taps are read at `pixels`, and whose results go where `to` says. Fewer filters than
// lanes.
PIPPIN_INLINE void run_square(const float* const* pixels, const Walk& walk, const float* b, std::int64_t filters,
                              Mask mask, float* const* to) {
    Square square[vectors_of_pixels];
    for (std::int64_t none = filters; none < lanes; ++none) square[0][none] = square[1][none] = Floats{};
    const Cut cut(filters, most_filters_at_once);
    for (std::int64_t piece = 0; piece < cut.pieces; ++piece) {
        const std::int64_t filter = cut.start(piece);
        pixel_table.function[cut.start(piece + 1) - filter - 1](pixels, walk, b + filter, square[0] + filter,
                                                                square[1] + filter);
    }
    for (int vector = 0; vector < vectors_of_pixels; ++vector)
        write_pixels(square[vector], filters, mask, to[vector]);
}

}  // namespace pippin::PIPPIN_ISA
