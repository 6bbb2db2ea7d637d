// Kernels of primitives/gather.py: rows by their numbers, rows added up by their numbers, pictures through a
// moved frame. A row number outside the array counts from the end if negative, as in NumPy; one that is
// outside even so can't be refused here: gather takes the nearest row, scatter_add leaves it out.
#include "gemm/parts.h"
#include "kernel.h"

namespace pippin::PIPPIN_ISA {
namespace {

std::int64_t row_numbers(const Array& x, std::int32_t from_axis) {
    std::int64_t product = 1;
    for (std::int32_t axis = from_axis; axis < x.rank; ++axis) product *= x.shape[axis];
    return product;
}

std::int64_t gather_parts(const Line& line) {
    return parts_for(static_cast<double>(line.outputs[0].size) * 4, line.inputs[1].size);
}

void run_gather(const Line& line, std::int64_t first, std::int64_t last) {
    const Array &x = line.inputs[0], &indices = line.inputs[1], &y = line.outputs[0];
    const std::size_t bytes = static_cast<std::size_t>(row_numbers(x, 1)) * bytes_of(x.type);
    const std::int64_t length = x.shape[0];
    for (std::int64_t i = first_row(indices.size, line.parts, first);
         i < first_row(indices.size, line.parts, last); ++i) {
        char* to = y.as<char>() + static_cast<std::size_t>(i) * bytes;
        std::int64_t row = indices.as<std::int32_t>()[i];
        row = at_least(at_most(row < 0 ? row + length : row, length - 1), 0);
        if (length == 0)
            __builtin_memset(to, 0, bytes);
        else if (bytes == 4)
            __builtin_memcpy(to, x.as<char>() + row * 4, 4);
        else
            __builtin_memcpy(to, x.as<char>() + static_cast<std::size_t>(row) * bytes, bytes);
    }
}
KERNEL(gather, gather_parts, nullptr, run_gather, nullptr);

// Parts are ranges of columns: each takes all rows in their order.
std::int64_t scatter_parts(const Line& line) {
    const std::int64_t columns = row_numbers(line.outputs[0], 1);
    return parts_for(static_cast<double>(line.inputs[1].size + line.outputs[0].size) * 4,
                     at_least(columns / 64, 1));
}

template <class Number> void scatter(const Line& line, std::int64_t first, std::int64_t last) {
    const Array &indices = line.inputs[0], &rows = line.inputs[1], &y = line.outputs[0];
    const std::int64_t columns = row_numbers(y, 1), length = y.shape[0];
    const std::int64_t from = first_row(columns, line.parts, first),
                       to = first_row(columns, line.parts, last);
    for (std::int64_t row = 0; row < length; ++row)
        for (std::int64_t c = from; c < to; ++c) y.as<Number>()[row * columns + c] = 0;
    for (std::int64_t i = 0; i < indices.size; ++i) {
        std::int64_t row = indices.as<std::int32_t>()[i];
        if (row < 0) row += length;
        if (row < 0 || row >= length) continue;
        Number* sum = y.as<Number>() + row * columns;
        const Number* term = rows.as<Number>() + i * columns;
        for (std::int64_t c = from; c < to; ++c) sum[c] += term[c];
    }
}

void run_scatter(const Line& line, std::int64_t first, std::int64_t last) {
    switch (line.outputs[0].type) {
        case Type::float32:
            return scatter<float>(line, first, last);
        case Type::int32:
        case Type::uint32:
            return scatter<std::uint32_t>(line, first, last);
        default:
            return scatter<std::uint8_t>(line, first, last);
    }
}
KERNEL(scatter_add, scatter_parts, nullptr, run_scatter, nullptr);

// Pictures seen through a frame: which pixels make up one pixel of the result, in the words of
// primitives/gather.py -----------

enum Fill : char { constant = 'c', nearest = 'n', reflect = 'r', wrap = 'w' };

struct Pixels {
    std::int64_t height, width, channels;
    Fill fill;
    bool smooth;

    explicit Pixels(const Line& line)
        : height(line.outputs[0].shape[1]),
          width(line.outputs[0].shape[2]),
          channels(line.outputs[0].shape[3]),
          fill(static_cast<Fill>(line.integer("fill"))),
          smooth(line.integer("smooth") != 0) {}
};

// A whole position brought into [0, size); -1 if it doesn't count.
PIPPIN_INLINE std::int64_t inside(std::int64_t position, std::int64_t size, Fill fill) {
    if (position >= 0 && position < size) return position;
    switch (fill) {
        case nearest:
            return position < 0 ? 0 : size - 1;
        case wrap:
            return (position % size + size) % size;
        case reflect: {
            const std::int64_t folded = (position % (2 * size) + 2 * size) % (2 * size);
            return folded < size ? folded : 2 * size - 1 - folded;
        }
        default:
            return -1;
    }
}

// Rounded down. Positions too far out to be counted, and NaN, are brought to where nothing overflows.
PIPPIN_INLINE float down(float x) {
    x = x > -1e9f ? (x < 1e9f ? x : 1e9f) : -1e9f;
    const float cut = static_cast<float>(static_cast<std::int32_t>(x));
    return cut > x ? cut - 1 : cut;
}

// Calls visit(offset of the pixel in its picture, weight) for one to four pixels.
template <class Visit> PIPPIN_INLINE void each_corner(const Pixels& p, float row, float column, Visit visit) {
    if (!p.smooth) row = down(row + 0.5f), column = down(column + 0.5f);
    const float top = down(row), left = down(column);
    const float below = row - top, beside = column - left;
    for (int step_down = 0; step_down < (p.smooth ? 2 : 1); ++step_down)
        for (int step_across = 0; step_across < (p.smooth ? 2 : 1); ++step_across) {
            const float weight = (step_down ? below : 1 - below) * (step_across ? beside : 1 - beside);
            const std::int64_t r = inside(static_cast<std::int64_t>(top) + step_down, p.height, p.fill);
            const std::int64_t c = inside(static_cast<std::int64_t>(left) + step_across, p.width, p.fill);
            if (r >= 0 && c >= 0) visit((r * p.width + c) * p.channels, weight);
        }
}

// Calls visit(picture, result pixel, offset, weight) for pictures [first, last).
template <class Visit>
PIPPIN_INLINE void each_seen(const Pixels& p, const Array& frames, std::int64_t first, std::int64_t last,
                             Visit visit) {
    for (std::int64_t image = first; image < last; ++image) {
        const float* f = frames.as<float>() + image * 6;
        for (std::int64_t i = 0; i < p.height; ++i)
            for (std::int64_t j = 0; j < p.width; ++j) {
                const float y = static_cast<float>(i), x = static_cast<float>(j);
                each_corner(p, f[0] * y + f[1] * x + f[2], f[3] * y + f[4] * x + f[5],
                            [&](std::int64_t offset, float weight) {
                                visit(image, i * p.width + j, offset, weight);
                            });
            }
    }
}

std::int64_t look_parts(const Line& line) {
    return parts_for(static_cast<double>(line.outputs[0].size) * 16, line.outputs[0].shape[0]);
}

void run_look(const Line& line, std::int64_t first, std::int64_t last) {
    const Pixels p(line);
    const std::int64_t picture = p.height * p.width * p.channels, pictures = line.outputs[0].shape[0];
    const std::int64_t from = first_row(pictures, line.parts, first),
                       to = first_row(pictures, line.parts, last);
    const float* x = line.inputs[0].as<float>();
    float* y = line.outputs[0].as<float>();
    for (std::int64_t i = from * picture; i < to * picture; ++i) y[i] = 0;
    each_seen(p, line.inputs[1], from, to,
              [&](std::int64_t image, std::int64_t pixel, std::int64_t offset, float weight) {
                  float* sum = y + image * picture + pixel * p.channels;
                  const float* seen = x + image * picture + offset;
                  for (std::int64_t c = 0; c < p.channels; ++c) sum[c] += seen[c] * weight;
              });
}

void run_spread(const Line& line, std::int64_t first, std::int64_t last) {
    const Pixels p(line);
    const std::int64_t picture = p.height * p.width * p.channels, pictures = line.outputs[0].shape[0];
    const std::int64_t from = first_row(pictures, line.parts, first),
                       to = first_row(pictures, line.parts, last);
    const float* dy = line.inputs[0].as<float>();
    float* dx = line.outputs[0].as<float>();
    for (std::int64_t i = from * picture; i < to * picture; ++i) dx[i] = 0;
    each_seen(p, line.inputs[1], from, to,
              [&](std::int64_t image, std::int64_t pixel, std::int64_t offset, float weight) {
                  float* sum = dx + image * picture + offset;
                  const float* error = dy + image * picture + pixel * p.channels;
                  for (std::int64_t c = 0; c < p.channels; ++c) sum[c] += error[c] * weight;
              });
}

KERNEL(look_through, look_parts, nullptr, run_look, nullptr);
KERNEL(look_through_spread, look_parts, nullptr, run_spread, nullptr);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
