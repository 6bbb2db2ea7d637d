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
        const float** over;   // the rows of products over a row of pixels
    };
    Memory take(Scratch& scratch) const {
        float* packed = scratch.take<float>(sizes.filters * taps * whole_vectors(channels_at_once));
        // The last vector may be read in full.
        float* products = scratch.take<float>(slots * row_floats() + lanes);
        std::int64_t* count = scratch.take<std::int64_t>(sizes.x.image);
        std::int64_t* place = scratch.take<std::int64_t>(sizes.x.image * sizes.x.kernel);
        return {packed, products, count, place, scratch.take<const float*>(sizes.y.kernel)};
    }
};

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
                const std::int64_t left = pixel + x.before - tap * x.dilation;
                if (left >= 0 && left % x.stride == 0 && left / x.stride < x.out)
                    memory.place[pixel * x.kernel + memory.count[pixel]++] =
                        left / x.stride * columns() + tap * channels;
            }
        }
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
        for (std::int64_t pixel = 0; pixel < o.sizes.x.image; ++pixel) {
            const std::int64_t count = memory.count[pixel];
            const std::int64_t* place = memory.place + pixel * o.sizes.x.kernel;
            float* to = pixels + pixel * o.sizes.channels;
            for (std::int64_t channel = 0; channel < channels; channel += lanes) {
                Floats sum = {};
                // The sums of rows need not wait for each other.
                for (std::int64_t r = 0; r < rows; ++r) {
                    Floats sum_of_row = {};
                    for (std::int64_t i = 0; i < count; ++i) sum_of_row += load(row[r] + place[i] + channel);
                    sum += sum_of_row;
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
                    pass.multiply(dy + (image * y.out + made) * x.out * filters,
                                  memory.products + made % o.slots * o.row_floats());
                for (std::int64_t tap = 0; tap < y.kernel; ++tap) {
                    const std::int64_t top = pixel_row + y.before - tap * y.dilation;
                    if (top >= 0 && top % y.stride == 0 && top / y.stride < y.out)
                        memory.over[rows++] = memory.products + top / y.stride % o.slots * o.row_floats() +
                                              tap * x.kernel * pass.channels;
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
