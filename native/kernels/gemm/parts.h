// How a heavy line falls into parts: ranges of rows of equal work, a number of them that depends on the
// shapes alone.
#pragma once
#include "../../program.h"
#include "../../simd.h"

namespace pippin::PIPPIN_ISA {

// Enough parts for any machine a small network should run on; scratch memory grows with them.
constexpr std::int64_t most_parts = 64;
// A part should outlast the handing over of it (about a microsecond) by far.
constexpr double operations_of_a_part = 100e3;

PIPPIN_INLINE std::int64_t at_least(std::int64_t value, std::int64_t floor) {
    return value < floor ? floor : value;
}

PIPPIN_INLINE std::int64_t at_most(std::int64_t value, std::int64_t ceiling) {
    return value > ceiling ? ceiling : value;
}

PIPPIN_INLINE std::int64_t divide_up(std::int64_t value, std::int64_t by) {
    return (value + by - 1) / by;
}

PIPPIN_INLINE std::int64_t parts_for(double operations, std::int64_t rows) {
    const double wanted = operations / operations_of_a_part;
    const std::int64_t whole =
        wanted < static_cast<double>(most_parts) ? static_cast<std::int64_t>(wanted) : most_parts;
    return at_least(at_most(whole, rows), 1);
}

// No more parts than so many floats of scratch memory for each allow: 16 MiB in all, unless a single part
// needs more.
PIPPIN_INLINE std::int64_t affordable_parts(std::int64_t parts, std::int64_t floats_of_part) {
    return at_least(at_most(parts, 4 * 1024 * 1024 / at_least(floats_of_part, 1)), 1);
}

// The first row of a part: parts differ by one row at most.
PIPPIN_INLINE std::int64_t first_row(std::int64_t rows, std::int64_t parts, std::int64_t part) {
    return parts == 1 ? rows * part
                      : rows * part / parts;  // a division costs a small line several percent of its time
}

// Cuts a length into the fewest pieces of at most `most`, which differ by one at most.
struct Cut {
    std::int64_t pieces, size, longer;  // the first `longer` pieces are one longer than `size`

    PIPPIN_INLINE Cut(std::int64_t length, std::int64_t most) : pieces(length > 0), size(length), longer(0) {
        if (length <= most) return;
        pieces = divide_up(length, most);
        size = length / pieces;
        longer = length - size * pieces;
    }
    // Pieces of just `step`; the last one ends beyond the length, if that is no multiple.
    PIPPIN_INLINE static Cut steps(std::int64_t length, std::int64_t step) {
        Cut cut(length, length);
        cut.pieces = divide_up(length, step);
        cut.size = step;
        return cut;
    }
    PIPPIN_INLINE std::int64_t start(std::int64_t piece) const {
        return piece * size + at_most(piece, longer);
    }
};

}  // namespace pippin::PIPPIN_ISA
