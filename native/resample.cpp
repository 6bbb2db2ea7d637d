// Rows first, then columns, each a sum in the order of its taps; then kept in 0..255 and rounded.
#include "resample.h"

#include <cstring>

namespace pippin {
namespace {

// The sum of some rows of bytes, each times its weight.
void add_up_rows(const std::uint8_t* __restrict from, std::int64_t length, const std::int32_t* numbers,
                 const float* weights, std::int64_t taps, float* __restrict sums) {
    const auto row = [&](std::int64_t tap) { return from + numbers[tap] * length; };
    const std::uint8_t* first = row(0);
    const float one = weights[0];
    if (taps == 2) {
        const std::uint8_t* second = row(1);
        const float other = weights[1];
        for (std::int64_t i = 0; i < length; ++i)
            sums[i] = static_cast<float>(first[i]) * one + static_cast<float>(second[i]) * other;
        return;
    }
    for (std::int64_t i = 0; i < length; ++i) sums[i] = static_cast<float>(first[i]) * one;
    for (std::int64_t tap = 1; tap < taps; ++tap) {
        const std::uint8_t* next = row(tap);
        const float weight = weights[tap];
        for (std::int64_t i = 0; i < length; ++i) sums[i] += static_cast<float>(next[i]) * weight;
    }
}

// Four numbers at once: one more than a pixel of three colours has, and still quicker than three times one.
using Four [[gnu::vector_size(16)]] = float;

// The columns of one row. There is room for three numbers behind both.
void add_up_columns(const float* from, std::int64_t channels, const Taps& columns, float* to) {
    for (std::int64_t column = 0; column < columns.count; ++column) {
        const std::int32_t* numbers = columns.numbers + column * columns.taps;
        const float* weights = columns.weights + column * columns.taps;
        Four sum{};
        for (std::int64_t tap = 0; tap < columns.taps; ++tap) {
            Four pixel;
            std::memcpy(&pixel, from + numbers[tap] * channels, sizeof pixel);
            sum += pixel * weights[tap];
        }
        std::memcpy(to + column * channels, &sum, sizeof sum);
    }
}

void to_bytes(const float* __restrict from, std::int64_t count, std::uint8_t* __restrict to) {
    for (std::int64_t i = 0; i < count; ++i) {
        const float low = from[i] > 0 ? from[i] : 0, kept = low < 255 ? low : 255;
        // 2^23 more leave no place for what is behind the point: the processor rounds it, halves to even.
        to[i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(kept + 0x1p23f));
    }
}

}  // namespace

void resample(const std::uint8_t* from, std::int64_t width, std::int64_t channels, const Taps& rows,
              const Taps& columns, std::uint8_t* to) {
    const std::int64_t made = columns.count * channels;
    std::vector<float> row(static_cast<std::size_t>(width * channels + 3)),
        sums(static_cast<std::size_t>(made + 3));
    for (std::int64_t i = 0; i < rows.count; ++i) {
        add_up_rows(from, width * channels, rows.numbers + i * rows.taps, rows.weights + i * rows.taps,
                    rows.taps, row.data());
        add_up_columns(row.data(), channels, columns, sums.data());
        to_bytes(sums.data(), made, to + i * made);
    }
}

}  // namespace pippin
