// The walk through the data. Nothing is allocated and nothing is looked up between two steps.
#include "epochs.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <exception>

#include "copies.h"
#include "cpu.h"
#include "philox.h"
#include "table.h"
#include "threads.h"

namespace pippin {
namespace {

using Clock = std::chrono::steady_clock;

// Order
// ------------------------------------------------------------------------------------------------------------------

// A 32-bit key in the upper half, the row in the lower: sorting the words sorts by key, equal keys by row.
void random_keys(std::uint64_t seed, std::uint64_t epoch, std::vector<std::uint64_t>& words) {
    constexpr int group = 16;
    const std::size_t rows = words.size();
    for (std::size_t begin = 0; begin < rows; begin += 4 * group) {
        Philox<group> random;
        for (int i = 0; i < group; ++i) {
            random.a[i] = static_cast<std::uint32_t>(begin / 4) + static_cast<std::uint32_t>(i);
            random.b[i] = static_cast<std::uint32_t>(epoch);
            random.c[i] = 0;
            random.d[i] = 0x5EED;
        }
        random.scramble(static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
        const std::uint32_t* parts[] = {random.a, random.b, random.c, random.d};
        for (std::size_t i = begin; i < std::min(rows, begin + 4 * group); ++i)
            words[i] = std::uint64_t{parts[i % 4][(i - begin) / 4]} << 32 | i;
    }
}

// By the upper half only, some bits at a time from the lowest: each pass keeps the order of the one before,
// and rows start sorted.
template <int bits>
void sort_by_digits(std::vector<std::uint64_t>& words, std::vector<std::uint64_t>& other) {
    constexpr std::size_t buckets = std::size_t{1} << bits;
    other.resize(words.size());
    for (int shift = 32; shift < 64; shift += bits) {
        std::size_t start[buckets] = {};
        for (std::uint64_t word : words) ++start[word >> shift & (buckets - 1)];
        std::size_t total = 0;
        for (std::size_t& count : start) {
            const std::size_t here = count;
            count = total;
            total += here;
        }
        for (std::uint64_t word : words) other[start[word >> shift & (buckets - 1)]++] = word;
        words.swap(other);
    }
}

void sort_by_key(std::vector<std::uint64_t>& words, std::vector<std::uint64_t>& other) {
    if (words.size() < 128)
        std::sort(words.begin(), words.end());
    else if (words.size() < 8192)
        sort_by_digits<8>(words, other);  // few words: counting many buckets would take longer than they do
    else
        sort_by_digits<11>(words, other);
}

class Order {
  public:
    Order(std::optional<std::uint64_t> seed, std::int64_t rows)
        : seed_(seed), words_(static_cast<std::size_t>(rows)), order_(static_cast<std::size_t>(rows)) {
        for (std::size_t row = 0; row < order_.size(); ++row) order_[row] = static_cast<std::int32_t>(row);
    }

    const std::int32_t* of(std::int64_t epoch) {
        if (seed_ && epoch != epoch_) {
            random_keys(*seed_, static_cast<std::uint64_t>(epoch), words_);
            sort_by_key(words_, other_);
            for (std::size_t i = 0; i < words_.size(); ++i) order_[i] = static_cast<std::int32_t>(words_[i]);
            epoch_ = epoch;
        }
        return order_.data();
    }

    bool matches(std::optional<std::uint64_t> seed, std::int64_t rows) const {
        return seed == seed_ && static_cast<std::size_t>(rows) == order_.size();
    }

  private:
    std::optional<std::uint64_t> seed_;
    std::int64_t epoch_ = -1;
    std::vector<std::uint64_t> words_, other_;
    std::vector<std::int32_t> order_;
};

// Batches
// ----------------------------------------------------------------------------------------------------------------

template <class To, class From>
void convert_wide(void* out, const void* const* in, std::int64_t count, unsigned) {
    To* y = static_cast<To*>(out);
    const From* x = static_cast<const From*>(in[0]);
    for (std::int64_t i = 0; i < count; ++i) y[i] = static_cast<To>(x[i]);
}

template <class From> Block wide_conversion(Type to) {
    switch (to) {
        case Type::float32:
            return convert_wide<float, From>;
        case Type::int32:
            return convert_wide<std::int32_t, From>;
        case Type::uint32:
            return convert_wide<std::uint32_t, From>;
        case Type::uint8:
            return convert_wide<std::uint8_t, From>;
        case Type::boolean:
            return convert_wide<bool, From>;
    }
    return nullptr;
}

// More than this would push what the program works on out of a core's cache.
constexpr std::int64_t most_ahead = 512 * 1024;

// Takes rows of one input by their numbers and writes them one after the other, in the type the program
// reads.
class Gather {
  public:
    Gather(const Feed& feed, const Array& input, const std::string& isa, char* target)
        : data_(feed.data),
          row_bytes_(feed.row_bytes),
          row_numbers_(feed.row_numbers),
          from_bytes_(feed.row_numbers ? feed.row_bytes / feed.row_numbers : 0),
          to_bytes_(static_cast<std::int64_t>(bytes_of(input.type))),
          to_(target),
          by_columns_(input.rank < 4) {
        if (feed.type == Source::float64)
            convert_ = wide_conversion<double>(input.type);
        else if (feed.type == Source::int64)
            convert_ = wide_conversion<std::int64_t>(input.type);
        else if (static_cast<std::int32_t>(feed.type) != static_cast<std::int32_t>(input.type))
            convert_ = find_block(isa, "cast", static_cast<Type>(feed.type), input.type)->block;
    }

    // Rows [begin, begin + count) of the data, if they needn't be converted and can be read where they are.
    char* in_place(std::int64_t begin) const {
        return convert_ ? nullptr : const_cast<char*>(data_) + begin * row_bytes_;
    }

    // Of the rows that follow these, `more` will be taken next: while the program runs on the first ones,
    // they come from memory.
    void take(const std::int32_t* rows, std::int64_t count, std::int64_t more) {
        constexpr std::int64_t worth_sharing = 64 * 1024, piece_bytes = 16 * 1024, most_pieces = 16;
        rows_ = rows;
        count_ = count;
        more_ = more * row_bytes_ <= most_ahead ? more : 0;
        pieces_ = 1;
        const std::int64_t bytes = count * row_numbers_ * to_bytes_;
        if (bytes < worth_sharing) return run(0, 1);
        pieces_ = std::min({bytes / piece_bytes, most_pieces, by_columns_ ? row_numbers_ : count});
        run_in_parallel({[](const void* context, std::int64_t first, std::int64_t last) {
                             static_cast<const Gather*>(context)->run(first, last);
                         },
                         this},
                        pieces_);
    }

  private:
    // Whoever multiplies weights with examples needs some numbers of each example; whoever walks through
    // pictures needs whole ones. Each thread gathers what it will need.
    void run(std::int64_t first, std::int64_t last) const {
        const std::int64_t all = by_columns_ ? row_numbers_ : count_, begin = all * first / pieces_,
                           end = all * last / pieces_;
        if (by_columns_) {
            copy(0, count_, begin, end);
            fetch(count_, count_ + more_, begin, end);
        } else {
            copy(begin, end, 0, row_numbers_);
            fetch(count_ + more_ * first / pieces_, count_ + more_ * last / pieces_, 0, row_numbers_);
        }
    }

    // Asks for numbers [begin, end) of rows [first, last) without waiting for them.
    void fetch(std::int64_t first, std::int64_t last, std::int64_t begin, std::int64_t end) const {
        for (std::int64_t i = first; i < last; ++i) {
            const char* const row = data_ + rows_[i] * row_bytes_;
            for (std::int64_t at = begin * from_bytes_; at < end * from_bytes_; at += 64)
                __builtin_prefetch(row + at, 0, 2);
        }
    }

    // Numbers [begin, end) of rows [first, last).
    void copy(std::int64_t first, std::int64_t last, std::int64_t begin, std::int64_t end) const {
        const std::int64_t bytes = (end - begin) * to_bytes_;
        for (std::int64_t i = first; i < last; ++i) {
            const void* from = data_ + rows_[i] * row_bytes_ + begin * from_bytes_;
            char* to = to_ + (i * row_numbers_ + begin) * to_bytes_;
            if (convert_)
                convert_(to, &from, end - begin, 0);
            else if (bytes == 4)
                std::memcpy(to, from, 4);
            else
                std::memcpy(to, from, static_cast<std::size_t>(bytes));
        }
    }

    const char* data_;
    std::int64_t row_bytes_, row_numbers_, from_bytes_, to_bytes_;
    Block convert_ = nullptr;  // null: the types are the same
    char* to_;
    bool by_columns_;
    const std::int32_t* rows_ = nullptr;
    std::int64_t count_ = 0, more_ = 0, pieces_ = 1;
};

// A program with its states and its inputs bound for many runs.
class Bound {
  public:
    Bound(const Side& side, const Walk& walk)
        : program_(*side.program), in_order_(!walk.seed), outputs_(walk.outputs) {
        if (side.mutex) hold_ = std::unique_lock<std::mutex>(*side.mutex);
        CompiledProgram& program = *program_;
        std::size_t bytes = 0;
        std::vector<std::size_t> places;
        for (const Array& input : program.inputs()) {
            places.push_back(bytes);
            bytes += (static_cast<std::size_t>(input.size) * bytes_of(input.type) + 63) / 64 * 64;
        }
        batch_ = Arena(bytes);
        for (std::size_t i = 0; i < places.size(); ++i) {
            gathers_.emplace_back(side.feeds[i], program.inputs()[i], program.isa(),
                                  batch_.data() + places[i]);
            program.bind_input(i, batch_.data() + places[i]);
        }
        for (std::size_t i = 0; i < side.states.size(); ++i) program.bind_state(i, side.states[i]);
        for (std::size_t i = 0; i < program.outputs().size(); ++i) program.bind_output(i, nullptr);
    }

    // Runs on the rows that come at places [begin, begin + count) of the order; `more` come behind them.
    bool run(const std::int32_t* order, std::int64_t begin, std::int64_t count, std::int64_t more) {
        for (std::size_t i = 0; i < gathers_.size(); ++i) {
            Gather& gather = gathers_[i];
            if (char* const found = in_order_ ? gather.in_place(begin) : nullptr)
                program_->bind_input(i, found);
            else
                gather.take(order + begin, count, std::min(count, more));
        }
        for (std::size_t i = 0; i < outputs_.size(); ++i)
            program_->bind_output(i, outputs_[i].data + begin * outputs_[i].row_bytes);
        return program_->run();
    }

  private:
    Borrowed program_;
    std::unique_lock<std::mutex> hold_;
    bool in_order_;
    const std::vector<Collector>& outputs_;
    Arena batch_;
    std::vector<Gather> gathers_;
};

double number_of(const Array& array) {
    switch (array.type) {
        case Type::float32:
            return static_cast<double>(*array.as<float>());
        case Type::int32:
            return *array.as<std::int32_t>();
        case Type::uint32:
            return *array.as<std::uint32_t>();
        default:
            return *array.as<std::uint8_t>();
    }
}

void end_epoch(const Walk& walk, Progress& progress) {
    for (const Array& record : walk.records) progress.ended.push_back(number_of(record));
    for (const Array& reset : walk.resets)
        std::memset(reset.data, 0, static_cast<std::size_t>(reset.size) * bytes_of(reset.type));
}

Clock::time_point until(double seconds) {
    const std::chrono::duration<double> limit(std::clamp(seconds, 0.0, 1e9));
    return Clock::now() + std::chrono::duration_cast<Clock::duration>(limit);
}

void walk_on(const Errand& errand, Progress& progress, Clock::time_point deadline) {
    const DenormalsAreZero denormals_are_zero;
    const Walk& walk = *errand.walk;
    std::optional<Bound> full, rest;
    if (walk.step.program) full.emplace(walk.step, walk);
    if (walk.last.program) rest.emplace(walk.last, walk);
    // Large orders take a millisecond to draw; a caller that comes back within an epoch finds the last one
    // here.
    thread_local std::optional<Order> order;
    if (!order || !order->matches(walk.seed, walk.rows)) order.emplace(walk.seed, walk.rows);
    const std::int64_t steps = (walk.rows + walk.batch - 1) / walk.batch;
    while (progress.epoch < errand.until_epoch) {
        const std::int64_t begin = progress.step * walk.batch,
                           count = std::min(walk.batch, walk.rows - begin);
        Bound& bound = count == walk.batch ? *full : *rest;
        if (!bound.run(order->of(progress.epoch), begin, count, walk.rows - begin - count)) {
            progress.stopped_by_guard = true;
            break;
        }
        if (++progress.step == steps) {
            end_epoch(walk, progress);
            ++progress.epoch;
            progress.step = 0;
        }
        if (Clock::now() >= deadline) break;
    }
}

// Errands that are done side by side.
struct Shared {
    const std::vector<Errand>& errands;
    mutable std::vector<Progress> progress;
    mutable std::vector<std::exception_ptr> errors;  // none may leave a thread of the pool
    Clock::time_point deadline;

    void run(std::size_t number) const {
        if (number > 0 && Clock::now() >= deadline) return;
        try {
            walk_on(errands[number], progress[number], deadline);
        } catch (...) {
            errors[number] = std::current_exception();
        }
    }
};

}  // namespace

std::vector<std::int32_t> shuffled(std::uint64_t seed, std::uint64_t epoch, std::int64_t rows) {
    Order order(seed, rows);
    const std::int32_t* first = order.of(static_cast<std::int64_t>(epoch));
    return {first, first + rows};
}

std::vector<Progress> run_epochs(const std::vector<Errand>& errands, double seconds) {
    Shared shared{errands, {}, std::vector<std::exception_ptr>(errands.size()), until(seconds)};
    for (const Errand& errand : errands) shared.progress.push_back({errand.epoch, errand.step, {}, false});
    run_in_parallel({[](const void* context, std::int64_t first, std::int64_t last) {
                         const Shared& shared = *static_cast<const Shared*>(context);
                         for (std::int64_t i = first; i < last; ++i) shared.run(static_cast<std::size_t>(i));
                     },
                     &shared},
                    static_cast<std::int64_t>(errands.size()));
    for (const std::exception_ptr& error : shared.errors)
        if (error) std::rethrow_exception(error);
    return std::move(shared.progress);
}

}  // namespace pippin
