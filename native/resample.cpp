// Rows first, then columns, each a sum in the order of its taps; then kept in 0..255 and rounded to even halves.
#include "resample.h"

#include <cmath>

namespace pippin {
namespace {

// The sum of some rows of bytes, each times its weight.
void add_up_rows(const std::uint8_t* from, std::int64_t length, const std::int32_t* numbers,
                 const float* weights, std::int64_t taps, float* sums) {
    for (std::int64_t i = 0; i < length; ++i) sums[i] = 0;
    for (std::int64_t tap = 0; tap < taps; ++tap) {
        const std::uint8_t* row = from + numbers[tap] * length;
        const float weight = weights[tap];
        for (std::int64_t i = 0; i < length; ++i) sums[i] += static_cast<float>(row[i]) * weight;
    }
}

std::uint8_t to_byte(float value) {
    // Adding 2^23 leaves no place for what is behind the point, so the processor rounds it off, halves to even.
    const float kept = value > 0 ? (value < 255 ? value : 255) : 0;
    return static_cast<std::uint8_t>(static_cast<std::int32_t>(kept + 0x1p23f) - (1 << 23));
}

template <std::int64_t known_channels>
void add_up_columns(const float* from, std::int64_t some_channels, const Taps& columns, std::uint8_t* to) {
    const std::int64_t channels = known_channels ? known_channels : some_channels;
    for (std::int64_t column = 0; column < columns.count; ++column)
        for (std::int64_t c = 0; c < channels; ++c) {
            float sum = 0;
            for (std::int64_t tap = column * columns.taps; tap < (column + 1) * columns.taps; ++tap)
                sum += from[columns.numbers[tap] * channels + c] * columns.weights[tap];
            to[column * channels + c] = to_byte(sum);
        }
}

}  // namespace

void resample(const std::uint8_t* from, std::int64_t width, std::int64_t channels, const Taps& rows,
              const Taps& columns, std::uint8_t* to) {
    std::vector<float> row(static_cast<std::size_t>(width * channels));
    for (std::int64_t i = 0; i < rows.count; ++i) {
        add_up_rows(from, width * channels, rows.numbers + i * rows.taps, rows.weights + i * rows.taps,
                    rows.taps, row.data());
        std::uint8_t* out = to + i * columns.count * channels;
        channels == 3 ? add_up_columns<3>(row.data(), channels, columns, out)
                      : add_up_columns<0>(row.data(), channels, columns, out);
    }
}

}  // namespace pippin
