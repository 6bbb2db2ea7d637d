// Products of matrices: C[m, n] = sum over k of A[m, k] B[k, n], each of A and B stored as it is or transposed;
// every leading dimension of a higher rank is a batch of such products.
#include "gemm/product.h"
#include "kernel.h"

namespace pippin::PIPPIN_ISA {
namespace {

// A line, and how it is computed: which of the operands feeds the lanes, whether that operand is copied, how rows are cut.
struct Matmul {
    bool transpose_a, transpose_b;
    std::int64_t batch, m, k, n;
    bool swapped;  // the rows of C feed the lanes: C transposed = B transposed times A transposed
    bool packed;
    std::int64_t unit_rows, units;  // pieces of one product of the batch that parts are made of

    PIPPIN_INLINE explicit Matmul(const Line& line) {
        const Array &a = line.inputs[0], &c = line.outputs[0];
        transpose_a = line.integer("transpose_a") != 0;
        transpose_b = line.integer("transpose_b") != 0;
        m = c.shape[c.rank - 2];
        n = c.shape[c.rank - 1];
        k = a.shape[a.rank - (transpose_a ? 2 : 1)];
        batch = 1;
        for (std::int32_t axis = 0; axis < c.rank - 2; ++axis) batch *= c.shape[axis];
        choose_lanes();
        const double operations = 2.0 * static_cast<double>(m * n) * static_cast<double>(k);
        unit_rows = at_least(m, 1);
        const std::int64_t wanted = divide_up(parts_for(operations * static_cast<double>(batch), m * batch), at_least(batch, 1));
        if (wanted > 1) {
            const std::int64_t smallest = packed ? 64 : swapped ? 2 * lanes : 8;
            unit_rows = at_least(divide_up(divide_up(m, wanted), 8) * 8, smallest);
        }
        units = divide_up(m, unit_rows);
    }

    // Cycles, roughly: two multiply-adds of a vector in one, four floats transposed in one.
    PIPPIN_INLINE void choose_lanes() {
        const std::int64_t natural = m * divide_up(n, lanes) * k / 2 + (transpose_b ? n * k / 4 : 0);
        const std::int64_t turned = n * divide_up(m, lanes) * k / 2 + (transpose_a ? 0 : m * k / 4) + m * n / 4;
        swapped = turned < natural && (transpose_a || k <= 4 * block_terms);
        packed = swapped ? !transpose_a : transpose_b || (n * k > 128 * 1024 && m >= 64);
    }

    PIPPIN_INLINE std::int64_t packed_floats() const {
        if (!packed) return 0;
        if (swapped) return k * at_most(whole_vectors(m), most_columns);
        return at_most(k, block_terms) * whole_vectors(at_most(n, block_columns));
    }

    // Rows [from, to) of one product of the batch.
    PIPPIN_INLINE Product product(const float* a, const float* b, float* c, std::int64_t from, std::int64_t to) const {
        const float* first = a + from * (transpose_a ? 1 : k);
        const std::int64_t a_row = transpose_a ? 1 : k, a_term = transpose_a ? m : 1;
        const std::int64_t b_term = transpose_b ? 1 : n, b_column = transpose_b ? k : 1;
        if (swapped)
            return {n, to - from, k, b, b_column, b_term, first, transpose_a ? m : k, !transpose_a, c + from * n, n, true};
        return {to - from, n, k, first, a_row, a_term, b, transpose_b ? k : n, transpose_b, c + from * n, n, false};
    }
};

std::int64_t parts(const Line& line) {
    const Matmul matmul(line);
    return at_least(at_most(matmul.batch * matmul.units, most_parts), 1);
}

std::size_t scratch(const Line& line) {
    return static_cast<std::size_t>(parts(line) * Matmul(line).packed_floats()) * sizeof(float);
}

void run(const Line& line, std::int64_t first, std::int64_t last) {
    const Matmul matmul(line);
    if (line.outputs[0].size == 0) return;
    const std::int64_t units = matmul.batch * matmul.units;
    std::int64_t unit = first_row(units, line.parts, first);
    const std::int64_t end = first_row(units, line.parts, last);
    float* packed = static_cast<float*>(line.scratch) + first * matmul.packed_floats();
    while (unit < end) {
        const std::int64_t entry = unit / matmul.units, here = entry * matmul.units;
        const std::int64_t stop = at_most(end, here + matmul.units);
        const std::int64_t from = (unit - here) * matmul.unit_rows, to = at_most((stop - here) * matmul.unit_rows, matmul.m);
        const Product product = matmul.product(line.inputs[0].as<float>() + entry * matmul.m * matmul.k,
                                               line.inputs[1].as<float>() + entry * matmul.k * matmul.n,
                                               line.outputs[0].as<float>() + entry * matmul.m * matmul.n, from, to);
        const auto done = [&](std::int64_t done_from, std::int64_t done_to) {
            const std::int64_t row = entry * matmul.m + from;
            if (line.after_rows) line.after_rows(line, row + done_from, row + done_to);
        };
        if (matmul.packed) multiply_packed(product, packed, done);
        else multiply_in_place(product, done);
        unit = stop;
    }
}

KERNEL(matmul, parts, scratch, run, nullptr);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
