// The other kernels of primitives/reduce.py, which find something: the positions of maxima, and whether all
// numbers are finite.
#include "block.h"
#include "gemm/parts.h"

namespace pippin::PIPPIN_ISA {
namespace {

// Positions of maxima: the first of equals, NaN before all
// ---------------------------------------------------------------

template <class Number> PIPPIN_INLINE bool beats(Number x, Number best) {
    return (x > best) | ((x != x) & (best == best));
}

template <class Number>
void argmax_rows(void* out, const void* in, std::int64_t count, std::int64_t columns) {
    const Number* x = static_cast<const Number*>(in);
    std::int32_t* y = static_cast<std::int32_t*>(out);
    for (std::int64_t r = 0; r < count; ++r, x += columns) {
        std::int64_t place = 0;
        Number best = x[0];
        for (std::int64_t c = 1; c < columns; ++c) {
            // Chosen without a branch: which answer is the largest can't be foreseen.
            const bool better = beats(x[c], best);
            best = better ? x[c] : best;
            place = better ? c : place;
        }
        y[r] = static_cast<std::int32_t>(place);
    }
}

void argmax_columns_of_rows(void* out, const void* in, std::int64_t rows, std::int64_t columns,
                            std::int64_t stride) {
    const float* x = static_cast<const float*>(in);
    float* y = static_cast<float*>(out);
    for (std::int64_t r = 0; r < rows; r += lanes) {
        Floats best = load(x + r);
        Ints place = {};
        for (std::int64_t c = 1; c < columns; ++c) {
            const Floats value = load(x + c * stride + r);
            const Ints better = (value > best) | ((value != value) & (best == best));
            best = choose(better, value, best);
            place = better ? Ints{} + static_cast<std::int32_t>(c) : place;
        }
        store(y + r, __builtin_bit_cast(Floats, place), first_lanes(rows - r));
    }
}
ROWWISE(argmax, float32, int32, argmax_rows<float>, argmax_columns_of_rows);
ROWWISE(argmax, int32, int32, argmax_rows<std::int32_t>);
ROWWISE(argmax, uint32, int32, argmax_rows<std::uint32_t>);
ROWWISE(argmax, uint8, int32, argmax_rows<std::uint8_t>);
ROWWISE(argmax, boolean, int32, argmax_rows<std::uint8_t>);

template <class Number>
void argmax_columns(std::int32_t* y, const Number* x, std::int64_t rows, std::int64_t columns) {
    for (std::int64_t c = 0; c < columns; ++c) y[c] = 0;
    for (std::int64_t r = 1; r < rows; ++r)
        for (std::int64_t c = 0; c < columns; ++c)
            if (beats(x[r * columns + c], x[y[c] * columns + c])) y[c] = static_cast<std::int32_t>(r);
}

struct Places {
    std::int64_t outer = 1, reduced, inner = 1;
    explicit Places(const Line& line) {
        const Array& x = line.inputs[0];
        const std::int64_t axis = line.integer("axis");
        reduced = x.shape[axis];
        for (std::int64_t i = 0; i < axis; ++i) outer *= x.shape[i];
        for (std::int64_t i = axis + 1; i < x.rank; ++i) inner *= x.shape[i];
    }
};

std::int64_t argmax_parts(const Line& line) {
    return parts_for(static_cast<double>(line.inputs[0].size) * 8, Places(line).outer);
}

template <class Number> void argmax_part(const Line& line, std::int64_t first, std::int64_t last) {
    const Places p(line);
    const Number* x = line.inputs[0].as<Number>();
    std::int32_t* y = line.outputs[0].as<std::int32_t>();
    for (std::int64_t o = first_row(p.outer, line.parts, first); o < first_row(p.outer, line.parts, last);
         ++o) {
        const Number* from = x + o * p.reduced * p.inner;
        if (p.inner == 1)
            argmax_rows<Number>(y + o, from, 1, p.reduced);
        else
            argmax_columns(y + o * p.inner, from, p.reduced, p.inner);
    }
}

void run_argmax(const Line& line, std::int64_t first, std::int64_t last) {
    switch (line.inputs[0].type) {
        case Type::float32:
            return argmax_part<float>(line, first, last);
        case Type::int32:
            return argmax_part<std::int32_t>(line, first, last);
        case Type::uint32:
            return argmax_part<std::uint32_t>(line, first, last);
        default:
            return argmax_part<std::uint8_t>(line, first, last);
    }
}

KERNEL(argmax, argmax_parts, nullptr, run_argmax, nullptr);

// Whether all numbers of all operands are finite: an infinity or NaN has all bits of its exponent set
// ----------------------------------------------

std::int64_t numbers_of(const Line& line) {
    std::int64_t numbers = 0;
    for (std::int32_t i = 0; i < line.input_count; ++i) numbers += line.inputs[i].size;
    return numbers;
}

std::int64_t finite_parts(const Line& line) {
    return parts_for(static_cast<double>(numbers_of(line)) * 4, numbers_of(line));
}

std::size_t finite_scratch(const Line& line) {
    return static_cast<std::size_t>(line.parts);
}

// Numbers [first, last) of an array.
PIPPIN_INLINE bool is_finite(const Array& x, std::int64_t first, std::int64_t last) {
    if (x.type != Type::float32) return true;
    const std::uint32_t* bits = x.as<std::uint32_t>();
    std::uint32_t bad = 0;
    for (std::int64_t i = first; i < last; ++i) bad |= (bits[i] & 0x7f800000u) == 0x7f800000u;
    return !bad;
}

void run_finite(const Line& line, std::int64_t first, std::int64_t last) {
    const std::int64_t numbers = numbers_of(line);
    for (std::int64_t part = first; part < last; ++part) {
        // The operands laid end to end.
        const std::int64_t from = first_row(numbers, line.parts, part),
                           to = first_row(numbers, line.parts, part + 1);
        bool finite = true;
        std::int64_t begin = 0;
        for (std::int32_t i = 0; i < line.input_count; ++i) {
            const Array& x = line.inputs[i];
            finite &= is_finite(x, at_least(from - begin, 0), at_most(to - begin, x.size));
            begin += x.size;
        }
        static_cast<std::uint8_t*>(line.scratch)[part] = finite;
    }
}

void finish_finite(const Line& line, std::int64_t, std::int64_t) {
    std::uint8_t all = 1;
    for (std::int64_t part = 0; part < line.parts; ++part)
        all &= static_cast<const std::uint8_t*>(line.scratch)[part];
    *line.outputs[0].as<std::uint8_t>() = all;
}

KERNEL(all_finite, finite_parts, finite_scratch, run_finite, finish_finite);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
