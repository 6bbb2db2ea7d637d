// Vectors of truth values: one byte each in memory, all bits of a lane in a register, which is what
// comparisons give.
#pragma once
#include <cstring>

#include "simd.h"

namespace pippin::PIPPIN_ISA {

// `count` is at most `lanes`; fewer only at the end of a block.
PIPPIN_INLINE Ints load_truths(const std::uint8_t* from, std::int64_t count) {
#if defined(__AVX512F__) && defined(__AVX512BW__)
    const __m128i bytes = _mm_maskz_loadu_epi8(first_lanes(count), from);
    return __builtin_bit_cast(Ints, _mm512_maskz_cvtepu8_epi32(0xffff, bytes)) != 0;
#else
    std::uint8_t bytes[lanes] = {};
    if (count >= lanes)
        __builtin_memcpy(bytes, from, lanes);
    else
        __builtin_memcpy(bytes, from, static_cast<std::size_t>(count));
#if defined(__AVX2__)
    std::int64_t word;
    __builtin_memcpy(&word, bytes, lanes);
    return __builtin_bit_cast(Ints, _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(word))) != 0;
#else
    return Ints{bytes[0], bytes[1], bytes[2], bytes[3]} != 0;
#endif
#endif
}

PIPPIN_INLINE void store_truths(std::uint8_t* to, Ints truths, std::int64_t count) {
#if defined(__AVX512F__) && defined(__AVX512BW__)
    const __mmask16 bits = _mm512_movepi32_mask(__builtin_bit_cast(__m512i, truths));
    _mm_mask_storeu_epi8(to, first_lanes(count), _mm_maskz_set1_epi8(bits, 1));
#else
    std::uint8_t bytes[lanes];
    for (int lane = 0; lane < lanes; ++lane) bytes[lane] = static_cast<std::uint8_t>(truths[lane] & 1);
#if defined(__AVX2__)
    const int bits = _mm256_movemask_ps(__builtin_bit_cast(__m256, truths));
    const std::uint64_t word = _pdep_u64(static_cast<std::uint64_t>(bits), 0x0101010101010101);
    __builtin_memcpy(bytes, &word, lanes);
#endif
    if (count >= lanes)
        __builtin_memcpy(to, bytes, lanes);
    else
        __builtin_memcpy(to, bytes, static_cast<std::size_t>(count));
#endif
}

}  // namespace pippin::PIPPIN_ISA
