// Makes a LoopPlan from the description of a fused loop that Python hands over.
#pragma once
#include <string>
#include <vector>

#include "loop.h"

namespace pippin {

struct LoopDescription {
    struct Operand {
        std::int32_t input;
        bool column;
        std::vector<std::int64_t> extents,
            strides;  // neighbouring axes merged; empty if it is as large as the loop
    };
    struct Step {
        std::string name;
        Type from, to;
        bool rowwise;                        // reduces each row
        bool column;                         // works on one number per row
        std::vector<std::int32_t> operands;  // numbers of operands, then of steps counted after them
        Block compound = nullptr;            // does this step and others that were joined with it
    };
    struct Result {
        std::int32_t value;  // numbered as a step's operands
        std::int32_t output;
        std::vector<std::int32_t> same_memory_as;  // inputs of the line whose memory the output shares
    };
    std::int64_t rows, columns;
    std::vector<Operand> operands;
    std::vector<Step> steps;
    std::vector<Result> results;
};

// A plan and the memory it points into.
class OwnedLoop {
  public:
    // Throws std::invalid_argument if there is no block function for a step, or the description makes no
    // sense.
    OwnedLoop(const std::string& isa, const LoopDescription& description, const Line& line);
    OwnedLoop(const OwnedLoop&) = delete;
    OwnedLoop& operator=(const OwnedLoop&) = delete;

    const LoopPlan& plan() const { return plan_; }

  private:
    std::int32_t add_slot(std::int32_t bytes, bool column);
    void add_operands(const LoopDescription& description, const Line& line);
    void choose_blocks(const std::string& isa, const LoopDescription& description);
    bool may_be_turned(const std::string& isa, const LoopDescription& description) const;
    void add_steps(const std::string& isa, const LoopDescription& description);
    std::int32_t spread_slot(std::int32_t column_slot);
    void add_results(const LoopDescription& description, const Line& line);
    void place_scratch();

    LoopPlan plan_;
    std::vector<LoopOperand> operands_;
    std::vector<LoopStep> steps_;
    std::vector<LoopResult> results_;
    std::vector<std::int32_t> scratch_of_;
    struct Slot {
        std::int32_t bytes;
        bool column;
        std::int32_t spread;  // the slot that holds it spread over the columns; -1 before that is needed
    };
    std::vector<Slot> slots_;
    std::vector<std::int32_t> slot_of_;  // by the numbers of the description
};

}  // namespace pippin
