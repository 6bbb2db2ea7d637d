// Block functions of primitives/exponential.py. The functions themselves stand in math.h.
#include "block.h"

namespace pippin::PIPPIN_ISA {
namespace {

#define FUNCTION(name, function)                                                         \
    void name##_floats(void* out, const void* const* in, std::int64_t count, unsigned) { \
        each_vector(out, in, count, [](Floats x) { return function(x); });               \
    }                                                                                    \
    BLOCK(name, float32, float32, name##_floats)

FUNCTION(exp, exponential);
FUNCTION(expm1, exponential_minus_1);
FUNCTION(log, logarithm);
FUNCTION(log1p, logarithm_of_1_plus);
FUNCTION(tanh, hyperbolic_tangent);
FUNCTION(sigmoid, logistic);
FUNCTION(erf, error_function);
FUNCTION(sin, sine);
FUNCTION(cos, cosine);
FUNCTION(arctan, arctangent);

}  // namespace
}  // namespace pippin::PIPPIN_ISA
