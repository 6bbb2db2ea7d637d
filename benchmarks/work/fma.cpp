// The most floating-point operations per second that cores can do: fused multiply-adds on registers and nothing else,
// with each vector width that the processor has, one thread on each core. The argument is the number of threads.
#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

constexpr int chains = 12;  // enough to hide an FMA's latency, and all fit in registers
constexpr long turns = 20'000'000;
constexpr std::make_integer_sequence<int, chains> all;

// Keeps the compiler from seeing through the chain, without storing it.
template <class Vector>
[[gnu::always_inline]] inline void hold(Vector& value) {
#if defined(__x86_64__)
    asm volatile("" : "+v"(value));
#elif defined(__aarch64__)
    asm volatile("" : "+w"(value));
#endif
}

// The chains are written out by a list of numbers: indices must be constants for an array to live in registers.
template <class Vector, int... i>
[[gnu::always_inline]] inline void loop(std::integer_sequence<int, i...>) {
    Vector sums[] = {(Vector{} + 0.001f * i)...}, factor = Vector{} + 0.999f, term = Vector{} + 0.001f;
    for (long turn = 0; turn < turns; ++turn) {
        ((sums[i] = sums[i] * factor + term), ...);
        (hold(sums[i]), ...);
    }
}

typedef float Four __attribute__((vector_size(16)));
typedef float Eight __attribute__((vector_size(32)));
typedef float Sixteen __attribute__((vector_size(64)));

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) void eight() { loop<Eight>(all); }
__attribute__((target("avx512f,prefer-vector-width=512"))) void sixteen() { loop<Sixteen>(all); }
#endif
void four() { loop<Four>(all); }

double flops(void (*run)(), int threads, int width) {
    std::barrier together(threads + 1);
    std::vector<std::thread> crew;
    for (int i = 0; i < threads; ++i)
        crew.emplace_back([&] {
            together.arrive_and_wait();
            run();
        });
    together.arrive_and_wait();
    const auto began = std::chrono::steady_clock::now();
    for (std::thread& thread : crew) thread.join();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - began;
    return 2.0 * width * chains * turns * threads / taken.count();
}

int main(int count, char** arguments) {
    const int threads = count > 1 ? std::max(1, std::atoi(arguments[1])) : 1;
    double best = 0;
    const auto take = [&](void (*run)(), int width) { best = std::max(best, flops(run, threads, width)); };
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) take(sixteen, 16);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) take(eight, 8);
#endif
    if (best == 0) take(four, 4);
    std::printf("{\"flops\": %.6g}\n", best);
}
