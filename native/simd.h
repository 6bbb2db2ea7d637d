// The vector of floats of the instruction set a file is compiled for, and the few operations kernels need on
// it. Arithmetic and comparison are the compiler's own (a + b, a < b); only what has no operator stands here.
// Everything is forced inline and inside a namespace of the instruction set: no copy made for one set can
// serve another.
#pragma once
#include <cstdint>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define PIPPIN_INLINE [[gnu::always_inline]] inline

namespace pippin::PIPPIN_ISA {

#if defined(__AVX512F__)
constexpr int lanes = 16;
#elif defined(__AVX2__) && defined(__FMA__)
constexpr int lanes = 8;
#else
constexpr int lanes = 4;
#endif

using Floats [[gnu::vector_size(lanes * 4)]] = float;
using Ints [[gnu::vector_size(lanes * 4)]] =
    std::int32_t;  // also what a comparison of Floats gives: -1 true, 0 false
using UnalignedFloats [[gnu::vector_size(lanes * 4), gnu::aligned(4), gnu::may_alias]] = float;

PIPPIN_INLINE Floats load(const float* from) {
    return *reinterpret_cast<const UnalignedFloats*>(from);
}

PIPPIN_INLINE void store(float* to, Floats value) {
    *reinterpret_cast<UnalignedFloats*>(to) = value;
}

PIPPIN_INLINE Floats broadcast(float value) {
    return value - Floats{};  // x - 0 is x for every x, -0 included; x + 0 is not
}

// a * b + c, rounded once where the instruction set can (AVX2, AVX-512, NEON), twice on the x86 baseline.
PIPPIN_INLINE Floats multiply_add(Floats a, Floats b, Floats c) {
#if defined(__AVX512F__)
    return _mm512_fmadd_ps(a, b, c);
#elif defined(__AVX2__) && defined(__FMA__)
    return _mm256_fmadd_ps(a, b, c);
#elif defined(__aarch64__)
    return vfmaq_f32(c, a, b);
#else
    return a * b + c;
#endif
}

PIPPIN_INLINE bool has_nan(Floats value) {
#if defined(__AVX512F__)
    return _mm512_cmp_ps_mask(value, value, _CMP_UNORD_Q) != 0;
#elif defined(__AVX2__) && defined(__FMA__)
    return _mm256_movemask_ps(_mm256_cmp_ps(value, value, _CMP_UNORD_Q)) != 0;
#elif defined(__x86_64__)
    return _mm_movemask_ps(_mm_cmpunord_ps(value, value)) != 0;
#else
    return vminvq_u32(vceqq_f32(value, value)) == 0;
#endif
}

PIPPIN_INLINE Floats choose(Ints condition, Floats yes, Floats no) {
    return condition ? yes : no;
}

// The first `count` lanes, for the end of a row: memory behind them is neither read nor written.
#if defined(__AVX512F__)
using Mask = __mmask16;
PIPPIN_INLINE Mask first_lanes(std::int64_t count) {
    return static_cast<Mask>(count >= lanes ? 0xffffu : (1u << count) - 1u);
}
PIPPIN_INLINE Floats load(const float* from, Mask mask) {
    return _mm512_maskz_loadu_ps(mask, from);
}
PIPPIN_INLINE void store(float* to, Floats value, Mask mask) {
    _mm512_mask_storeu_ps(to, mask, value);
}
#elif defined(__AVX2__) && defined(__FMA__)
using Mask = __m256i;
PIPPIN_INLINE Mask first_lanes(std::int64_t count) {
    const __m256i index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count < lanes ? count : lanes)), index);
}
PIPPIN_INLINE Floats load(const float* from, Mask mask) {
    return _mm256_maskload_ps(from, mask);
}
// By halves: AMD's Zen 1 to 3 take a masked store apart into some forty operations, these branches cost almost nothing.
PIPPIN_INLINE void store(float* to, Floats value, Mask mask) {
    int exist = _mm256_movemask_ps(_mm256_castsi256_ps(mask));
    if (exist & 0x80) return store(to, value);
    __m128 rest = _mm256_castps256_ps128(value);
    if (exist & 0x8) {
        _mm_storeu_ps(to, rest);
        rest = _mm256_extractf128_ps(value, 1);
        to += 4, exist >>= 4;
    }
    if (exist & 0x2) {
        _mm_storel_pi(reinterpret_cast<__m64*>(to), rest);
        rest = _mm_movehl_ps(rest, rest);
        to += 2, exist >>= 2;
    }
    if (exist & 0x1) _mm_store_ss(to, rest);
}
#else
using Mask = int;  // the count itself: four lanes have no masked instructions
PIPPIN_INLINE Mask first_lanes(std::int64_t count) {
    return static_cast<Mask>(count < lanes ? count : lanes);
}
PIPPIN_INLINE Floats load(const float* from, Mask mask) {
    switch (mask) {
        case 0:
            return Floats{};
        case 1:
            return Floats{from[0]};
        case 2:
            return Floats{from[0], from[1]};
        case 3:
            return Floats{from[0], from[1], from[2]};
        default:
            return load(from);
    }
}
PIPPIN_INLINE void store(float* to, Floats value, Mask mask) {
    for (int lane = 0; lane < mask; ++lane) to[lane] = value[lane];
}
#endif

}  // namespace pippin::PIPPIN_ISA
