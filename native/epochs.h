// Whole epochs without Python: the order of the rows, their gathering into batches, the steps, what each
// epoch leaves.
#pragma once
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "run.h"

namespace pippin {

// Types of numbers that training data may have; those of programs, and the two wide ones of NumPy.
enum class Source : std::int32_t { float32, int32, uint32, uint8, boolean, float64, int64 };

// All rows of one input: row r begins at data + r * row_bytes.
struct Feed {
    const char* data;
    Source type;
    std::int64_t row_numbers, row_bytes;
};

// A program with the data and states it runs on, by the numbers of its inputs and states.
struct Side {
    CompiledProgram* program = nullptr;
    std::mutex* mutex = nullptr;  // held while it runs: nobody else may write its states
    std::vector<Feed> feeds;
    std::vector<void*> states;
};

// All rows of one output, to be filled.
struct Collector {
    char* data;
    std::int64_t row_bytes;
};

struct Walk {
    Side step;  // full batches; without a program if no batch is full
    Side last;  // the smaller batch that is left over; without a program if none is
    std::int64_t rows, batch;
    std::optional<std::uint64_t> seed;  // rows come in their own order without one
    std::vector<Array> records;         // single numbers that are kept of each epoch
    std::vector<Array> resets;          // what is set to zero after it
    std::vector<Collector> outputs;     // in the order of the steps' outputs; empty if nobody wants them
};

struct Progress {
    std::int64_t epoch, step;
    std::vector<double> ended;  // the records of each epoch that ended, one after the other
    bool stopped_by_guard;
};

// A walk, from where it goes on, and the epoch before which it ends.
struct Errand {
    const Walk* walk;
    std::int64_t epoch, step, until_epoch;
};

// Runs each errand from its position until its last epoch ends, so many seconds have passed, or the guard
// stops it. Several are done at once, one by one thread each, the first ones first; for which no time is left
// stay where they are. They may share programs but no states.
std::vector<Progress> run_epochs(const std::vector<Errand>& errands, double seconds);

// The rows in the order in which an epoch takes them, by the definition of `shuffled` in engines/engine.py.
std::vector<std::int32_t> shuffled(std::uint64_t seed, std::uint64_t epoch, std::int64_t rows);

}  // namespace pippin
