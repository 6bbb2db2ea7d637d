// Runs the engine without Python: functions against the C library in double precision, compiled programs
// against plain loops, the pool of threads under several callers at once, and epochs. For sanitizers and for
// machines other than this one. Built and run by run.sh.
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <stdexcept>
#include <thread>

#include "../copies.h"
#include "../cpu.h"
#include "../epochs.h"
#include "../run.h"
#include "../table.h"
#include "../threads.h"

using namespace pippin;

static std::atomic<int> failures{0}, claims{0};

static void claim(bool is_true, const std::string& what) {
    ++claims;
    if (is_true) return;
    if (++failures <= 20) std::printf("FAIL %s\n", what.c_str());
}

// Functions
// --------------------------------------------------------------------------------------------------------------

struct Function {
    const char* name;
    double low, high;
    double (*exact)(double);
};

static double logistic(double x) {
    return 1 / (1 + std::exp(-x));
}

static const Function functions[] = {
    {"exp", -86, 88, std::exp},       {"expm1", -15, 88, std::expm1},
    {"log", 1e-30, 1e30, std::log},   {"log1p", -0.999, 1e10, std::log1p},
    {"tanh", -11, 11, std::tanh},     {"sigmoid", -80, 80, logistic},
    {"erf", -5, 5, std::erf},         {"sin", -8000, 8000, std::sin},
    {"cos", -8000, 8000, std::cos},   {"sqrt", 0, 1e30, std::sqrt},
    {"floor", -1e6, 1e6, std::floor}, {"round", -1e6, 1e6, std::nearbyint},
};

static double worst_error(const std::string& isa, const Function& f, std::mt19937& random) {
    std::uniform_real_distribution<double> share(0, 1);
    double worst = 0;
    for (int round = 0; round < 200; ++round) {
        // Lengths around the widths of vectors; exponents drawn evenly, so that small numbers get their part.
        float x[67], y[67];
        const int count = 1 + round % 67;
        for (int i = 0; i < count; ++i) {
            const double size =
                std::exp(std::log(1e-6) + share(random) * (std::log(f.high) - std::log(1e-6)));
            const double value =
                f.low < 0 && share(random) < 0.5 ? std::fmax(-size, f.low) : std::fmax(size, f.low);
            x[i] = static_cast<float>(value);
        }
        const void* in[] = {x};
        find_block(isa, f.name, Type::float32, Type::float32)->block(y, in, count, 0);
        for (int i = 0; i < count; ++i) {
            const double exact = f.exact(static_cast<double>(x[i]));
            const float near = static_cast<float>(std::fabs(exact));
            const double unit = static_cast<double>(std::nextafter(near, INFINITY) - near);
            worst = std::fmax(worst, std::fabs(static_cast<double>(y[i]) - exact) / unit);
        }
    }
    return worst;
}

static void functions_are_close(std::mt19937& random) {
    for (const std::string& isa : instruction_sets())
        for (const Function& f : functions) {
            const double worst = worst_error(isa, f, random);
            claim(worst <= 4, std::string(f.name) + " on " + isa + " is " + std::to_string(worst) +
                                  " units of the last place off");
        }
}

// A program: y = exp(x + b) with its row sums, the column sums of y, and their largest
// -----------------------------------------

constexpr int rows = 1500, columns = 48;

struct Example {
    CompiledProgram program;
    std::vector<float> x, bias, sums, down, largest;

    explicit Example(const std::string& isa, std::mt19937& random)
        : program(isa), x(rows * columns), bias(columns), sums(rows), down(columns), largest(1) {
        std::normal_distribution<float> normal;
        for (float& value : x) value = normal(random);
        for (float& value : bias) value = normal(random);
        const int in = program.add_value({rows, columns}, Type::float32, Place::input, 0);
        const int b = program.add_value({columns}, Type::float32, Place::input, 1);
        std::int64_t place = 0;
        const auto next = [&](std::int64_t numbers) {
            const std::int64_t here = place;
            place += (numbers * 4 + 63) / 64 * 64;
            return here;
        };
        const int y = program.add_value({rows, columns}, Type::float32, Place::arena, next(rows * columns));
        const int s = program.add_value({rows}, Type::float32, Place::arena, next(rows));
        const int d = program.add_value({columns}, Type::float32, Place::arena, next(columns));
        const int m = program.add_value({}, Type::float32, Place::arena, next(1));
        LoopDescription loop;
        loop.rows = rows;
        loop.columns = columns;
        loop.operands = {{0, false, {}, {}}, {1, false, {rows, columns}, {0, 1}}};
        loop.steps = {{"add", Type::float32, Type::float32, false, false, {0, 1}},
                      {"exp", Type::float32, Type::float32, false, false, {2}},
                      {"sum", Type::float32, Type::float32, true, false, {3}}};
        loop.results = {{3, 0, {}}, {4, 1, {}}};
        program.add_loop({in, b}, {y, s}, loop, 4e6, false);
        program.add_line("sum", {y}, {d}, {{"axes", {0}}}, 4e6);
        program.add_line("max", {d}, {m}, {{"axes", {0}}}, 48);
        for (int value : {s, d, m}) program.add_output(value);
        program.seal(place);
    }

    void run() {
        run_into(sums, down, largest);
    }

    void run_into(std::vector<float>& row_sums, std::vector<float>& column_sums,
                  std::vector<float>& of_all) {
        const Borrowed own(program);
        const DenormalsAreZero denormals_are_zero;
        own->bind_input(0, x.data());
        own->bind_input(1, bias.data());
        own->bind_output(0, row_sums.data());
        own->bind_output(1, column_sums.data());
        own->bind_output(2, of_all.data());
        claim(own->run(), "a program without a guard runs to its end");
    }
};

static void programs_are_right(std::mt19937& random) {
    for (const std::string& isa : instruction_sets()) {
        Example example(isa, random);
        set_threads(1);
        example.run();
        std::vector<double> down(columns, 0);
        for (int r = 0; r < rows; ++r) {
            double sum = 0;
            for (int c = 0; c < columns; ++c) {
                const double y =
                    std::exp(static_cast<double>(example.x[static_cast<std::size_t>(r * columns + c)] +
                                                 example.bias[static_cast<std::size_t>(c)]));
                sum += y;
                down[static_cast<std::size_t>(c)] += y;
            }
            claim(
                std::fabs(static_cast<double>(example.sums[static_cast<std::size_t>(r)]) - sum) < 1e-5 * sum,
                "row sum " + std::to_string(r) + " on " + isa);
        }
        double largest = 0;
        for (std::size_t c = 0; c < columns; ++c) {
            claim(std::fabs(static_cast<double>(example.down[c]) - down[c]) < 1e-5 * down[c],
                  "column sum " + std::to_string(c) + " on " + isa);
            largest = std::fmax(largest, static_cast<double>(example.down[c]));
        }
        claim(static_cast<double>(example.largest[0]) == largest, "the largest column sum on " + isa);
        const std::vector<float> alone = example.down;
        for (int count : {2, 3, 4}) {
            set_threads(count);
            example.run();
            claim(std::memcmp(alone.data(), example.down.data(), columns * sizeof(float)) == 0,
                  std::to_string(count) + " threads on " + isa);
        }
    }
}

// Threads
// ----------------------------------------------------------------------------------------------------------------

static void pieces_are_done_once_each() {
    set_threads(4);
    std::vector<std::thread> callers;
    std::atomic<int> wrong{0};
    for (int caller = 0; caller < 3; ++caller)
        callers.emplace_back([&wrong] {
            for (int round = 0; round < 300; ++round) {
                std::vector<std::atomic<int>> done(static_cast<std::size_t>(1 + round % 40));
                const Task task = {[](const void* context, std::int64_t first, std::int64_t last) {
                                       auto& counts = *static_cast<std::vector<std::atomic<int>>*>(
                                           const_cast<void*>(context));
                                       for (std::int64_t i = first; i < last; ++i)
                                           ++counts[static_cast<std::size_t>(i)];
                                   },
                                   &done};
                run_in_parallel(task, static_cast<std::int64_t>(done.size()));
                for (const std::atomic<int>& count : done) wrong += count != 1;
                if (round % 50 == 0) set_threads(2 + round / 50 % 3);
            }
        });
    for (std::thread& caller : callers) caller.join();
    claim(wrong == 0, "every piece of a task is done once");
}

static void programs_run_side_by_side(std::mt19937& random) {
    set_threads(3);
    Example one(instruction_sets().back(), random), other(instruction_sets().back(), random);
    one.run();
    const std::vector<float> expected = one.down;
    std::thread thread([&] {
        for (int i = 0; i < 50; ++i) other.run();
    });
    for (int i = 0; i < 50; ++i) one.run();
    thread.join();
    claim(expected == one.down, "two programs at once disturb each other");
}

static void one_program_runs_for_several_callers_at_once(std::mt19937& random) {
    set_threads(3);
    Example example(instruction_sets().back(), random);
    example.run();
    std::vector<std::thread> threads;
    for (int caller = 0; caller < 4; ++caller)
        threads.emplace_back([&] {
            std::vector<float> sums(rows), down(columns), largest(1);
            for (int i = 0; i < 20; ++i) {
                example.run_into(sums, down, largest);
                claim(sums == example.sums && down == example.down && largest == example.largest,
                      "callers of one program disturb each other");
            }
        });
    for (std::thread& thread : threads) thread.join();
}

// A piece may itself ask for help: it then does all alone, on the thread it is on.
static void pieces_of_pieces_are_done_where_they_are() {
    set_threads(4);
    std::atomic<int> elsewhere{0}, done{0};
    using Counts = std::pair<std::atomic<int>*, std::atomic<int>*>;
    const Counts counts{&elsewhere, &done};
    const Task outer = {[](const void* context, std::int64_t first, std::int64_t last) {
                            struct Inner {
                                const Counts* counts;
                                std::thread::id thread;
                            };
                            const Inner inner{static_cast<const Counts*>(context),
                                              std::this_thread::get_id()};
                            const Task task = {
                                [](const void* given, std::int64_t begin, std::int64_t end) {
                                    const Inner& in = *static_cast<const Inner*>(given);
                                    *in.counts->first += std::this_thread::get_id() != in.thread;
                                    *in.counts->second += static_cast<int>(end - begin);
                                },
                                &inner};
                            for (std::int64_t i = first; i < last; ++i) run_in_parallel(task, 5);
                        },
                        &counts};
    for (int round = 0; round < 100; ++round) run_in_parallel(outer, 20);
    claim(elsewhere == 0 && done == 100 * 20 * 5, "a piece of a piece ran on another thread, or not once");
}

// Epochs
// -----------------------------------------------------------------------------------------------------------------

// One step adds the rows of its batch to a state: an epoch in any order adds all rows once.
struct Adding {
    static constexpr int count = 1000, batch = 64, width = 5;
    std::vector<std::uint8_t> data;
    std::unique_ptr<CompiledProgram> full = step(batch), rest = step(count % batch);

    Adding() : data(count * width) {
        for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i * 7 % 11);
    }

    static std::unique_ptr<CompiledProgram> step(std::int64_t size) {
        auto program = std::make_unique<CompiledProgram>(instruction_sets().back());
        const int x = program->add_value({size, width}, Type::float32, Place::input, 0);
        const int s = program->add_value({width}, Type::float32, Place::state, 0);
        const int down = program->add_value({width}, Type::float32, Place::arena, 0);
        program->add_line("sum", {x}, {down}, {{"axes", {0}}}, 1);
        LoopDescription loop{1,
                             width,
                             {{0, false, {}, {}}, {1, false, {}, {}}},
                             {{"add", Type::float32, Type::float32, false, false, {0, 1}}},
                             {{2, 0, {0}}}};
        program->add_loop({s, down}, {s}, loop, 1, false);
        program->seal(64);
        return program;
    }

    Walk walk(std::vector<float>& state, std::uint64_t seed) const {
        const std::vector<Feed> feeds = {
            {reinterpret_cast<const char*>(data.data()), Source::uint8, width, width}};
        Walk made{};
        made.step = {full.get(), nullptr, feeds, {state.data()}};
        made.last = {rest.get(), nullptr, feeds, {state.data()}};
        made.rows = count;
        made.batch = batch;
        made.seed = seed;
        return made;
    }

    bool holds(const std::vector<float>& state, float epochs) const {
        bool right = true;
        for (std::size_t c = 0; c < width; ++c) {
            float expected = 0;
            for (std::size_t r = 0; r < count; ++r) expected += data[r * width + c];
            right = right && state[c] == epochs * expected;
        }
        return right;
    }
};

static void epochs_take_every_row_once() {
    const Adding adding;
    std::vector<float> state(Adding::width, 0);
    const Walk walk = adding.walk(state, 5);
    const Progress progress = run_epochs({{&walk, 0, 0, 3}}, 60)[0];
    claim(progress.epoch == 3 && progress.step == 0 && !progress.stopped_by_guard, "three epochs end");
    claim(adding.holds(state, 3), "three epochs add all rows three times");
}

// Many walks share two programs; they are stopped again and again, and go on where they were.
static void walks_run_side_by_side() {
    set_threads(3);
    constexpr std::size_t many = 17;
    const Adding adding;
    std::vector<std::vector<float>> states(many, std::vector<float>(Adding::width, 0));
    std::vector<Walk> walks;
    for (std::size_t i = 0; i < many; ++i) walks.push_back(adding.walk(states[i], i));
    std::vector<Progress> now(many, Progress{0, 0, {}, false});
    std::int64_t calls = 0;
    for (std::size_t unfinished = many; unfinished > 0; ++calls) {
        std::vector<Errand> errands;
        std::vector<std::size_t> numbers;
        for (std::size_t i = 0; i < many; ++i)
            if (now[i].epoch < 4) {
                errands.push_back({&walks[i], now[i].epoch, now[i].step, 4});
                numbers.push_back(i);
            }
        const std::vector<Progress> made = run_epochs(errands, calls % 2 ? 0 : 1e-4);
        for (std::size_t i = 0; i < made.size(); ++i) now[numbers[i]] = made[i];
        unfinished = 0;
        for (const Progress& progress : now) unfinished += progress.epoch < 4;
    }
    claim(calls > 2, "no call was stopped by its time");
    for (const std::vector<float>& state : states)
        claim(adding.holds(state, 4), "walks that share programs disturb each other");
}

static void orders_are_permutations() {
    for (std::int64_t count : {1, 5, 64, 1000, 2048, 70000}) {
        std::vector<bool> seen(static_cast<std::size_t>(count), false);
        for (std::int32_t row : shuffled(9, 4, count)) seen[static_cast<std::size_t>(row)] = true;
        for (bool found : seen) claim(found, "a row is missing among " + std::to_string(count));
    }
}

static void nonsense_is_refused() {
    CompiledProgram program(instruction_sets().back());
    const int value = program.add_value({4}, Type::float32, Place::arena, 0);
    int refused = 0;
    const auto must_refuse = [&](auto function) {
        try {
            function();
        } catch (const std::invalid_argument&) {
            ++refused;
        }
    };
    must_refuse([&] { program.add_line("nothing", {value}, {value}, {}, 1); });
    must_refuse([&] { program.add_line("sum", {value}, {7}, {}, 1); });
    must_refuse([&] { program.add_value({-1}, Type::float32, Place::arena, 0); });
    must_refuse([&] { program.seal(8); });
    claim(refused == 4, "nonsense is accepted");
}

int main(int, char** arguments) {
    std::mt19937 random(1);
    functions_are_close(random);
    programs_are_right(random);
    pieces_are_done_once_each();
    programs_run_side_by_side(random);
    one_program_runs_for_several_callers_at_once(random);
    pieces_of_pieces_are_done_where_they_are();
    walks_run_side_by_side();
    epochs_take_every_row_once();
    orders_are_permutations();
    nonsense_is_refused();
    std::printf("%s: %d claims on", arguments[0], claims.load());
    for (const std::string& isa : instruction_sets()) std::printf(" %s", isa.c_str());
    std::printf(", %d failures\n", failures.load());
    return failures ? 1 : 0;
}
