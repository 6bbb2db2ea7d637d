// The gradient of a convolution for its images, window by window. What a row of windows means for a row of pixels is a
// product of matrices: the errors of each window, in all rows of windows that see the pixels, times the transposed rows
// of the kernel they see them with. Its columns are (column of the kernel, channel), and a pixel then adds up what the
// windows beside each other have for it. Unlike gathering this never multiplies by the zeros of a border, fills the
// lanes with several taps of few channels, and takes strides as they come; it pays with a trip of the products through
// the first-level cache.
#pragma once
#include "convolution.h"
#include "product.h"

namespace pippin::PIPPIN_ISA {

// Windows begin on cache lines, as a vector written across two lines takes several times as long.
PIPPIN_INLINE std::int64_t aligned(std::int64_t columns) {
    return divide_up(columns, 16) * 16;
}

// The window on an axis whose tap sees the pixel; -1 if there is none.
PIPPIN_INLINE std::int64_t window_at(std::int64_t pixel, std::int64_t tap, const Axis& axis) {
    const std::int64_t first = pixel + axis.before - tap * axis.dilation;
    // A division takes as long as a pixel of few channels.
    const std::int64_t window = axis.stride == 1 ? first : first / axis.stride;
    return first >= 0 && window * axis.stride == first && window < axis.out ? window : -1;
}

// The taps of an axis that see a pixel, each in a window of its own: taps and windows are evenly spaced.
struct Sight {
    std::int64_t count = 0, tap = 0, window = 0, next_tap = 0, next_window = 0;

    PIPPIN_INLINE Sight(std::int64_t pixel, const Axis& axis) {
        for (std::int64_t seen = 0; seen < axis.kernel; ++seen) {
            const std::int64_t at = window_at(pixel, seen, axis);
            if (at < 0) continue;
            if (count == 0) tap = seen, window = at;
            if (count == 1) next_tap = seen - tap, next_window = at - window;
            ++count;
        }
    }
};

// As many channels at once as keep the kernel's part in the cache.
struct Overlap {
    Convolution sizes;
    std::int64_t channels_at_once;

    explicit Overlap(const Convolution& convolution)
        : sizes(convolution), channels_at_once(sizes.channels) {
        const std::int64_t affordable = 64 * 1024 / at_least(taps() * sizes.filters, 1);
        if (affordable < sizes.channels)
            channels_at_once = at_least(affordable / 16 * 16, at_most(16, sizes.channels));
    }

    PIPPIN_INLINE std::int64_t taps() const { return sizes.y.kernel * sizes.x.kernel; }

    struct Memory {
        float* packed;
        float* products;      // of a row of windows
        std::int64_t* count;  // of the windows over each column of pixels
        std::int64_t* place;  // and where in the products each of them stands
    };
    Memory take(Scratch& scratch) const {
        float* packed = scratch.take<float>(sizes.filters * taps() * whole_vectors(channels_at_once));
        // The last vector may be read in full.
        float* products = scratch.take<float>(sizes.x.out * aligned(sizes.x.kernel * channels_at_once) + lanes);
        std::int64_t* count = scratch.take<std::int64_t>(sizes.x.image);
        return {packed, products, count, scratch.take<std::int64_t>(sizes.x.image * sizes.x.kernel)};
    }
};

// The channels [first, first + channels) of all images of a part.
struct OverlapPass {
    const Overlap& o;
    const Overlap::Memory& memory;
    const float* kernel;
    std::int64_t first, channels;

    PIPPIN_INLINE std::int64_t columns() const { return o.sizes.x.kernel * channels; }
    // Columns that lie side by side in the kernel: all of them, or those of a tap if not all channels are
    // taken.
    PIPPIN_INLINE std::int64_t runs() const { return channels == o.sizes.channels ? 1 : o.sizes.x.kernel; }

    // Calls visit(panel of a run, the run's first column, where the panel's part of the kernel is or will be
    // packed, row of taps after row).
    template <class Visit> PIPPIN_INLINE void each_panel(Visit visit) const {
        const Panels panels(columns() / runs());
        float* packed = memory.packed;
        for (std::int64_t run = 0; run < runs(); ++run)
            for (std::int64_t i = 0; i < panels.count(); ++i) {
                const Panel panel = panels[i];
                visit(panel, run * channels, packed);
                packed += o.sizes.y.kernel * o.sizes.filters * panel.vectors * lanes;
            }
    }

    void prepare() const {
        const Axis& x = o.sizes.x;
        each_panel([this](const Panel& panel, std::int64_t column, float* packed) {
            const std::int64_t all = o.sizes.channels, filters = o.sizes.filters;
            const std::int64_t row = column / channels * all + first;  // of the kernel
            for (std::int64_t tap = 0; tap < o.sizes.y.kernel; ++tap)
                pack(kernel + (tap * o.sizes.x.kernel * all + row) * filters, filters, true, panel, filters,
                     packed + tap * filters * panel.vectors * lanes);
        });
        for (std::int64_t pixel = 0; pixel < x.image; ++pixel) {
            const Sight sight(pixel, x);
            memory.count[pixel] = sight.count;
            for (std::int64_t i = 0; i < sight.count; ++i)
                memory.place[pixel * x.kernel + i] = (sight.window + i * sight.next_window) * aligned(columns()) +
                                                     (sight.tap + i * sight.next_tap) * channels;
        }
    }

    // The products of the windows over a row of pixels, given the errors of the image.
    void multiply(const float* errors, const Sight& sight) const {
        const Offsets of_errors(o.sizes.filters), of_products(aligned(columns()));
        const std::int64_t row = o.sizes.x.out * o.sizes.filters;
        each_panel([&, this](const Panel& panel, std::int64_t column, const float* packed) {
            const std::int64_t filters = o.sizes.filters, windows = o.sizes.x.out;
            const std::int64_t width = panel.vectors * lanes;
            Walk walk;
            walk.loop(0, filters, 1, width);
            walk.loop(1, sight.count, sight.next_window * row, sight.next_tap * filters * width);
            Tile tile;
            tile.a_offset = of_errors.of_row;
            tile.c_offset = of_products.of_row;
            tile.b = packed + sight.tap * filters * width;
            tile.mask = panel.mask;
            tile.add = false;
            const Cut cut(windows, panel.most_rows());
            for (std::int64_t piece = 0; piece < cut.pieces; ++piece) {
                const std::int64_t window = cut.start(piece);
                tile.a = errors + sight.window * row + window * filters;
                tile.c = memory.products + window * aligned(columns()) + column + panel.first;
                panel.run(cut.start(piece + 1) - window, tile, walk);
            }
        });
    }

    // Adds up, for one row of pixels, what the windows beside each other have for it.
    void add(float* pixels) const {
        for (std::int64_t pixel = 0; pixel < o.sizes.x.image; ++pixel) {
            const std::int64_t count = memory.count[pixel];
            const std::int64_t* place = memory.place + pixel * o.sizes.x.kernel;
            float* to = pixels + pixel * o.sizes.channels;
            for (std::int64_t channel = 0; channel < channels; channel += lanes) {
                Floats sum = {};
                for (std::int64_t i = 0; i < count; ++i) sum += load(memory.products + place[i] + channel);
                if (channel + lanes <= channels)
                    store(to + channel, sum);
                else
                    store(to + channel, sum, first_lanes(channels - channel));
            }
        }
    }

    // A row of pixels that no window sees.
    void clear_row(float* pixels) const {
        for (std::int64_t pixel = 0; pixel < o.sizes.x.image; ++pixel)
            clear(pixels + pixel * o.sizes.channels, channels);
    }
};

// Images [first, last).
inline void run_overlapping(const Line& line, const Overlap& o, Scratch scratch, std::int64_t first,
                            std::int64_t last) {
    const auto& [batch, channels, filters, y, x] = o.sizes;
    const Overlap::Memory memory = o.take(scratch);
    for (std::int64_t channel = 0; channel < channels; channel += o.channels_at_once) {
        const OverlapPass pass = {o, memory, line.inputs[1].as<float>(), channel,
                                  at_most(o.channels_at_once, channels - channel)};
        pass.prepare();
        for (std::int64_t image = first; image < last; ++image) {
            const float* errors = line.inputs[0].as<float>() + image * y.out * x.out * filters;
            for (std::int64_t row = 0; row < y.image; ++row) {
                const std::int64_t at = (image * y.image + row) * x.image;
                float* pixels = line.outputs[0].as<float>() + at * channels + channel;
                const Sight sight(row, y);
                if (sight.count > 0) {
                    pass.multiply(errors, sight);
                    pass.add(pixels);
                } else {
                    pass.clear_row(pixels);
                }
                if (line.after_rows && channel + pass.channels == channels)
                    line.after_rows(line, at, at + x.image);
            }
        }
    }
}

}  // namespace pippin::PIPPIN_ISA
