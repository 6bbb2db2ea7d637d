// Kernels of primitives/shape.py: transpose, slice, reverse, pad and concatenate. All are one thing: numbers
// copied from one set of strides to another. (reshape moves nothing and has no kernel; broadcast_to is a
// block function of a loop.)
#include "gemm/parts.h"
#include "kernel.h"

namespace pippin::PIPPIN_ISA {
namespace {

// Where number (i, j, ...) comes from and goes to. Strides are in numbers and may be negative.
struct Copy {
    std::int32_t rank = 0;
    std::int64_t extent[max_rank], from[max_rank], to[max_rank];
    std::int64_t from_start = 0, to_start = 0;

    void add(std::int64_t size, std::int64_t from_stride, std::int64_t to_stride) {
        if (size == 1) return;
        const std::int32_t before = rank - 1;
        if (rank && from[before] == size * from_stride && to[before] == size * to_stride) {
            extent[before] *= size;
            from[before] = from_stride;
            to[before] = to_stride;
            return;
        }
        extent[rank] = size;
        from[rank] = from_stride;
        to[rank++] = to_stride;
    }

    std::int64_t size() const {
        std::int64_t product = 1;
        for (std::int32_t axis = 0; axis < rank; ++axis) product *= extent[axis];
        return product;
    }

    // The outermost axis, cut to a part of it.
    Copy cut(std::int64_t first, std::int64_t last) const {
        Copy part = *this;
        if (rank == 0) return part;
        part.extent[0] = last - first;
        part.from_start += first * from[0];
        part.to_start += first * to[0];
        return part;
    }
};

void strides_of(const Array& x, std::int64_t* strides) {
    std::int64_t stride = 1;
    for (std::int32_t axis = x.rank; axis-- > 0; stride *= x.shape[axis]) strides[axis] = stride;
}

Copy transposed(const Line& line) {
    const Array &x = line.inputs[0], &y = line.outputs[0];
    std::int64_t in[max_rank], out[max_rank];
    strides_of(x, in);
    strides_of(y, out);
    Copy copy;
    for (std::int32_t axis = 0; axis < y.rank; ++axis)
        copy.add(y.shape[axis], in[line.integer("order", axis)], out[axis]);
    return copy;
}

Copy sliced(const Line& line) {
    const Array &x = line.inputs[0], &y = line.outputs[0];
    std::int64_t in[max_rank], out[max_rank];
    strides_of(x, in);
    strides_of(y, out);
    Copy copy;
    for (std::int32_t axis = 0; axis < y.rank; ++axis) {
        copy.add(y.shape[axis], in[axis] * line.integer("step", axis, 1), out[axis]);
        copy.from_start += in[axis] * line.integer("start", axis);
    }
    return copy;
}

Copy reversed(const Line& line) {
    const Array& x = line.inputs[0];
    std::int64_t strides[max_rank];
    strides_of(x, strides);
    bool turned[max_rank] = {};
    for (int i = 0; i < x.rank; ++i) {
        const std::int64_t axis = line.integer("axes", i, -1);
        if (axis >= 0) turned[axis] = true;
    }
    Copy copy;
    for (std::int32_t axis = 0; axis < x.rank; ++axis) {
        copy.add(x.shape[axis], turned[axis] ? -strides[axis] : strides[axis], strides[axis]);
        if (turned[axis]) copy.from_start += (x.shape[axis] - 1) * strides[axis];
    }
    return copy;
}

Copy padded(const Line& line) {
    const Array &x = line.inputs[0], &y = line.outputs[0];
    std::int64_t in[max_rank], out[max_rank];
    strides_of(x, in);
    strides_of(y, out);
    Copy copy;
    for (std::int32_t axis = 0; axis < x.rank; ++axis) {
        copy.add(x.shape[axis], in[axis], out[axis] * (line.integer("inner", axis) + 1));
        copy.to_start += out[axis] * line.integer("low", axis);
    }
    return copy;
}

template <class Number>
PIPPIN_INLINE void copy_row(Number* to, const Number* from, std::int64_t count, std::int64_t to_stride,
                            std::int64_t from_stride) {
    if (to_stride == 1 && from_stride == 1)
        __builtin_memcpy(to, from, static_cast<std::size_t>(count) * sizeof(Number));
    else
        for (std::int64_t i = 0; i < count; ++i) to[i * to_stride] = from[i * from_stride];
}

// Two axes in tiles, so that the lines of the cache that a column touches are used up before they are lost.
template <class Number>
void copy_tiles(Number* to, const Number* from, const Copy& c, std::int32_t a, std::int32_t b) {
    constexpr std::int64_t tile = 16;
    for (std::int64_t i = 0; i < c.extent[a]; i += tile)
        for (std::int64_t j = 0; j < c.extent[b]; j += tile)
            for (std::int64_t k = i; k < at_most(i + tile, c.extent[a]); ++k)
                copy_row(to + k * c.to[a] + j * c.to[b], from + k * c.from[a] + j * c.from[b],
                         at_most(tile, c.extent[b] - j), c.to[b], c.from[b]);
}

template <class Number> void copy_axes(Number* to, const Number* from, const Copy& c, std::int32_t axis) {
    if (axis >= c.rank) {
        *to = *from;
    } else if (axis == c.rank - 1) {
        copy_row(to, from, c.extent[axis], c.to[axis], c.from[axis]);
    } else if (axis == c.rank - 2 && c.from[axis + 1] != 1) {
        copy_tiles(to, from, c, axis, axis + 1);
    } else if (axis == c.rank - 2 && c.extent[axis + 1] == 3 && c.to[axis + 1] == 1) {
        // Pixels of three colours: too short for the call of a copy.
        for (std::int64_t i = 0; i < c.extent[axis]; ++i)
            __builtin_memcpy(to + i * c.to[axis], from + i * c.from[axis], 3 * sizeof(Number));
    } else {
        for (std::int64_t i = 0; i < c.extent[axis]; ++i)
            copy_axes(to + i * c.to[axis], from + i * c.from[axis], c, axis + 1);
    }
}

void run_copy(const Array& from, const Array& to, const Copy& copy) {
    if (copy.size() == 0) return;
    if (bytes_of(to.type) == 4)
        copy_axes(to.as<std::uint32_t>() + copy.to_start, from.as<std::uint32_t>() + copy.from_start, copy,
                  0);
    else
        copy_axes(to.as<std::uint8_t>() + copy.to_start, from.as<std::uint8_t>() + copy.from_start, copy, 0);
}

// A line that is one copy, in parts along the outermost axis.
template <Copy (*describe)(const Line&)> void prepare(const Line& line, void* plan) {
    static_assert(sizeof(Copy) <= plan_bytes);
    *static_cast<Copy*>(plan) = describe(line);
}

template <Copy (*describe)(const Line&)> std::int64_t parts(const Line& line) {
    const Copy copy = describe(line);
    return copy.rank ? parts_for(static_cast<double>(copy.size()) * 8, copy.extent[0]) : 1;
}

template <Copy (*describe)(const Line&)> void run(const Line& line, std::int64_t first, std::int64_t last) {
    const Copy copy = line.plan ? *static_cast<const Copy*>(line.plan) : describe(line);
    if (line.parts == 1) return run_copy(line.inputs[0], line.outputs[0], copy);
    run_copy(
        line.inputs[0], line.outputs[0],
        copy.cut(first_row(copy.extent[0], line.parts, first), first_row(copy.extent[0], line.parts, last)));
}

KERNEL(transpose, parts<transposed>, nullptr, run<transposed>, nullptr, prepare<transposed>);
KERNEL(slice, parts<sliced>, nullptr, run<sliced>, nullptr, prepare<sliced>);
KERNEL(reverse, parts<reversed>, nullptr, run<reversed>, nullptr, prepare<reversed>);

void run_pad(const Line& line, std::int64_t, std::int64_t) {
    const Array& y = line.outputs[0];
    __builtin_memset(y.data, 0, static_cast<std::size_t>(y.size) * bytes_of(y.type));
    run_copy(line.inputs[0], y, line.plan ? *static_cast<const Copy*>(line.plan) : padded(line));
}
KERNEL(pad, nullptr, nullptr, run_pad, nullptr, prepare<padded>);

void run_concatenate(const Line& line, std::int64_t, std::int64_t) {
    const Array& y = line.outputs[0];
    const std::int64_t axis = line.integer("axis");
    std::int64_t strides[max_rank], begin = 0, outer = 1;
    strides_of(y, strides);
    for (std::int64_t i = 0; i < axis; ++i) outer *= y.shape[i];
    for (std::int32_t i = 0; i < line.input_count; ++i) {
        const Array& x = line.inputs[i];
        const std::int64_t run = x.shape[axis] * strides[axis];
        Copy copy;
        copy.add(outer, run, y.shape[axis] * strides[axis]);
        copy.add(run, 1, 1);
        copy.to_start = begin * strides[axis];
        run_copy(x, y, copy);
        begin += x.shape[axis];
    }
}
KERNEL(concatenate, nullptr, nullptr, run_concatenate, nullptr);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
