// The gradient of a convolution for its kernel: each weight sums, over all windows, what it saw times the
// window's error.
//   dk[i, j, c, f] = sum over b, r, s of x[b, r * stride - top + i * dilation, s * stride - left + j *
//   dilation, c] dy[b, r, s, f]
// A product of matrices whose rows are the weights of one filter and whose sums run over the pixels. The
// pixels are so many that they are cut into chunks, a number that depends on the shapes alone; their sums are
// added in order at the end.
#include "gemm/convolution.h"
#include "gemm/pairs.h"
#include "gemm/strip.h"
#include "kernel.h"
#include "partial_sums.h"

namespace pippin::PIPPIN_ISA {
namespace {

constexpr std::int64_t pixels_of_strip =
    160;  // dy of a strip stays in the first-level cache while all weights pass by
constexpr std::int64_t pixels_of_chunk = 512;  // at least: adding up the chunks must cost little
constexpr std::int64_t most_shares = 16;
constexpr std::int64_t most_partial_floats =
    512 * 1024;                                // one thread adds them up, from a second-level cache
constexpr std::int64_t weights_of_part = 144;  // at least: a part copies the border of its images

struct Plan {
    Convolution sizes;
    Strips strips;
    Picture picture;
    std::int64_t weights;         // of one filter
    std::int64_t chunks, blocks;  // a part is a block of weights within a chunk of strips

    explicit Plan(const Line& line)
        : sizes(line, line.inputs[0], line.outputs[0], line.inputs[1]),
          strips(sizes.batch, sizes.y.out, sizes.x.out, pixels_of_strip),
          picture{sizes.y.image,       sizes.x.image,
                  sizes.channels,      sizes.y.stride,
                  -sizes.y.before,     sizes.y.reach(),
                  -sizes.x.before,     (sizes.x.out - 1) * sizes.x.stride + sizes.x.reach(),
                  strips.rows_at_once, false},
          weights(sizes.terms()) {
        picture.choose_border(strips.rows);
        const std::int64_t wanted = at_most(parts_for(sizes.operations(), sizes.pixels()), most_shares);
        const std::int64_t affordable = most_partial_floats / at_least(weights * sizes.filters, 1);
        chunks = at_most(at_most(wanted, affordable),
                         at_most(sizes.pixels() / pixels_of_chunk, at_least(strips.count, 1)));
        // A power of two: so that any usual number of threads has equal shares.
        chunks =
            chunks < 2 ? 1 : std::int64_t{1} << (63 - __builtin_clzll(static_cast<std::uint64_t>(chunks)));
        blocks = at_least(at_most(wanted / chunks, weights / weights_of_part), 1);
    }

    std::int64_t parts() const { return chunks * blocks; }
    // A single chunk needs no partial sums.
    std::int64_t partial_floats() const { return chunks == 1 ? 0 : weights * sizes.filters; }
};

static_assert(sizeof(Plan) <= plan_bytes);

// Weights whose tiles are alike: where in a view each one, or the first of each pair, reads at the first
// pixel, and where its sums stand.
struct Weights {
    std::int64_t *seen, *sums, count;
    PIPPIN_INLINE void add(std::int64_t reads_at, std::int64_t sums_at) {
        seen[count] = reads_at;
        sums[count++] = sums_at;
    }
};

// The scratch memory of one part, behind the partial sums of all chunks.
struct Memory {
    Weights single, paired;
    float* buffer;

    Memory(const Plan& plan, Scratch& scratch)
        : single{scratch.take<std::int64_t>(plan.weights), scratch.take<std::int64_t>(plan.weights), 0},
          paired{scratch.take<std::int64_t>(plan.weights / 2), scratch.take<std::int64_t>(plan.weights / 2),
                 0},
          buffer(scratch.take<float>(plan.picture.buffer_floats(plan.strips.images_at_once))) {}

    // Lists weights [from, to). Those of a row of the kernel stand side by side in a view, if taps have no
    // distance: with few filters, two of them share the lanes.
    void list(const Plan& plan, std::int64_t from, std::int64_t to) {
        const auto& [batch, channels, filters, y, x] = plan.sizes;
        const std::int64_t side_by_side = x.dilation == 1 ? x.kernel * channels : channels;
        const bool in_pairs = filters <= most_paired_columns;
        single.count = paired.count = 0;
        for (std::int64_t weight = from; weight < to;) {
            const std::int64_t tap = weight / channels;
            const std::int64_t reads_at = tap / x.kernel * y.dilation * plan.picture.line() +
                                          tap % x.kernel * x.dilation * channels + weight % channels;
            const bool has_next = weight + 1 < to && (weight + 1) % side_by_side != 0;
            (in_pairs && has_next ? paired : single).add(reads_at, weight * filters);
            weight += in_pairs && has_next ? 2 : 1;
        }
    }
};

PIPPIN_INLINE std::int64_t bytes_of_part(const Plan& plan) {
    Scratch counted;
    const Memory memory(plan, counted);
    return counted.bytes;
}

PIPPIN_INLINE std::int64_t bytes_of_partials(const Plan& plan) {
    return divide_up(plan.chunks * plan.partial_floats() * static_cast<std::int64_t>(sizeof(float)), 64) * 64;
}

// Adds the pixels of one strip to the sums of the listed weights, or starts the sums with them.
void add_strip(const Plan& plan, const Memory& memory, const float* view, const Strip& strip, const float* dy,
               float* sums, bool add) {
    const auto& [batch, channels, filters, y, x] = plan.sizes;
    Walk walk;
    walk.loop(0, x.out, x.stride * channels, filters);
    walk.loop(1, strip.rows, y.stride * plan.picture.line(), x.out * filters);
    walk.loop(2, strip.images, plan.picture.image(), y.out * x.out * filters);
    walk.join();
    const Panels panels(filters);
    for (std::int64_t i = 0; i < panels.count(); ++i) {
        const Panel panel = panels[i];
        Tile tile = {view, nullptr, sums + panel.first, nullptr, dy + panel.first, panel.mask, add};
        const auto each_tile = [&tile](const Weights& weights, std::int64_t most, auto run) {
            const Cut cut(weights.count, most);
            for (std::int64_t piece = 0; piece < cut.pieces; ++piece) {
                tile.a_offset = weights.seen + cut.start(piece);
                tile.c_offset = weights.sums + cut.start(piece);
                run(cut.start(piece + 1) - cut.start(piece));
            }
        };
        each_tile(memory.single, panel.most_rows(), [&](std::int64_t rows) { panel.run(rows, tile, walk); });
        each_tile(memory.paired, most_pairs,
                  [&](std::int64_t rows) { pair_table.function[rows - 1](tile, walk, filters); });
    }
}

// Blocks [first, last) of the weights, in one chunk.
void run_blocks(const Line& line, const Plan& plan, Memory& memory, std::int64_t chunk, std::int64_t first,
                std::int64_t last) {
    const auto& [batch, channels, filters, y, x] = plan.sizes;
    const std::int64_t from = first_row(plan.weights, plan.blocks, first),
                       to = first_row(plan.weights, plan.blocks, last);
    float* sums = plan.chunks == 1 ? line.outputs[0].as<float>()
                                   : static_cast<float*>(line.scratch) + chunk * plan.partial_floats();
    const std::int64_t strip_from = first_row(plan.strips.count, plan.chunks, chunk);
    const std::int64_t strip_to = first_row(plan.strips.count, plan.chunks, chunk + 1);
    memory.list(plan, from, to);
    if (strip_from == strip_to) clear(sums + from * filters, (to - from) * filters);
    for (std::int64_t i = strip_from; i < strip_to; ++i) {
        const Strip strip = plan.strips[i];
        const float* view = plan.picture.view(line.inputs[0].as<float>(), strip, memory.buffer);
        const float* dy = line.inputs[1].as<float>() + (strip.image * y.out + strip.row) * x.out * filters;
        add_strip(plan, memory, view, strip, dy, sums, i > strip_from);
    }
    if (plan.chunks == 1 && line.after_rows && from < to) line.after_rows(line, from, to);
}

void run_plan(const Line& line, const Plan& plan, std::int64_t first, std::int64_t last) {
    if (line.outputs[0].size == 0) return;
    Scratch scratch{static_cast<char*>(line.scratch) + bytes_of_partials(plan) + first * bytes_of_part(plan),
                    0};
    Memory memory(plan, scratch);
    for (std::int64_t part = first; part < last;) {
        const std::int64_t chunk = part / plan.blocks, end = at_most(last, (chunk + 1) * plan.blocks);
        run_blocks(line, plan, memory, chunk, part - chunk * plan.blocks, end - chunk * plan.blocks);
        part = end;
    }
}

void finish_plan(const Line& line, const Plan& plan) {
    if (plan.chunks == 1) return;
    const std::int64_t floats = plan.partial_floats(), filters = plan.sizes.filters;
    const Cut blocks(plan.weights, at_least(4096 / filters, 1));
    for (std::int64_t block = 0; block < blocks.pieces; ++block) {
        add_partial_sums(static_cast<const float*>(line.scratch), plan.chunks, floats,
                         blocks.start(block) * filters, blocks.start(block + 1) * filters,
                         line.outputs[0].as<float>());
        if (line.after_rows) line.after_rows(line, blocks.start(block), blocks.start(block + 1));
    }
}

std::int64_t parts(const Line& line) {
    return Plan(line).parts();
}

std::size_t scratch(const Line& line) {
    const Plan plan(line);
    return static_cast<std::size_t>(bytes_of_partials(plan) + plan.parts() * bytes_of_part(plan));
}

void prepare(const Line& line, void* memory) {
    *static_cast<Plan*>(memory) = Plan(line);
}

void run(const Line& line, std::int64_t first, std::int64_t last) {
    if (line.plan)
        run_plan(line, *static_cast<const Plan*>(line.plan), first, last);
    else
        run_plan(line, Plan(line), first, last);
}

void finish(const Line& line, std::int64_t, std::int64_t) {
    if (line.outputs[0].size == 0) return;
    if (line.plan)
        finish_plan(line, *static_cast<const Plan*>(line.plan));
    else
        finish_plan(line, Plan(line));
}

KERNEL(conv2d_kernel_gradient, parts, scratch, run, finish, prepare);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
