// The kernel of primitives/random.py: numbers in [0, 1) that depend only on seed, counter, call and position.
#include "../philox.h"
#include "gemm/parts.h"
#include "kernel.h"

namespace pippin::PIPPIN_ISA {
namespace {

constexpr int group = 16;  // counters computed side by side, each of which gives four numbers

std::int64_t parts(const Line& line) {
    return parts_for(static_cast<double>(line.outputs[0].size) * 20,
                     divide_up(line.outputs[0].size, 4 * group));
}

void run(const Line& line, std::int64_t first, std::int64_t last) {
    const std::uint32_t* state = line.inputs[0].as<std::uint32_t>();
    const std::uint32_t call = static_cast<std::uint32_t>(line.integer("call"));
    const std::int64_t size = line.outputs[0].size, groups = divide_up(size, 4 * group);
    float* y = line.outputs[0].as<float>();
    for (std::int64_t g = first_row(groups, line.parts, first); g < first_row(groups, line.parts, last);
         ++g) {
        Philox<group> words;
        for (int i = 0; i < group; ++i) {
            words.a[i] = static_cast<std::uint32_t>(g * group + i);
            words.b[i] = call;
            words.c[i] = state[1];
            words.d[i] = 0;
        }
        words.scramble(state[0], 0);
        float numbers[4 * group];
        for (int i = 0; i < group; ++i) {
            numbers[4 * i] = static_cast<float>(words.a[i] >> 8) * 0x1p-24f;
            numbers[4 * i + 1] = static_cast<float>(words.b[i] >> 8) * 0x1p-24f;
            numbers[4 * i + 2] = static_cast<float>(words.c[i] >> 8) * 0x1p-24f;
            numbers[4 * i + 3] = static_cast<float>(words.d[i] >> 8) * 0x1p-24f;
        }
        const std::int64_t begin = g * 4 * group;
        __builtin_memcpy(y + begin, numbers,
                         static_cast<std::size_t>(at_most(4 * group, size - begin)) * sizeof(float));
    }
}

KERNEL(random_uniform, parts, nullptr, run, nullptr);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
