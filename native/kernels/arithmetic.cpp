// Block functions of primitives/arithmetic.py. Whole numbers wrap around, as NumPy's do.
#include "block.h"

namespace pippin::PIPPIN_ISA {
namespace {

// NaN in either operand is the result, as in NumPy.
PIPPIN_INLINE Floats smaller(Floats a, Floats b) {
    return choose((a < b) | (a != a), a, b);
}

#define FLOAT_PAIR(name, expression)                                                                \
    void name##_floats(void* out, const void* const* in, std::int64_t count, unsigned single) {     \
        each_pair(out, in, count, single, [](Floats a, Floats b) -> Floats { return expression; }); \
    }                                                                                               \
    BLOCK(name, float32, float32, name##_floats)

#define WHOLE_PAIR(name, type, Number, expression)                                                  \
    void name##_##type(void* out, const void* const* in, std::int64_t count, unsigned single) {     \
        each_two_numbers<Number, Number>(out, in, count, single, [](Number a, Number b) -> Number { \
            return static_cast<Number>(expression);                                                 \
        });                                                                                         \
    }                                                                                               \
    BLOCK(name, type, type, name##_##type)

// Signed numbers are computed as unsigned ones, where overflow is defined, and have the same bits.
#define WHOLE_PAIRS(name, expression)                    \
    WHOLE_PAIR(name, int32, std::uint32_t, expression);  \
    WHOLE_PAIR(name, uint32, std::uint32_t, expression); \
    WHOLE_PAIR(name, uint8, std::uint8_t, expression)

#define ORDERED_PAIRS(name, expression)                  \
    WHOLE_PAIR(name, int32, std::int32_t, expression);   \
    WHOLE_PAIR(name, uint32, std::uint32_t, expression); \
    WHOLE_PAIR(name, uint8, std::uint8_t, expression);   \
    WHOLE_PAIR(name, boolean, std::uint8_t, expression)

#define FLOAT_FUNCTION(name, expression)                                                 \
    void name##_floats(void* out, const void* const* in, std::int64_t count, unsigned) { \
        each_vector(out, in, count, [](Floats x) -> Floats { return expression; });      \
    }                                                                                    \
    BLOCK(name, float32, float32, name##_floats)

FLOAT_PAIR(add, a + b);
FLOAT_PAIR(subtract, a - b);
FLOAT_PAIR(multiply, a* b);
FLOAT_PAIR(divide, a / b);
FLOAT_PAIR(maximum, larger(a, b));
FLOAT_PAIR(minimum, smaller(a, b));
WHOLE_PAIRS(add, a + b);
WHOLE_PAIRS(subtract, a - b);
WHOLE_PAIRS(multiply, a* b);
WHOLE_PAIR(add, boolean, std::uint8_t, a | b);
WHOLE_PAIR(multiply, boolean, std::uint8_t, (a & b));
ORDERED_PAIRS(maximum, a > b ? a : b);
ORDERED_PAIRS(minimum, a < b ? a : b);

// The quotient of whole numbers, cut off; 0 where there is none.
WHOLE_PAIR(divide, int32, std::int32_t, b ? static_cast<std::int64_t>(a) / b : 0);
WHOLE_PAIR(divide, uint32, std::uint32_t, b ? a / b : 0);
WHOLE_PAIR(divide, uint8, std::uint8_t, b ? a / b : 0);

FLOAT_FUNCTION(negative, -x);
FLOAT_FUNCTION(absolute, magnitude(x));
// x - x is NaN for NaN and +0 for zeros and denormals.
FLOAT_FUNCTION(sign, choose(x > 0, broadcast(1), choose(x < 0, broadcast(-1), x - x)));
FLOAT_FUNCTION(square, x* x);
FLOAT_FUNCTION(sqrt, square_root(x));
FLOAT_FUNCTION(floor, round_down(x));
FLOAT_FUNCTION(round, round_even(x));

// a to the power of b as exp(b log a) in double precision, which leaves a float's last place right almost
// always. The series are those of math.h, longer. Plain multiplications and additions, so that every
// instruction set agrees.
PIPPIN_INLINE double logarithm(double x) {
    // Unsigned, because the bits of what is_plain refuses wrap around here before it is asked.
    const std::uint64_t bits = __builtin_bit_cast(std::uint64_t, x);
    const std::uint64_t moved =
        bits - 0x3fe6a09e667f3bcdULL;  // sqrt(1/2): the mantissa ends up in [sqrt(1/2), sqrt(2))
    const std::int32_t exponent = static_cast<std::int32_t>(static_cast<std::int64_t>(moved) >> 52);
    const double m = __builtin_bit_cast(double, bits - (moved & 0xfff0000000000000ULL));
    const double s = (m - 1) / (m + 1), z = s * s;
    const double series =
        ((((((2.0 / 15 * z + 2.0 / 13) * z + 2.0 / 11) * z + 2.0 / 9) * z + 2.0 / 7) * z + 2.0 / 5) * z +
         2.0 / 3) *
        z;
    return static_cast<double>(exponent) * 0.6931471805599453 + (2 * s + s * series);
}

PIPPIN_INLINE double exponential(double x) {
    x = x > 90 ? 90 : x < -105 ? -105 : x;
    const double shifter =
        6755399441055744.0;  // 1.5 * 2^52: adding it leaves the nearest whole number in the low bits
    const double moved = x * 1.4426950408889634 + shifter;
    const double n = moved - shifter;
    const double r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10;
    double p = 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    const std::uint64_t whole =
        __builtin_bit_cast(std::uint64_t, moved) - __builtin_bit_cast(std::uint64_t, shifter);
    const std::uint64_t scale = (whole + 1023) << 52;
    return p * __builtin_bit_cast(double, scale);
}

PIPPIN_INLINE bool is_plain(float a, float b) {
    return a > 0 && a <= 3.4028235e38f && magnitude_of(b) <= 3.4028235e38f;
}

PIPPIN_INLINE float plain_power(float a, float b) {
    return static_cast<float>(exponential(static_cast<double>(b) * logarithm(a)));
}

// Zero, negative, infinite and NaN operands follow the rules of C's pow, which are NumPy's.
void power_floats(void* out, const void* const* in, std::int64_t count, unsigned single) {
    float* y = static_cast<float*>(out);
    const float* a = static_cast<const float*>(in[0]);
    const float* b = static_cast<const float*>(in[1]);
    const std::int64_t step_a = single & 1 ? 0 : 1, step_b = single & 2 ? 0 : 1;
    constexpr std::int64_t group = 16;
    for (std::int64_t i = 0; i < count; i += group) {
        const std::int64_t here = count - i < group ? count - i : group;
        float base[group], exponent[group], result[group];
        for (std::int64_t k = 0; k < group; ++k) base[k] = exponent[k] = 1;
        for (std::int64_t k = 0; k < here; ++k)
            base[k] = a[(i + k) * step_a], exponent[k] = b[(i + k) * step_b];
        if (here == 1) {
            result[0] = plain_power(base[0], exponent[0]);
        } else {
            for (std::int64_t k = 0; k < group; ++k) result[k] = plain_power(base[k], exponent[k]);
        }
        for (std::int64_t k = 0; k < here; ++k) {
            if (!is_plain(base[k], exponent[k]))
                result[k] = static_cast<float>(
                    __builtin_pow(static_cast<double>(base[k]), static_cast<double>(exponent[k])));
            y[i + k] = result[k];
        }
    }
}
BLOCK(power, float32, float32, power_floats);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
