// Two-dimensional convolution of images (batch, height, width, channels) with a kernel (height, width, channels, filters),
// and its gradient for the images.
//   y[b, r, s, f] = sum over i, j, c of x[b, r * stride - top + i * dilation, s * stride - left + j * dilation, c] k[i, j, c, f]
// Both are products of matrices of the windows with the kernel; in the gradient dy takes the part of x, and the kernel's
// channels and filters change places.
#include "gemm/gather.h"
#include "kernel.h"

namespace pippin::PIPPIN_ISA {
namespace {

PIPPIN_INLINE std::int64_t divide_down(std::int64_t value, std::int64_t by) {
    return value >= 0 ? value / by : -divide_up(-value, by);
}

PIPPIN_INLINE std::int64_t common_divisor(std::int64_t a, std::int64_t b) {
    return b == 0 ? a : common_divisor(b, a % b);
}

// Along one axis: what the view of a picture spans, and which taps reach the pixels of a phase.
struct Reach {
    std::int64_t low, span;  // the first row of the picture seen by the first row of pixels, and how many it sees
};

PIPPIN_INLINE Reach reach_of_gradient(const Axis& a) {
    const std::int64_t low = divide_down(a.before - (a.kernel - 1) * a.dilation, a.stride);
    return {low, divide_down(a.stride - 1 + a.before, a.stride) - low + 1};
}

// A pixel p saw tap i of window q where q * stride - before + i * dilation = p.
PIPPIN_INLINE Taps taps_of_gradient(const Axis& a, std::int64_t pixel) {
    std::int64_t first = 0;
    while (first < a.kernel && (pixel + a.before - first * a.dilation) % a.stride != 0) ++first;
    const std::int64_t step = a.stride / common_divisor(a.stride, a.dilation);
    const std::int64_t window = divide_down(pixel + a.before - first * a.dilation, a.stride);
    return {first, first < a.kernel ? (a.kernel - 1 - first) / step + 1 : 0, step, window - reach_of_gradient(a).low,
            -step * a.dilation / a.stride};
}

// How the kernel reaches the tiles: where it lies, copied whole, or copied a panel of channels at a time.
enum class Copy { none, whole, panels };

constexpr std::int64_t most_copied_whole = 64 * 1024;  // floats: a quarter of a second-level cache of 1 MiB
constexpr std::int64_t most_read_in_place = 128 * 1024;

struct Plan {
    Convolution sizes;
    bool is_gradient;
    Copy copy;
    std::int64_t parts;
    Gathering g;

    Plan(const Line& line, bool gradient)
        : sizes(line, gradient ? line.outputs[0] : line.inputs[0], line.inputs[1], gradient ? line.inputs[0] : line.outputs[0]),
          is_gradient(gradient), copy(choose_copy()), parts(wanted_parts()), g(gradient ? backward() : forward()) {
        g.picture.rows_at_once = g.strips.rows_at_once;
        g.picture.choose_border(g.strips.rows);
        parts = at_least(at_most(parts, g.strips.count), 1);
    }

    PIPPIN_INLINE std::int64_t phases() const { return is_gradient ? sizes.y.stride * sizes.x.stride : 1; }
    PIPPIN_INLINE Phase phase(std::int64_t i) const {
        if (!is_gradient)
            return {{0, sizes.y.kernel, 1, 0, sizes.y.dilation}, {0, sizes.x.kernel, 1, 0, sizes.x.dilation},
                    0, 0, sizes.y.out, sizes.x.out};
        const std::int64_t row = i / sizes.x.stride, column = i % sizes.x.stride;
        return {taps_of_gradient(sizes.y, row), taps_of_gradient(sizes.x, column), row, column,
                divide_up(at_least(sizes.y.image - row, 0), sizes.y.stride),
                divide_up(at_least(sizes.x.image - column, 0), sizes.x.stride)};
    }

    PIPPIN_INLINE std::int64_t packed_floats() const {
        const std::int64_t columns = whole_vectors(g.channels);
        return copy == Copy::none ? 0 : g.terms() * (copy == Copy::whole ? columns : at_most(columns, most_columns));
    }

    // Copies the panel's columns of the kernel. Terms of the gradient are (tap, filter), and the channels feed the lanes.
    void pack_panel(const float* kernel, const Panel& panel, float* to) const {
        const std::int64_t width = panel.vectors * lanes, taps = sizes.y.kernel * sizes.x.kernel;
        if (!is_gradient) return pack(kernel, sizes.filters, false, panel, g.terms(), to);
        for (std::int64_t tap = 0; tap < taps; ++tap)
            pack(kernel + tap * sizes.channels * sizes.filters, sizes.filters, true, panel, sizes.filters,
                 to + tap * sizes.filters * width);
    }

  private:
    Copy choose_copy() const {
        const std::int64_t floats = sizes.terms() * sizes.filters;
        if (!is_gradient && floats <= most_read_in_place) return Copy::none;
        return floats <= most_copied_whole ? Copy::whole : Copy::panels;
    }
    // A part that copies the kernel needs many pixels to be worth it.
    std::int64_t wanted_parts() const {
        return parts_for(sizes.operations(), divide_up(sizes.pixels(), copy == Copy::none ? 16 : 128));
    }
    Strips strips(std::int64_t rows, std::int64_t columns) const {
        const std::int64_t pixels = sizes.batch * rows * columns;
        return Strips(sizes.batch, rows, columns, at_least(at_most(pixels / parts, 1024), 64));
    }
    Gathering forward() const {
        const auto& [batch, channels, filters, y, x] = sizes;
        const Picture picture = {y.image, x.image, channels, y.stride, -y.before, y.reach(), -x.before,
                                 (x.out - 1) * x.stride + x.reach(), 0, false};
        return {picture, strips(y.out, x.out), y.kernel, x.kernel, channels, y.out, x.out, filters, 1, 1, y.stride, x.stride};
    }
    Gathering backward() const {
        const auto& [batch, channels, filters, y, x] = sizes;
        const Strips rows_of_phases = strips(divide_up(y.image, y.stride), divide_up(x.image, x.stride));
        const Reach down = reach_of_gradient(y), across = reach_of_gradient(x);
        const Picture picture = {y.out, x.out, filters, 1, down.low, down.span, across.low,
                                 rows_of_phases.columns - 1 + across.span, 0, false};
        return {picture, rows_of_phases, y.kernel, x.kernel, filters, y.image, x.image, channels, y.stride, x.stride, 1, 1};
    }
};

static_assert(sizeof(Plan) <= plan_bytes);

// The scratch memory of one part.
struct Memory {
    Tables tables;
    float *buffer, *packed;

    Memory(const Plan& plan, Scratch& scratch)
        : tables{scratch.take<std::int64_t>(plan.g.strip_pixels() * plan.phases()),
                 scratch.take<std::int64_t>(plan.g.strip_pixels() * plan.phases())},
          buffer(scratch.take<float>(plan.g.picture.buffer_floats(plan.g.strips.images_at_once))),
          packed(scratch.take<float>(plan.packed_floats())) {}
};

PIPPIN_INLINE std::int64_t bytes_of_part(const Plan& plan) {
    Scratch counted{nullptr};
    const Memory memory(plan, counted);
    return counted.next - static_cast<char*>(nullptr);
}

// Panels [from, to) of the channels, for the strips [first, last). Announces the pixels as final in the last pass.
struct Pass {
    const Line& line;
    const Plan& plan;
    const Memory& memory;
    const Panels& panels;
    std::int64_t from, to;
    bool is_last;

    void run(std::int64_t first, std::int64_t last) const {
        const float* kernel = line.inputs[1].as<float>();
        const std::int64_t start = panels[from].first;
        if (plan.copy != Copy::none)
            for (std::int64_t i = from; i < to; ++i)
                plan.pack_panel(kernel, panels[i], memory.packed + (panels[i].first - start) * plan.g.terms());
        for (std::int64_t i = first; i < last; ++i) {
            const Strip strip = plan.g.strips[i];
            const float* view = plan.g.picture.view(line.inputs[0].as<float>(), strip, memory.buffer);
            const std::int64_t first_pixel = plan.g.first_pixel(strip.image, strip.row);
            for (std::int64_t phase = 0; phase < plan.phases(); ++phase) run_phase(phase, strip, view, first_pixel);
            if (plan.phases() > 1)
                announce(first_pixel, plan.g.first_pixel(strip.image + strip.images - 1, strip.row + strip.rows));
        }
    }

  private:
    void run_phase(std::int64_t index, const Strip& strip, const float* view, std::int64_t first_pixel) const {
        const Gathering& g = plan.g;
        const Phase phase = plan.phase(index);
        const Tables tables = {memory.tables.source + index * g.strip_pixels(), memory.tables.result + index * g.strip_pixels()};
        float* result = line.outputs[0].as<float>() + first_pixel * g.channels;
        const std::int64_t pixels = g.pixels(phase, strip);
        const Cut blocks(pixels, plan.phases() > 1 ? pixels : at_least(announced_floats / g.channels, 4 * most_rows));
        for (std::int64_t block = 0, pixel = 0; pixel < pixels; ++block) {
            const std::int64_t next = blocks.start(block + 1);
            for (std::int64_t i = from; i < to; ++i) {
                const Panel panel = panels[i];
                const std::int64_t b_term = plan.copy == Copy::none ? g.channels : panel.vectors * lanes;
                const float* b = plan.copy == Copy::none
                                     ? line.inputs[1].as<float>() + panel.first
                                     : memory.packed + (panel.first - panels[from].first) * g.terms();
                gather(panel, g.walk(phase, b_term), tables, view, b + g.first_term(phase) * b_term, result, pixel, next);
            }
            if (plan.phases() == 1) announce(first_pixel + pixel, first_pixel + next);
            pixel = next;
        }
    }
    void announce(std::int64_t first, std::int64_t last) const {
        if (is_last && line.after_rows && first < last) line.after_rows(line, first, last);
    }
};

void run_plan(const Line& line, const Plan& plan, std::int64_t first, std::int64_t last) {
    if (line.outputs[0].size == 0) return;
    Scratch scratch{static_cast<char*>(line.scratch) + first * bytes_of_part(plan)};
    const Memory memory(plan, scratch);
    for (std::int64_t i = 0; i < plan.phases(); ++i)
        Tables{memory.tables.source + i * plan.g.strip_pixels(), memory.tables.result + i * plan.g.strip_pixels()}.fill(
            plan.g, plan.phase(i));
    const Panels panels(plan.g.channels);
    const std::int64_t at_once = plan.copy == Copy::panels ? 1 : panels.count();
    for (std::int64_t panel = 0; panel < panels.count(); panel += at_once) {
        const Pass pass = {line, plan, memory, panels, panel, panel + at_once, panel + at_once == panels.count()};
        pass.run(first_row(plan.g.strips.count, line.parts, first), first_row(plan.g.strips.count, line.parts, last));
    }
}

template <bool is_gradient>
struct Gathered {
    static std::int64_t parts(const Line& line) { return Plan(line, is_gradient).parts; }
    static std::size_t scratch(const Line& line) {
        const Plan plan(line, is_gradient);
        return static_cast<std::size_t>(plan.parts * bytes_of_part(plan));
    }
    static void prepare(const Line& line, void* memory) { *static_cast<Plan*>(memory) = Plan(line, is_gradient); }
    static void run(const Line& line, std::int64_t first, std::int64_t last) {
        if (line.plan) run_plan(line, *static_cast<const Plan*>(line.plan), first, last);
        else run_plan(line, Plan(line, is_gradient), first, last);
    }
};

using Forward = Gathered<false>;
using Backward = Gathered<true>;
KERNEL(conv2d, Forward::parts, Forward::scratch, Forward::run, nullptr, Forward::prepare);
KERNEL(conv2d_input_gradient, Backward::parts, Backward::scratch, Backward::run, nullptr, Backward::prepare);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
