// Products of matrices: C[m, n] = sum over k of A[m, k] B[k, n], each of A and B stored as it is or
// transposed; every leading dimension of a higher rank is a batch of such products.
#include "gemm/product.h"
#include "kernel.h"

namespace pippin::PIPPIN_ISA {
namespace {

enum class Way { in_place, packed, turned };  // the functions of product.h

struct Shapes {
    bool transpose_a, transpose_b;
    std::int64_t batch = 1, m, k, n;

    PIPPIN_INLINE explicit Shapes(const Line& line)
        : transpose_a(line.integer("transpose_a") != 0), transpose_b(line.integer("transpose_b") != 0) {
        const Array &a = line.inputs[0], &c = line.outputs[0];
        m = c.shape[c.rank - 2];
        n = c.shape[c.rank - 1];
        k = a.shape[a.rank - (transpose_a ? 2 : 1)];
        for (std::int32_t axis = 0; axis < c.rank - 2; ++axis) batch *= c.shape[axis];
    }

    // Cycles, roughly: a square of values is transposed in the time of two multiply-adds per row of it and
    // some more.
    PIPPIN_INLINE std::int64_t transposing(std::int64_t rows, std::int64_t columns) const {
        return divide_up(rows, lanes) * divide_up(columns, lanes) * (4 * lanes + 20);
    }
    // Cycles, roughly: two multiply-adds of a vector in one; a lone vector is slower.
    PIPPIN_INLINE std::int64_t multiplying(std::int64_t rows, std::int64_t columns) const {
        const std::int64_t pairs = rows * divide_up(columns, lanes) * k / 2;
        return columns <= lanes ? pairs * 5 / 4 : pairs;
    }
    // The rows of C may feed the lanes instead of its columns: C transposed = B transposed times A
    // transposed.
    PIPPIN_INLINE bool is_better_turned() const {
        return (transpose_a || k <= 4 * block_terms) &&
               multiplying(n, m) + transposing(m, n) + (transpose_a ? 0 : transposing(m, k)) <
                   multiplying(m, n) + (transpose_b ? transposing(n, k) : 0);
    }
};

// A line, and how it is computed.
struct Plan {
    Shapes shapes;
    bool turned;
    Way way;
    Product product;
    std::int64_t packed_floats;     // scratch memory of a part
    std::int64_t unit_rows, units;  // the pieces of one product of the batch that parts are made of

    PIPPIN_INLINE explicit Plan(const Line& line)
        : shapes(line),
          turned(shapes.is_better_turned()),
          way(choose_way()),
          product(choose_product()),
          packed_floats(way == Way::in_place ? 0
                        : way == Way::turned ? shapes.k * at_most(whole_vectors(shapes.m), most_columns)
                                             : pippin::PIPPIN_ISA::packed_floats(product, shapes.n)) {
        const auto& [transpose_a, transpose_b, batch, m, k, n] = shapes;
        unit_rows = at_least(m, 1);
        const double operations = 2.0 * static_cast<double>(m * n) * static_cast<double>(k);
        const std::int64_t wanted = parts_for(operations * static_cast<double>(batch), m * batch);
        if (wanted > batch && batch > 0) {
            const std::int64_t smallest = way == Way::packed ? 32 : turned ? 2 * lanes : 8;
            unit_rows = at_least(divide_up(divide_up(m, divide_up(wanted, batch)), 8) * 8, smallest);
        }
        units = divide_up(m, unit_rows);
    }

    PIPPIN_INLINE std::int64_t parts() const {
        return at_least(at_most(shapes.batch * units, most_parts), 1);
    }

    // Rows [from, to) of one product of the batch.
    PIPPIN_INLINE Piece piece(const float* a, const float* b, float* c, std::int64_t from,
                              std::int64_t to) const {
        a += from * (shapes.transpose_a ? 1 : shapes.k);
        c += from * shapes.n;
        return turned ? Piece{shapes.n, to - from, b, a, c} : Piece{to - from, shapes.n, a, b, c};
    }

  private:
    PIPPIN_INLINE Way choose_way() const {
        if (turned) return shapes.transpose_a ? Way::in_place : Way::turned;
        // A copy of B costs as much as a few rows of C, and is read faster where B has many columns.
        const bool is_large =
            shapes.n > most_columns && shapes.m >= (shapes.n * shapes.k > 128 * 1024 ? 64 : 512);
        return shapes.transpose_b || is_large ? Way::packed : Way::in_place;
    }
    PIPPIN_INLINE Product choose_product() const {
        const auto& [transpose_a, transpose_b, batch, m, k, n] = shapes;
        const std::int64_t a_line = transpose_a ? m : k, b_line = transpose_b ? k : n;
        if (turned) return {k, transpose_b ? k : 1, transpose_b ? 1 : n, a_line, !transpose_a, n, true};
        return {k, transpose_a ? 1 : k, transpose_a ? m : 1, b_line, transpose_b, n, false};
    }
};

static_assert(sizeof(Plan) <= plan_bytes);

std::int64_t parts(const Line& line) {
    return Plan(line).parts();
}

std::size_t scratch(const Line& line) {
    const Plan plan(line);
    return static_cast<std::size_t>(plan.parts() * plan.packed_floats) * sizeof(float);
}

void prepare(const Line& line, void* memory) {
    *static_cast<Plan*>(memory) = Plan(line);
}

void run_plan(const Line& line, const Plan& plan, std::int64_t first, std::int64_t last) {
    if (line.outputs[0].size == 0) return;
    const Shapes& shapes = plan.shapes;
    float* packed = static_cast<float*>(line.scratch) + first * plan.packed_floats;
    const std::int64_t units = shapes.batch * plan.units;
    const std::int64_t end = first_row(units, line.parts, last);
    std::int64_t unit = first_row(units, line.parts, first);
    std::int64_t entry = plan.units == 1 ? unit : unit / plan.units;
    for (; unit < end; ++entry) {
        const std::int64_t here = entry * plan.units, stop = at_most(end, here + plan.units);
        const std::int64_t from = (unit - here) * plan.unit_rows,
                           to = at_most((stop - here) * plan.unit_rows, shapes.m);
        const Piece piece = plan.piece(line.inputs[0].as<float>() + entry * shapes.m * shapes.k,
                                       line.inputs[1].as<float>() + entry * shapes.k * shapes.n,
                                       line.outputs[0].as<float>() + entry * shapes.m * shapes.n, from, to);
        const auto done = [&line, row = entry * shapes.m + from](std::int64_t done_from,
                                                                 std::int64_t done_to) {
            if (line.after_rows) line.after_rows(line, row + done_from, row + done_to);
        };
        switch (plan.way) {
            case Way::in_place:
                multiply_in_place(plan.product, piece, done);
                break;
            case Way::packed:
                multiply_packed(plan.product, piece, packed, done);
                break;
            case Way::turned:
                multiply_turned(plan.product, piece, packed, done);
                break;
        }
        unit = stop;
    }
}

void run(const Line& line, std::int64_t first, std::int64_t last) {
    if (line.plan)
        run_plan(line, *static_cast<const Plan*>(line.plan), first, last);
    else
        run_plan(line, Plan(line), first, last);
}

KERNEL(matmul, parts, scratch, run, nullptr, prepare);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
