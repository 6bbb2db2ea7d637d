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

// Reads the channels that exist and writes a whole vector: for those who write the next pixel afterwards.
struct Spilling {
    Mask mask;
    PIPPIN_INLINE Floats read(const float* from) const { return load(from, mask); }
    PIPPIN_INLINE void write(float* to, Floats value) const { store(to, value); }
};

template <class Visit> PIPPIN_INLINE void each_vector(std::int64_t channels, Visit visit) {
    std::int64_t channel = 0;
    for (; channel + lanes <= channels; channel += lanes) visit(channel, AllLanes{});
    if (channel < channels) visit(channel, FirstLanes{first_lanes(channels - channel)});
}

// The same; pixels of less than a vector may be written in whole, as the next one is written afterwards.
template <class Visit> PIPPIN_INLINE void each_vector(std::int64_t channels, bool may_spill, Visit visit) {
    if (may_spill && channels < lanes)
        visit(0, Spilling{first_lanes(channels)});
    else
        each_vector(channels, visit);
}

}  // namespace pippin::PIPPIN_ISA
