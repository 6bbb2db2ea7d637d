// Pictures: resizing.
#include "../resample.h"
#include "bindings.h"

namespace nb = nanobind;

namespace pippin {
namespace {

// An array of a type and rank; `kind` tells which one was wrong.
Buffer array_of(const nb::object& object, Type type, int rank, bool writable, const char* kind) {
    Buffer buffer(object.ptr(), writable, true, "resample", kind);
    if (buffer.source() != static_cast<int>(type) || buffer.rank() != rank)
        refuse(std::string("resample '") + kind + "': expected " + std::to_string(rank) + " axes of " +
               type_names[static_cast<int>(type)] + ", received " + buffer.words());
    return buffer;
}

void resample_arrays(const nb::object& from, const nb::object& row_numbers, const nb::object& row_weights,
                     const nb::object& column_numbers, const nb::object& column_weights,
                     const nb::object& to) {
    const Buffer old = array_of(from, Type::uint8, 3, false, "from"),
                 made = array_of(to, Type::uint8, 3, true, "to");
    const Buffer numbers[] = {array_of(row_numbers, Type::int32, 2, false, "row_numbers"),
                              array_of(column_numbers, Type::int32, 2, false, "column_numbers")};
    const Buffer weights[] = {array_of(row_weights, Type::float32, 2, false, "row_weights"),
                              array_of(column_weights, Type::float32, 2, false, "column_weights")};
    Taps taps[2];
    for (int axis = 0; axis < 2; ++axis) {
        const auto* first = static_cast<const std::int32_t*>(numbers[axis].data());
        taps[axis] = {first, static_cast<const float*>(weights[axis].data()), numbers[axis].extent(0),
                      numbers[axis].extent(1)};
        if (weights[axis].extent(0) != taps[axis].count || weights[axis].extent(1) != taps[axis].taps ||
            made.extent(axis) != taps[axis].count)
            refuse("resample: expected a weight for each number, and numbers for each new row and column");
        if (std::any_of(first, first + taps[axis].count * taps[axis].taps,
                        [&](std::int32_t number) { return number < 0 || number >= old.extent(axis); }))
            refuse("resample: expected numbers of rows and columns that the picture has");
    }
    if (made.extent(2) != old.extent(2) || old.extent(2) > 4 || taps[0].taps < 1)
        refuse("resample: expected as many channels as before, at most 4, and at least one number for each");
    const nb::gil_scoped_release unlocked;
    resample(static_cast<const std::uint8_t*>(old.data()), old.extent(1), old.extent(2), taps[0], taps[1],
             static_cast<std::uint8_t*>(made.data()));
}

}  // namespace

void bind_pictures(nb::module_& module) {
    module.def("resample", &resample_arrays);
}

}  // namespace pippin
