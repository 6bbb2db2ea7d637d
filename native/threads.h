// The threads that help with large lines: started when first needed, kept, asleep when there is nothing to
// do.
#pragma once
#include <cstdint>

namespace pippin {

// Pieces of work that may be done in any order, by several threads at once.
struct Task {
    void (*run)(const void* context, std::int64_t first, std::int64_t last);
    const void* context;
};

// How many threads work at most, the calling one included; at least 1. Takes effect with the next task.
void set_threads(int count);
int threads();

// Does pieces [0, pieces) of a task; returns when all are done. The calling thread does its share, and does
// everything alone if there is only one thread, or if the others are busy with another caller's task.
void run_in_parallel(const Task& task, std::int64_t pieces);

}  // namespace pippin
