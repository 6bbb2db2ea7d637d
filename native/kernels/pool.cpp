// Pooling over windows of images (batch, height, width, channels), and its derivatives. The channels feed the lanes.
//
// Meaning: a window is the positions (row * stride - padding + i, ...) for i < size that lie inside the image.
//   max_pool             the largest value of the window; a NaN counts as larger than any number
//   max_pool_pick        the value of a second image at the position of the first largest value, in row-major order
//   max_pool_place       the transpose of picking: each dy is added at that position
//   average_pool         the mean of the window
//   average_pool_spread  the transpose of averaging: dy / count is added at every position of the window
#include "gemm/parts.h"
#include "kernel.h"

namespace pippin::PIPPIN_ISA {
namespace {

struct Pooling {
    std::int64_t height, width, channels, rows, columns;  // rows, columns: of windows
    std::int64_t size[2], strides[2], padding[2];

    Pooling(const Line& line, const Array& image, const Array& pooled)
        : height(image.shape[1]), width(image.shape[2]), channels(image.shape[3]),
          rows(pooled.shape[1]), columns(pooled.shape[2]) {
        for (int axis = 0; axis < 2; ++axis) {
            size[axis] = line.integer("size", axis, 1);
            strides[axis] = line.integer("strides", axis, 1);
            padding[axis] = line.integer("padding", 2 * axis, 0);  // top, bottom, left, right
        }
    }
};

// The part of one window that lies inside the image. `origin` is its first position, counted in floats.
struct Window {
    std::int64_t height, width, origin;

    PIPPIN_INLINE Window(const Pooling& p, std::int64_t row, std::int64_t column) {
        const std::int64_t top = row * p.strides[0] - p.padding[0], left = column * p.strides[1] - p.padding[1];
        const std::int64_t y = at_least(top, 0), x = at_least(left, 0);
        height = at_least(at_most(top + p.size[0], p.height) - y, 0);
        width = at_least(at_most(left + p.size[1], p.width) - x, 0);
        origin = (y * p.width + x) * p.channels;
    }
    PIPPIN_INLINE bool is_empty() const { return height == 0 || width == 0; }
    PIPPIN_INLINE float count() const { return static_cast<float>(height * width); }
};

// Calls visit(image, pooled, window) for the windows of pooled rows [first, last), counted over the whole batch;
// image and pooled are where, in floats, this image starts and this window's channels stand.
template <class Visit>
PIPPIN_INLINE void each_window(const Pooling& p, std::int64_t first, std::int64_t last, Visit visit) {
    for (std::int64_t at = first; at < last; ++at) {
        const std::int64_t image = at / p.rows * (p.height * p.width * p.channels);
        for (std::int64_t column = 0; column < p.columns; ++column)
            visit(image, (at * p.columns + column) * p.channels, Window(p, at % p.rows, column));
    }
}

// Calls visit(offset from the window's origin) for its positions in row-major order.
template <class Visit>
PIPPIN_INLINE void each_position(const Pooling& p, const Window& window, Visit visit) {
    for (std::int64_t y = 0; y < window.height; ++y)
        for (std::int64_t x = 0; x < window.width; ++x) visit((y * p.width + x) * p.channels);
}

// Calls visit(channel, load, store) for vectors of channels; the last one reads and writes only the channels there are.
template <class Visit>
PIPPIN_INLINE void each_vector(std::int64_t channels, Visit visit) {
    std::int64_t channel = 0;
    for (; channel + lanes <= channels; channel += lanes)
        visit(channel, [](const float* from) { return load(from); }, [](float* to, Floats v) { store(to, v); });
    if (channel < channels) {
        const Mask rest = first_lanes(channels - channel);
        visit(channel, [rest](const float* from) { return load(from, rest); },
              [rest](float* to, Floats v) { store(to, v, rest); });
    }
}

// True where `value` is larger than `best`; a NaN is larger than all but a NaN.
PIPPIN_INLINE Ints is_larger(Floats value, Floats best) {
    return (value > best) | ((value != value) & (best == best));
}

// Any range of pooled rows is independent of the others, whole images are where windows write into the image.
std::int64_t parts_by_row(const Line& line) {
    const Array& pooled = line.outputs[0];
    const double positions = static_cast<double>(line.integer("size", 0, 1) * line.integer("size", 1, 1));
    return parts_for(static_cast<double>(pooled.size) * positions, pooled.shape[0] * pooled.shape[1]);
}

std::int64_t parts_by_image(const Line& line) {
    const Array& pooled = line.inputs[line.input_count - 1];
    const double positions = static_cast<double>(line.integer("size", 0, 1) * line.integer("size", 1, 1));
    return parts_for(static_cast<double>(pooled.size) * positions, pooled.shape[0]);
}

void run_max(const Line& line, std::int64_t first, std::int64_t last) {
    const Pooling p(line, line.inputs[0], line.outputs[0]);
    const float* x = line.inputs[0].as<float>();
    float* y = line.outputs[0].as<float>();
    const std::int64_t rows = line.outputs[0].shape[0] * p.rows;
    const std::int64_t from = first_row(rows, line.parts, first), to = first_row(rows, line.parts, last);
    each_window(p, from, to, [&](std::int64_t image, std::int64_t pooled, const Window& window) {
        each_vector(p.channels, [&](std::int64_t channel, auto read, auto write) {
            const float* corner = x + image + window.origin + channel;
            Floats best = window.is_empty() ? broadcast(-__builtin_inff()) : read(corner);
            each_position(p, window, [&](std::int64_t offset) {
                const Floats value = read(corner + offset);
                best = choose(is_larger(value, best), value, best);
            });
            write(y + pooled + channel, best);
        });
    });
    if (line.after_rows) line.after_rows(line, from * p.columns, to * p.columns);
}

void run_pick(const Line& line, std::int64_t first, std::int64_t last) {
    const Pooling p(line, line.inputs[0], line.outputs[0]);
    const float* x = line.inputs[0].as<float>();
    const float* v = line.inputs[1].as<float>();
    float* y = line.outputs[0].as<float>();
    const std::int64_t rows = line.outputs[0].shape[0] * p.rows;
    const std::int64_t from = first_row(rows, line.parts, first), to = first_row(rows, line.parts, last);
    each_window(p, from, to, [&](std::int64_t image, std::int64_t pooled, const Window& window) {
        each_vector(p.channels, [&](std::int64_t channel, auto read, auto write) {
            const std::int64_t corner = image + window.origin + channel;
            Floats best = window.is_empty() ? Floats{} : read(x + corner);
            Floats picked = window.is_empty() ? Floats{} : read(v + corner);
            each_position(p, window, [&](std::int64_t offset) {
                const Floats value = read(x + corner + offset);
                const Ints larger = is_larger(value, best);
                best = choose(larger, value, best);
                picked = choose(larger, read(v + corner + offset), picked);
            });
            write(y + pooled + channel, picked);
        });
    });
    if (line.after_rows) line.after_rows(line, from * p.columns, to * p.columns);
}

// Zeroes the images of a range, whose windows the caller then adds into. Gives the range of pooled rows.
struct Images {
    std::int64_t from, to, position_from, position_to;

    Images(const Line& line, const Pooling& p, std::int64_t first, std::int64_t last) {
        const std::int64_t batch = line.outputs[0].shape[0], positions = p.height * p.width;
        const std::int64_t image_from = first_row(batch, line.parts, first), image_to = first_row(batch, line.parts, last);
        from = image_from * p.rows, to = image_to * p.rows;
        position_from = image_from * positions, position_to = image_to * positions;
        float* dx = line.outputs[0].as<float>();
        for (std::int64_t i = position_from * p.channels; i < position_to * p.channels; ++i) dx[i] = 0;
    }
};

void run_place(const Line& line, std::int64_t first, std::int64_t last) {
    const Pooling p(line, line.outputs[0], line.inputs[1]);
    const float* x = line.inputs[0].as<float>();
    const float* dy = line.inputs[1].as<float>();
    float* dx = line.outputs[0].as<float>();
    const Images images(line, p, first, last);
    each_window(p, images.from, images.to, [&](std::int64_t image, std::int64_t pooled, const Window& window) {
        if (window.is_empty()) return;
        each_vector(p.channels, [&](std::int64_t channel, auto read, auto write) {
            const std::int64_t corner = image + window.origin + channel;
            Floats best = read(x + corner);
            Ints place = {};
            std::int32_t position = 0;
            each_position(p, window, [&](std::int64_t offset) {
                const Floats value = read(x + corner + offset);
                const Ints larger = is_larger(value, best);
                best = choose(larger, value, best);
                place = larger ? Ints{} + position : place;
                ++position;
            });
            const Floats gradient = read(dy + pooled + channel);
            position = 0;
            each_position(p, window, [&](std::int64_t offset) {
                float* to = dx + corner + offset;
                const Floats held = read(to);
                write(to, choose(place == position, held + gradient, held));
                ++position;
            });
        });
    });
    if (line.after_rows) line.after_rows(line, images.position_from, images.position_to);
}

void run_average(const Line& line, std::int64_t first, std::int64_t last) {
    const Pooling p(line, line.inputs[0], line.outputs[0]);
    const float* x = line.inputs[0].as<float>();
    float* y = line.outputs[0].as<float>();
    const std::int64_t rows = line.outputs[0].shape[0] * p.rows;
    const std::int64_t from = first_row(rows, line.parts, first), to = first_row(rows, line.parts, last);
    each_window(p, from, to, [&](std::int64_t image, std::int64_t pooled, const Window& window) {
        each_vector(p.channels, [&](std::int64_t channel, auto read, auto write) {
            const float* corner = x + image + window.origin + channel;
            Floats sum = {};
            each_position(p, window, [&](std::int64_t offset) { sum += read(corner + offset); });
            write(y + pooled + channel, sum / broadcast(window.count()));
        });
    });
    if (line.after_rows) line.after_rows(line, from * p.columns, to * p.columns);
}

void run_spread(const Line& line, std::int64_t first, std::int64_t last) {
    const Pooling p(line, line.outputs[0], line.inputs[0]);
    const float* dy = line.inputs[0].as<float>();
    float* dx = line.outputs[0].as<float>();
    const Images images(line, p, first, last);
    each_window(p, images.from, images.to, [&](std::int64_t image, std::int64_t pooled, const Window& window) {
        each_vector(p.channels, [&](std::int64_t channel, auto read, auto write) {
            const Floats share = read(dy + pooled + channel) / broadcast(window.count());
            each_position(p, window, [&](std::int64_t offset) {
                float* to = dx + image + window.origin + channel + offset;
                write(to, read(to) + share);
            });
        });
    });
    if (line.after_rows) line.after_rows(line, images.position_from, images.position_to);
}

KERNEL(max_pool, parts_by_row, nullptr, run_max, nullptr);
KERNEL(max_pool_pick, parts_by_row, nullptr, run_pick, nullptr);
KERNEL(max_pool_place, parts_by_image, nullptr, run_place, nullptr);
KERNEL(average_pool, parts_by_row, nullptr, run_average, nullptr);
KERNEL(average_pool_spread, parts_by_image, nullptr, run_spread, nullptr);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
