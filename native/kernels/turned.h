// Blocks of short rows laid column by column: how numbers get into such a block and out of it. The number of row r and
// column c stands at c * stride + r, and strides are whole numbers of vectors.
#pragma once
#include "gemm/parts.h"
#include "gemm/transpose.h"

namespace pippin::PIPPIN_ISA {

// Fewer columns than this are moved one by one; a square of vectors would be nearly empty.
constexpr std::int64_t fewest_columns_of_square = 4;

// Rows that do not exist become 0, so that nothing is computed with what memory happened to hold.
PIPPIN_INLINE void turn_in(float* to, std::int64_t stride, const float* from, std::int64_t rows, std::int64_t columns) {
    if (columns < fewest_columns_of_square) {
        for (std::int64_t c = 0; c < columns; ++c) {
            for (std::int64_t r = 0; r < rows; ++r) to[c * stride + r] = from[r * columns + c];
            for (std::int64_t r = rows; r < stride; ++r) to[c * stride + r] = 0;
        }
        return;
    }
    for (std::int64_t row = 0; row < stride; row += lanes)
        for (std::int64_t column = 0; column < columns; column += lanes) {
            Floats square[lanes];
            const Mask across = first_lanes(columns - column);
#pragma GCC unroll 16
            for (int i = 0; i < lanes; ++i)
                square[i] = row + i < rows ? load(from + (row + i) * columns + column, across) : Floats{};
            transpose_square(square);
            const std::int64_t here = at_most(columns - column, lanes);
#pragma GCC unroll 16
            for (int i = 0; i < lanes; ++i)
                if (i < here) store(to + (column + i) * stride + row, square[i]);
        }
}

PIPPIN_INLINE void turn_out(float* to, const float* from, std::int64_t stride, std::int64_t rows, std::int64_t columns) {
    if (columns < fewest_columns_of_square) {
        for (std::int64_t r = 0; r < rows; ++r)
            for (std::int64_t c = 0; c < columns; ++c) to[r * columns + c] = from[c * stride + r];
        return;
    }
    transpose(from, stride, to, columns, columns, rows);
}

// Numbers of one byte, such as truth values.
PIPPIN_INLINE void turn_in(std::uint8_t* to, std::int64_t stride, const std::uint8_t* from, std::int64_t rows,
                           std::int64_t columns) {
    for (std::int64_t c = 0; c < columns; ++c)
        for (std::int64_t r = 0; r < stride; ++r) to[c * stride + r] = r < rows ? from[r * columns + c] : 0;
}

PIPPIN_INLINE void turn_out(std::uint8_t* to, const std::uint8_t* from, std::int64_t stride, std::int64_t rows,
                            std::int64_t columns) {
    for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t c = 0; c < columns; ++c) to[r * columns + c] = from[c * stride + r];
}

// One number for each row, the same in all columns.
PIPPIN_INLINE void spread_turned(float* to, std::int64_t stride, const float* column, std::int64_t rows,
                                 std::int64_t columns) {
    for (std::int64_t row = 0; row < stride; row += lanes) {
        const Floats numbers = load(column + row, first_lanes(at_least(rows - row, 0)));
        for (std::int64_t c = 0; c < columns; ++c) store(to + c * stride + row, numbers);
    }
}

PIPPIN_INLINE void spread_turned(std::uint8_t* to, std::int64_t stride, const std::uint8_t* column, std::int64_t rows,
                                 std::int64_t columns) {
    for (std::int64_t c = 0; c < columns; ++c)
        for (std::int64_t r = 0; r < stride; ++r) to[c * stride + r] = r < rows ? column[r] : 0;
}

// One number for each column, the same in all rows.
template <class Number>
PIPPIN_INLINE void repeat_turned(Number* to, std::int64_t stride, const Number* row, std::int64_t columns) {
    for (std::int64_t c = 0; c < columns; ++c)
        for (std::int64_t r = 0; r < stride; ++r) to[c * stride + r] = row[c];
}

}  // namespace pippin::PIPPIN_ISA
