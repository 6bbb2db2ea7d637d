// Decides how a fused loop runs: how long its blocks are, which values need scratch memory and where, which
// results are written straight to their place.
#include "loop_plan.h"

#include <algorithm>
#include <stdexcept>

#include "compound.h"
#include "table.h"

namespace pippin {
namespace {

constexpr std::int64_t scratch_bytes = 32 * 1024;  // most of a first-level cache
constexpr std::int64_t shortest_block = 256, longest_block = 2048;

void require(bool is_true, const char* words) {
    if (!is_true) throw std::invalid_argument(words);
}

Spread spread_of(const LoopDescription::Operand& o, std::int64_t columns) {
    const std::size_t rank = o.extents.size();
    if (rank == 0 || (rank == 1 && o.strides[0] == 1)) return Spread::none;
    if (rank == 1 && o.strides[0] == 0) return Spread::single;
    if (rank == 2 && !o.column && o.extents[1] == columns) {
        if (o.strides[0] == 0 && o.strides[1] == 1) return Spread::repeat;
        if (o.strides[0] == 1 && o.strides[1] == 0) return Spread::each;
    }
    return Spread::strided;
}

}  // namespace

OwnedLoop::OwnedLoop(const std::string& isa, const LoopDescription& given, const Line& line) {
    const LoopDescription description = combined(isa, given);
    require(description.rows >= 0 && description.columns >= 0, "a loop has a negative size");
    plan_.rows = description.rows;
    plan_.columns = description.columns;
    add_operands(description, line);
    choose_blocks(isa, description);
    add_steps(isa, description);
    add_results(description, line);
    place_scratch();
    plan_.operands = operands_.data();
    plan_.steps = steps_.data();
    plan_.results = results_.data();
    plan_.scratch_of = scratch_of_.data();
    plan_.operand_count = static_cast<std::int32_t>(operands_.size());
    plan_.step_count = static_cast<std::int32_t>(steps_.size());
    plan_.result_count = static_cast<std::int32_t>(results_.size());
    plan_.slots = static_cast<std::int32_t>(slots_.size());
}

std::int32_t OwnedLoop::add_slot(std::int32_t bytes, bool column) {
    require(slots_.size() < most_loop_slots, "a loop has too many values");
    slots_.push_back({bytes, column, -1});
    return static_cast<std::int32_t>(slots_.size()) - 1;
}

void OwnedLoop::add_operands(const LoopDescription& description, const Line& line) {
    for (const LoopDescription::Operand& o : description.operands) {
        require(o.input >= 0 && o.input < line.input_count, "a loop reads an input it does not have");
        require(o.extents.size() == o.strides.size() && o.extents.size() <= max_rank,
                "a loop reads with too many axes");
        const Array& array = line.inputs[o.input];
        LoopOperand operand{};
        operand.input = o.input;
        operand.bytes = static_cast<std::int32_t>(bytes_of(array.type));
        operand.column = o.column;
        operand.spread = spread_of(o, description.columns);
        operand.rank = static_cast<std::int32_t>(o.extents.size());
        const std::int64_t extent = o.column ? description.rows : description.rows * description.columns;
        std::int64_t walked = 1, reach = 1;
        for (std::size_t axis = 0; axis < o.extents.size(); ++axis) {
            require(o.extents[axis] >= 0 && o.strides[axis] >= 0, "a loop reads backwards");
            operand.extent[axis] = o.extents[axis];
            operand.stride[axis] = o.strides[axis];
            walked *= o.extents[axis];
            reach += (o.extents[axis] - 1) * o.strides[axis];
        }
        require(o.extents.empty() ? array.size == extent : walked == extent,
                "an operand of a loop has another size than the loop");
        require(walked == 0 || reach <= array.size || o.extents.empty(), "a loop reads beyond an operand");
        operands_.push_back(operand);
        slot_of_.push_back(add_slot(operand.bytes, o.column));
    }
}

// Loops that reduce short rows, as those over a classifier's answers do. With less than half a vector of rows
// it doesn't pay.
bool OwnedLoop::may_be_turned(const std::string& isa, const LoopDescription& description) const {
    bool reduces = false;
    for (const LoopDescription::Step& step : description.steps) {
        if (!step.rowwise) continue;
        reduces = true;
        const BlockEntry* entry = find_block(isa, step.name, step.from, step.to);
        if (!entry || !entry->columnwise) return false;
    }
    for (const LoopOperand& operand : operands_)
        if (operand.spread == Spread::strided) return false;
    return reduces && plan_.columns >= 1 && plan_.columns <= 16 && plan_.rows >= 8;
}

void OwnedLoop::choose_blocks(const std::string& isa, const LoopDescription& description) {
    bool by_rows = false;
    for (const LoopDescription::Step& step : description.steps) by_rows |= step.rowwise || step.column;
    // An upper bound: liveness will use fewer.
    const std::int64_t values = static_cast<std::int64_t>(operands_.size() + description.steps.size());
    std::int64_t block =
        std::clamp(scratch_bytes / 4 / std::max<std::int64_t>(1, std::min<std::int64_t>(values, 12)),
                   shortest_block, longest_block);
    block = block / 64 * 64;
    if (by_rows || plan_.columns <= block) {
        plan_.block_rows = std::max<std::int64_t>(1, plan_.columns ? block / plan_.columns : block);
        plan_.block_rows = std::max<std::int64_t>(1, std::min(plan_.block_rows, plan_.rows));
        plan_.units = plan_.rows;
        plan_.turned = by_rows && may_be_turned(isa, description);
        if (plan_.turned) plan_.block_rows = turned_stride(plan_.block_rows);
        plan_.block_bytes = (plan_.block_rows * std::max<std::int64_t>(1, plan_.columns) * 4 + 63) / 64 * 64;
    } else {
        plan_.block_columns = block;
        plan_.pieces = (plan_.columns + block - 1) / block;
        plan_.units = plan_.rows * plan_.pieces;
        plan_.block_bytes = block * 4;
    }
}

// A column where all numbers are asked for: with one row to a block it is a single number, otherwise it is
// spread once.
std::int32_t OwnedLoop::spread_slot(std::int32_t slot) {
    if (slots_[static_cast<std::size_t>(slot)].spread < 0) {
        LoopStep step;
        step.spread_bytes = slots_[static_cast<std::size_t>(slot)].bytes;
        step.operands[0] = slot;
        step.operand_count = 1;
        step.out = add_slot(step.spread_bytes, false);
        steps_.push_back(step);
        slots_[static_cast<std::size_t>(slot)].spread = step.out;
    }
    return slots_[static_cast<std::size_t>(slot)].spread;
}

void OwnedLoop::add_steps(const std::string& isa, const LoopDescription& description) {
    for (const LoopDescription::Step& s : description.steps) {
        const BlockEntry* entry = find_block(isa, s.name, s.from, s.to);
        require(s.operands.size() >= 1 && s.operands.size() <= most_step_operands,
                "a step of a loop has no operands, or too many");
        require(entry && (s.rowwise ? entry->rowwise != nullptr : entry->block != nullptr),
                ("the native engine has no kernel for '" + s.name + "' of these types").c_str());
        LoopStep step;
        step.block = s.rowwise ? nullptr : s.compound ? s.compound : entry->block;
        step.rowwise = s.rowwise ? entry->rowwise : nullptr;
        step.columnwise = s.rowwise ? entry->columnwise : nullptr;
        step.column = s.column;
        for (std::size_t i = 0; i < s.operands.size(); ++i) {
            require(s.operands[i] >= 0 && s.operands[i] < static_cast<std::int32_t>(slot_of_.size()),
                    "a step of a loop reads what is not made yet");
            std::int32_t slot = slot_of_[static_cast<std::size_t>(s.operands[i])];
            const bool is_operand = slot < static_cast<std::int32_t>(operands_.size());
            const bool column = slots_[static_cast<std::size_t>(slot)].column;
            require(column || !s.column || s.rowwise, "a step of a loop mixes rows and numbers");
            require(!s.rowwise || !column, "a step of a loop reduces a column");
            bool single = is_operand && operands_[static_cast<std::size_t>(slot)].spread == Spread::single;
            if (is_operand && operands_[static_cast<std::size_t>(slot)].spread == Spread::each &&
                plan_.block_rows <= 1)
                single = true;
            if (column && !s.column && !s.rowwise && !single) {
                if (plan_.block_rows == 1)
                    single = true;
                else
                    slot = spread_slot(slot);
            }
            require(!s.rowwise || !single, "a step of a loop reduces a single number");
            if (single) step.single |= 1u << i;
            step.operands[i] = slot;
        }
        step.operand_count = static_cast<std::int32_t>(s.operands.size());
        step.out = add_slot(static_cast<std::int32_t>(bytes_of(s.to)), s.column || s.rowwise);
        slot_of_.push_back(step.out);
        steps_.push_back(step);
    }
}

void OwnedLoop::add_results(const LoopDescription& description, const Line& line) {
    for (const LoopDescription::Result& r : description.results) {
        require(r.value >= static_cast<std::int32_t>(operands_.size()) &&
                    r.value < static_cast<std::int32_t>(slot_of_.size()),
                "a loop returns what it does not make");
        require(r.output >= 0 && r.output < line.output_count, "a loop writes an output it does not have");
        LoopResult result{};
        result.slot = slot_of_[static_cast<std::size_t>(r.value)];
        result.output = r.output;
        result.bytes = slots_[static_cast<std::size_t>(result.slot)].bytes;
        result.column = slots_[static_cast<std::size_t>(result.slot)].column;
        const Array& array = line.outputs[r.output];
        require(array.size == (result.column ? plan_.rows : plan_.rows * plan_.columns) &&
                    static_cast<std::int32_t>(bytes_of(array.type)) == result.bytes,
                "a result of a loop has another size or type than its output");
        result.direct = result.column || !plan_.turned;
        for (const LoopResult& other : results_) result.direct &= other.slot != result.slot;
        // Written at once, unless a later step still reads the old numbers that stand in the same memory.
        std::size_t made = 0;
        while (steps_[made].out != result.slot) ++made;
        for (std::size_t later = made + 1; later < steps_.size(); ++later)
            for (std::int32_t i = 0; i < steps_[later].operand_count; ++i) {
                const std::int32_t slot = steps_[later].operands[i];
                if (slot < static_cast<std::int32_t>(operands_.size()))
                    for (std::int32_t same : r.same_memory_as)
                        result.direct &= operands_[static_cast<std::size_t>(slot)].input != same;
            }
        results_.push_back(result);
    }
}

// Scratch memory for the values that live inside a block; freed places serve later values.
void OwnedLoop::place_scratch() {
    const std::size_t count = slots_.size();
    std::vector<std::size_t> last_use(count, 0);
    for (std::size_t s = 0; s < steps_.size(); ++s)
        for (std::int32_t i = 0; i < steps_[s].operand_count; ++i)
            last_use[static_cast<std::size_t>(steps_[s].operands[i])] = s;
    std::vector<bool> is_direct(count, false);
    for (const LoopResult& r : results_) {
        if (r.direct)
            is_direct[static_cast<std::size_t>(r.slot)] = true;
        else
            last_use[static_cast<std::size_t>(r.slot)] = steps_.size();
    }
    scratch_of_.assign(count, -1);
    std::vector<std::int32_t> free;
    const auto take = [&] {
        if (free.empty()) return plan_.scratch_slots++;
        const std::int32_t place = free.back();
        free.pop_back();
        return place;
    };
    for (std::size_t slot = 0; slot < operands_.size(); ++slot) {
        const Spread spread = operands_[slot].spread;
        const bool is_turned_in = plan_.turned && spread == Spread::none && !operands_[slot].column;
        if (spread == Spread::strided || is_turned_in ||
            ((spread == Spread::repeat || spread == Spread::each) && plan_.block_rows > 1))
            scratch_of_[slot] = plan_.scratch_slots++;  // kept: a repeated row is spread once for all blocks
    }
    for (std::size_t s = 0; s < steps_.size(); ++s) {
        const std::size_t out = static_cast<std::size_t>(steps_[s].out);
        if (!is_direct[out]) {
            scratch_of_[out] = take();
            last_use[out] = std::max(last_use[out], s);
        }
        for (std::size_t slot = operands_.size(); slot < count; ++slot)
            if (scratch_of_[slot] >= 0 && last_use[slot] == s) {
                free.push_back(scratch_of_[slot]);
                last_use[slot] = steps_.size() + 1;  // freed
            }
    }
}

}  // namespace pippin
