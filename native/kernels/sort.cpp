// The kernel of primitives/sort.py: merge sort of places, a row at a time. Merging keeps equal numbers in
// their order, and takes the same steps on every machine.
#include "gemm/parts.h"
#include "kernel.h"

namespace pippin::PIPPIN_ISA {
namespace {

// NaN stands behind all numbers.
template <class Number> PIPPIN_INLINE bool before(Number a, Number b) {
    return (a < b) | ((b != b) & (a == a));
}

template <class Number>
void sort_row(const Number* x, std::int32_t* places, std::int32_t* spare, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) places[i] = static_cast<std::int32_t>(i);
    std::int32_t *from = places, *to = spare;
    for (std::int64_t width = 1; width < count; width *= 2) {
        for (std::int64_t start = 0; start < count; start += 2 * width) {
            const std::int64_t middle = at_most(start + width, count), end = at_most(start + 2 * width, count);
            std::int64_t left = start, right = middle;
            for (std::int64_t i = start; i < end; ++i) {
                const bool second =
                    right < end && (left == middle || before(x[from[right]], x[from[left]]));
                to[i] = second ? from[right++] : from[left++];
            }
        }
        std::int32_t* const kept = from;
        from = to;
        to = kept;
    }
    if (from != places)
        for (std::int64_t i = 0; i < count; ++i) places[i] = from[i];
}

std::int64_t sort_parts(const Line& line) {
    return parts_for(line.work * 4, line.inputs[0].rows());
}

std::size_t sort_scratch(const Line& line) {
    return static_cast<std::size_t>(line.parts * line.inputs[0].last()) * sizeof(std::int32_t);
}

template <class Number> void sort_part(const Line& line, std::int64_t part) {
    const std::int64_t rows = line.inputs[0].rows(), columns = line.inputs[0].last();
    std::int32_t* spare = static_cast<std::int32_t*>(line.scratch) + part * columns;
    for (std::int64_t row = first_row(rows, line.parts, part); row < first_row(rows, line.parts, part + 1);
         ++row)
        sort_row(line.inputs[0].as<Number>() + row * columns,
                 line.outputs[0].as<std::int32_t>() + row * columns, spare, columns);
}

void run_argsort(const Line& line, std::int64_t first, std::int64_t last) {
    for (std::int64_t part = first; part < last; ++part) {
        switch (line.inputs[0].type) {
            case Type::float32:
                sort_part<float>(line, part);
                break;
            case Type::int32:
                sort_part<std::int32_t>(line, part);
                break;
            case Type::uint32:
                sort_part<std::uint32_t>(line, part);
                break;
            default:
                sort_part<std::uint8_t>(line, part);
        }
    }
}
KERNEL(argsort, sort_parts, sort_scratch, run_argsort, nullptr);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
