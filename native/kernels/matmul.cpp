// Products of matrices: C[m, n] = sum over k of A[m, k] B[k, n], each of A and B stored as it is or
// transposed; every leading dimension of a higher rank is a batch of such products.
#include "gemm/product.h"
#include "kernel.h"
#include "partial_sums.h"

namespace pippin::PIPPIN_ISA {
namespace {

// Where B is read and who computes what. The last three have two stages: what they do first falls into parts,
// and the rest (`finish`) into parts of its own.
enum class Way {
    in_place,      // parts are rows of C; B is read as it lies
    packed,        // each part copies B, block by block
    turned,        // C transposed; each part copies A
    packed_first,  // B is copied by all, then multiplied by all
    across,        // turned, and parts are columns of C; then the loop that ends the line
    chunks         // parts are terms; then their sums are added up
};

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

// Small batches against large weights: what a part reads of B is then what it will write when the optimizer
// changes the weights. A cache line that another core has read takes ten times as long to write.
constexpr std::int64_t few_rows = 128;
constexpr std::int64_t large_weights = 32 * 1024;
// A whole copy of B may take so many floats.
constexpr std::int64_t most_packed_first = 4 * 1024 * 1024;

// A line, and how it is computed.
struct Plan {
    Shapes shapes;
    bool turned;
    Way way;
    Product product;
    std::int64_t chunks;
    std::int64_t part_floats;       // scratch memory of a part
    std::int64_t shared_floats;     // and before that, of all
    std::int64_t unit_rows, units;  // the pieces of one product of the batch that parts are made of

    PIPPIN_INLINE explicit Plan(const Line& line)
        : shapes(line),
          turned(shapes.is_better_turned()),
          way(choose_way()),
          product(choose_product()),
          chunks(choose_chunks()) {
        const auto& [transpose_a, transpose_b, batch, m, k, n] = shapes;
        const Blocks blocks(k, n);
        shared_floats = way == Way::packed_first ? blocks.floats() : way == Way::chunks ? chunks * m * n : 0;
        part_floats = turned ? k * at_most(whole_vectors(m), most_columns)
                      : way == Way::packed
                          ? blocks[0].terms * whole_vectors(blocks[0].columns) + copied_floats
                      : way == Way::packed_first ? copied_floats
                                                 : 0;
        const std::int64_t rows = way == Way::across ? n : m;
        unit_rows = at_least(rows, 1);
        const std::int64_t wanted = parts_for(operations(), rows * batch);
        if (wanted > batch && batch > 0) {
            const std::int64_t smallest = way == Way::packed_first ? 64
                                          : way == Way::packed     ? 32
                                          : way == Way::turned     ? 2 * lanes
                                                                   : 8;
            unit_rows = at_least(divide_up(divide_up(rows, divide_up(wanted, batch)), 8) * 8, smallest);
        }
        units = divide_up(rows, unit_rows);
    }

    PIPPIN_INLINE std::int64_t row_parts() const {
        return at_least(at_most(shapes.batch * units, most_parts), 1);
    }
    PIPPIN_INLINE std::int64_t parts() const {
        return way == Way::chunks         ? chunks
               : way == Way::packed_first ? Blocks(shapes.k, shapes.n).count()
                                          : row_parts();
    }
    PIPPIN_INLINE std::int64_t finish_parts() const {
        if (way == Way::packed_first) return row_parts();
        // Adding up, and loops behind it, are worth sharing from so many numbers on.
        const std::int64_t numbers = shapes.m * shapes.n * (way == Way::chunks ? chunks : 2);
        return way == Way::chunks || way == Way::across
                   ? at_least(at_most(numbers / (32 * 1024), shapes.m), 1)
                   : 1;
    }
    PIPPIN_INLINE std::int64_t scratch_floats() const {
        const std::int64_t copying = way == Way::packed_first ? row_parts() : parts();
        return shared_floats + copying * part_floats;
    }

    // Rows [from, to) of one product of the batch; columns, if those are shared out.
    PIPPIN_INLINE Piece piece(const float* a, const float* b, float* c, std::int64_t from,
                              std::int64_t to) const {
        if (way == Way::across) return {to - from, shapes.m, b + from * product.a_row, a, c + from};
        a += from * (shapes.transpose_a ? 1 : shapes.k);
        c += from * shapes.n;
        return turned ? Piece{shapes.n, to - from, b, a, c} : Piece{to - from, shapes.n, a, b, c};
    }

  private:
    PIPPIN_INLINE double operations() const {
        return 2.0 * static_cast<double>(shapes.m * shapes.n) * static_cast<double>(shapes.k * shapes.batch);
    }
    PIPPIN_INLINE Way choose_way() const {
        const auto& [transpose_a, transpose_b, batch, m, k, n] = shapes;
        const bool owns_weights = batch == 1 && m <= few_rows && n * k >= large_weights;
        if (turned) return transpose_a ? Way::in_place : owns_weights && n > m ? Way::across : Way::turned;
        // A copy of B costs as much as a few rows of C, and is read faster where B has many columns.
        const bool is_large = n > most_columns && m >= (n * k > 128 * 1024 ? 64 : 512);
        if (!transpose_a && !transpose_b && owns_weights && choose_chunks(Way::chunks) > 1)
            return Way::chunks;
        if (!transpose_b && !is_large) return Way::in_place;
        return batch == 1 && m > few_rows && n * k <= most_packed_first ? Way::packed_first : Way::packed;
    }
    PIPPIN_INLINE Product choose_product() const {
        const auto& [transpose_a, transpose_b, batch, m, k, n] = shapes;
        const std::int64_t a_line = transpose_a ? m : k, b_line = transpose_b ? k : n;
        if (turned) return {k, transpose_b ? k : 1, transpose_b ? 1 : n, a_line, !transpose_a, n, true};
        return {k, transpose_a ? 1 : k, transpose_a ? m : 1, b_line, transpose_b, n, false};
    }
    // Few, because every sum is written and read again, and a power of two, so that they go into equal
    // shares.
    PIPPIN_INLINE std::int64_t choose_chunks(Way chosen) const {
        if (chosen != Way::chunks || shapes.k < 128) return 1;
        const double work = operations();
        return work >= 64e6 ? 8 : work >= 4e6 ? 4 : work >= 2e6 ? 2 : 1;
    }
    PIPPIN_INLINE std::int64_t choose_chunks() const { return choose_chunks(way); }
};

static_assert(sizeof(Plan) <= plan_bytes);

// A line with its plan.
struct Work {
    const Line& line;
    const Plan& plan;

    const float* a(std::int64_t entry) const {
        return line.inputs[0].as<float>() + entry * plan.shapes.m * plan.shapes.k;
    }
    const float* b(std::int64_t entry) const {
        return line.inputs[1].as<float>() + entry * plan.shapes.k * plan.shapes.n;
    }
    float* c(std::int64_t entry) const {
        return line.outputs[0].as<float>() + entry * plan.shapes.m * plan.shapes.n;
    }
    float* shared() const { return static_cast<float*>(line.scratch); }
    float* own(std::int64_t part) const { return shared() + plan.shared_floats + part * plan.part_floats; }

    void end(std::int64_t first, std::int64_t last) const {
        if (line.after_rows) line.after_rows(line, first, last);
    }

    // Parts [first, last) of those that are rows of C, or its columns.
    void multiply(std::int64_t first, std::int64_t last, std::int64_t parts) const {
        float* const own_floats = own(first);
        const std::int64_t units = plan.shapes.batch * plan.units, end_unit = first_row(units, parts, last);
        std::int64_t unit = first_row(units, parts, first);
        std::int64_t entry = plan.units == 1 ? unit : unit / plan.units;
        const std::int64_t all = plan.way == Way::across ? plan.shapes.n : plan.shapes.m;
        for (; unit < end_unit; ++entry) {
            const std::int64_t here = entry * plan.units, stop = at_most(end_unit, here + plan.units);
            const std::int64_t from = (unit - here) * plan.unit_rows,
                               to = at_most((stop - here) * plan.unit_rows, all);
            const Piece piece = plan.piece(a(entry), b(entry), c(entry), from, to);
            const auto done = [this, row = entry * plan.shapes.m + from](std::int64_t done_from,
                                                                         std::int64_t done_to) {
                end(row + done_from, row + done_to);
            };
            switch (plan.way) {
                case Way::packed:
                    multiply_packed(plan.product, piece, own_floats + copied_floats, false, own_floats, done);
                    break;
                case Way::packed_first:
                    multiply_packed(plan.product, piece, shared(), true, own_floats, done);
                    break;
                case Way::turned:
                    multiply_turned(plan.product, piece, own_floats, done);
                    break;
                case Way::across:
                    multiply_turned(plan.product, piece, own_floats, [](std::int64_t, std::int64_t) {});
                    break;
                default:
                    multiply_in_place(plan.product, piece, done);
            }
            unit = stop;
        }
    }

    void pack(std::int64_t first, std::int64_t last) const {
        const Blocks blocks(plan.shapes.k, plan.shapes.n);
        for (std::int64_t block = first; block < last; ++block)
            pack_block(plan.product, b(0), blocks[block], shared() + blocks[block].floats_before);
    }

    void sum_chunk(std::int64_t chunk) const {
        const auto& [transpose_a, transpose_b, batch, m, k, n] = plan.shapes;
        const std::int64_t from = first_row(k, plan.chunks, chunk);
        Product product = plan.product;
        product.terms = first_row(k, plan.chunks, chunk + 1) - from;
        multiply_in_place(product, {m, n, a(0) + from, b(0) + from * n, shared() + chunk * m * n},
                          [](std::int64_t, std::int64_t) {});
    }

    // Of rows [first, last).
    void add_chunks(std::int64_t first, std::int64_t last) const {
        const std::int64_t n = plan.shapes.n;
        add_partial_sums(shared(), plan.chunks, plan.shapes.m * n, first * n, last * n, c(0));
    }
};

std::int64_t parts(const Line& line) {
    return Plan(line).parts();
}

std::int64_t finish_parts(const Line& line) {
    return Plan(line).finish_parts();
}

std::size_t scratch(const Line& line) {
    return static_cast<std::size_t>(Plan(line).scratch_floats()) * sizeof(float);
}

void prepare(const Line& line, void* memory) {
    *static_cast<Plan*>(memory) = Plan(line);
}

void run_plan(const Work& work, std::int64_t first, std::int64_t last) {
    if (work.line.outputs[0].size == 0) return;
    switch (work.plan.way) {
        case Way::packed_first:
            return work.pack(first, last);
        case Way::chunks:
            for (std::int64_t chunk = first; chunk < last; ++chunk) work.sum_chunk(chunk);
            return;
        default:
            return work.multiply(first, last, work.line.parts);
    }
}

void finish_plan(const Work& work, std::int64_t first, std::int64_t last) {
    const Plan& plan = work.plan;
    if (work.line.outputs[0].size == 0) return;
    if (plan.way == Way::packed_first) return work.multiply(first, last, work.line.finish_parts);
    if (plan.way != Way::chunks && plan.way != Way::across) return;
    const std::int64_t from = first_row(plan.shapes.m, work.line.finish_parts, first),
                       to = first_row(plan.shapes.m, work.line.finish_parts, last);
    if (plan.way == Way::chunks) work.add_chunks(from, to);
    work.end(from, to);
}

void run(const Line& line, std::int64_t first, std::int64_t last) {
    if (line.plan)
        run_plan({line, *static_cast<const Plan*>(line.plan)}, first, last);
    else
        run_plan({line, Plan(line)}, first, last);
}

void finish(const Line& line, std::int64_t first, std::int64_t last) {
    if (line.plan)
        finish_plan({line, *static_cast<const Plan*>(line.plan)}, first, last);
    else
        finish_plan({line, Plan(line)}, first, last);
}

KERNEL(matmul, parts, scratch, run, finish, prepare, finish_parts);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
