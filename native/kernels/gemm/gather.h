// Convolution as a product of matrices whose rows are windows of pictures, read where they lie. Every pixel of the result
// gathers from taps: in the forward pass from its window of the image, in the gradient for the image from the windows that
// saw it. Not for the gradient of the kernel, whose sums run over the pixels.
#pragma once
#include "convolution.h"
#include "product.h"
#include "strip.h"

namespace pippin::PIPPIN_ISA {

// The taps of a kernel, along one axis, that reach a pixel.
struct Taps {
    std::int64_t first, count, step;  // in the kernel
    std::int64_t source, along;       // where in the picture's view the first one reads, and how far on each next one does
};

// Pixels that share their taps: all of them or, in the gradient of a convolution with strides, every n-th along an axis.
struct Phase {
    Taps y, x;
    std::int64_t row, column;  // the first pixel, in the result
    std::int64_t rows, columns;
};

struct Gathering {
    Picture picture;
    Strips strips;
    std::int64_t kernel_height, kernel_width, depth;  // depth: the channels of the picture, which are summed over
    std::int64_t height, width, channels;             // of the result
    std::int64_t row_step, column_step;               // from pixel to pixel of a phase, in the result
    std::int64_t source_row, source_column;           // and in the picture

    PIPPIN_INLINE std::int64_t terms() const { return kernel_height * kernel_width * depth; }
    PIPPIN_INLINE std::int64_t image() const { return height * width * channels; }
    PIPPIN_INLINE std::int64_t strip_pixels() const {
        return strips.images_at_once * strips.rows_at_once * strips.columns;
    }
    PIPPIN_INLINE std::int64_t pixels(const Phase& phase, const Strip& strip) const {
        return strip.images * at_least(at_most(phase.rows - strip.row, strip.rows), 0) * phase.columns;
    }
    // The first pixel of the result behind the first `images` images and `rows` rows of pixels.
    PIPPIN_INLINE std::int64_t first_pixel(std::int64_t images, std::int64_t rows) const {
        return (images * height + at_most(rows * row_step, height)) * width;
    }

    // The path through the taps of a phase, where terms of the kernel are `b_term` floats apart.
    PIPPIN_INLINE Walk walk(const Phase& phase, std::int64_t b_term) const {
        Walk walk;
        walk.loop(0, depth, 1, b_term);
        walk.loop(1, phase.x.count, phase.x.along * depth, phase.x.step * depth * b_term);
        walk.loop(2, phase.y.count, phase.y.along * picture.line(), phase.y.step * kernel_width * depth * b_term);
        walk.join();
        return walk;
    }
    PIPPIN_INLINE std::int64_t first_term(const Phase& phase) const {
        return (phase.y.first * kernel_width + phase.x.first) * depth;
    }
};

// Where the pixels of a phase in a full strip read and are written. A shorter strip uses the start of the tables.
struct Tables {
    std::int64_t* source;
    std::int64_t* result;

    void fill(const Gathering& g, const Phase& phase) const {
        std::int64_t at = 0;
        for (std::int64_t image = 0; image < g.strips.images_at_once; ++image)
            for (std::int64_t row = 0; row < at_most(g.strips.rows_at_once, phase.rows); ++row) {
                const std::int64_t from = image * g.picture.image() + phase.x.source * g.depth +
                                          (phase.y.source + row * g.source_row) * g.picture.line();
                const std::int64_t to = image * g.image() +
                                        ((phase.row + row * g.row_step) * g.width + phase.column) * g.channels;
                for (std::int64_t column = 0; column < phase.columns; ++column) {
                    source[at + column] = from + column * g.source_column * g.depth;
                    result[at + column] = to + column * g.column_step * g.channels;
                }
                at += phase.columns;
            }
    }
};

// The tiles of pixels [from, to) of a phase, within one panel of channels.
PIPPIN_INLINE void gather(const Panel& panel, const Walk& walk, const Tables& tables, const float* picture, const float* kernel,
                          float* result, std::int64_t from, std::int64_t to) {
    Tile tile;
    tile.a = picture;
    tile.b = kernel;
    tile.c = result + panel.first;
    tile.mask = panel.mask;
    tile.add = false;
    const Cut cut(to - from, panel.most_rows());
    for (std::int64_t piece = 0, pixel = from; pixel < to; ++piece) {
        const std::int64_t next = from + cut.start(piece + 1);
        tile.a_offset = tables.source + pixel;
        tile.c_offset = tables.result + pixel;
        panel.run(next - pixel, tile, walk);
        pixel = next;
    }
}

}  // namespace pippin::PIPPIN_ISA
