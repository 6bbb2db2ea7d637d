// Two-dimensional convolution of images (batch, height, width, channels) with a kernel (height, width,
// channels, filters):
//   y[b, r, s, f] = sum over i, j, c of x[b, r * stride - top + i * dilation, s * stride - left + j *
//   dilation, c] k[i, j, c, f]
// and its gradient for the images, in which dy takes the place of x, and the kernel's channels and filters
// change places.
#include "gemm/gather.h"
#include "gemm/overlap.h"
#include "kernel.h"

namespace pippin::PIPPIN_ISA {
namespace {

// The forward pass always gathers. The gradient for images gathers or overlaps, whichever takes fewer steps;
// the choice changes the last bits, so it is made for the same sixteen lanes on every instruction set.
struct Plan {
    GatherPlan gathering;
    bool overlaps;
    std::int64_t parts;

    Plan(const Line& line, bool is_gradient)
        : gathering(is_gradient ? Convolution(line, line.outputs[0], line.inputs[1], line.inputs[0])
                                : Convolution(line, line.inputs[0], line.inputs[1], line.outputs[0]),
                    is_gradient),
          overlaps(is_gradient && overlapping_is_shorter(sizes())),
          parts(gathering.parts) {
        if (overlaps)
            parts = affordable_parts(parts_that_copy(sizes(), sizes().batch), bytes_of_part() / 4);
    }

    const Convolution& sizes() const { return gathering.sizes; }
    std::int64_t bytes_of_part() const {
        Scratch counted;
        if (overlaps)
            Overlap(sizes()).take(counted);
        else
            GatherMemory(gathering, counted);
        return counted.bytes;
    }

  private:
    static bool overlapping_is_shorter(const Convolution& sizes) {
        const auto& [batch, channels, filters, y, x] = sizes;
        if (y.stride != 1 || x.stride != 1) return true;
        const std::int64_t taps = y.kernel * x.kernel, vectors = divide_up(channels, 16);
        const std::int64_t gathered = y.image * x.image * taps * filters * vectors / 2;
        const std::int64_t multiplied =
            y.out * x.out * y.kernel * divide_up(x.kernel * channels, 16) * filters / 2;
        const std::int64_t overlapped = multiplied + y.image * x.image * x.kernel * vectors * 2;
        // Overlapping shares out whole images only: with few of them, gathering keeps more threads busy.
        return (batch < 8 ? overlapped * 3 / 2 : overlapped) < gathered;
    }
};

static_assert(sizeof(Plan) <= plan_bytes);

void run_plan(const Line& line, const Plan& plan, std::int64_t first, std::int64_t last) {
    if (line.outputs[0].size == 0) return;
    const Scratch scratch{static_cast<char*>(line.scratch) + first * plan.bytes_of_part(), 0};
    if (plan.overlaps)
        run_overlapping(line, Overlap(plan.sizes()), scratch,
                        first_row(plan.sizes().batch, line.parts, first),
                        first_row(plan.sizes().batch, line.parts, last));
    else
        run_gathering(line, plan.gathering, scratch, first, last);
}

template <bool is_gradient> struct Entry {
    static std::int64_t parts(const Line& line) { return Plan(line, is_gradient).parts; }
    static std::size_t scratch(const Line& line) {
        const Plan plan(line, is_gradient);
        return static_cast<std::size_t>(plan.parts * plan.bytes_of_part());
    }
    static void prepare(const Line& line, void* memory) {
        *static_cast<Plan*>(memory) = Plan(line, is_gradient);
    }
    static void run(const Line& line, std::int64_t first, std::int64_t last) {
        if (line.plan)
            run_plan(line, *static_cast<const Plan*>(line.plan), first, last);
        else
            run_plan(line, Plan(line, is_gradient), first, last);
    }
};

using Forward = Entry<false>;
using Gradient = Entry<true>;
KERNEL(conv2d, Forward::parts, Forward::scratch, Forward::run, nullptr, Forward::prepare);
KERNEL(conv2d_input_gradient, Gradient::parts, Gradient::scratch, Gradient::run, nullptr, Gradient::prepare);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
