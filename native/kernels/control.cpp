// Kernels of primitives/control.py. Lines without inputs run once, when a program is compiled, and keep their
// memory.
#include "kernel.h"

namespace pippin::PIPPIN_ISA {
namespace {

template <class Number> void fill(const Line& line) {
    const Array& y = line.outputs[0];
    for (std::int64_t i = 0; i < y.size; ++i)
        y.as<Number>()[i] = static_cast<Number>(line.number("value", static_cast<int>(i)));
}

void run_constant(const Line& line, std::int64_t, std::int64_t) {
    switch (line.outputs[0].type) {
        case Type::float32:
            return fill<float>(line);
        case Type::int32:
            return fill<std::int32_t>(line);
        case Type::uint32:
            return fill<std::uint32_t>(line);
        default:
            return fill<std::uint8_t>(line);
    }
}
KERNEL(constant, nullptr, nullptr, run_constant, nullptr);

void run_iota(const Line& line, std::int64_t, std::int64_t) {
    for (std::int64_t i = 0; i < line.outputs[0].size; ++i)
        line.outputs[0].as<std::int32_t>()[i] = static_cast<std::int32_t>(i);
}
KERNEL(iota, nullptr, nullptr, run_iota, nullptr);

// The body's lines are programs of kernels again, so there is nothing here that an instruction set could speed up.
void run_scan(const Line& line, std::int64_t first, std::int64_t last) {
    const Repeat& repeat = *static_cast<const Repeat*>(line.plan);
    repeat.run(repeat.scan, line, first, last);
}
std::int64_t parts_scan(const Line& line) { return static_cast<const Repeat*>(line.plan)->parts; }
KERNEL(scan, parts_scan, nullptr, run_scan, nullptr);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
