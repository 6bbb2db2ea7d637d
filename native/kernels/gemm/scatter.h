// The gradient of a convolution for its images, window by window: what a window's error means for everything the window saw
// is one product of matrices, dy times the transposed kernel, and is added where the window stood. Unlike gathering it never
// multiplies by the zeros of a border, fills the lanes with all taps of few channels, and takes strides as they come.
#pragma once
#include "convolution.h"
#include "product.h"

namespace pippin::PIPPIN_ISA {

// Taps are taken a group at a time, so that the group's part of the kernel and a few rows of its products fit the caches.
// The order in which a pixel receives its parts, and so its last bits, depend on the groups: no lanes in these sizes.
struct Scattering {
    Convolution sizes;

    PIPPIN_INLINE std::int64_t taps() const { return sizes.y.kernel * sizes.x.kernel; }
    PIPPIN_INLINE std::int64_t group() const {
        const std::int64_t affordable = at_most(256, 64 * 1024 / at_least(sizes.filters, 1)) / sizes.channels;
        return at_least(at_most(affordable, taps()), 1);
    }
    PIPPIN_INLINE std::int64_t columns() const { return group() * sizes.channels; }
    PIPPIN_INLINE std::int64_t rows_at_once() const {
        return at_least(at_most(8192 / at_least(columns() * sizes.x.out, 1), sizes.y.out), 1);
    }

    struct Memory { float *packed, *products; };
    PIPPIN_INLINE Memory take(Scratch& scratch) const {
        float* packed = scratch.take<float>(sizes.filters * whole_vectors(columns()));
        return {packed, scratch.take<float>(rows_at_once() * sizes.x.out * columns())};
    }
};

PIPPIN_INLINE void add_floats(float* to, const float* from, std::int64_t floats) {
    std::int64_t i = 0;
    for (; i + lanes <= floats; i += lanes) store(to + i, load(to + i) + load(from + i));
    if (i < floats) {
        const Mask rest = first_lanes(floats - i);
        store(to + i, load(to + i, rest) + load(from + i, rest), rest);
    }
}

// Adds taps [from, to) of one row of the kernel, for one row of windows, to a row of pixels. `products` points at the first
// of these taps in the first window's products. Neighbouring windows overlap, and reading what was just written stalls:
// so windows that lie side by side without overlapping are taken first, and each round starts one window further.
inline void scatter_row(const Scattering& s, const float* products, std::int64_t from, std::int64_t to, float* pixels) {
    const Axis& x = s.sizes.x;
    const std::int64_t channels = s.sizes.channels, line = s.columns();
    const std::int64_t rounds = at_most(divide_up((to - from - 1) * x.dilation + 1, x.stride), x.out);
    for (std::int64_t round = 0; round < rounds; ++round)
        for (std::int64_t window = round; window < x.out; window += rounds) {
            const std::int64_t column = window * x.stride - x.before;
            if (x.dilation == 1) {  // the taps lie side by side in the image, too
                const std::int64_t first = at_least(from, -column), last = at_most(to, x.image - column);
                if (first < last)
                    add_floats(pixels + (column + first) * channels, products + window * line + (first - from) * channels,
                               (last - first) * channels);
                continue;
            }
            for (std::int64_t tap = from; tap < to; ++tap) {
                const std::int64_t at = column + tap * x.dilation;
                if (at >= 0 && at < x.image)
                    add_floats(pixels + at * channels, products + window * line + (tap - from) * channels, channels);
            }
        }
}

// Adds taps [first, last) of all windows of one image. `packed` holds these taps of the kernel, a panel at a time.
inline void scatter_image(const Scattering& s, const float* dy, const float* packed, float* products, std::int64_t first,
                          std::int64_t last, float* dx) {
    const auto& [batch, channels, filters, y, x] = s.sizes;
    const Panels panels((last - first) * channels);
    const Product product{filters, filters, 1, 0, false, s.columns(), false};
    for (std::int64_t row = 0; row < y.out; row += s.rows_at_once()) {
        const std::int64_t rows = at_most(y.out - row, s.rows_at_once());
        for (std::int64_t i = 0; i < panels.count(); ++i) {
            const Panel panel = panels[i];
            const Block block = {dy + row * x.out * filters, filters, 1, product.a_offset.of_row, packed + panel.first * filters,
                                 panel.vectors * lanes, filters, false};
            run_rows(product, panel, block, rows * x.out, products);
        }
        for (std::int64_t r = 0; r < rows; ++r)
            for (std::int64_t tap = first; tap < last;) {
                const std::int64_t i = tap / x.kernel, end = at_most((i + 1) * x.kernel, last);
                const std::int64_t at = (row + r) * y.stride - y.before + i * y.dilation;
                if (at >= 0 && at < y.image)
                    scatter_row(s, products + r * x.out * s.columns() + (tap - first) * channels, tap - i * x.kernel,
                                end - i * x.kernel, dx + at * x.image * channels);
                tap = end;
            }
    }
}

// Images [first, last): the groups of taps one after the other, each for all images, so that its part of the kernel is copied
// once.
inline void run_scattering(const Line& line, const Scattering& s, Scratch scratch, std::int64_t first, std::int64_t last) {
    const auto& [batch, channels, filters, y, x] = s.sizes;
    const auto [packed, products] = s.take(scratch);
    const float* dy = line.inputs[0].as<float>();
    const float* kernel = line.inputs[1].as<float>();
    float* dx = line.outputs[0].as<float>();
    const std::int64_t pixels = y.image * x.image;
    clear(dx + first * pixels * channels, (last - first) * pixels * channels);
    for (std::int64_t tap = 0; tap < s.taps(); tap += s.group()) {
        const std::int64_t end = at_most(tap + s.group(), s.taps());
        const Panels panels((end - tap) * channels);
        for (std::int64_t i = 0; i < panels.count(); ++i)
            pack(kernel + tap * channels * filters, filters, true, panels[i], filters, packed + panels[i].first * filters);
        for (std::int64_t image = first; image < last; ++image) {
            scatter_image(s, dy + image * y.out * x.out * filters, packed, products, tap, end, dx + image * pixels * channels);
            if (line.after_rows && end == s.taps()) line.after_rows(line, image * pixels, (image + 1) * pixels);
        }
    }
}

}  // namespace pippin::PIPPIN_ISA
