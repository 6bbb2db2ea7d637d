// Block functions of primitives/comparison.py, and of broadcast_to and cast, which copy numbers and change
// their type.
#include <limits>
#include <type_traits>

#include "../truths.h"
#include "block.h"

namespace pippin::PIPPIN_ISA {
namespace {

using Byte = std::uint8_t;

#define COMPARE(name, type, Number, expression)                                                 \
    void name##_##type(void* out, const void* const* in, std::int64_t count, unsigned single) { \
        each_two_numbers<Byte, Number>(out, in, count, single,                                  \
                                       [](Number a, Number b) -> Byte { return expression; });  \
    }                                                                                           \
    BLOCK(name, type, boolean, name##_##type)

#define COMPARE_FLOATS(name, expression)                                                               \
    void name##_floats(void* out, const void* const* in, std::int64_t count, unsigned single) {        \
        compare_floats(out, in, count, single, [](Floats a, Floats b) -> Ints { return expression; }); \
    }                                                                                                  \
    BLOCK(name, float32, boolean, name##_floats)

// Floats are nearly all that is compared; they get vectors by hand, down to the last, shorter one.
template <class Function>
PIPPIN_INLINE void compare_floats(void* out, const void* const* in, std::int64_t count, unsigned single,
                                  Function f) {
    Byte* y = static_cast<Byte*>(out);
    const float* a = static_cast<const float*>(in[0]);
    const float* b = static_cast<const float*>(in[1]);
    const Floats left = broadcast(single & 1 ? *a : 0), right = broadcast(single & 2 ? *b : 0);
    std::int64_t i = 0;
    for (; i + lanes <= count; i += lanes)
        store_truths(y + i, f(single & 1 ? left : load(a + i), single & 2 ? right : load(b + i)), lanes);
    if (i < count) {
        const Mask rest = first_lanes(count - i);
        store_truths(y + i, f(single & 1 ? left : load(a + i, rest), single & 2 ? right : load(b + i, rest)),
                     count - i);
    }
}

#define COMPARES(name, expression)                    \
    COMPARE_FLOATS(name, expression);                 \
    COMPARE(name, int32, std::int32_t, expression);   \
    COMPARE(name, uint32, std::uint32_t, expression); \
    COMPARE(name, uint8, Byte, expression);           \
    COMPARE(name, boolean, Byte, expression)

COMPARES(equal, a == b);
COMPARES(less, a < b);
COMPARES(less_equal, a <= b);
COMPARE(logical_and, boolean, Byte, (a & b));
COMPARE(logical_or, boolean, Byte, a | b);

void negate(void* out, const void* const* in, std::int64_t count, unsigned single) {
    each_number<Byte, Byte>(out, in, count, single, [](Byte a) -> Byte { return a ^ 1; });
}
BLOCK(logical_not, boolean, boolean, negate);

void finite_floats(void* out, const void* const* in, std::int64_t count, unsigned single) {
    // All bits of the exponent set: infinity or NaN.
    each_number<Byte, std::uint32_t>(
        out, in, count, single, [](std::uint32_t a) -> Byte { return (a & 0x7f800000u) != 0x7f800000u; });
}
BLOCK(is_finite, float32, boolean, finite_floats);

template <class Number>
void finite_wholes(void* out, const void* const* in, std::int64_t count, unsigned single) {
    each_number<Byte, Number>(out, in, count, single, [](Number) -> Byte { return 1; });
}
BLOCK(is_finite, int32, boolean, finite_wholes<std::uint32_t>);
BLOCK(is_finite, uint32, boolean, finite_wholes<std::uint32_t>);
BLOCK(is_finite, uint8, boolean, finite_wholes<Byte>);
BLOCK(is_finite, boolean, boolean, finite_wholes<Byte>);

// One number in all lanes, bit by bit: it may be a whole number in disguise, which arithmetic would change.
PIPPIN_INLINE Floats copies(float value) {
    return __builtin_bit_cast(Floats, Ints{} + __builtin_bit_cast(std::int32_t, value));
}

// Which of two numbers: their type doesn't matter, only how many bytes they have.
template <class Number, bool one_a, bool one_b>
PIPPIN_INLINE void choose_numbers(Number* y, const Byte* condition, const Number* a, const Number* b,
                                  std::int64_t count) {
    const Number left = *a, right = *b;
    PIPPIN_ANY_ORDER
    for (std::int64_t i = 0; i < count; ++i) {
        const Number yes = one_a ? left : a[i], no = one_b ? right : b[i];
        y[i] = condition[i] ? yes : no;
    }
}

template <class Number>
void where_numbers(void* out, const void* const* in, std::int64_t count, unsigned single) {
    if (count == 0) return;
    Number* y = static_cast<Number*>(out);
    const Byte* condition = static_cast<const Byte*>(in[0]);
    const Number* a = static_cast<const Number*>(in[1]);
    const Number* b = static_cast<const Number*>(in[2]);
    if (single & 1) {
        const void* chosen[] = {*condition ? in[1] : in[2]};
        each_number<Number, Number>(out, chosen, count, *condition ? single & 2 : single & 4,
                                    [](Number x) { return x; });
        return;
    }
    switch (single >> 1) {
        case 0:
            return choose_numbers<Number, false, false>(y, condition, a, b, count);
        case 1:
            return choose_numbers<Number, true, false>(y, condition, a, b, count);
        case 2:
            return choose_numbers<Number, false, true>(y, condition, a, b, count);
        default:
            return choose_numbers<Number, true, true>(y, condition, a, b, count);
    }
}

// The same for numbers of four bytes, a vector at a time.
void where_words(void* out, const void* const* in, std::int64_t count, unsigned single) {
    if (count == 0 || single & 1) return where_numbers<std::uint32_t>(out, in, count, single);
    float* y = static_cast<float*>(out);
    const Byte* condition = static_cast<const Byte*>(in[0]);
    const float* a = static_cast<const float*>(in[1]);
    const float* b = static_cast<const float*>(in[2]);
    const Floats left = copies(*a), right = copies(*b);
    std::int64_t i = 0;
    for (; i + lanes <= count; i += lanes)
        store(y + i, choose(load_truths(condition + i, lanes), single & 2 ? left : load(a + i),
                            single & 4 ? right : load(b + i)));
    if (i < count) {
        const Mask rest = first_lanes(count - i);
        store(y + i,
              choose(load_truths(condition + i, count - i), single & 2 ? left : load(a + i, rest),
                     single & 4 ? right : load(b + i, rest)),
              rest);
    }
}
BLOCK(where, float32, float32, where_words);
BLOCK(where, int32, int32, where_words);
BLOCK(where, uint32, uint32, where_words);
BLOCK(where, uint8, uint8, where_numbers<Byte>);
BLOCK(where, boolean, boolean, where_numbers<Byte>);

template <class Number> void copy(void* out, const void* const* in, std::int64_t count, unsigned single) {
    each_number<Number, Number>(out, in, count, single, [](Number x) { return x; });
}
BLOCK(broadcast_to, float32, float32, copy<std::uint32_t>);
BLOCK(broadcast_to, int32, int32, copy<std::uint32_t>);
BLOCK(broadcast_to, uint32, uint32, copy<std::uint32_t>);
BLOCK(broadcast_to, uint8, uint8, copy<Byte>);
BLOCK(broadcast_to, boolean, boolean, copy<Byte>);

// Decimals are cut off. A float outside the range of a whole number has no such number in C; the nearest is
// taken, and 0 for NaN.
template <class To, class From> PIPPIN_INLINE To converted(From x) {
    if constexpr (std::is_floating_point_v<From> && !std::is_floating_point_v<To>) {
        constexpr To lowest = std::numeric_limits<To>::min(), highest = std::numeric_limits<To>::max();
        const double wide = static_cast<double>(x);
        if (wide >= static_cast<double>(highest)) return highest;
        if (wide > static_cast<double>(lowest)) return static_cast<To>(wide);
        return wide == wide ? lowest : To{0};
    } else {
        return static_cast<To>(x);
    }
}

template <class To, class From>
void cast_numbers(void* out, const void* const* in, std::int64_t count, unsigned single) {
    each_number<To, From>(out, in, count, single, [](From x) { return converted<To>(x); });
}

template <class From>
void cast_to_truth(void* out, const void* const* in, std::int64_t count, unsigned single) {
    each_number<Byte, From>(out, in, count, single, [](From x) -> Byte { return x != 0; });
}

#define CASTS(type, From)                                           \
    BLOCK(cast, type, float32, (cast_numbers<float, From>));        \
    BLOCK(cast, type, int32, (cast_numbers<std::int32_t, From>));   \
    BLOCK(cast, type, uint32, (cast_numbers<std::uint32_t, From>)); \
    BLOCK(cast, type, uint8, (cast_numbers<Byte, From>));           \
    BLOCK(cast, type, boolean, (cast_to_truth<From>))

CASTS(float32, float);
CASTS(int32, std::int32_t);
CASTS(uint32, std::uint32_t);
CASTS(uint8, Byte);
CASTS(boolean, Byte);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
