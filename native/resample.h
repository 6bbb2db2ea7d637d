// Pictures in another size: the quick form of src/pippin/data/resample.py, number for number.
#pragma once
#include <cstdint>
#include <vector>

namespace pippin {

// Which rows (or columns) of the old picture make up each of the new: `taps` numbers and weights for each.
struct Taps {
    const std::int32_t* numbers;
    const float* weights;
    std::int64_t count, taps;
};

// Bytes (height, width, channels), of at most four channels, from `from` to
// (rows.count, columns.count, channels) at `to`.
void resample(const std::uint8_t* from, std::int64_t width, std::int64_t channels, const Taps& rows,
              const Taps& columns, std::uint8_t* to);

}  // namespace pippin
