// The lines of a program as a kernel sees them: arrays, settings, and the contract of a kernel.
// No Python here, and nothing but the standard library. Its functions are forced inline: this file is
// compiled for every instruction set, and a shared copy made for AVX-512 must not end up serving an older
// machine.
#pragma once
#include <cstddef>
#include <cstdint>

namespace pippin {

enum class Type : std::int32_t { float32, int32, uint32, uint8, boolean };  // boolean is one byte, 0 or 1

[[gnu::always_inline]] inline std::size_t bytes_of(Type type) {
    return type == Type::uint8 || type == Type::boolean ? 1 : 4;
}

constexpr int max_rank = 8;

// A dense row-major array. Memory is owned by the arena or by NumPy, never by the Array.
struct Array {
    void* data = nullptr;
    std::int64_t size = 0;  // elements
    std::int64_t shape[max_rank] = {};
    std::int32_t rank = 0;
    Type type = Type::float32;

    template <class T> [[gnu::always_inline]] T* as() const { return static_cast<T*>(data); }
    [[gnu::always_inline]] std::int64_t last() const { return rank ? shape[rank - 1] : 1; }
    [[gnu::always_inline]] std::int64_t rows() const { return last() ? size / last() : 0; }
};

// A named setting of a line: numbers only. Looked up while a line is prepared, never while it runs.
struct Setting {
    const char* name;
    const double* values;
    std::int32_t count;
};

struct Kernel;

// Room for what a kernel works out once for a line and needs in every run.
constexpr std::size_t plan_bytes = 512;

struct Line {
    const Kernel* kernel = nullptr;
    const Array* inputs = nullptr;
    const Array* outputs = nullptr;
    std::int32_t input_count = 0;
    std::int32_t output_count = 0;
    const Setting* settings = nullptr;
    std::int32_t setting_count = 0;
    double work = 0;  // floating-point operations, an estimate
    // Independent pieces of either stage. They depend on the shapes alone, never on the number of threads.
    std::int64_t parts = 1;
    std::int64_t finish_parts = 1;
    // kernel->scratch(line) bytes, 64-byte aligned, private to this line.
    void* scratch = nullptr;
    // plan_bytes that kernel->prepare filled, 64-byte aligned; null if it offers none.
    const void* plan = nullptr;

    // A loop fused behind the kernel: called when rows [first, last) of outputs[0] (all axes but the last)
    // are final, by the thread that made them. Null when nothing is fused.
    void (*after_rows)(const Line&, std::int64_t first, std::int64_t last) = nullptr;
    const void* after = nullptr;

    double number(const char* name, int index = 0, double otherwise = 0) const;
    [[gnu::always_inline]]
    std::int64_t integer(const char* name, int index = 0, std::int64_t otherwise = 0) const {
        return static_cast<std::int64_t>(number(name, index, static_cast<double>(otherwise)));
    }
};

// The plan of a line that repeats a body (scan.h).
struct Repeat {
    void (*run)(void* scan, const Line&, std::int64_t first, std::int64_t last) = nullptr;
    void* scan = nullptr;
    std::int64_t parts = 1;
};

// What a kernel file offers for one primitive. The same name as the primitive's record in Python.
struct Kernel {
    const char* name;
    // How many parts the line falls into. Null: one part.
    std::int64_t (*parts)(const Line&);
    // Bytes of scratch memory. Null: none.
    std::size_t (*scratch)(const Line&);
    // Computes parts [first, last). May be called by several threads on different parts at once.
    void (*run)(const Line&, std::int64_t first, std::int64_t last);
    // The second stage, in parts of its own, after all parts of the first are done: adds partial sums in
    // index order, for example. Null: nothing to do.
    void (*finish)(const Line&, std::int64_t first, std::int64_t last);
    // Fills line.plan, once, after the shapes, the settings and line.parts are known and before the first
    // run. It may be called on lines whose arrays have no data yet. A kernel that offers it must also run
    // without a plan.
    void (*prepare)(const Line&, void* plan) = nullptr;
    // How many parts the second stage falls into. Null: one.
    std::int64_t (*finish_parts)(const Line&) = nullptr;
};

}  // namespace pippin
