// A loop over time: a compiled body that runs once for each step, on slices of the arrays of its line. Where
// examples know nothing of each other, each part of them goes through time by itself, with a body of its own:
// threads never wait for each other on the way.
#pragma once
#include <memory>
#include <vector>

#include "arena.h"
#include "program.h"

namespace pippin {

class CompiledProgram;

struct ScanDescription {
    std::int64_t length = 0;
    bool reverse = false;
    std::int32_t carried = 0, sliced = 0;
    // The rows of carried values, slices and outputs fall into so many parts; the body is that of one.
    std::int32_t parts = 1;
    // For each output of the body: whether its lines write it into the array that is bound for it (the body's
    // input of number inputs + output), or else the number of the program's output that is copied there.
    std::vector<bool> straight;
    std::vector<std::int32_t> copied;
    // For each carried value: the output that keeps the same value of each step, where the next step finds
    // it; or -1.
    std::vector<std::int32_t> follows;
};

class Scan {
  public:
    // `line` is the line of the loop; its arrays need not have data yet. Throws std::invalid_argument on what
    // makes no sense.
    Scan(std::shared_ptr<CompiledProgram> body, ScanDescription description, const Line& line);

    const ScanDescription& description() const { return description_; }
    const CompiledProgram& body() const { return *parts_[0].body; }
    std::size_t bytes() const;
    // What the kernel finds as the plan of its line.
    const Repeat& plan() const { return plan_; }

  private:
    struct Part {
        std::shared_ptr<CompiledProgram> body;
        Arena buffers;           // two for each carried value
        std::vector<char*> now;  // where each carried value is
        std::vector<char*> next;
    };

    void run(const Line& line, std::int64_t part);
    void bind_step(const Line& line, std::int64_t part, std::int64_t step, std::int64_t t);
    std::size_t part_of(const Array& array) const;

    ScanDescription description_;
    std::vector<Part> parts_;
    std::vector<std::size_t> offsets_;  // of the buffers of each carried value
    Repeat plan_;
};

}  // namespace pippin
