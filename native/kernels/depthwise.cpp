// Depthwise convolution of images (batch, height, width, channels) with a kernel (height, width, channels):
//   y[b, r, s, c] = sum over i, j of x[b, r * stride - top + i * dilation, s * stride - left + j * dilation,
//   c] k[i, j, c]
// and its gradients for the images and for the kernel. The channels feed the lanes, pixels side by side share
// the registers. Every number of a result is one chain of multiply-adds, in row-major order of the taps; the
// kernel's gradient sums the pixels of each row, then the rows, then the chunks that rows were cut into.
#include "channels.h"
#include "gemm/convolution.h"
#include "gemm/product.h"
#include "kernel.h"
#include "partial_sums.h"

namespace pippin::PIPPIN_ISA {
namespace {

// Which taps of the kernel join a result with a source, on one axis, for the results of one phase: those that
// stand `phase`, `phase` + `phases`, ... there. Result number t and the tap number n of these read source
// t * stride + first_source + n * along.
struct Taps {
    std::int64_t phase, phases;       // of results: the images' gradient has as many as there are strides
    std::int64_t first, step, count;  // in the kernel
    std::int64_t first_source, along, stride;
    std::int64_t sources;

    PIPPIN_INLINE std::int64_t source(std::int64_t t, std::int64_t n) const {
        return t * stride + first_source + n * along;
    }
    PIPPIN_INLINE bool sees(std::int64_t t, std::int64_t n) const {
        const std::int64_t at = source(t, n);
        return at >= 0 && at < sources;
    }
    PIPPIN_INLINE std::int64_t results(std::int64_t all) const {
        return phase < all ? divide_up(all - phase, phases) : 0;
    }
    // The results [from, to) of `all` for which every tap sees a source.
    PIPPIN_INLINE void inside(std::int64_t all, std::int64_t& from, std::int64_t& to) const {
        const std::int64_t last_tap = (count - 1) * along;
        const std::int64_t lowest = first_source + at_most(last_tap, 0),
                           highest = first_source + at_least(last_tap, 0);
        from = lowest >= 0 ? 0 : divide_up(-lowest, stride);
        to = highest >= sources ? 0 : (sources - 1 - highest) / stride + 1;
        to = at_most(to, all);
        from = at_most(from, all);
        if (count == 0 || to < from) to = from;
    }
};

PIPPIN_INLINE Taps forward_taps(const Axis& axis) {
    return {0, 1, 0, 1, axis.kernel, -axis.before, axis.dilation, axis.stride, axis.image};
}

// Pixel p is seen by window w through tap j where w * stride = p + before - j * dilation.
PIPPIN_INLINE Taps backward_taps(const Axis& axis, std::int64_t phase) {
    const auto meets = [&](std::int64_t tap) {
        return (phase + axis.before - tap * axis.dilation) % axis.stride == 0;
    };
    std::int64_t first = 0;
    while (first < axis.kernel && !meets(first)) ++first;
    std::int64_t step = 1;
    while (step * axis.dilation % axis.stride != 0) ++step;
    return {phase,
            axis.stride,
            first,
            step,
            first < axis.kernel ? (axis.kernel - 1 - first) / step + 1 : 0,
            (phase + axis.before - first * axis.dilation) / axis.stride,
            -step * axis.dilation / axis.stride,
            1,
            axis.out};
}

constexpr int most_together = 8;  // results whose sums stand in registers

// One row of results: those of one phase along it.
struct Row {
    const float *source, *kernel;  // the source's image
    float* result;
    Taps y, x;
    std::int64_t t, channels, source_line, kernel_width;

    // Results [from, from + together), whose taps all see a source if `whole`.
    template <int together, bool whole, class Lanes>
    PIPPIN_INLINE void add_up(std::int64_t from, std::int64_t channel, Lanes access) const {
        Floats sum[together] = {};
        for (std::int64_t i = 0; i < y.count; ++i) {
            if (!y.sees(t, i)) continue;
            const float* line = source + y.source(t, i) * source_line + channel;
            const float* weights = kernel + (y.first + i * y.step) * kernel_width * channels + channel;
            for (std::int64_t j = 0; j < x.count; ++j) {
                if (!whole && !x.sees(from, j)) continue;
                const Floats weight = access.read(weights + (x.first + j * x.step) * channels);
                const float* seen = line + x.source(from, j) * channels;
#pragma GCC unroll 8
                for (int p = 0; p < together; ++p)
                    sum[p] = multiply_add(access.read(seen + p * x.stride * channels), weight, sum[p]);
            }
        }
#pragma GCC unroll 8
        for (int p = 0; p < together; ++p)
            access.write(result + (x.phase + (from + p) * x.phases) * channels + channel, sum[p]);
    }

    void run(std::int64_t columns) const {
        const std::int64_t all = x.results(columns);
        std::int64_t from, to;
        x.inside(all, from, to);
        each_vector(channels, [&](std::int64_t channel, auto access) {
            std::int64_t at = 0;
            for (; at < from; ++at) add_up<1, false>(at, channel, access);
            for (; at + most_together <= to; at += most_together)
                add_up<most_together, true>(at, channel, access);
            for (; at + 2 <= to; at += 2) add_up<2, true>(at, channel, access);
            for (; at < to; ++at) add_up<1, true>(at, channel, access);
            for (; at < all; ++at) add_up<1, false>(at, channel, access);
        });
    }
};

double operations(const Convolution& sizes) {
    return 2.0 * static_cast<double>(sizes.pixels()) * static_cast<double>(sizes.terms());
}

// The kernel has no axis of filters: its last one is the picture's channels.
template <bool is_gradient> Convolution sizes_of(const Line& line) {
    const Array &image = is_gradient ? line.outputs[0] : line.inputs[0],
                &result = is_gradient ? line.inputs[0] : line.outputs[0];
    return Convolution(line, image, line.inputs[1], result);
}

template <bool is_gradient> std::int64_t parts_by_row(const Line& line) {
    // A vector is loaded for each multiply-add: work for twice the time of a product.
    return parts_for(2 * operations(sizes_of<is_gradient>(line)),
                     line.outputs[0].shape[0] * line.outputs[0].shape[1]);
}

// Rows of the result, counted over the whole batch.
template <bool is_gradient> void run_rows(const Line& line, std::int64_t first, std::int64_t last) {
    if (line.outputs[0].size == 0) return;
    const Convolution sizes = sizes_of<is_gradient>(line);
    const Array &source = line.inputs[0], &result = line.outputs[0];
    const std::int64_t height = result.shape[1], width = result.shape[2], channels = sizes.channels;
    const std::int64_t source_line = source.shape[2] * channels;
    const std::int64_t rows = result.shape[0] * height;
    const std::int64_t from = first_row(rows, line.parts, first), to = first_row(rows, line.parts, last);
    const std::int64_t x_phases = is_gradient ? sizes.x.stride : 1,
                       y_phases = is_gradient ? sizes.y.stride : 1;
    const auto taps = [](const Axis& axis, std::int64_t phase) {
        return is_gradient ? backward_taps(axis, phase) : forward_taps(axis);
    };
    const std::int64_t together = at_least(announced_floats / at_least(width * channels, 1), 1);
    std::int64_t announced = from;
    for (std::int64_t at = from; at < to; ++at) {
        const std::int64_t image = at / height, row = at - image * height;
        const Taps y = taps(sizes.y, row % y_phases);
        for (std::int64_t phase = 0; phase < x_phases; ++phase)
            Row{source.as<float>() + image * source.shape[1] * source_line,
                line.inputs[1].as<float>(),
                result.as<float>() + at * width * channels,
                y,
                taps(sizes.x, phase),
                row / y_phases,
                channels,
                source_line,
                sizes.x.kernel}
                .run(width);
        if (line.after_rows && (at + 1 - announced >= together || at + 1 == to)) {
            line.after_rows(line, announced * width, (at + 1) * width);
            announced = at + 1;
        }
    }
}

// The gradient for the kernel
// ------------------------------------------------------------------------------------

constexpr std::int64_t rows_of_chunk = 8;  // at least: adding up the chunks must cost little
constexpr std::int64_t most_chunks = 16;
constexpr int most_taps = 8;  // whose sums stand in registers

std::int64_t chunks(const Line& line) {
    const Convolution sizes(line, line.inputs[0], line.outputs[0], line.inputs[1]);
    const std::int64_t rows = sizes.batch * sizes.y.out;
    return at_most(parts_for(2 * operations(sizes), at_least(rows / rows_of_chunk, 1)), most_chunks);
}

std::size_t partial_sums(const Line& line) {
    const std::int64_t count = chunks(line);
    return count == 1 ? 0 : static_cast<std::size_t>(count * line.outputs[0].size) * sizeof(float);
}

// A row of windows, and a row of the image that it sees through one row of taps.
struct Lines {
    const float *seen, *dy;
    float* sums;  // of the row of taps
    Taps x;
    std::int64_t channels;

    // Adds windows [from, to) to the sums of taps [tap, tap + together).
    template <int together, class Lanes>
    PIPPIN_INLINE void add_up(std::int64_t tap, std::int64_t from, std::int64_t to, std::int64_t channel,
                              Lanes access) const {
        Floats sum[together] = {};
        const float* pixel = seen + x.source(from, tap) * channels + channel;
        const float* error = dy + from * channels + channel;
        for (std::int64_t window = from; window < to; ++window) {
            const Floats value = access.read(error);
#pragma GCC unroll 8
            for (int j = 0; j < together; ++j)
                sum[j] = multiply_add(access.read(pixel + j * x.along * channels), value, sum[j]);
            pixel += x.stride * channels;
            error += channels;
        }
#pragma GCC unroll 8
        for (int j = 0; j < together; ++j) {
            float* to_add = sums + (tap + j) * channels + channel;
            access.write(to_add, access.read(to_add) + sum[j]);
        }
    }

    template <int together, class Lanes>
    PIPPIN_INLINE void add_taps(std::int64_t tap, std::int64_t taps, std::int64_t from, std::int64_t to,
                                std::int64_t channel, Lanes access) const {
        if constexpr (together > 1)
            if (taps < together) return add_taps<together - 1>(tap, taps, from, to, channel, access);
        add_up<together>(tap, from, to, channel, access);
    }

    void run(std::int64_t windows) const {
        std::int64_t from, to;
        x.inside(windows, from, to);
        each_vector(channels, [&](std::int64_t channel, auto access) {
            for (std::int64_t tap = 0; tap < x.count; tap += most_taps)
                if (from < to)
                    add_taps<most_taps>(tap, at_most(x.count - tap, most_taps), from, to, channel, access);
            for (std::int64_t tap = 0; tap < x.count; ++tap)
                for (std::int64_t window = 0; window < windows; ++window) {
                    if (window == from) window = to;
                    if (window < windows && x.sees(window, tap))
                        add_up<1>(tap, window, window + 1, channel, access);
                }
        });
    }
};

void run_chunks(const Line& line, std::int64_t first, std::int64_t last) {
    const Array &image = line.inputs[0], &dy = line.inputs[1], &kernel = line.outputs[0];
    const Convolution sizes(line, image, kernel, dy);
    const Taps x = forward_taps(sizes.x), y = forward_taps(sizes.y);
    const std::int64_t rows = sizes.batch * sizes.y.out, channels = sizes.channels;
    for (std::int64_t chunk = first; chunk < last; ++chunk) {
        float* sums =
            line.parts == 1 ? kernel.as<float>() : static_cast<float*>(line.scratch) + chunk * kernel.size;
        clear(sums, kernel.size);
        const std::int64_t to = first_row(rows, line.parts, chunk + 1);
        for (std::int64_t at = first_row(rows, line.parts, chunk); at < to; ++at) {
            const std::int64_t picture = at / sizes.y.out, row = at - picture * sizes.y.out;
            for (std::int64_t tap = 0; tap < y.count; ++tap)
                if (y.sees(row, tap))
                    Lines{image.as<float>() +
                              (picture * sizes.y.image + y.source(row, tap)) * sizes.x.image * channels,
                          dy.as<float>() + at * sizes.x.out * channels,
                          sums + tap * sizes.x.kernel * channels, x, channels}
                        .run(sizes.x.out);
        }
    }
}

void add_chunks(const Line& line, std::int64_t, std::int64_t) {
    const Array& kernel = line.outputs[0];
    if (kernel.size == 0) return;
    if (line.parts > 1)
        add_partial_sums(static_cast<const float*>(line.scratch), line.parts, kernel.size, 0, kernel.size,
                         kernel.as<float>());
    if (line.after_rows) line.after_rows(line, 0, kernel.rows());
}

KERNEL(depthwise_conv2d, parts_by_row<false>, nullptr, run_rows<false>, nullptr);
KERNEL(depthwise_conv2d_input_gradient, parts_by_row<true>, nullptr, run_rows<true>, nullptr);
KERNEL(depthwise_conv2d_kernel_gradient, chunks, partial_sums, run_chunks, add_chunks);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
