// Block functions of primitives/bits.py.
#include "block.h"

namespace pippin::PIPPIN_ISA {
namespace {

#define BITS(name, type, Number, expression)                                                        \
    void name##_##type(void* out, const void* const* in, std::int64_t count, unsigned single) {     \
        each_two_numbers<Number, Number>(out, in, count, single, [](Number a, Number b) -> Number { \
            return static_cast<Number>(expression);                                                 \
        });                                                                                         \
    }                                                                                               \
    BLOCK(name, type, type, name##_##type)

#define ALL_BITS(name, expression)                 \
    BITS(name, int32, std::uint32_t, expression);  \
    BITS(name, uint32, std::uint32_t, expression); \
    BITS(name, uint8, std::uint8_t, expression)

ALL_BITS(bitwise_and, (a & b));
ALL_BITS(bitwise_or, a | b);
ALL_BITS(bitwise_xor, a ^ b);

// A shift by as many bits as there are, or more, or by a negative number, loses them all. As unsigned numbers
// negative ones are large.
BITS(shift_left, int32, std::uint32_t, b < 32 ? a << b : 0);
BITS(shift_left, uint32, std::uint32_t, b < 32 ? a << b : 0);
BITS(shift_left, uint8, std::uint8_t, b < 8 ? a << b : 0);
BITS(shift_right, int32, std::int32_t, b >= 0 && b < 32 ? a >> b : a >> 31);
BITS(shift_right, uint32, std::uint32_t, b < 32 ? a >> b : 0);
BITS(shift_right, uint8, std::uint8_t, b < 8 ? a >> b : 0);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
