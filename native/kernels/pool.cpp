// Pooling over windows of images (batch, height, width, channels), and its derivatives. The channels feed the
// lanes.
//
// Meaning: a window is the positions (row * stride - padding + i, ...) for i < size that lie inside the
// image.
//   max_pool             the largest value of the window; a NaN counts as larger than any number
//   max_pool_pick        the value of a second image at the position of the first largest value, in row-major
//   order max_pool_place       the transpose of picking: each dy is added at that position average_pool the
//   mean of the window average_pool_spread  the transpose of averaging: dy / count is added at every position
//   of the window
#include "channels.h"
#include "gemm/convolution.h"
#include "gemm/product.h"
#include "kernel.h"
#include <type_traits>

namespace pippin::PIPPIN_ISA {
namespace {

struct Pooling {
    std::int64_t batch, height, width, channels, rows, columns;  // rows, columns: of windows
    std::int64_t size[2], strides[2], padding[2];

    Pooling(const Line& line, const Array& image, const Array& pooled)
        : batch(image.shape[0]),
          height(image.shape[1]),
          width(image.shape[2]),
          channels(image.shape[3]),
          rows(pooled.shape[1]),
          columns(pooled.shape[2]) {
        for (int axis = 0; axis < 2; ++axis) {
            size[axis] = line.integer("size", axis, 1);
            strides[axis] = line.integer("strides", axis, 1);
            padding[axis] = line.integer("padding", 2 * axis, 0);  // top, bottom, left, right
        }
    }
    std::int64_t image() const { return height * width * channels; }
    bool overlaps() const { return strides[0] < size[0] || strides[1] < size[1]; }
};

// The part of a window that lies inside the image. `origin` is its first position, counted in floats from the
// image's start.
struct Window {
    static constexpr bool may_spill = false;
    std::int64_t height, width, origin;

    PIPPIN_INLINE Window(const Pooling& p, std::int64_t row, std::int64_t column) {
        const std::int64_t top = row * p.strides[0] - p.padding[0],
                           left = column * p.strides[1] - p.padding[1];
        const std::int64_t y = at_least(top, 0), x = at_least(left, 0);
        height = at_least(at_most(top + p.size[0], p.height) - y, 0);
        width = at_least(at_most(left + p.size[1], p.width) - x, 0);
        origin = (y * p.width + x) * p.channels;
    }
    PIPPIN_INLINE bool is_empty() const { return height == 0 || width == 0; }
    PIPPIN_INLINE float count() const { return static_cast<float>(height * width); }
};

// A window of two by two, the most common one: its loops unroll.
struct SquareOfFour {
    static constexpr std::int64_t height = 2, width = 2;
    std::int64_t origin;
    bool may_spill;  // the windows behind it in its row will write at least what is missing to a whole vector
    PIPPIN_INLINE bool is_empty() const { return false; }
    PIPPIN_INLINE float count() const { return 4; }
};

// Calls visit(window, pooled) for the windows of pooled rows [first, last), counted over the whole batch. The
// window's origin counts from the first image; `pooled` is where, in floats, its result stands.
template <class Visit>
PIPPIN_INLINE void each_window(const Pooling& p, std::int64_t first, std::int64_t last, Visit visit) {
    const bool is_square = p.size[0] == 2 && p.size[1] == 2;
    const std::int64_t whole_from = is_square ? divide_up(p.padding[1], p.strides[1]) : p.columns;
    for (std::int64_t at = first; at < last; ++at) {
        const std::int64_t image = at / p.rows, row = at - image * p.rows;
        const std::int64_t top = row * p.strides[0] - p.padding[0];
        const bool is_whole = is_square && top >= 0 && top + 2 <= p.height;
        const std::int64_t start = image * p.image() + (top * p.width - p.padding[1]) * p.channels;
        std::int64_t pooled = at * p.columns * p.channels;
        for (std::int64_t column = 0; column < p.columns; ++column, pooled += p.channels) {
            if (is_whole && column >= whole_from && column * p.strides[1] - p.padding[1] + 2 <= p.width) {
                visit(SquareOfFour{start + column * p.strides[1] * p.channels,
                                   (p.columns - column) * p.channels >= lanes},
                      pooled);
            } else {
                Window window(p, row, column);
                window.origin += image * p.image();
                visit(window, pooled);
            }
        }
    }
}

// Calls visit(position, offset from the window's origin) in row-major order.
template <class AnyWindow, class Visit>
PIPPIN_INLINE void each_position(const Pooling& p, const AnyWindow& window, Visit visit) {
    std::int32_t position = 0;
    for (std::int64_t y = 0; y < window.height; ++y)
        for (std::int64_t x = 0; x < window.width; ++x) visit(position++, (y * p.width + x) * p.channels);
}

// The largest value of a window, and its position, the first of several. `changed(condition, offset)` hears
// which lanes have found a larger value where. Comparing with NaN takes twice the time of comparing numbers:
// so values are also summed, and only where the sum is NaN (or infinities met) the window is looked at again,
// with care.
template <class AnyWindow, class Lanes, class Restart, class Changed>
PIPPIN_INLINE Floats largest(const Pooling& p, const AnyWindow& window, Lanes access, const float* x,
                             Restart restart, Changed changed) {
    Floats best = access.read(x), sum = {};
    restart();
    each_position(p, window, [&](std::int32_t position, std::int64_t offset) {
        const Floats value = access.read(x + offset);
        sum += value;
        if (position == 0) return;
        const Ints larger = value > best;
        changed(larger, position, offset);
        best = choose(larger, value, best);
    });
    if (__builtin_expect(!has_nan(sum), 1)) return best;
    best = access.read(x);
    restart();
    each_position(p, window, [&](std::int32_t position, std::int64_t offset) {
        const Floats value = access.read(x + offset);
        const Ints larger = (value > best) | ((value != value) & (best == best));
        changed(larger, position, offset);
        best = choose(larger, value, best);
    });
    return best;
}

struct Range {
    std::int64_t first, last;
    Range(const Line& line, std::int64_t whole, std::int64_t first_part, std::int64_t last_part)
        : first(first_row(whole, line.parts, first_part)), last(first_row(whole, line.parts, last_part)) {}
};

// Any range of pooled rows is independent of the others; where windows write into the image, whole images
// are.
// A position of a window takes the time of so many operations of a product: it is looked for, compared and
// moved.
constexpr double operations_of_a_position = 16;

double operations(const Line& line, const Array& pooled) {
    return static_cast<double>(pooled.size * line.integer("size", 0, 1) * line.integer("size", 1, 1)) *
           operations_of_a_position;
}

std::int64_t parts_by_row(const Line& line) {
    const Array& pooled = line.outputs[0];
    return parts_for(operations(line, pooled), pooled.shape[0] * pooled.shape[1]);
}

std::int64_t parts_by_image(const Line& line) {
    const Array& pooled = line.inputs[line.input_count - 1];
    return parts_for(operations(line, pooled), pooled.shape[0]);
}

// Runs visit(p, window, pooled) for the windows of the given parts, and announces their results.
template <class Visit> void pool(const Line& line, std::int64_t first, std::int64_t last, Visit visit) {
    const Pooling p(line, line.inputs[0], line.outputs[0]);
    const Range rows(line, p.batch * p.rows, first, last);
    each_window(p, rows.first, rows.last,
                [&](auto window, std::int64_t pooled) { visit(p, window, pooled); });
    if (line.after_rows && rows.first < rows.last)
        line.after_rows(line, rows.first * p.columns, rows.last * p.columns);
}

// The rows of an image that no window but those of pooled rows up to `row` writes to, behind those of the
// rows before.
struct Band {
    std::int64_t first, last;

    PIPPIN_INLINE Band(const Pooling& p, std::int64_t row)
        : first(row == 0 ? 0 : begin(p, row)), last(row + 1 >= p.rows ? p.height : begin(p, row + 1)) {}

  private:
    PIPPIN_INLINE static std::int64_t begin(const Pooling& p, std::int64_t row) {
        return at_most(at_least(row * p.strides[0] - p.padding[0], 0), p.height);
    }
};

// The same for lines whose windows write into images, band after band, so that what follows finds a band
// where it was written. visit(p, window, pooled, add): add to what stands in the image, or, where no two
// windows touch, just write.
template <class Visit>
void unpool(const Line& line, const Array& gradient, std::int64_t first, std::int64_t last, Visit visit) {
    const Pooling p(line, line.outputs[0], gradient);
    const Range images(line, p.batch, first, last);
    const std::int64_t row_floats = p.width * p.channels;
    const bool overlaps = p.overlaps();
    const bool fills_rows =
        p.strides[1] == p.size[1] && p.padding[1] == 0 && p.columns * p.size[1] == p.width;
    for (std::int64_t image = images.first; image < images.last; ++image) {
        float* pixels = line.outputs[0].as<float>() + image * p.image();
        if (overlaps) clear(pixels, p.image());
        std::int64_t announced = 0;
        // Where no window fits, the only band is the whole image.
        for (std::int64_t row = 0; row < at_least(p.rows, 1); ++row) {
            const Band band(p, row);
            if (!overlaps && !(fills_rows && band.last - band.first == p.size[0]))
                clear(pixels + band.first * row_floats, (band.last - band.first) * row_floats);
            const std::int64_t at = image * p.rows + row;
            each_window(p, at, at + at_most(p.rows, 1), [&](auto window, std::int64_t pooled) {
                if (!window.is_empty()) visit(p, window, pooled, overlaps);
            });
            const bool is_enough =
                (band.last - announced) * row_floats >= announced_floats || row + 1 >= p.rows;
            if (line.after_rows && is_enough && band.last > announced) {
                line.after_rows(line, (image * p.height + announced) * p.width,
                                (image * p.height + band.last) * p.width);
                announced = band.last;
            }
        }
    }
}

void run_max(const Line& line, std::int64_t first, std::int64_t last) {
    const float* x = line.inputs[0].as<float>();
    float* y = line.outputs[0].as<float>();
    pool(line, first, last, [=](const Pooling& p, auto window, std::int64_t pooled) {
        each_vector(p.channels, window.may_spill, [&](std::int64_t channel, auto access) {
            Floats best = broadcast(-__builtin_inff());
            if (!window.is_empty())
                best = largest(
                    p, window, access, x + window.origin + channel, [] {},
                    [](Ints, std::int32_t, std::int64_t) {});
            access.write(y + pooled + channel, best);
        });
    });
}

void run_pick(const Line& line, std::int64_t first, std::int64_t last) {
    const float* x = line.inputs[0].as<float>();
    const float* v = line.inputs[1].as<float>();
    float* y = line.outputs[0].as<float>();
    pool(line, first, last, [=](const Pooling& p, auto window, std::int64_t pooled) {
        each_vector(p.channels, [&](std::int64_t channel, auto access) {
            const float* from = v + window.origin + channel;
            Floats picked = {};
            if (!window.is_empty())
                largest(
                    p, window, access, x + window.origin + channel, [&] { picked = access.read(from); },
                    [&](Ints larger, std::int32_t, std::int64_t offset) {
                        picked = choose(larger, access.read(from + offset), picked);
                    });
            access.write(y + pooled + channel, picked);
        });
    });
}

// The same for a window of four, where no two touch, in few steps; false if it holds NaN (or infinities met).
PIPPIN_INLINE bool place_in_square(const Pooling& p, const SquareOfFour& window, const float* x, const float* dy, float* dx) {
    const std::int64_t below = p.width * p.channels;
    const bool may_spill = window.may_spill && p.strides[1] == 2;
    Floats sum = {};
    each_vector(p.channels, may_spill, [&](std::int64_t channel, auto access) {
        const float* from = x + window.origin + channel;
        float* to = dx + window.origin + channel;
        const Floats first = access.read(from), second = access.read(from + p.channels),
                     third = access.read(from + below), fourth = access.read(from + below + p.channels);
        sum += first + second + third + fourth;
        const Ints is_second = second > first;
        const Floats upper = choose(is_second, second, first);
        const Ints is_third = third > upper;
        const Floats three = choose(is_third, third, upper);
        const Ints is_fourth = fourth > three;
        const Floats gradient = Floats{} + access.read(dy + channel), none = {};
        access.write(to, choose(is_second | is_third | is_fourth, none, gradient));
        access.write(to + p.channels, choose(is_second & ~(is_third | is_fourth), gradient, none));
        access.write(to + below, choose(is_third & ~is_fourth, gradient, none));
        access.write(to + below + p.channels, choose(is_fourth, gradient, none));
    });
    return __builtin_expect(!has_nan(sum), 1);
}

void run_place(const Line& line, std::int64_t first, std::int64_t last) {
    const float* x = line.inputs[0].as<float>();
    const float* dy = line.inputs[1].as<float>();
    float* dx = line.outputs[0].as<float>();
    unpool(line, line.inputs[1], first, last,
           [=](const Pooling& p, auto window, std::int64_t pooled, bool add) {
               if constexpr (std::is_same_v<decltype(window), SquareOfFour>) {
                   if (!add && place_in_square(p, window, x, dy + pooled, dx)) return;
               }
               each_vector(p.channels, [&](std::int64_t channel, auto access) {
                   Ints place = {};
                   largest(
                       p, window, access, x + window.origin + channel, [&] { place = Ints{}; },
                       [&](Ints larger, std::int32_t position, std::int64_t) {
                           place = larger ? Ints{} + position : place;
                       });
                   const Floats gradient = access.read(dy + pooled + channel);
                   each_position(p, window, [&](std::int32_t position, std::int64_t offset) {
                       float* to = dx + window.origin + channel + offset;
                       const Floats held = add ? access.read(to) : Floats{};
                       access.write(to, choose(place == position, held + gradient, held));
                   });
               });
           });
}

void run_average(const Line& line, std::int64_t first, std::int64_t last) {
    const float* x = line.inputs[0].as<float>();
    float* y = line.outputs[0].as<float>();
    pool(line, first, last, [=](const Pooling& p, auto window, std::int64_t pooled) {
        each_vector(p.channels, [&](std::int64_t channel, auto access) {
            Floats sum = {};
            each_position(p, window, [&](std::int32_t, std::int64_t offset) {
                sum += access.read(x + window.origin + channel + offset);
            });
            access.write(y + pooled + channel, sum / broadcast(window.count()));
        });
    });
}

void run_spread(const Line& line, std::int64_t first, std::int64_t last) {
    const float* dy = line.inputs[0].as<float>();
    float* dx = line.outputs[0].as<float>();
    unpool(line, line.inputs[0], first, last,
           [=](const Pooling& p, auto window, std::int64_t pooled, bool add) {
               each_vector(p.channels, [&](std::int64_t channel, auto access) {
                   const Floats share = access.read(dy + pooled + channel) / broadcast(window.count());
                   each_position(p, window, [&](std::int32_t, std::int64_t offset) {
                       float* to = dx + window.origin + channel + offset;
                       access.write(to, add ? access.read(to) + share : share);
                   });
               });
           });
}

KERNEL(max_pool, parts_by_row, nullptr, run_max, nullptr);
KERNEL(max_pool_pick, parts_by_row, nullptr, run_pick, nullptr);
KERNEL(max_pool_place, parts_by_image, nullptr, run_place, nullptr);
KERNEL(average_pool, parts_by_row, nullptr, run_average, nullptr);
KERNEL(average_pool_spread, parts_by_image, nullptr, run_spread, nullptr);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
