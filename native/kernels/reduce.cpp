// Kernels of primitives/reduce.py: sums and maxima over any axes, positions of maxima, and whether all
// numbers are finite.
//
// Neighbouring axes that share their fate are one, so that an array is (outer, reduced, inner). Within a row
// (inner = 1) 16 chains run side by side; otherwise the columns are the lanes and rows are added one after
// the other. Long reductions fall into chunks by shape alone, whose results are combined in order: the bits
// don't depend on threads.
#include <type_traits>

#include "../rows.h"
#include "block.h"
#include "gemm/parts.h"

namespace pippin::PIPPIN_ISA {
namespace {

struct Sum {
    template <class Number> static constexpr Number neutral = 0;
    template <class Value> PIPPIN_INLINE static Value combine(Value a, Value b) { return a + b; }
};

// NaN is larger than every number.
struct Max {
    template <class Number>
    static constexpr Number neutral =
        Number(-1) < Number(0) ? Number(Number(1) << (8 * sizeof(Number) - 1)) : Number(0);
    template <class Value> PIPPIN_INLINE static Value combine(Value a, Value b) {
        return ((a > b) | (a != a)) ? a : b;
    }
};
template <> constexpr float Max::neutral<float> = -__builtin_inff();

template <class Operation> PIPPIN_INLINE float row(const float* x, std::int64_t count) {
    return reduce_row(x, count, Operation::template neutral<float>,
                      [](auto a, auto b) { return Operation::combine(a, b); });
}

template <class Operation, class Number> PIPPIN_INLINE Number row(const Number* x, std::int64_t count) {
    Number total = Operation::template neutral<Number>;
    for (std::int64_t i = 0; i < count; ++i) total = Operation::combine(total, x[i]);
    return total;
}

template <class Operation, class Number>
void rows(void* out, const void* in, std::int64_t count, std::int64_t columns) {
    Number* y = static_cast<Number*>(out);
    const Number* x = static_cast<const Number*>(in);
    for (std::int64_t r = 0; r < count; ++r) y[r] = row<Operation>(x + r * columns, columns);
}

// Rows of up to 16 numbers, as a classifier's answers are: one loop for each length, without a vector that is
// mostly empty.
template <class Operation, int columns> void short_rows(float* y, const float* x, std::int64_t count) {
    for (std::int64_t r = 0; r < count; ++r)
        y[r] =
            short_tree<columns>(x + r * columns, [](float a, float b) { return Operation::combine(a, b); });
}

template <class Operation, int columns = 16>
PIPPIN_INLINE void float_rows_up_to(float* y, const float* x, std::int64_t count, std::int64_t wanted) {
    if (wanted == columns)
        short_rows<Operation, columns>(y, x, count);
    else if constexpr (columns > 1)
        float_rows_up_to<Operation, columns - 1>(y, x, count, wanted);
}

template <class Operation>
void float_rows(void* out, const void* in, std::int64_t count, std::int64_t columns) {
    if (columns < 1 || columns > 16)
        rows<Operation, float>(out, in, count, columns);
    else
        float_rows_up_to<Operation>(static_cast<float*>(out), static_cast<const float*>(in), count, columns);
}

// The same tree for numbers that lie column by column: the lanes are rows.
template <class Operation, int columns>
void short_columns(float* y, const float* x, std::int64_t rows, std::int64_t stride) {
    for (std::int64_t r = 0; r < rows; r += lanes) {
        Floats numbers[columns];
#pragma GCC unroll 16
        for (int c = 0; c < columns; ++c) numbers[c] = load(x + c * stride + r);
#pragma GCC unroll 4
        for (int width = 8; width > 0; width /= 2) {
#pragma GCC unroll 8
            for (int i = 0; i < width; ++i)
                if (i + width < columns) numbers[i] = Operation::combine(numbers[i], numbers[i + width]);
        }
        store(y + r, numbers[0], first_lanes(rows - r));
    }
}

template <class Operation, int columns = 16>
PIPPIN_INLINE void float_columns_up_to(float* y, const float* x, std::int64_t rows, std::int64_t wanted,
                                       std::int64_t stride) {
    if (wanted == columns)
        short_columns<Operation, columns>(y, x, rows, stride);
    else if constexpr (columns > 1)
        float_columns_up_to<Operation, columns - 1>(y, x, rows, wanted, stride);
}

template <class Operation>
void float_columns(void* out, const void* in, std::int64_t rows, std::int64_t columns, std::int64_t stride) {
    float_columns_up_to<Operation>(static_cast<float*>(out), static_cast<const float*>(in), rows, columns,
                                   stride);
}

ROWWISE(sum, float32, float32, float_rows<Sum>, float_columns<Sum>);
ROWWISE(sum, int32, int32, (rows<Sum, std::uint32_t>));
ROWWISE(sum, uint32, uint32, (rows<Sum, std::uint32_t>));
ROWWISE(sum, uint8, uint8, (rows<Sum, std::uint8_t>));
ROWWISE(sum, boolean, boolean, (rows<Max, std::uint8_t>));
ROWWISE(max, float32, float32, float_rows<Max>, float_columns<Max>);
ROWWISE(max, int32, int32, (rows<Max, std::int32_t>));
ROWWISE(max, uint32, uint32, (rows<Max, std::uint32_t>));
ROWWISE(max, uint8, uint8, (rows<Max, std::uint8_t>));
ROWWISE(max, boolean, boolean, (rows<Max, std::uint8_t>));

// Down the columns: y[c] = x[0][c] + x[1][c] + ... for a block of vectors of columns that stays in registers.
template <class Operation, int vectors>
PIPPIN_INLINE void down(float* y, const float* x, std::int64_t rows, std::int64_t stride, Mask last) {
    Floats total[vectors];
    for (int v = 0; v < vectors; ++v) total[v] = broadcast(Operation::template neutral<float>);
    for (std::int64_t r = 0; r < rows; ++r) {
        const float* from = x + r * stride;
        for (int v = 0; v < vectors - 1; ++v) total[v] = Operation::combine(total[v], load(from + v * lanes));
        total[vectors - 1] = Operation::combine(total[vectors - 1], load(from + (vectors - 1) * lanes, last));
    }
    for (int v = 0; v < vectors - 1; ++v) store(y + v * lanes, total[v]);
    store(y + (vectors - 1) * lanes, total[vectors - 1], last);
}

// With fewer columns than 16, 16 rows together are one long row without gaps; then the 16 are combined in
// order.
template <class Operation> void down_few(float* y, const float* x, std::int64_t rows, std::int64_t columns) {
    alignas(64) float total[16 * 16];
    const std::int64_t together = 16 * columns;
    for (std::int64_t i = 0; i < 16 * 16; ++i) total[i] = Operation::template neutral<float>;
    std::int64_t r = 0;
    for (; r + 16 <= rows; r += 16)
        for (std::int64_t i = 0; i < together; i += lanes)
            store(total + i, Operation::combine(load(total + i), load(x + r * columns + i)));
    for (std::int64_t i = 0; i < (rows - r) * columns; ++i)
        total[i] = Operation::combine(total[i], x[r * columns + i]);
    for (std::int64_t c = 0; c < columns; ++c) y[c] = total[c];
    for (std::int64_t k = 1; k < 16; ++k)
        for (std::int64_t c = 0; c < columns; ++c) y[c] = Operation::combine(y[c], total[k * columns + c]);
}

template <class Operation>
void columns_of(float* y, const float* x, std::int64_t rows, std::int64_t columns) {
    if (columns < 16 && rows >= 32) return down_few<Operation>(y, x, rows, columns);
    std::int64_t c = 0;
    for (; c + 4 * lanes <= columns; c += 4 * lanes)
        down<Operation, 4>(y + c, x + c, rows, columns, first_lanes(lanes));
    for (; c < columns; c += lanes) down<Operation, 1>(y + c, x + c, rows, columns, first_lanes(columns - c));
}

template <class Operation, class Number>
void columns_of(Number* y, const Number* x, std::int64_t rows, std::int64_t columns) {
    for (std::int64_t c = 0; c < columns; ++c) y[c] = Operation::template neutral<Number>;
    for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t c = 0; c < columns; ++c) y[c] = Operation::combine(y[c], x[r * columns + c]);
}

// `count` reductions that stand one after the other.
template <class Operation, class Number>
PIPPIN_INLINE void reduce_many(Number* y, const Number* x, std::int64_t count, std::int64_t reduced,
                               std::int64_t inner) {
    if (inner != 1)
        for (std::int64_t o = 0; o < count; ++o)
            columns_of<Operation>(y + o * inner, x + o * reduced * inner, reduced, inner);
    else if constexpr (std::is_same_v<Number, float>)
        float_rows<Operation>(y, x, count, reduced);
    else
        rows<Operation, Number>(y, x, count, reduced);
}

// A line as stages, the last axes first; nearly always there is one.
struct Stage {
    std::int64_t outer, reduced, inner;
};

struct Reduction {
    Stage stages[max_rank];
    std::int32_t count;
    std::int64_t chunks;  // of the only stage

    explicit Reduction(const Line& line) : stages(), count(0), chunks(1) {
        const Array& x = line.inputs[0];
        bool reduced[max_rank] = {};
        for (std::int32_t i = 0; i < axes_of(line); ++i) reduced[line.integer("axes", i)] = true;
        std::int64_t before = x.size ? x.size : 0, after = 1;
        for (std::int32_t axis = x.rank; axis-- > 0;) {
            if (!reduced[axis]) {
                after *= x.shape[axis];
                continue;
            }
            std::int64_t extent = x.shape[axis];
            for (; axis > 0 && reduced[axis - 1]; --axis) extent *= x.shape[axis - 1];
            before = 1;
            for (std::int32_t other = 0; other < axis; ++other) before *= x.shape[other];
            stages[count++] = {before, extent, after};
        }
        if (count == 0) stages[count++] = {1, 1, x.size};
        const Stage& only = stages[0];
        if (count == 1 && only.outer <= 4) {
            const std::int64_t whole = divide_up(only.reduced, 256);
            chunks = at_least(at_most(only.reduced * only.inner / 32768, whole), 1);
            if (chunks > 64) chunks = 64;
        }
    }

    static std::int32_t axes_of(const Line& line) {
        for (std::int32_t i = 0; i < line.setting_count; ++i)
            if (__builtin_strcmp(line.settings[i].name, "axes") == 0) return line.settings[i].count;
        return 0;
    }

    // Chunks begin at multiples of 16 rows.
    std::int64_t chunk_start(std::int64_t chunk) const {
        return at_most(divide_up(divide_up(stages[0].reduced, chunks), 16) * 16 * chunk, stages[0].reduced);
    }
    std::int64_t units() const { return stages[0].outer * chunks; }
};

void prepare(const Line& line, void* plan) {
    static_assert(sizeof(Reduction) <= plan_bytes);
    *static_cast<Reduction*>(plan) = Reduction(line);
}

PIPPIN_INLINE Reduction reduction_of(const Line& line) {
    return line.plan ? *static_cast<const Reduction*>(line.plan) : Reduction(line);
}

std::int64_t reduce_parts(const Line& line) {
    const Reduction r(line);
    return r.count == 1 ? parts_for(static_cast<double>(line.inputs[0].size) * 4, r.units()) : 1;
}

// Partial results of the chunks, or what lies between two stages: each at most as large as the input.
std::size_t reduce_scratch(const Line& line) {
    const Reduction r(line);
    if (r.count > 1) return 2 * static_cast<std::size_t>(line.inputs[0].size) * bytes_of(line.inputs[0].type);
    return r.chunks > 1
               ? static_cast<std::size_t>(r.units() * r.stages[0].inner) * bytes_of(line.inputs[0].type)
               : 0;
}

template <class Operation, class Number> void run_stages(const Line& line, const Reduction& r) {
    const Number* from = line.inputs[0].as<Number>();
    Number* halves[] = {static_cast<Number*>(line.scratch),
                        static_cast<Number*>(line.scratch) + line.inputs[0].size};
    for (std::int32_t s = 0; s < r.count; ++s) {
        const Stage& stage = r.stages[s];
        Number* to = s == r.count - 1 ? line.outputs[0].as<Number>() : halves[s % 2];
        reduce_many<Operation>(to, from, stage.outer, stage.reduced, stage.inner);
        from = to;
    }
}

template <class Operation, class Number>
void run_units(const Line& line, std::int64_t first, std::int64_t last) {
    const Reduction r = reduction_of(line);
    if (r.count > 1) return run_stages<Operation, Number>(line, r);
    const Stage& stage = r.stages[0];
    const Number* x = line.inputs[0].as<Number>();
    Number* y = r.chunks > 1 ? static_cast<Number*>(line.scratch) : line.outputs[0].as<Number>();
    const std::int64_t begin = first_row(r.units(), line.parts, first),
                       end = first_row(r.units(), line.parts, last);
    if (r.chunks == 1)
        return reduce_many<Operation>(y + begin * stage.inner, x + begin * stage.reduced * stage.inner,
                                      end - begin, stage.reduced, stage.inner);
    for (std::int64_t unit = begin; unit < end; ++unit) {
        const std::int64_t o = unit / r.chunks, chunk = unit - o * r.chunks;
        const std::int64_t from = r.chunk_start(chunk), to = r.chunk_start(chunk + 1);
        reduce_many<Operation>(y + unit * stage.inner, x + (o * stage.reduced + from) * stage.inner, 1,
                               to - from, stage.inner);
    }
}

template <class Operation, class Number> void combine_chunks(const Line& line) {
    const Reduction r = reduction_of(line);
    if (r.count > 1 || r.chunks == 1) return;
    const std::int64_t inner = r.stages[0].inner;
    const Number* partial = static_cast<const Number*>(line.scratch);
    Number* y = line.outputs[0].as<Number>();
    for (std::int64_t o = 0; o < r.stages[0].outer; ++o)
        for (std::int64_t c = 0; c < inner; ++c) {
            Number total = partial[o * r.chunks * inner + c];
            for (std::int64_t chunk = 1; chunk < r.chunks; ++chunk)
                total = Operation::combine(total, partial[(o * r.chunks + chunk) * inner + c]);
            y[o * inner + c] = total;
        }
}

// A sum of truths is their "or", as NumPy's sum kept in that type; it is the largest byte.
template <class Operation> void run_reduce(const Line& line, std::int64_t first, std::int64_t last) {
    switch (line.inputs[0].type) {
        case Type::float32:
            return run_units<Operation, float>(line, first, last);
        case Type::int32:
            return run_units<Operation, std::int32_t>(line, first, last);
        case Type::uint32:
            return run_units<Operation, std::uint32_t>(line, first, last);
        case Type::uint8:
            return run_units<Operation, std::uint8_t>(line, first, last);
        case Type::boolean:
            return run_units<Max, std::uint8_t>(line, first, last);
    }
}

template <class Operation> void finish_reduce(const Line& line, std::int64_t, std::int64_t) {
    switch (line.inputs[0].type) {
        case Type::float32:
            return combine_chunks<Operation, float>(line);
        case Type::int32:
            return combine_chunks<Operation, std::int32_t>(line);
        case Type::uint32:
            return combine_chunks<Operation, std::uint32_t>(line);
        case Type::uint8:
            return combine_chunks<Operation, std::uint8_t>(line);
        case Type::boolean:
            return combine_chunks<Max, std::uint8_t>(line);
    }
}

KERNEL(sum, reduce_parts, reduce_scratch, run_reduce<Sum>, finish_reduce<Sum>, prepare);
KERNEL(max, reduce_parts, reduce_scratch, run_reduce<Max>, finish_reduce<Max>, prepare);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
