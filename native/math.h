// Functions of vectors of floats: roots, rounding, exponentials, logarithms, swings. Errors are at most 4
// units in the last place, most at most 2, checked in tests/engines/test_native.py.
//
// Each function brings its argument into a small range (Cody and Waite, "Software Manual for the Elementary
// Functions", 1980), where a short polynomial suffices. Taylor coefficients where those converge fast,
// otherwise fitted at Chebyshev points by us. Every step is a plain operation or multiply_add, never a
// machine's own approximation, so AVX2 and AVX-512 agree to the bit.
#pragma once

#include "simd.h"

namespace pippin::PIPPIN_ISA {

PIPPIN_INLINE Floats as_floats(Ints bits) {
    return __builtin_bit_cast(Floats, bits);
}

PIPPIN_INLINE Ints as_ints(Floats x) {
    return __builtin_bit_cast(Ints, x);
}

PIPPIN_INLINE Floats magnitude(Floats x) {
    return as_floats(as_ints(x) & 0x7fffffff);
}

PIPPIN_INLINE float magnitude_of(float x) {
    return __builtin_fabsf(x);
}

// Sums of bit patterns wrap around: those of NaN and infinity may lie anywhere.
using Words [[gnu::vector_size(lanes * 4)]] = std::uint32_t;

PIPPIN_INLINE Ints plus(Ints a, Ints b) {
    return __builtin_bit_cast(Ints, __builtin_bit_cast(Words, a) + __builtin_bit_cast(Words, b));
}

PIPPIN_INLINE Ints minus(Ints a, Ints b) {
    return __builtin_bit_cast(Ints, __builtin_bit_cast(Words, a) - __builtin_bit_cast(Words, b));
}

// The magnitude of x with the sign of another number.
PIPPIN_INLINE Floats with_sign(Floats x, Floats sign) {
    return as_floats((as_ints(x) & 0x7fffffff) | (as_ints(sign) & INT32_MIN));
}

PIPPIN_INLINE Floats square_root(Floats x) {
#if defined(__AVX512F__)
    return _mm512_maskz_sqrt_ps(0xffff, x);  // the plain one warns of memory it never reads
#elif defined(__AVX2__) && defined(__FMA__)
    return _mm256_sqrt_ps(x);
#elif defined(__x86_64__)
    return _mm_sqrt_ps(x);
#elif defined(__aarch64__)
    return vsqrtq_f32(x);
#else
    for (int lane = 0; lane < lanes; ++lane) x[lane] = __builtin_sqrtf(x[lane]);
    return x;
#endif
}

// Adding 2^23 leaves no room for decimals. Numbers that large have none, nor have infinities and NaN.
PIPPIN_INLINE Floats round_even(Floats x) {
    const Floats large = broadcast(8388608.0f);
    const Floats size = magnitude(x);
    return choose(size < large, with_sign((size + large) - large, x), x);
}

PIPPIN_INLINE Floats round_down(Floats x) {
    const Floats near = round_even(x);
    return choose(near > x, near - 1.0f, near);
}

// 2 to the power of whole numbers from -126 to 127.
PIPPIN_INLINE Floats power_of_2(Ints n) {
    return as_floats(plus(n, Ints{} + 127) << 23);
}

// x = n ln 2 + r, with n the nearest whole number: ln 2 in two pieces, the first so short that n times it is
// exact.
struct Reduced {
    Ints n;
    Floats r;
};

PIPPIN_INLINE Reduced modulo_ln2(Floats x) {
    const Floats shifter = broadcast(12582912.0f);  // 1.5 * 2^23: the sum's low bits are the whole number
    const Floats moved = multiply_add(x, broadcast(1.44269504f), shifter);
    const Floats n = moved - shifter;
    Floats r = multiply_add(n, broadcast(-0.693359375f), x);
    r = multiply_add(n, broadcast(2.12194440e-4f), r);
    return {minus(as_ints(moved), as_ints(shifter)), r};
}

// e^r - 1 - r for |r| <= ln(2) / 2: Taylor, to the term whose successor is below half a unit in the last
// place.
PIPPIN_INLINE Floats exponential_rest(Floats r) {
    Floats p = broadcast(1.0f / 5040);
    p = multiply_add(p, r, broadcast(1.0f / 720));
    p = multiply_add(p, r, broadcast(1.0f / 120));
    p = multiply_add(p, r, broadcast(1.0f / 24));
    p = multiply_add(p, r, broadcast(1.0f / 6));
    p = multiply_add(p, r, broadcast(0.5f));
    return p * (r * r);
}

PIPPIN_INLINE Floats limited(Floats x, float low, float high) {
    x = choose(x < low, broadcast(low), x);  // false for NaN, which goes through
    return choose(x > high, broadcast(high), x);
}

// Scaled in two steps: 2^128 is not a float, but numbers just below it are.
PIPPIN_INLINE Floats exponential(Floats x) {
    const Reduced part = modulo_ln2(limited(x, -104.0f, 89.0f));
    const Floats p = exponential_rest(part.r) + part.r + 1.0f;
    const Ints half = part.n >> 1;
    return p * power_of_2(half) * power_of_2(minus(part.n, half));
}

// 2^n e^r - 1, written so that nothing cancels and 2^128 is never needed.
PIPPIN_INLINE Floats exponential_minus_1(Floats x) {
    const Reduced part = modulo_ln2(limited(x, -40.0f, 89.0f));
    const Floats p = exponential_rest(part.r) + part.r;
    const Floats half = power_of_2(minus(part.n, Ints{} + 1));
    const Floats y = multiply_add(p, half, half - 0.5f);
    return choose(x == 0.0f, x, y + y);
}

// ln(1 + f) - f for sqrt(1/2) <= 1 + f < sqrt(2), by the series of the inverse hyperbolic tangent in s = f /
// (2 + f), arranged so that the large part, f, is never rounded (as in FDLIBM's e_log.c, which describes the
// idea).
PIPPIN_INLINE Floats logarithm_rest(Floats f, Floats tail) {
    const Floats s = f / (f + 2.0f);
    const Floats z = s * s;
    Floats series = broadcast(2.0f / 9);
    series = multiply_add(series, z, broadcast(2.0f / 7));
    series = multiply_add(series, z, broadcast(2.0f / 5));
    series = multiply_add(series, z, broadcast(2.0f / 3));
    series = series * z;
    const Floats square = f * f * 0.5f;
    return multiply_add(s, square + series, tail) - square;
}

// x = 2^n (1 + f), with 1 + f between sqrt(1/2) and sqrt(2).
struct Split {
    Floats n, f;
};

PIPPIN_INLINE Split split(Floats x) {
    const Ints moved = minus(as_ints(x), Ints{} + 0x3f3504f3);  // the bits of sqrt(1/2)
    const Ints n = moved >> 23;
    return {__builtin_convertvector(n, Floats), as_floats(minus(as_ints(x), n << 23)) - 1.0f};
}

PIPPIN_INLINE Floats logarithm_of(Split part, Floats tail) {
    const Floats low = multiply_add(part.n, broadcast(-2.12194440e-4f), tail);
    const Floats rest = logarithm_rest(part.f, low) + part.f;
    return multiply_add(part.n, broadcast(0.693359375f), rest);
}

// What the formula can't know: infinity stays, 0 gives minus infinity, negative numbers and NaN give NaN.
PIPPIN_INLINE Floats mended_logarithm(Floats y, Floats x) {
    const float infinity = __builtin_inff();
    y = choose(x == infinity, broadcast(infinity), y);
    y = choose(x == 0.0f, broadcast(-infinity), y);
    return choose(x >= 0.0f, y, broadcast(__builtin_nanf("")));
}

PIPPIN_INLINE Floats logarithm(Floats x) {
    return mended_logarithm(logarithm_of(split(x), Floats{}), x);
}

// ln(u) for u = 1 + x, plus what the rounding of u took away, divided by u.
PIPPIN_INLINE Floats logarithm_of_1_plus(Floats x) {
    const Floats u = x + 1.0f;
    const Floats lost = choose(x > 1.0f, 1.0f - (u - x), x - (u - 1.0f));
    const Floats y = mended_logarithm(logarithm_of(split(u), lost / u), u);
    return choose(magnitude(x) < 1e-7f, x, y);
}

// (e^2a - 1) / (e^2a + 1) from e^2a - 1, which is exact near 0. Beyond 9.02 the nearest float is 1.
PIPPIN_INLINE Floats hyperbolic_tangent(Floats x) {
    const Floats a = limited(magnitude(x), 0.0f, 9.02f);
    const Floats t = exponential_minus_1(a + a);
    return with_sign(t / (t + 2.0f), x);
}

PIPPIN_INLINE Floats logistic(Floats x) {
    return 1.0f / (exponential(-x) + 1.0f);
}

// Up to 1 a polynomial in x^2, beyond it 1 - e^-q(x) where q is fitted to -ln(erfc(x)) up to 4, from where on
// it is 1.
PIPPIN_INLINE Floats error_function(Floats x) {
    const Floats a = limited(magnitude(x), 0.0f, 4.0f);
    const Floats z = a * a;
    Floats inner = broadcast(7.882497448e-05f);
    inner = multiply_add(inner, z, broadcast(-8.018855005e-04f));
    inner = multiply_add(inner, z, broadcast(5.189312156e-03f));
    inner = multiply_add(inner, z, broadcast(-2.685432881e-02f));
    inner = multiply_add(inner, z, broadcast(1.128359735e-01f));
    inner = multiply_add(inner, z, broadcast(-3.761262596e-01f));
    inner = multiply_add(inner, z, broadcast(1.128379107f));
    Floats q = broadcast(-1.614061603e-06f);
    q = multiply_add(q, a, broadcast(4.559062290e-05f));
    q = multiply_add(q, a, broadcast(-5.927695311e-04f));
    q = multiply_add(q, a, broadcast(4.740222357e-03f));
    q = multiply_add(q, a, broadcast(-2.636471763e-02f));
    q = multiply_add(q, a, broadcast(1.099782437e-01f));
    q = multiply_add(q, a, broadcast(6.319370866e-01f));
    q = multiply_add(q, a, broadcast(1.130166650f));
    q = multiply_add(q, a, broadcast(-3.032129607e-04f));
    const Floats y = choose(a > 1.0f, 1.0f - exponential(-q), inner * a);
    return with_sign(y, x);
}

// The angle comes into [0, pi / 8] by what the tangent does at 3 pi / 8 and pi / 8; a polynomial in its square.
PIPPIN_INLINE Floats arctangent(Floats x) {
    const Floats a = magnitude(x);
    const Ints steep = a > 2.41421356f, middle = a > 0.414213562f;
    const Floats over = choose(steep, broadcast(-1.0f), a - 1.0f), under = choose(steep, a, a + 1.0f);
    const Floats t = choose(middle, over / under, a);
    const Floats z = t * t;
    Floats p = broadcast(-6.45937592e-2f);
    p = multiply_add(p, z, broadcast(1.07462978e-1f));
    p = multiply_add(p, z, broadcast(-1.42642334e-1f));
    p = multiply_add(p, z, broadcast(1.99995499e-1f));
    p = multiply_add(p, z, broadcast(-3.33333318e-1f));
    const Floats near = multiply_add(p * z, t, t);
    const Floats y = choose(steep, near + 1.57079637f, choose(middle, near + 0.785398185f, near));
    return with_sign(choose(a != a, a, y), x);
}

// Sine and cosine of r, |r| <= pi / 4: Taylor.
PIPPIN_INLINE Floats sine_near_0(Floats r, Floats z) {
    Floats p = broadcast(1.0f / 362880);
    p = multiply_add(p, z, broadcast(-1.0f / 5040));
    p = multiply_add(p, z, broadcast(1.0f / 120));
    p = multiply_add(p, z, broadcast(-1.0f / 6));
    return multiply_add(p * z, r, r);
}

PIPPIN_INLINE Floats cosine_near_0(Floats z) {
    Floats p = broadcast(-1.0f / 3628800);
    p = multiply_add(p, z, broadcast(1.0f / 40320));
    p = multiply_add(p, z, broadcast(-1.0f / 720));
    p = multiply_add(p, z, broadcast(1.0f / 24));
    p = multiply_add(p, z, broadcast(-0.5f));
    return multiply_add(p, z, broadcast(1.0f));
}

// x = n pi/2 + r. Pi/2 comes in pieces of 11 bits, so that n times each is exact while n has at most 13. The
// quarter n says which of sine and cosine it is, and with which sign; `quarters` is 0 for the sine and 1 for
// the cosine.
PIPPIN_INLINE Floats swing(Floats x, std::int32_t quarters) {
    const Floats shifter = broadcast(12582912.0f);
    const Floats moved = multiply_add(x, broadcast(0.636619772f), shifter);
    const Floats n = moved - shifter;
    Floats r = multiply_add(n, broadcast(-1.5703125f), x);
    r = multiply_add(n, broadcast(-4.837512969970703125e-4f), r);
    r = multiply_add(n, broadcast(-7.549533620476723e-8f), r);
    r = multiply_add(n, broadcast(-2.5633440682570896e-12f), r);
    const Ints quarter = plus(minus(as_ints(moved), as_ints(shifter)), Ints{} + quarters);
    const Floats z = r * r;
    const Floats y = choose((quarter & 1) != 0, cosine_near_0(z), sine_near_0(r, z));
    return as_floats(as_ints(y) ^ ((quarter & 2) << 30));
}

// Far from zero the pieces run out of bits; such numbers, rare in training, are left to the C library.
template <class Exact> PIPPIN_INLINE Floats swing_or(Floats x, std::int32_t quarters, Exact exact) {
    Floats y = swing(x, quarters);
    const Ints far = ~(magnitude(x) <= 8192.0f);  // NaN is far, too
    std::int32_t any = 0;
    for (int lane = 0; lane < lanes; ++lane) any |= far[lane];
    if (any)
        for (int lane = 0; lane < lanes; ++lane)
            if (far[lane]) y[lane] = static_cast<float>(exact(static_cast<double>(x[lane])));
    return y;
}

PIPPIN_INLINE Floats sine(Floats x) {
    return swing_or(x, 0, [](double far) { return __builtin_sin(far); });
}

PIPPIN_INLINE Floats cosine(Floats x) {
    return swing_or(x, 1, [](double far) { return __builtin_cos(far); });
}

}  // namespace pippin::PIPPIN_ISA
