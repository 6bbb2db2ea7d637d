// Runs kernels outside of any program: finds them in their section, gives them arrays, and calls their parts.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "../kernels/kernel.h"

extern "C" const pippin::KernelEntry* const __start_pippin_kernels[];
extern "C" const pippin::KernelEntry* const __stop_pippin_kernels[];

namespace harness {

using pippin::Array;
using pippin::Kernel;
using pippin::Line;

using Shape = std::vector<std::int64_t>;
using Values = std::vector<float>;
struct Named {
    const char* name;
    std::vector<double> values;
};
using Settings = std::vector<Named>;

inline std::int64_t count(const Shape& shape) {
    std::int64_t size = 1;
    for (std::int64_t extent : shape) size *= extent;
    return size;
}

inline std::string text(const Shape& shape) {
    std::string words = "(";
    for (std::int64_t extent : shape) words += std::to_string(extent) + ",";
    return words + ")";
}

inline const Kernel& find(const std::string& isa, const std::string& name) {
    for (auto entry = __start_pippin_kernels; entry != __stop_pippin_kernels; ++entry)
        if (isa == (*entry)->isa && name == (*entry)->kernel.name) return (*entry)->kernel;
    std::fprintf(stderr, "no kernel %s for %s\n", name.c_str(), isa.c_str());
    std::exit(2);
}

inline std::vector<std::string> instruction_sets() {
    std::vector<std::string> sets = {"baseline"};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) sets.push_back("avx2");
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")) sets.push_back("avx512");
    return sets;
}

// An array with memory of its own exact size, so that a sanitizer sees every read and write beside it.
struct Owned {
    float* memory;
    Array array;

    Owned(const Shape& shape, const Values* values) {
        array.size = count(shape);
        array.rank = static_cast<std::int32_t>(shape.size());
        for (std::size_t axis = 0; axis < shape.size(); ++axis) array.shape[axis] = shape[axis];
        const std::size_t bytes = static_cast<std::size_t>(array.size) * sizeof(float);
        memory = static_cast<float*>(std::malloc(bytes ? bytes : 1));
        if (values && bytes)
            std::memcpy(memory, values->data(), bytes);
        else if (bytes)
            std::memset(memory, 0x7f, bytes);  // a result nobody wrote shows as a huge number
        array.data = memory;
    }
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;
    ~Owned() { std::free(memory); }
};

// Counts how often each row was announced as final, and remembers what it held at that moment.
struct Witness {
    std::vector<int> announced;
    Values seen;
};

inline void witness_rows(const Line& line, std::int64_t first, std::int64_t last) {
    Witness& witness = *static_cast<Witness*>(const_cast<void*>(line.after));
    const std::int64_t width = line.outputs[0].last();
    for (std::int64_t row = first; row < last; ++row) {
        ++witness.announced[static_cast<std::size_t>(row)];
        for (std::int64_t i = row * width; i < (row + 1) * width; ++i)
            witness.seen[static_cast<std::size_t>(i)] = line.outputs[0].as<float>()[i];
    }
}

// A prepared line with its memory. run() calls the parts one by one or in groups, in an order drawn from the
// seed.
struct Prepared {
    std::vector<Owned*> owned;
    std::vector<Array> inputs;
    Array output;
    Settings named;
    std::vector<pippin::Setting> settings;
    void* scratch = nullptr;
    alignas(64) char plan[pippin::plan_bytes];
    Line line;

    Prepared(const Kernel& kernel, const std::vector<Shape>& shapes, const std::vector<Values>& values,
             const Shape& output_shape, const Settings& given)
        : named(given) {
        for (std::size_t i = 0; i < shapes.size(); ++i) owned.push_back(new Owned(shapes[i], &values[i]));
        owned.push_back(new Owned(output_shape, nullptr));
        for (std::size_t i = 0; i < shapes.size(); ++i) inputs.push_back(owned[i]->array);
        output = owned.back()->array;
        for (const Named& n : named)
            settings.push_back({n.name, n.values.data(), static_cast<int>(n.values.size())});
        line.kernel = &kernel;
        line.inputs = inputs.data();
        line.input_count = static_cast<int>(inputs.size());
        line.outputs = &output;
        line.output_count = 1;
        line.settings = settings.data();
        line.setting_count = static_cast<int>(settings.size());
        line.parts = kernel.parts ? kernel.parts(line) : 1;
        line.finish_parts = kernel.finish_parts ? kernel.finish_parts(line) : 1;
        const std::size_t bytes = kernel.scratch ? kernel.scratch(line) : 0;
        if (bytes) {
            scratch = std::aligned_alloc(64, (bytes + 63) / 64 * 64);
            std::memset(scratch, 0x7f, bytes);
        }
        line.scratch = scratch;
        if (kernel.prepare) {
            kernel.prepare(line, plan);
            line.plan = plan;
        }
    }
    Prepared(const Prepared&) = delete;
    Prepared& operator=(const Prepared&) = delete;
    ~Prepared() {
        for (Owned* o : owned) delete o;
        std::free(scratch);
    }

    void run_without_plan() {
        line.plan = nullptr;
        run();
    }

    void run() {
        line.kernel->run(line, 0, line.parts);
        if (line.kernel->finish) line.kernel->finish(line, 0, line.finish_parts);
    }

    void run_shuffled(std::mt19937& random) {
        shuffle_stage(line.kernel->run, line.parts, random);
        if (line.kernel->finish) shuffle_stage(line.kernel->finish, line.finish_parts, random);
    }

    // Three threads at once, each with every third part.
    void run_threaded() {
        thread_stage(line.kernel->run, line.parts);
        if (line.kernel->finish) thread_stage(line.kernel->finish, line.finish_parts);
    }

    Values result() const { return Values(output.as<float>(), output.as<float>() + output.size); }

  private:
    using Stage = void (*)(const Line&, std::int64_t, std::int64_t);

    void shuffle_stage(Stage stage, std::int64_t parts, std::mt19937& random) {
        std::vector<std::int64_t> cuts = {0};
        while (cuts.back() < parts)
            cuts.push_back(
                std::min<std::int64_t>(parts, cuts.back() + 1 + static_cast<std::int64_t>(random() % 3)));
        std::vector<std::size_t> order(cuts.size() - 1);
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        std::shuffle(order.begin(), order.end(), random);
        for (std::size_t i : order) stage(line, cuts[i], cuts[i + 1]);
    }

    void thread_stage(Stage stage, std::int64_t parts) {
        std::vector<std::thread> threads;
        for (std::int64_t start = 0; start < 3; ++start)
            threads.emplace_back([this, stage, parts, start] {
                for (std::int64_t part = start; part < parts; part += 3) stage(line, part, part + 1);
            });
        for (std::thread& thread : threads) thread.join();
    }
};

inline Values random_values(const Shape& shape, std::mt19937& random) {
    std::uniform_real_distribution<float> uniform(-1, 1);
    Values values(static_cast<std::size_t>(count(shape)));
    for (float& value : values) value = uniform(random);
    return values;
}

}  // namespace harness
