// The parts of `pippin._native`, and the program object that they share. Every array that comes in is checked
// for type, shape, order and writability by the part that takes it, so that a wrong call raises and nothing
// behind these files has to be careful.
#pragma once
#include <nanobind/nanobind.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "../buffers.h"
#include "../run.h"
#include "../table.h"

namespace pippin {

void bind_programs(nanobind::module_&);
void bind_walks(nanobind::module_&);
void bind_pictures(nanobind::module_&);

// A program and the names of its arrays, for the words of errors. Several of these may share what is
// compiled: each is used by one caller at a time, all of them at once.
struct Program {
    std::shared_ptr<CompiledProgram> shared;
    CompiledProgram& compiled = *shared;
    std::mutex mutex;
    std::vector<std::string> inputs, states, outputs;
    // The states of the last run, kept alive: whether an array is still the same one is quicker to see than
    // its type.
    std::vector<nanobind::object> last_states;

    explicit Program(const std::string& isa) : shared(std::make_shared<CompiledProgram>(isa)) {
        const auto& sets = instruction_sets();
        if (std::find(sets.begin(), sets.end(), isa) == sets.end())
            refuse("this machine can't run the instruction set '" + isa + "'");
    }

    Program(const Program& other, std::vector<std::string> state_names)
        : shared(other.shared), inputs(other.inputs), states(std::move(state_names)), outputs(other.outputs) {
        if (states.size() != other.states.size()) refuse("expected a name for each state");
    }
    Program(const Program&) = delete;

    void seal(std::int64_t arena_bytes, std::vector<std::string> input_names,
              std::vector<std::string> state_names, std::vector<std::string> output_names) {
        if (input_names.size() != compiled.inputs().size() ||
            state_names.size() != compiled.states().size() ||
            output_names.size() != compiled.outputs().size())
            refuse("a program is sealed with another number of names than it has arrays");
        compiled.seal(arena_bytes);
        inputs = std::move(input_names);
        states = std::move(state_names);
        outputs = std::move(output_names);
    }
};

}  // namespace pippin
