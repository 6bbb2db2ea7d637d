// Two-dimensional convolution of images (batch, height, width, channels) with a kernel (height, width, channels, filters),
// and its gradients with respect to the images and to the kernel.
//   y[b, r, s, f] = sum over i, j, c of x[b, r * stride - top + i * dilation, s * stride - left + j * dilation, c] k[i, j, c, f]
#include "gemm/parts.h"
#include "kernel.h"

namespace pippin::PIPPIN_ISA {
namespace {

// Calls visit(index in x, index in the kernel without its filters, index in y without its filters) for all products.
template <class Visit>
void each_tap(const Line& line, const Array& x, const Array& kernel, const Array& y, Visit visit) {
    const std::int64_t channels = x.shape[3];
    for (std::int64_t b = 0; b < x.shape[0]; ++b)
        for (std::int64_t r = 0; r < y.shape[1]; ++r)
            for (std::int64_t s = 0; s < y.shape[2]; ++s)
                for (std::int64_t i = 0; i < kernel.shape[0]; ++i)
                    for (std::int64_t j = 0; j < kernel.shape[1]; ++j) {
                        const std::int64_t row = r * line.integer("strides", 0, 1) - line.integer("padding", 0) +
                                                 i * line.integer("dilation", 0, 1);
                        const std::int64_t column = s * line.integer("strides", 1, 1) - line.integer("padding", 2) +
                                                    j * line.integer("dilation", 1, 1);
                        if (row < 0 || column < 0 || row >= x.shape[1] || column >= x.shape[2]) continue;
                        for (std::int64_t c = 0; c < channels; ++c)
                            visit(((b * x.shape[1] + row) * x.shape[2] + column) * channels + c,
                                  ((i * kernel.shape[1] + j) * channels + c) * y.shape[3],
                                  ((b * y.shape[1] + r) * y.shape[2] + s) * y.shape[3]);
                    }
}

void clear(const Array& output) {
    for (std::int64_t i = 0; i < output.size; ++i) output.as<float>()[i] = 0;
}

void run_forward(const Line& line, std::int64_t, std::int64_t) {
    const Array &x = line.inputs[0], &kernel = line.inputs[1], &y = line.outputs[0];
    clear(y);
    each_tap(line, x, kernel, y, [&](std::int64_t in, std::int64_t tap, std::int64_t out) {
        for (std::int64_t f = 0; f < y.shape[3]; ++f)
            y.as<float>()[out + f] += x.as<float>()[in] * kernel.as<float>()[tap + f];
    });
    if (line.after_rows) line.after_rows(line, 0, y.rows());
}

void run_input_gradient(const Line& line, std::int64_t, std::int64_t) {
    const Array &dy = line.inputs[0], &kernel = line.inputs[1], &dx = line.outputs[0];
    clear(dx);
    each_tap(line, dx, kernel, dy, [&](std::int64_t in, std::int64_t tap, std::int64_t out) {
        for (std::int64_t f = 0; f < dy.shape[3]; ++f)
            dx.as<float>()[in] += dy.as<float>()[out + f] * kernel.as<float>()[tap + f];
    });
    if (line.after_rows) line.after_rows(line, 0, dx.rows());
}

void run_kernel_gradient(const Line& line, std::int64_t, std::int64_t) {
    const Array &x = line.inputs[0], &dy = line.inputs[1], &dkernel = line.outputs[0];
    clear(dkernel);
    each_tap(line, x, dkernel, dy, [&](std::int64_t in, std::int64_t tap, std::int64_t out) {
        for (std::int64_t f = 0; f < dy.shape[3]; ++f)
            dkernel.as<float>()[tap + f] += x.as<float>()[in] * dy.as<float>()[out + f];
    });
    if (line.after_rows) line.after_rows(line, 0, dkernel.rows());
}

KERNEL(conv2d, nullptr, nullptr, run_forward, nullptr);
KERNEL(conv2d_input_gradient, nullptr, nullptr, run_input_gradient, nullptr);
KERNEL(conv2d_kernel_gradient, nullptr, nullptr, run_kernel_gradient, nullptr);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
