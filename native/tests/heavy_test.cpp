// Compares matmul, the convolutions and the pools with plain double-precision loops, on every instruction set
// of this machine, with their parts in shuffled groups, and AVX2 with AVX-512 bit for bit. Built and run by
// run.sh.
#include <algorithm>

#include "naive.h"

using namespace harness;
using naive::Sums;
using naive::Windows;

static int failures = 0, comparisons = 0;

static void fail(const std::string& what) {
    if (++failures <= 20) std::printf("FAIL %s\n", what.c_str());
}

// A float sum in any order errs by less than (number of terms) * 2^-24 of the sum of magnitudes.
static void expect_close(const Values& got, const Sums& sums, double terms, const std::string& what) {
    for (std::size_t i = 0; i < got.size(); ++i) {
        const double allowed = (terms + 2) * std::ldexp(1.0, -24) * sums.magnitude[i];
        const double value = static_cast<double>(got[i]);
        const bool both_nan = std::isnan(value) && std::isnan(sums.value[i]);
        if (value != sums.value[i] && !both_nan && !(std::fabs(value - sums.value[i]) <= allowed)) {
            fail(what + " at " + std::to_string(i) + ": " + std::to_string(got[i]) + ", expected " +
                 std::to_string(sums.value[i]));
            return;
        }
    }
}

static bool same_bits(const Values& a, const Values& b) {
    return a.size() == b.size() && (a.empty() || !std::memcmp(a.data(), b.data(), a.size() * sizeof(float)));
}

// Runs one line on every instruction set, whole and in shuffled groups of parts, and checks what must hold
// for all lines.
static void check(const std::string& name, const std::vector<Shape>& shapes,
                  const std::vector<Values>& values, const Shape& output, const Settings& settings,
                  const Sums& sums, double terms, std::mt19937& random, const std::string& details) {
    ++comparisons;
    Values avx2;
    for (const std::string& isa : instruction_sets()) {
        const std::string what = name + " on " + isa + " " + details;
        const Kernel& kernel = find(isa, name);
        Prepared whole(kernel, shapes, values, output, settings);
        whole.run_without_plan();
        expect_close(whole.result(), sums, terms, what);

        Prepared grouped(kernel, shapes, values, output, settings);
        const std::int64_t rows = grouped.output.rows();
        Witness witness{std::vector<int>(static_cast<std::size_t>(rows)),
                        Values(static_cast<std::size_t>(grouped.output.size))};
        grouped.line.after_rows = witness_rows;
        grouped.line.after = &witness;
        grouped.run_shuffled(random);
        if (!same_bits(grouped.result(), whole.result())) fail(what + ": parts change bits");
        if (!same_bits(witness.seen, whole.result())) fail(what + ": rows were not final when announced");
        for (int times : witness.announced)
            if (times != 1) {
                fail(what + ": a row was announced " + std::to_string(times) + " times");
                break;
            }
        if (grouped.line.parts > 1) {
            Prepared threaded(kernel, shapes, values, output, settings);
            threaded.run_threaded();
            if (!same_bits(threaded.result(), whole.result())) fail(what + ": threads change bits");
        }
        if (isa == "avx2") avx2 = whole.result();
        if (isa == "avx512" && !same_bits(avx2, whole.result())) fail(what + ": differs from avx2");
    }
}

static void check_matmul(std::int64_t batch, std::int64_t m, std::int64_t k, std::int64_t n,
                         std::mt19937& random) {
    for (int orientation = 0; orientation < 4; ++orientation) {
        const bool ta = orientation & 1, tb = orientation & 2;
        Shape a = ta ? Shape{k, m} : Shape{m, k}, b = tb ? Shape{n, k} : Shape{k, n}, c = {m, n};
        if (batch >= 0)
            for (Shape* shape : {&a, &b, &c}) shape->insert(shape->begin(), batch);
        const Values av = random_values(a, random), bv = random_values(b, random);
        const Sums sums = naive::matmul(av, bv, batch < 0 ? 1 : batch, m, k, n, ta, tb);
        check("matmul", {a, b}, {av, bv}, c, {{"transpose_a", {double(ta)}}, {"transpose_b", {double(tb)}}},
              sums, static_cast<double>(k), random,
              text(a) + "x" + text(b) + (ta ? " transpose_a" : "") + (tb ? " transpose_b" : ""));
    }
}

static void matmul_tests(std::mt19937& random) {
    for (std::int64_t m : {0, 1, 2, 5, 7, 8, 12, 13, 17, 20, 33})
        for (std::int64_t k : {0, 1, 2, 16, 19})
            for (std::int64_t n :
                 {0, 1, 2, 3, 4, 6, 8, 10, 15, 16, 17, 31, 32, 33, 40, 48, 50, 64, 65, 80, 100})
                check_matmul(-1, m, k, n, random);
    for (std::int64_t size : {100, 150, 257}) check_matmul(-1, size, size + 3, size - 5, random);
    check_matmul(-1, 32, 784, 128, random);
    check_matmul(-1, 128, 784, 10, random);
    check_matmul(-1, 784, 32, 10, random);
    check_matmul(-1, 784, 20, 2, random);
    check_matmul(-1, 128, 300, 700, random);
    check_matmul(-1, 70, 600, 530, random);
    check_matmul(-1, 1, 500, 300, random);
    check_matmul(-1, 300, 2, 784, random);
    check_matmul(3, 20, 16, 10, random);
    check_matmul(0, 4, 5, 6, random);
    check_matmul(7, 65, 66, 67, random);
}

static Settings window_settings(const Windows& w, bool pooling) {
    Settings settings = {
        {"strides", {double(w.strides[0]), double(w.strides[1])}},
        {"padding",
         {double(w.padding[0]), double(w.padding[1]), double(w.padding[2]), double(w.padding[3])}}};
    if (pooling)
        settings.push_back({"size", {double(w.size[0]), double(w.size[1])}});
    else
        settings.push_back({"dilation", {double(w.dilation[0]), double(w.dilation[1])}});
    return settings;
}

static void check_convolution(const Windows& w, std::int64_t filters, std::mt19937& random) {
    const Shape x = w.image(), k = {w.size[0], w.size[1], w.channels, filters},
                y = {w.batch, w.out(0), w.out(1), filters};
    const Values xv = random_values(x, random), kv = random_values(k, random), yv = random_values(y, random);
    const Settings settings = window_settings(w, false);
    const std::string details = w.words() + " filters " + std::to_string(filters);
    const double taps = static_cast<double>(w.size[0] * w.size[1]);
    using naive::Of;
    check("conv2d", {x, k}, {xv, kv}, y, settings, naive::convolution(Of::forward, w, filters, xv, kv),
          taps * static_cast<double>(w.channels), random, details);
    check("conv2d_input_gradient", {y, k}, {yv, kv}, x, settings,
          naive::convolution(Of::input, w, filters, yv, kv), taps * static_cast<double>(filters), random,
          details);
    check("conv2d_kernel_gradient", {x, y}, {xv, yv}, k, settings,
          naive::convolution(Of::kernel, w, filters, xv, yv),
          static_cast<double>(w.batch * w.out(0) * w.out(1)), random, details);
}

static void check_pools(const Windows& w, std::mt19937& random) {
    const Shape image = w.image(), pooled = w.pooled();
    Values x = random_values(image, random);
    const Values v = random_values(image, random), dy = random_values(pooled, random);
    for (float& value : x) {
        value = std::round(value * 4);  // many equal maxima
        if (random() % 50 == 0) value = random() % 2 ? INFINITY : -INFINITY;
        if (random() % 100 == 0) value = NAN;
    }
    const Settings settings = window_settings(w, true);
    const std::string details = w.words();
    const naive::Picks picks = naive::first_maxima(w, x);
    Sums largest(pooled), picked(pooled), placed(image), mean(pooled), spread(image);
    for (std::size_t i = 0; i < picks.index.size(); ++i) {
        const bool inside = picks.index[i] >= 0;
        largest.value[i] = inside ? naive::at(x, picks.index[i]) : -INFINITY;
        picked.value[i] = inside ? naive::at(v, picks.index[i]) : 0;
        if (inside) placed.add(picks.index[i], naive::at(dy, static_cast<std::int64_t>(i)));
    }
    w.each([&](std::int64_t pixel, std::int64_t, std::int64_t window) {
        for (std::int64_t c = 0; c < w.channels; ++c) {
            const std::int64_t at_window = window * w.channels + c;
            const double number = picks.count[static_cast<std::size_t>(at_window)];
            mean.add(at_window, naive::at(v, pixel * w.channels + c) / number);
            spread.add(pixel * w.channels + c, naive::at(dy, at_window) / number);
        }
    });
    check("max_pool", {image}, {x}, pooled, settings, largest, 0, random, details);
    check("max_pool_pick", {image, image}, {x, v}, pooled, settings, picked, 0, random, details);
    const double overlap = static_cast<double>(w.size[0] * w.size[1]);
    check("max_pool_place", {image, pooled}, {x, dy}, image, settings, placed, overlap, random, details);
    check("average_pool", {image}, {v}, pooled, settings, mean, overlap + 2, random, details);
    check("average_pool_spread", {pooled}, {dy}, image, settings, spread, overlap + 2, random, details);
}

static std::int64_t pick(std::initializer_list<std::int64_t> options, std::mt19937& random) {
    return options.begin()[random() % options.size()];
}

static Windows random_windows(std::mt19937& random, bool pooling) {
    Windows w{};
    w.batch = pick({0, 1, 1, 2, 3, 5}, random);
    w.height = pick({1, 3, 5, 8, 11, 14}, random), w.width = pick({1, 4, 5, 7, 10, 13, 20, 28}, random);
    w.channels = pick({1, 1, 2, 3, 4, 6, 8, 9, 16, 17, 24, 33}, random);
    for (int axis = 0; axis < 2; ++axis) {
        w.size[axis] = pick({1, 2, 3, 5}, random);
        w.strides[axis] = pick({1, 1, 2, 3}, random);
        w.dilation[axis] = pooling ? 1 : pick({1, 1, 2}, random);
        for (int side = 0; side < 2; ++side)
            w.padding[2 * axis + side] = pick({0, 0, 1, 2, 3}, random) % (pooling ? w.size[axis] : 9);
    }
    return w;
}

int main(int, char** arguments) {
    std::mt19937 random(1);
    matmul_tests(random);
    for (int i = 0; i < 250; ++i)
        check_convolution(random_windows(random, false), pick({1, 2, 6, 8, 10, 16, 20, 33, 64}, random),
                          random);
    check_convolution({2, 28, 28, 1, {5, 5}, {1, 1}, {0, 0, 0, 0}, {1, 1}}, 6, random);
    check_convolution({2, 12, 12, 6, {5, 5}, {1, 1}, {0, 0, 0, 0}, {1, 1}}, 16, random);
    check_convolution({3, 50, 50, 8, {3, 3}, {1, 1}, {1, 1, 1, 1}, {1, 1}}, 16, random);
    check_convolution({40, 4, 4, 32, {3, 3}, {1, 1}, {1, 1, 1, 1}, {1, 1}}, 48, random);
    check_convolution({2, 32, 32, 3, {7, 7}, {2, 2}, {3, 3, 3, 3}, {1, 1}}, 32, random);
    check_convolution({1, 5, 5, 128, {3, 3}, {1, 1}, {1, 1, 1, 1}, {1, 1}}, 130,
                      random);  // a kernel copied panel by panel
    check_convolution({2, 9, 9, 50, {5, 5}, {2, 2}, {2, 2, 2, 2}, {1, 1}}, 64,
                      random);  // channels taken in groups
    check_convolution({4, 20, 22, 3, {3, 5}, {1, 1}, {1, 1, 2, 2}, {1, 1}}, 5,
                      random);  // an odd number of weights in a row
    for (int i = 0; i < 300; ++i) check_pools(random_windows(random, true), random);
    check_pools({4, 50, 50, 64, {2, 2}, {2, 2}, {0, 0, 0, 0}, {1, 1}}, random);
    std::printf("%s: %d comparisons on", arguments[0], comparisons);
    for (const std::string& isa : instruction_sets()) std::printf(" %s", isa.c_str());
    std::printf(", %d failures\n", failures);
    return failures ? 1 : 0;
}
