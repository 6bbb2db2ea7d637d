// Random words from a counter: Philox 4x32 with 10 rounds, exactly as in primitives/random.py, which names
// the source.
#pragma once
#include <cstdint>

namespace pippin {

// `count` counters side by side, word by word; both arrays hold 4 * count words.
template <int count> struct Philox {
    std::uint32_t a[count], b[count], c[count], d[count];

    [[gnu::always_inline]] inline void scramble(std::uint32_t left, std::uint32_t right) {
        for (int round = 0; round < 10; ++round) {
            for (int i = 0; i < count; ++i) {
                const std::uint64_t first = std::uint64_t{0xD2511F53} * a[i],
                                    second = std::uint64_t{0xCD9E8D57} * c[i];
                a[i] = static_cast<std::uint32_t>(second >> 32) ^ b[i] ^ left;
                c[i] = static_cast<std::uint32_t>(first >> 32) ^ d[i] ^ right;
                b[i] = static_cast<std::uint32_t>(second);
                d[i] = static_cast<std::uint32_t>(first);
            }
            left += 0x9E3779B9;
            right += 0xBB67AE85;
        }
    }
};

}  // namespace pippin
