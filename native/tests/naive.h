// What the heavy kernels mean, as plain loops in double precision: the judge of the heavy test.
#pragma once
#include <cmath>

#include "harness.h"

namespace naive {

using harness::Shape;
using harness::Values;

// A sum in double, and the sum of magnitudes, to which the rounding errors of a float sum are relative.
struct Sums {
    std::vector<double> value, magnitude;
    explicit Sums(const Shape& shape)
        : value(static_cast<std::size_t>(harness::count(shape))), magnitude(value.size()) {}
    void add(std::int64_t at, double term) {
        value[static_cast<std::size_t>(at)] += term;
        magnitude[static_cast<std::size_t>(at)] += std::fabs(term);
    }
};

inline double at(const Values& values, std::int64_t i) {
    return static_cast<double>(values[static_cast<std::size_t>(i)]);
}

inline Sums matmul(const Values& a, const Values& b, std::int64_t batch, std::int64_t m, std::int64_t k,
                   std::int64_t n, bool transpose_a, bool transpose_b) {
    Sums c({batch, m, n});
    for (std::int64_t t = 0; t < batch; ++t)
        for (std::int64_t r = 0; r < m; ++r)
            for (std::int64_t s = 0; s < n; ++s)
                for (std::int64_t i = 0; i < k; ++i)
                    c.add((t * m + r) * n + s, at(a, t * m * k + (transpose_a ? i * m + r : r * k + i)) *
                                                   at(b, t * k * n + (transpose_b ? s * k + i : i * n + s)));
    return c;
}

// The places where windows meet an image: of a convolution, or of pooling (size is the kernel's).
struct Windows {
    std::int64_t batch, height, width, channels, size[2], strides[2], padding[4], dilation[2];

    std::int64_t out(int axis) const {
        const std::int64_t extent = axis ? width : height;
        const std::int64_t room =
            extent + padding[2 * axis] + padding[2 * axis + 1] - (size[axis] - 1) * dilation[axis] - 1;
        return room < 0 ? 0 : room / strides[axis] + 1;
    }
    Shape image() const { return {batch, height, width, channels}; }
    Shape pooled() const { return {batch, out(0), out(1), channels}; }
    std::string words() const {
        return harness::text(image()) + " size " + harness::text({size[0], size[1]}) + " strides " +
               harness::text({strides[0], strides[1]}) + " padding " +
               harness::text({padding[0], padding[1], padding[2], padding[3]}) + " dilation " +
               harness::text({dilation[0], dilation[1]});
    }

    // visit(index of the pixel, index of the tap, index of the window), row-major, inside the image only.
    template <class Visit> void each(Visit visit) const {
        for (std::int64_t b = 0; b < batch; ++b)
            for (std::int64_t r = 0; r < out(0); ++r)
                for (std::int64_t s = 0; s < out(1); ++s)
                    for (std::int64_t i = 0; i < size[0]; ++i)
                        for (std::int64_t j = 0; j < size[1]; ++j) {
                            const std::int64_t y = r * strides[0] - padding[0] + i * dilation[0];
                            const std::int64_t x = s * strides[1] - padding[2] + j * dilation[1];
                            if (y >= 0 && x >= 0 && y < height && x < width)
                                visit((b * height + y) * width + x, i * size[1] + j,
                                      (b * out(0) + r) * out(1) + s);
                        }
    }
};

enum class Of { forward, input, kernel };

// The three convolutions share every product; they differ in what is summed over.
inline Sums convolution(Of of, const Windows& w, std::int64_t filters, const Values& first,
                        const Values& second) {
    const std::int64_t channels = w.channels;
    Sums sums(of == Of::forward ? Shape{w.batch, w.out(0), w.out(1), filters}
              : of == Of::input ? w.image()
                                : Shape{w.size[0], w.size[1], channels, filters});
    w.each([&](std::int64_t pixel, std::int64_t tap, std::int64_t window) {
        for (std::int64_t c = 0; c < channels; ++c)
            for (std::int64_t f = 0; f < filters; ++f) {
                const std::int64_t x = pixel * channels + c, k = (tap * channels + c) * filters + f,
                                   y = window * filters + f;
                if (of == Of::forward) sums.add(y, at(first, x) * at(second, k));
                if (of == Of::input) sums.add(x, at(first, y) * at(second, k));
                if (of == Of::kernel) sums.add(k, at(first, x) * at(second, y));
            }
    });
    return sums;
}

// For every window and channel, the pixel of the first largest value (-1: the window lies outside), and the
// window's count.
struct Picks {
    std::vector<std::int64_t> index;
    std::vector<double> count;
};

inline Picks first_maxima(const Windows& w, const Values& x) {
    Picks picks{std::vector<std::int64_t>(static_cast<std::size_t>(harness::count(w.pooled())), -1), {}};
    picks.count.resize(picks.index.size());
    w.each([&](std::int64_t pixel, std::int64_t, std::int64_t window) {
        for (std::int64_t c = 0; c < w.channels; ++c) {
            const auto at_window = static_cast<std::size_t>(window * w.channels + c);
            const std::int64_t candidate = pixel * w.channels + c;
            std::int64_t& best = picks.index[at_window];
            picks.count[at_window] += 1;
            if (best < 0) {
                best = candidate;
                continue;
            }
            const double value = at(x, candidate), held = at(x, best);
            if (value > held || (std::isnan(value) && !std::isnan(held))) best = candidate;
        }
    });
    return picks;
}

}  // namespace naive
