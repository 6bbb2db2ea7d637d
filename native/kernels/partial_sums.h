// Results that were summed in chunks, one after the other in memory: the chunks are added in their order, so
// that the bits don't depend on who made which.
#pragma once
#include "../simd.h"

namespace pippin::PIPPIN_ISA {

// Numbers [first, last) of a result of `count` numbers.
inline void add_partial_sums(const float* partial, std::int64_t chunks, std::int64_t count,
                             std::int64_t first, std::int64_t last, float* out) {
    for (std::int64_t i = first; i < last; i += lanes) {
        const Mask mask = first_lanes(last - i);
        Floats sum = load(partial + i, mask);
        for (std::int64_t chunk = 1; chunk < chunks; ++chunk) sum += load(partial + chunk * count + i, mask);
        store(out + i, sum, mask);
    }
}

}  // namespace pippin::PIPPIN_ISA
