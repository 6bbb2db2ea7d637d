// Products of matrices: C[m, n] = sum over k of A[m, k] B[k, n], each of A and B stored as it is or transposed;
// every leading dimension of a higher rank is a batch of such products.
#include "gemm/parts.h"
#include "kernel.h"

namespace pippin::PIPPIN_ISA {
namespace {

std::int64_t parts(const Line& line) {
    const Array& a = line.inputs[0];
    const Array& c = line.outputs[0];
    const double terms = static_cast<double>(a.shape[a.rank - (line.integer("transpose_a") ? 2 : 1)]);
    return parts_for(2.0 * terms * static_cast<double>(c.size), c.rows());
}

void run(const Line& line, std::int64_t first, std::int64_t last) {
    const bool transpose_a = line.integer("transpose_a"), transpose_b = line.integer("transpose_b");
    const Array& c = line.outputs[0];
    const std::int64_t m = c.shape[c.rank - 2], n = c.last();
    const std::int64_t k = line.inputs[0].shape[c.rank - (transpose_a ? 2 : 1)];
    const std::int64_t from = first_row(c.rows(), line.parts, first), to = first_row(c.rows(), line.parts, last);
    for (std::int64_t row = from; row < to; ++row) {
        const float* a = line.inputs[0].as<float>() + row / m * m * k;
        const float* b = line.inputs[1].as<float>() + row / m * k * n;
        for (std::int64_t column = 0; column < n; ++column) {
            float sum = 0;
            for (std::int64_t i = 0; i < k; ++i)
                sum += a[transpose_a ? i * m + row % m : row % m * k + i] * b[transpose_b ? column * k + i : i * n + column];
            c.as<float>()[row * n + column] = sum;
        }
    }
    if (line.after_rows && to > from) line.after_rows(line, from, to);
}

KERNEL(matmul, parts, nullptr, run, nullptr);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
