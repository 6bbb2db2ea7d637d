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

// Pictures seen through a frame, in the words of primitives/gather.py
// -----------------------------------------------

enum Fill : char { constant = 'c', nearest = 'n', reflect = 'r', wrap = 'w' };

// Whole positions brought into [0, size). Those that don't count are 0, and their lanes in `counts` too.
PIPPIN_INLINE Ints inside(Ints position, std::int32_t size, Fill fill, Ints& counts) {
    const Ints from_below = position < 0, from_above = position >= size;
    switch (fill) {
        case constant:
            counts &= ~(from_below | from_above);
            return position & ~(from_below | from_above);
        case nearest:
            return from_below ? Ints{} : from_above ? Ints{} + (size - 1) : position;
        case wrap:
            position = from_below ? position + size : from_above ? position - size : position;
            break;
        case reflect:
            position = from_below ? -1 - position : from_above ? 2 * size - 1 - position : position;
            break;
    }
    const Ints outside = (position < 0) | (position >= size);
    if (!has_nan(reinterpret_cast<Floats>(outside))) [[likely]] return position;  // all bits set are NaN
    for (int lane = 0; lane < lanes; ++lane) {
        const std::int32_t once = position[lane];
        const std::int64_t period = fill == wrap ? size : 2 * std::int64_t{size};
        const std::int64_t folded = (once % period + period) % period;
        position[lane] = static_cast<std::int32_t>(folded < size ? folded : period - 1 - folded);
    }
    return position;
}

// Rounded down. Positions too far out to be counted, and NaN, are brought to where nothing overflows.
PIPPIN_INLINE Floats down(Floats x) {
    const Floats far = broadcast(1e9f);
    x = choose(x > -far, choose(x < far, x, far), -far);
    const Floats cut = __builtin_convertvector(__builtin_convertvector(x, Ints), Floats);
    return choose(cut > x, cut - 1, cut);
}

// Which pixels make up each of `lanes` neighbours of a row of the result: where they begin in their picture,
// and their weights. Those that don't count have weight 0.
template <bool smooth> struct Corners {
    static constexpr int count = smooth ? 4 : 1;
    alignas(64) std::int32_t offset[4][lanes];
    alignas(64) float weight[4][lanes];

    // `frame` is a, b, c, d, e, f; the pixels are those of row `i` from column `j` on.
    PIPPIN_INLINE Corners(const Array& picture, Fill fill, const float* frame, std::int64_t i,
                          std::int64_t j) {
        Floats x;
        for (int lane = 0; lane < lanes; ++lane) x[lane] = static_cast<float>(j + lane);
        const float y = static_cast<float>(i);
        Floats row = frame[0] * y + frame[1] * x + frame[2];
        Floats column = frame[3] * y + frame[4] * x + frame[5];
        if (!smooth) row = down(row + 0.5f), column = down(column + 0.5f);
        const Floats top = down(row), left = down(column);
        const Floats below = row - top, beside = column - left;
        const auto height = static_cast<std::int32_t>(picture.shape[1]),
                   width = static_cast<std::int32_t>(picture.shape[2]),
                   channels = static_cast<std::int32_t>(picture.shape[3]);
        const Ints whole_top = __builtin_convertvector(top, Ints),
                   whole_left = __builtin_convertvector(left, Ints);
        Ints rows[2], columns[2], counted_rows[2], counted_columns[2];
        for (int step = 0; step < (smooth ? 2 : 1); ++step) {
            counted_rows[step] = counted_columns[step] = Ints{} - 1;
            rows[step] = inside(whole_top + step, height, fill, counted_rows[step]) * (width * channels);
            columns[step] = inside(whole_left + step, width, fill, counted_columns[step]) * channels;
        }
        for (int corner = 0; corner < count; ++corner) {
            const int step_down = corner / 2, step_across = corner % 2;
            const Ints begin = rows[step_down] + columns[step_across];
            const Floats share = (step_down ? below : 1 - below) * (step_across ? beside : 1 - beside);
            const Floats counted =
                choose(counted_rows[step_down] & counted_columns[step_across], share, Floats{});
            __builtin_memcpy(offset[corner], &begin, sizeof begin);
            __builtin_memcpy(weight[corner], &counted, sizeof counted);
        }
    }
};

// Four numbers at once: one more than a pixel of three colours has, and still quicker than three times one.
using Four [[gnu::vector_size(16)]] = float;

// Calls pixel(its number in the result, corners, lane) for every pixel of the result, row after row.
template <bool smooth, class Pixel>
PIPPIN_INLINE void each_pixel(const Line& line, const float* frame, Pixel pixel) {
    const Array& picture = line.outputs[0];
    const auto fill = static_cast<Fill>(line.integer("fill"));
    const std::int64_t height = picture.shape[1], width = picture.shape[2];
    for (std::int64_t i = 0; i < height; ++i)
        for (std::int64_t j = 0; j < width; j += lanes) {
            const Corners<smooth> corners(picture, fill, frame, i, j);
            const int used = static_cast<int>(at_most(lanes, width - j));
            for (int lane = 0; lane < used; ++lane) pixel(i * width + j + lane, corners, lane);
        }
}

std::int64_t look_parts(const Line& line) {
    return parts_for(static_cast<double>(line.outputs[0].size) * 16, line.outputs[0].shape[0]);
}

// One picture seen through its frame.
template <bool smooth, std::int64_t known_channels> void look(const Line& line, std::int64_t image) {
    const Array& pictures = line.outputs[0];
    const std::int64_t channels = known_channels ? known_channels : pictures.shape[3],
                       size = pictures.shape[1] * pictures.shape[2] * channels;
    const float* x = line.inputs[0].as<float>() + image * size;
    float* y = pictures.as<float>() + image * size;
    const auto one_by_one = [&](std::int64_t pixel, const Corners<smooth>& corners, int lane) {
        for (std::int64_t c = 0; c < channels; ++c) {
            float sum = 0;
            for (int corner = 0; corner < corners.count; ++corner)
                sum += x[corners.offset[corner][lane] + c] * corners.weight[corner][lane];
            y[pixel * channels + c] = sum;
        }
    };
    const auto four_at_once = [&](std::int64_t pixel, const Corners<smooth>& corners, int lane) {
        Four sum{}, seen;
        for (int corner = 0; corner < corners.count; ++corner) {
            // The last pixel has no number behind it: it is read from one number earlier.
            const std::int64_t from = corners.offset[corner][lane], last = size - 4;
            __builtin_memcpy(&seen, x + at_most(from, last), sizeof seen);
            if (from > last) [[unlikely]] seen = Four{seen[1], seen[2], seen[3], 0};
            sum += seen * corners.weight[corner][lane];
        }
        __builtin_memcpy(y + pixel * channels, &sum, sizeof sum);  // the next pixel overwrites the fourth
    };
    each_pixel<smooth>(line, line.inputs[1].as<float>() + image * 6,
                       [&](std::int64_t pixel, const Corners<smooth>& corners, int lane) {
                           if (known_channels == 3 && (pixel + 1) * channels < size)
                               four_at_once(pixel, corners, lane);
                           else
                               one_by_one(pixel, corners, lane);
                       });
}

// The other way round: each number of the result adds up in the pixels it was made of.
template <bool smooth> void spread(const Line& line, std::int64_t image) {
    const Array& pictures = line.outputs[0];
    const std::int64_t channels = pictures.shape[3], size = pictures.shape[1] * pictures.shape[2] * channels;
    const float* dy = line.inputs[0].as<float>() + image * size;
    float* dx = pictures.as<float>() + image * size;
    for (std::int64_t i = 0; i < size; ++i) dx[i] = 0;
    each_pixel<smooth>(line, line.inputs[1].as<float>() + image * 6,
                       [&](std::int64_t pixel, const Corners<smooth>& corners, int lane) {
                           for (int corner = 0; corner < corners.count; ++corner) {
                               float* sum = dx + corners.offset[corner][lane];
                               for (std::int64_t c = 0; c < channels; ++c)
                                   sum[c] += dy[pixel * channels + c] * corners.weight[corner][lane];
                           }
                       });
}

using Pass = void (*)(const Line& line, std::int64_t image);

PIPPIN_INLINE void run_pass(const Line& line, std::int64_t first, std::int64_t last, Pass smooth,
                            Pass nearest) {
    const std::int64_t pictures = line.outputs[0].shape[0];
    const Pass pass = line.integer("smooth") ? smooth : nearest;
    for (std::int64_t image = first_row(pictures, line.parts, first);
         image < first_row(pictures, line.parts, last); ++image)
        pass(line, image);
}

void run_look(const Line& line, std::int64_t first, std::int64_t last) {
    if (line.outputs[0].shape[3] == 3)
        run_pass(line, first, last, look<true, 3>, look<false, 3>);
    else
        run_pass(line, first, last, look<true, 0>, look<false, 0>);
}

void run_spread(const Line& line, std::int64_t first, std::int64_t last) {
    run_pass(line, first, last, spread<true>, spread<false>);
}

KERNEL(look_through, look_parts, nullptr, run_look, nullptr);
KERNEL(look_through_spread, look_parts, nullptr, run_spread, nullptr);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
