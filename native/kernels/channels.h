// Walks through the channels of a pixel, a vector at a time.
#pragma once
#include "../simd.h"

namespace pippin::PIPPIN_ISA {

// Reads and writes the lanes that exist: all of them, or those up to the last channel.
struct AllLanes {
    PIPPIN_INLINE Floats read(const float* from) const { return load(from); }
    PIPPIN_INLINE void write(float* to, Floats value) const { store(to, value); }
};
struct FirstLanes {
    Mask mask;
    PIPPIN_INLINE Floats read(const float* from) const { return load(from, mask); }
    PIPPIN_INLINE void write(float* to, Floats value) const { store(to, value, mask); }
};

template <class Visit> PIPPIN_INLINE void each_vector(std::int64_t channels, Visit visit) {
    std::int64_t channel = 0;
    for (; channel + lanes <= channels; channel += lanes) visit(channel, AllLanes{});
    if (channel < channels) visit(channel, FirstLanes{first_lanes(channels - channel)});
}

}  // namespace pippin::PIPPIN_ISA
