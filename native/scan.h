// A loop over time: a compiled body that runs once for each step, on slices of the arrays of its line.
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
    // For each output of the body: whether its lines write it into the array that is bound for it (the body's input of
    // number inputs + output), or else the number of the program's output that is copied there.
    std::vector<bool> straight;
    std::vector<std::int32_t> copied;
    // For each carried value: the output that keeps the same value of each step, where the next step finds it; or -1.
    std::vector<std::int32_t> follows;
};

class Scan {
  public:
    // `line` is the line of the loop; its arrays need not have data yet. Throws std::invalid_argument on what makes no
    // sense.
    Scan(std::shared_ptr<CompiledProgram> body, ScanDescription description, const Line& line);

    const ScanDescription& description() const { return description_; }
    const CompiledProgram& body() const { return *body_; }
    std::size_t bytes() const;
    // What the kernel finds as the plan of its line.
    const Repeat& plan() const { return plan_; }

  private:
    void run(const Line& line);
    void bind_step(const Line& line, std::int64_t step, std::int64_t t);

    std::shared_ptr<CompiledProgram> body_;
    ScanDescription description_;
    Arena buffers_;
    std::vector<std::size_t> offsets_;   // of the two buffers of each carried value
    std::vector<char*> now_;             // where each carried value is
    std::vector<char*> next_;
    Repeat plan_;
};

}  // namespace pippin
