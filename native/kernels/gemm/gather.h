// A convolution whose every pixel gathers its window: a product of matrices whose rows are windows, read
// where they lie in the picture. Serves the forward pass and, walking backwards through dy, the gradient for
// images of strides 1.
#pragma once
#include "convolution.h"
#include "pixels.h"
#include "product.h"
#include "strip.h"

namespace pippin::PIPPIN_ISA {

struct Gathering {
    Picture picture;
    Strips strips;
    std::int64_t kernel_height, kernel_width;
    std::int64_t depth;                    // the channels of the picture, which are summed over
    std::int64_t channels;                 // of the result
    std::int64_t row_step, column_step;    // in the picture, from pixel to pixel of the result
    std::int64_t row_along, column_along;  // in the picture, from tap to tap of the kernel
    std::int64_t first_row,
        first_column;  // in the view of a strip, what the first tap of the first pixel reads

    PIPPIN_INLINE std::int64_t terms() const { return kernel_height * kernel_width * depth; }
    PIPPIN_INLINE std::int64_t strip_pixels() const {
        return strips.images_at_once * strips.rows_at_once * strips.columns;
    }

    // The path through a window and, `b_term` floats from term to term, through the kernel.
    PIPPIN_INLINE Walk walk(std::int64_t b_term) const {
        Walk walk;
        walk.loop(0, depth, 1, b_term);
        walk.loop(1, kernel_width, column_along * depth, depth * b_term);
        walk.loop(2, kernel_height, row_along * picture.line(), kernel_width * depth * b_term);
        walk.join();
        return walk;
    }

    // Pixels side by side read side by side, if there is one channel and no stride: then they may feed the lanes.
    PIPPIN_INLINE bool pixels_feed_lanes() const {
        return depth == 1 && column_step == 1 && channels < lanes && strips.columns >= lanes;
    }
    // Those of a row; the last one may begin among the pixels of the one before.
    PIPPIN_INLINE std::int64_t vectors_of_row() const { return divide_up(strips.columns, lanes); }
    PIPPIN_INLINE std::int64_t start_of_vector(std::int64_t vector) const {
        return at_most(vector * lanes, strips.columns - lanes);
    }

    // Where in the view of a full strip each pixel reads its first tap. A shorter strip uses the start of the table.
    void fill(std::int64_t* table) const {
        for (std::int64_t image = 0; image < strips.images_at_once; ++image)
            for (std::int64_t row = 0; row < strips.rows_at_once; ++row, table += strips.columns) {
                const std::int64_t from = image * picture.image() +
                                          (first_row + row * row_step) * picture.line() +
                                          first_column * depth;
                for (std::int64_t column = 0; column < strips.columns; ++column)
                    table[column] = from + column * column_step * depth;
            }
    }
};

// Whole rows of a strip, pixels [from, to), whose pixels feed the lanes.
PIPPIN_INLINE void gather_rows(const Gathering& g, const Panel& panel, const std::int64_t* table,
                               const float* view, const float* b, std::int64_t b_term, float* result,
                               std::int64_t from, std::int64_t to) {
    const Walk walk = g.walk(b_term);
    const float* pixels[vectors_of_pixels];
    float* written[vectors_of_pixels];
    int waiting = 0;
    for (std::int64_t row = from; row < to; row += g.strips.columns)
        for (std::int64_t vector = 0; vector < g.vectors_of_row(); ++vector) {
            const std::int64_t pixel = row + g.start_of_vector(vector);
            const bool is_last = row + g.strips.columns >= to && vector + 1 == g.vectors_of_row();
            do {
                pixels[waiting] = view + table[pixel];
                written[waiting++] = result + pixel * g.channels;
            } while (is_last && waiting < vectors_of_pixels);
            if (waiting < vectors_of_pixels) continue;
            run_square(pixels, walk, b, g.channels, panel.mask, written);
            waiting = 0;
        }
}

// The tiles of pixels [from, to) of a strip within one panel of channels.
PIPPIN_INLINE void gather(const Gathering& g, const Panel& panel, const std::int64_t* table, const float* view,
                          const float* b, std::int64_t b_term, float* result, std::int64_t from,
                          std::int64_t to) {
    const Walk walk = g.walk(b_term);
    const Offsets written(g.channels);
    Tile tile;
    tile.a = view;
    tile.b = b;
    tile.c_offset = written.of_row;
    tile.mask = panel.mask;
    tile.add = false;
    const Cut cut(to - from, panel.most_rows());
    for (std::int64_t piece = 0, pixel = from; pixel < to; ++piece) {
        const std::int64_t next = from + cut.start(piece + 1);
        tile.a_offset = table + pixel;
        tile.c = result + pixel * g.channels + panel.first;
        panel.run(next - pixel, tile, walk);
        pixel = next;
    }
}

// How the kernel reaches the tiles: where it lies, copied whole, or copied a panel of channels at a time.
enum class Copy { none, whole, panels };

constexpr std::int64_t most_copied_whole = 64 * 1024;  // floats: a quarter of a second-level cache of 1 MiB
constexpr std::int64_t most_read_in_place = 128 * 1024;
constexpr std::int64_t most_strip_floats = 32 * 1024;

struct GatherPlan {
    Convolution sizes;
    bool is_gradient;
    Copy copy;
    std::int64_t parts;
    Gathering g;

    GatherPlan(const Convolution& convolution, bool gradient)
        : sizes(convolution),
          is_gradient(gradient),
          copy(choose_copy()),
          parts(wanted_parts()),
          g(gradient ? backward() : forward()) {
        g.picture.rows_at_once = g.strips.rows_at_once;
        g.picture.choose_border(g.strips.rows);
        parts = at_least(at_most(parts, g.strips.count), 1);
    }

    PIPPIN_INLINE std::int64_t packed_floats() const {
        const std::int64_t columns = whole_vectors(is_gradient ? sizes.channels : sizes.filters);
        const std::int64_t terms =
            sizes.terms() / at_least(sizes.channels, 1) * (is_gradient ? sizes.filters : sizes.channels);
        return copy == Copy::none ? 0
                                  : terms * (copy == Copy::whole ? columns : at_most(columns, most_columns));
    }

    // Copies the panel's columns of the kernel. Terms of the gradient are (tap, filter), and the channels
    // feed the lanes.
    void pack_panel(const float* kernel, const Panel& panel, float* to) const {
        const std::int64_t width = panel.vectors * lanes, taps = sizes.y.kernel * sizes.x.kernel;
        if (!is_gradient) return pack(kernel, sizes.filters, false, panel, g.terms(), to);
        for (std::int64_t tap = 0; tap < taps; ++tap)
            pack(kernel + tap * sizes.channels * sizes.filters, sizes.filters, true, panel, sizes.filters,
                 to + tap * sizes.filters * width);
    }

  private:
    Copy choose_copy() const {
        const std::int64_t floats = sizes.terms() * sizes.filters;
        if (!is_gradient && floats <= most_read_in_place) return Copy::none;
        return floats <= most_copied_whole ? Copy::whole : Copy::panels;
    }
    std::int64_t wanted_parts() const {
        if (copy == Copy::none) return parts_for(sizes.operations(), divide_up(sizes.pixels(), 16));
        return affordable_parts(parts_that_copy(sizes, divide_up(sizes.pixels(), 128)), packed_floats());
    }
    // A strip is copied with its border: it should stay in the second-level cache, and every part has one.
    Strips strips(std::int64_t rows, std::int64_t columns) const {
        const std::int64_t depth = is_gradient ? sizes.filters : sizes.channels;
        const std::int64_t most = at_most(1024, most_strip_floats / at_least(depth, 1));
        return Strips(sizes.batch, rows, columns,
                      at_least(at_most(sizes.batch * rows * columns / parts, most), 64));
    }
    Gathering forward() const {
        const auto& [batch, channels, filters, y, x] = sizes;
        const Picture picture = {y.image,   x.image,   channels,  y.stride,
                                 -y.before, y.reach(), -x.before, (x.out - 1) * x.stride + x.reach(),
                                 0,         false};
        return {picture,  strips(y.out, x.out), y.kernel,   x.kernel, channels, filters, y.stride,
                x.stride, y.dilation,           x.dilation, 0,        0};
    }
    // A pixel was the first tap of the window `before` further on, and each next tap of one `dilation`
    // further back.
    Gathering backward() const {
        const auto& [batch, channels, filters, y, x] = sizes;
        const Picture picture = {y.out,
                                 x.out,
                                 filters,
                                 1,
                                 y.before + 1 - y.reach(),
                                 y.reach(),
                                 x.before + 1 - x.reach(),
                                 x.image - 1 + x.reach(),
                                 0,
                                 false};
        return {picture,
                strips(y.image, x.image),
                y.kernel,
                x.kernel,
                filters,
                channels,
                1,
                1,
                -y.dilation,
                -x.dilation,
                y.reach() - 1,
                x.reach() - 1};
    }
};

// The scratch memory of one part.
struct GatherMemory {
    std::int64_t* table;
    float *buffer, *packed;

    GatherMemory(const GatherPlan& plan, Scratch& scratch)
        : table(scratch.take<std::int64_t>(plan.g.strip_pixels())),
          buffer(scratch.take<float>(plan.g.picture.buffer_floats(plan.g.strips.images_at_once))),
          packed(scratch.take<float>(plan.packed_floats())) {}
};

// Panels [from, to) of the channels, for strips [first, last). The last pass announces its pixels.
struct GatherPass {
    const Line& line;
    const GatherPlan& plan;
    const GatherMemory& memory;
    const Panels& panels;
    std::int64_t from, to;

    void run(std::int64_t first, std::int64_t last) const {
        const Gathering& g = plan.g;
        if (plan.copy != Copy::none)
            for (std::int64_t i = from; i < to; ++i)
                plan.pack_panel(line.inputs[1].as<float>(), panels[i], memory.packed + packed_at(panels[i]));
        for (std::int64_t i = first; i < last; ++i) {
            const Strip strip = g.strips[i];
            run_strip(g.picture.view(line.inputs[0].as<float>(), strip, memory.buffer),
                      (strip.image * g.strips.rows + strip.row) * g.strips.columns,
                      strip.images * strip.rows * g.strips.columns);
        }
    }

  private:
    std::int64_t packed_at(const Panel& panel) const {
        return (panel.first - panels[from].first) * plan.g.terms();
    }

    void run_strip(const float* view, std::int64_t first, std::int64_t pixels) const {
        const Gathering& g = plan.g;
        const bool announces = line.after_rows && to == panels.count();
        float* result = line.outputs[0].as<float>() + first * g.channels;
        const bool by_rows = g.pixels_feed_lanes();
        const std::int64_t unit = by_rows ? g.strips.columns : 1;
        const Cut blocks(pixels / unit,
                         at_least(at_least(announced_floats / g.channels, 4 * most_rows) / unit, 1));
        for (std::int64_t block = 0; block < blocks.pieces; ++block) {
            const std::int64_t pixel = blocks.start(block) * unit, next = blocks.start(block + 1) * unit;
            for (std::int64_t i = from; i < to; ++i) {
                const Panel panel = panels[i];
                const bool copied = plan.copy != Copy::none;
                const float* b = copied ? memory.packed + packed_at(panel) : line.inputs[1].as<float>() + panel.first;
                const std::int64_t b_term = copied ? panel.vectors * lanes : g.channels;
                (by_rows ? gather_rows : gather)(g, panel, memory.table, view, b, b_term, result, pixel, next);
            }
            if (announces) line.after_rows(line, first + pixel, first + next);
        }
    }
};

inline void run_gathering(const Line& line, const GatherPlan& plan, Scratch scratch, std::int64_t first,
                          std::int64_t last) {
    const GatherMemory memory(plan, scratch);
    plan.g.fill(memory.table);
    const Panels panels(plan.g.channels);
    const std::int64_t at_once = plan.copy == Copy::panels ? 1 : panels.count();
    const std::int64_t from = first_row(plan.g.strips.count, line.parts, first);
    const std::int64_t to = first_row(plan.g.strips.count, line.parts, last);
    for (std::int64_t panel = 0; panel < panels.count(); panel += at_once)
        GatherPass{line, plan, memory, panels, panel, panel + at_once}.run(from, to);
}

}  // namespace pippin::PIPPIN_ISA
