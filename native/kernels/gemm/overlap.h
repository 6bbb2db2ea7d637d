// The gradient of a convolution for its images, window by window: what the error of a window means for all it
// saw is one product of matrices, dy times the transposed kernel; a pixel then adds up what the windows over
// it have for it. Unlike gathering this never multiplies by the zeros of a border, fills the lanes with all
// taps of few channels, and takes strides as they come; it pays with a trip of the products through the
// second-level cache.
#pragma once
#include "convolution.h"
#include "product.h"

namespace pippin::PIPPIN_ISA {

// The products of a window are its columns: (tap, channel), for as many channels as keep the kernel's part in
// the cache. Only the rows of windows over the current row of pixels are kept, each in the slot of its index
// modulo `slots`.
struct Overlap {
    Convolution sizes;
    std::int64_t taps, slots, channels_at_once;

    explicit Overlap(const Convolution& convolution)
        : sizes(convolution),
          taps(sizes.y.kernel * sizes.x.kernel),
          slots((sizes.y.reach() - 1) / sizes.y.stride + 1),
          channels_at_once(sizes.channels) {
        const std::int64_t affordable = 64 * 1024 / at_least(taps * sizes.filters, 1);
        if (affordable < sizes.channels)
            channels_at_once = at_least(affordable / 16 * 16, at_most(16, sizes.channels));
    }

    PIPPIN_INLINE std::int64_t row_floats() const { return sizes.x.out * taps * channels_at_once; }

    struct Memory {
        float* packed;
        float* products;
        std::int64_t* count;  // of the windows over each column of pixels
        std::int64_t* place;  // and where in a row of products each of them stands
        float** row;          // where the products of each row of windows stand
        const float** over;   // the rows of products over a row of pixels
    };
    Memory take(Scratch& scratch) const {
        float* packed = scratch.take<float>(sizes.filters * taps * whole_vectors(channels_at_once));
        // The last vector may be read in full.
        float* products = scratch.take<float>(slots * row_floats() + lanes);
        std::int64_t* count = scratch.take<std::int64_t>(sizes.x.image);
        std::int64_t* place = scratch.take<std::int64_t>(sizes.x.image * sizes.x.kernel);
        float** row = scratch.take<float*>(sizes.y.out);
        return {packed, products, count, place, row, scratch.take<const float*>(sizes.y.kernel)};
    }
};

constexpr int most_rows_together = 5;

// The window on an axis whose tap sees the pixel; -1 if there is none.
PIPPIN_INLINE std::int64_t window_at(std::int64_t pixel, std::int64_t tap, const Axis& axis) {
    const std::int64_t first = pixel + axis.before - tap * axis.dilation;
    // A division takes as long as a pixel of few channels.
    const std::int64_t window = axis.stride == 1 ? first : first / axis.stride;
    return first >= 0 && window * axis.stride == first && window < axis.out ? window : -1;
}

// The channels [first, first + channels) of all images of a part.
struct OverlapPass {
    const Overlap& o;
    const Overlap::Memory& memory;
    const float* kernel;
    std::int64_t first, channels;

    PIPPIN_INLINE std::int64_t columns() const { return o.taps * channels; }
    // Columns that lie side by side in the kernel: all of them, or those of a tap if not all channels are
    // taken.
    PIPPIN_INLINE std::int64_t runs() const { return channels == o.sizes.channels ? 1 : o.taps; }

    // Calls visit(panel of a run, the run's first column, where the panel's part of the kernel is or will be
    // packed).
    template <class Visit> PIPPIN_INLINE void each_panel(Visit visit) const {
        const Panels panels(columns() / runs());
        float* packed = memory.packed;
        for (std::int64_t run = 0; run < runs(); ++run)
            for (std::int64_t i = 0; i < panels.count(); ++i) {
                const Panel panel = panels[i];
                visit(panel, run * channels, packed);
                packed += o.sizes.filters * panel.vectors * lanes;
            }
    }

    void prepare() const {
        const auto& [batch, all_channels, filters, y, x] = o.sizes;
        each_panel(
            [&, all = all_channels, terms = filters](const Panel& panel, std::int64_t column, float* packed) {
                const std::int64_t row = column / channels * all + first;  // of the kernel
                pack(kernel + row * terms, terms, true, panel, terms, packed);
            });
        for (std::int64_t pixel = 0; pixel < x.image; ++pixel) {
            memory.count[pixel] = 0;
            for (std::int64_t tap = 0; tap < x.kernel; ++tap) {
                const std::int64_t window = window_at(pixel, tap, x);
                if (window >= 0)
                    memory.place[pixel * x.kernel + memory.count[pixel]++] =
                        window * columns() + tap * channels;
            }
        }
        for (std::int64_t row = 0; row < y.out; ++row)
            memory.row[row] = memory.products + row % o.slots * o.row_floats();
    }

    // The products of one row of windows, given the row of dy.
    void multiply(const float* errors, float* products) const {
        const std::int64_t filters = o.sizes.filters;
        const Product product{filters, filters, 1, 0, false, columns(), false};
        each_panel([&](const Panel& panel, std::int64_t column, const float* packed) {
            const Block block = {errors,  filters, 1, product.a_offset.of_row, packed, panel.vectors * lanes,
                                 filters, false};
            run_rows(product, panel, block, o.sizes.x.out, products + column);
        });
    }

    // Adds up, for one row of pixels, the windows over it: those of `rows` rows of windows.
    void add(const float* const* row, std::int64_t rows, float* pixels) const {
        add_rows<most_rows_together>(row, rows, pixels);
    }

  private:
    // Finds the function that has the number of rows built in: their sums then stand in registers and need not wait
    // for each other.
    template <int together>
    PIPPIN_INLINE void add_rows(const float* const* row, std::int64_t rows, float* pixels) const {
        if constexpr (together > 0) {
            if (rows < together) return add_rows<together - 1>(row, rows, pixels);
        }
        add_pixels<together>(row, rows, pixels);
    }

    template <int together>
    [[gnu::noinline]] void add_pixels(const float* const* row, std::int64_t rows, float* pixels) const {
        for (std::int64_t pixel = 0; pixel < o.sizes.x.image; ++pixel) {
            const std::int64_t count = memory.count[pixel];
            const std::int64_t* place = memory.place + pixel * o.sizes.x.kernel;
            float* to = pixels + pixel * o.sizes.channels;
            for (std::int64_t channel = 0; channel < channels; channel += lanes) {
                Floats sum = {}, sum_of_row[together + 1] = {};
                for (std::int64_t i = 0; i < count; ++i)
#pragma GCC unroll 8
                    for (int r = 0; r < together; ++r) sum_of_row[r] += load(row[r] + place[i] + channel);
#pragma GCC unroll 8
                for (int r = 0; r < together; ++r) sum += sum_of_row[r];
                for (std::int64_t r = together; r < rows; ++r) {
                    Floats sum_of_next = {};
                    for (std::int64_t i = 0; i < count; ++i) sum_of_next += load(row[r] + place[i] + channel);
                    sum += sum_of_next;
                }
                if (channel + lanes <= channels)
                    store(to + channel, sum);
                else
                    store(to + channel, sum, first_lanes(channels - channel));
            }
        }
    }
};

// Images [first, last).
inline void run_overlapping(const Line& line, const Overlap& o, Scratch scratch, std::int64_t first,
                            std::int64_t last) {
    const auto& [batch, channels, filters, y, x] = o.sizes;
    const Overlap::Memory memory = o.take(scratch);
    const float* dy = line.inputs[0].as<float>();
    for (std::int64_t channel = 0; channel < channels; channel += o.channels_at_once) {
        const OverlapPass pass = {o, memory, line.inputs[1].as<float>(), channel,
                                  at_most(o.channels_at_once, channels - channel)};
        pass.prepare();
        for (std::int64_t image = first; image < last; ++image) {
            std::int64_t made = 0;  // rows of windows
            for (std::int64_t pixel_row = 0; pixel_row < y.image; ++pixel_row) {
                std::int64_t rows = 0;
                for (; made < y.out && made * y.stride <= pixel_row + y.before; ++made)
                    pass.multiply(dy + (image * y.out + made) * x.out * filters, memory.row[made]);
                for (std::int64_t tap = 0; tap < y.kernel; ++tap) {
                    const std::int64_t window = window_at(pixel_row, tap, y);
                    if (window >= 0) memory.over[rows++] = memory.row[window] + tap * x.kernel * pass.channels;
                }
                const std::int64_t at = (image * y.image + pixel_row) * x.image;
                pass.add(memory.over, rows, line.outputs[0].as<float>() + at * channels + channel);
                if (line.after_rows && channel + pass.channels == channels)
                    line.after_rows(line, at, at + x.image);
            }
        }
    }
}

}  // namespace pippin::PIPPIN_ISA
