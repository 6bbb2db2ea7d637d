// The sizes of a convolution, and scratch memory: what its three kernels share.
#pragma once
#include "../kernel.h"
#include "parts.h"

namespace pippin::PIPPIN_ISA {

struct Axis {
    std::int64_t image, kernel, out, stride, before, dilation;  // before: zeros in front of the image
    PIPPIN_INLINE std::int64_t reach() const { return (kernel - 1) * dilation + 1; }
};

struct Convolution {
    std::int64_t batch, channels, filters;
    Axis y, x;

    Convolution(const Line& line, const Array& image, const Array& kernel, const Array& result)
        : batch(image.shape[0]),
          channels(image.shape[3]),
          filters(result.shape[3]),
          y(axis(line, 0, image, kernel, result)),
          x(axis(line, 1, image, kernel, result)) {}

    std::int64_t pixels() const { return batch * y.out * x.out; }
    std::int64_t terms() const { return y.kernel * x.kernel * channels; }  // of one sum of the forward pass
    double operations() const {
        return 2.0 * static_cast<double>(pixels()) * static_cast<double>(terms()) *
               static_cast<double>(filters);
    }

  private:
    static Axis axis(const Line& line, int i, const Array& image, const Array& kernel, const Array& result) {
        return {image.shape[1 + i],
                kernel.shape[i],
                result.shape[1 + i],
                line.integer("strides", i, 1),
                line.integer("padding", 2 * i),
                line.integer("dilation", i, 1)};  // padding: top, bottom, left, right
    }
};

// How many parts, at most `most`, a convolution falls into whose every part copies the kernel: a float copied takes as
// long as fifty operations, so this is a percent or two of the time, unless that would leave hardly anything to share out.
PIPPIN_INLINE std::int64_t parts_that_copy(const Convolution& sizes, std::int64_t most) {
    constexpr std::int64_t operations_of_a_copied_float = 4000, parts_in_any_case = 8;
    const double copied = static_cast<double>(at_least(sizes.terms() * sizes.filters, 1));
    const double worth = sizes.operations() / (copied * operations_of_a_copied_float);
    const std::int64_t wanted = parts_for(sizes.operations(), most);
    return worth < static_cast<double>(wanted)
               ? at_least(static_cast<std::int64_t>(worth), at_most(wanted, parts_in_any_case))
               : wanted;
}

// Hands out pieces of scratch memory that start on cache lines of their own. Without memory it only counts
// the bytes.
struct Scratch {
    char* memory = nullptr;
    std::int64_t bytes = 0;

    template <class T> PIPPIN_INLINE T* take(std::int64_t elements) {
        T* taken = memory ? reinterpret_cast<T*>(memory + bytes) : nullptr;
        bytes += divide_up(elements * static_cast<std::int64_t>(sizeof(T)), 64) * 64;
        return taken;
    }
};

PIPPIN_INLINE void clear(float* to, std::int64_t floats) {
    __builtin_memset(to, 0, static_cast<std::size_t>(floats) * sizeof(float));
}

}  // namespace pippin::PIPPIN_ISA
