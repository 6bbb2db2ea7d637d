// Walks through data: whole epochs without Python between the steps.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "../epochs.h"
#include "bindings.h"

namespace nb = nanobind;

namespace pippin {
namespace {

// Data and states of one program, held as long as it may run on them.
struct Held {
    std::vector<Buffer> data, states;
};

void fill_side(Side& side, Held& held, Program* program, const nb::list& data, const nb::list& states,
               std::int64_t rows, std::int64_t batch) {
    if (!program) return;
    CompiledProgram& compiled = program->compiled;
    side.program = &compiled;
    side.mutex = &program->mutex;
    held.states = take(states, compiled.states(), program->states, true, "state", &program->last_states);
    must_not_overlap(held.states, program->states);
    for (const Buffer& buffer : held.states) side.states.push_back(buffer.data());
    if (data.size() != compiled.inputs().size()) refuse("expected data for each input of the step");
    held.data.reserve(data.size());
    for (std::size_t i = 0; i < data.size(); ++i) {
        const Array& array = compiled.inputs()[i];
        const Buffer& buffer = held.data.emplace_back(PyList_GetItem(data.ptr(), static_cast<Py_ssize_t>(i)),
                                                      false, true, "data", program->inputs[i]);
        bool fits = buffer.source() >= 0 && buffer.rank() == array.rank && array.rank > 0 &&
                    buffer.extent(0) == rows && array.shape[0] == batch;
        for (int axis = 1; fits && axis < array.rank; ++axis) fits = buffer.extent(axis) == array.shape[axis];
        if (!fits)
            refuse("data '" + program->inputs[i] + "': expected " + std::to_string(rows) +
                   " rows for batches of " + text(array) + " with " + std::to_string(batch) +
                   " rows, received " + buffer.words());
        const std::int64_t numbers = batch ? array.size / batch : 0;
        side.feeds.push_back({static_cast<const char*>(buffer.data()), static_cast<Source>(buffer.source()),
                              numbers, rows ? buffer.bytes() / rows : 0});
    }
}

// States of the given names, as arrays: found by name, because step and last may number them differently.
std::vector<Array> states_named(const std::vector<std::string>& wanted, const Program& program,
                                const std::vector<void*>& memory) {
    std::vector<Array> found;
    for (const std::string& name : wanted) {
        const auto place = std::find(program.states.begin(), program.states.end(), name);
        if (place == program.states.end()) refuse("'" + name + "' is not a state of the step");
        const std::size_t number = static_cast<std::size_t>(place - program.states.begin());
        found.push_back(program.compiled.states()[number]);
        found.back().data = memory[number];
    }
    return found;
}

// A walk through data with all that it needs, held.
struct HeldWalk {
    nb::object step_object, last_object;
    Held step, last;
    std::vector<Buffer> outputs;
    Walk walk{};

    HeldWalk() = default;
    HeldWalk(HeldWalk&&) = default;
    HeldWalk(const HeldWalk&) = delete;
};

// Arrays that take a row of each output for each row of the data.
void fill_outputs(Walk& walk, std::vector<Buffer>& held, const Program* step, const Program* last,
                  const nb::list& outputs) {
    const std::vector<std::string>& names = (step ? step : last)->outputs;
    if (outputs.size() != names.size()) refuse("expected an array for each output of the step");
    held.reserve(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        const Buffer& buffer = held.emplace_back(PyList_GetItem(outputs.ptr(), static_cast<Py_ssize_t>(i)),
                                                 true, true, "output", names[i]);
        walk.outputs.push_back({static_cast<char*>(buffer.data()), buffer.bytes() / walk.rows});
    }
    for (const auto& [program, count] :
         {std::pair{step, walk.batch}, std::pair{last, walk.rows % walk.batch}}) {
        if (!program) continue;
        const std::vector<Array> made = program->compiled.outputs();
        for (std::size_t i = 0; i < held.size(); ++i) {
            bool fits = i < made.size() && held[i].source() == static_cast<int>(made[i].type) &&
                        held[i].rank() == made[i].rank && made[i].rank > 0 &&
                        held[i].extent(0) == walk.rows && made[i].shape[0] == count;
            for (int axis = 1; fits && axis < made[i].rank; ++axis)
                fits = held[i].extent(axis) == made[i].shape[axis];
            if (!fits)
                refuse("output '" + names[i] + "': an array of " + held[i].words() +
                       " can't take the rows of each step");
        }
    }
}

void make_walk(HeldWalk* made, Program* step, const nb::list& step_data, const nb::list& step_states,
               Program* last, const nb::list& last_data, const nb::list& last_states, std::int64_t rows,
               std::int64_t batch, std::optional<std::uint64_t> seed, const std::vector<std::string>& records,
               const std::vector<std::string>& resets, const nb::list& outputs) {
    if (rows < 1 || batch < 1 || rows > INT32_MAX)
        refuse("expected between 1 and 2^31 - 1 rows in batches of at least 1");
    if (step == last) refuse("expected two different programs for full batches and the last one");
    if (rows >= batch && !step) refuse("expected a program for full batches");
    if (rows % batch && !last) refuse("expected a program for the last, smaller batch");
    HeldWalk held;
    Walk& walk = held.walk;
    if (step) held.step_object = nb::find(*step);
    if (last) held.last_object = nb::find(*last);
    fill_side(walk.step, held.step, rows >= batch ? step : nullptr, step_data, step_states, rows, batch);
    fill_side(walk.last, held.last, rows % batch ? last : nullptr, last_data, last_states, rows,
              rows % batch);
    walk.rows = rows;
    walk.batch = batch;
    walk.seed = seed;
    if (outputs.size())
        fill_outputs(walk, held.outputs, walk.step.program ? step : nullptr,
                     walk.last.program ? last : nullptr, outputs);
    const Program& any = walk.step.program ? *step : *last;
    const std::vector<void*>& memory = walk.step.program ? walk.step.states : walk.last.states;
    walk.records = states_named(records, any, memory);
    walk.resets = states_named(resets, any, memory);
    for (const Array& record : walk.records)
        if (record.size != 1) refuse("expected single numbers to keep of each epoch");
    new (made) HeldWalk(std::move(held));
}

// Walks that run at once must not write to the same memory.
void must_be_apart(const std::vector<const HeldWalk*>& walks) {
    struct Part {
        const char *begin, *end;
        std::size_t walk;
    };
    std::vector<Part> parts;
    for (std::size_t i = 0; i < walks.size(); ++i)
        for (const std::vector<Buffer>* written :
             {&walks[i]->step.states, &walks[i]->last.states, &walks[i]->outputs})
            for (const Buffer& buffer : *written) {
                const char* begin = static_cast<const char*>(buffer.data());
                if (buffer.bytes()) parts.push_back({begin, begin + buffer.bytes(), i});
            }
    std::sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.begin < b.begin; });
    for (std::size_t i = 1; i < parts.size(); ++i) {
        if (parts[i - 1].end > parts[i].begin && parts[i - 1].walk != parts[i].walk)
            refuse("walk " + std::to_string(std::max(parts[i].walk, parts[i - 1].walk)) +
                   " writes to the memory of walk " +
                   std::to_string(std::min(parts[i].walk, parts[i - 1].walk)));
        if (parts[i - 1].end > parts[i].end) parts[i] = parts[i - 1];
    }
}

// One list for each record: hundreds of thousands of epochs make no object of their own.
nb::list columns(const std::vector<double>& ended, std::size_t records) {
    const std::size_t epochs = records ? ended.size() / records : 0;
    nb::list found;
    for (std::size_t record = 0; record < records; ++record) {
        nb::list column = nb::steal<nb::list>(PyList_New(static_cast<Py_ssize_t>(epochs)));
        for (std::size_t i = 0; i < epochs; ++i)
            PyList_SetItem(column.ptr(), static_cast<Py_ssize_t>(i),
                           PyFloat_FromDouble(ended[i * records + record]));
        found.append(column);
    }
    return found;
}

nb::list run_walks(const nb::list& walks, double seconds) {
    std::vector<const HeldWalk*> held;
    std::vector<Errand> errands;
    for (const nb::handle item : walks) {
        const nb::tuple t = nb::cast<nb::tuple>(item);
        const HeldWalk& one = *held.emplace_back(nb::cast<const HeldWalk*>(t[0]));
        const Errand& errand =
            errands.emplace_back(Errand{&one.walk, nb::cast<std::int64_t>(t[1]), nb::cast<std::int64_t>(t[2]),
                                        nb::cast<std::int64_t>(t[3])});
        const std::int64_t steps = (one.walk.rows + one.walk.batch - 1) / one.walk.batch;
        if (errand.epoch < 0 || errand.step < 0 || errand.step >= steps)
            refuse("expected a position inside the data");
    }
    must_be_apart(held);
    std::vector<Progress> progress;
    {
        const nb::gil_scoped_release unlocked;
        progress = pippin::run_epochs(errands, seconds);
    }
    nb::list found;
    for (std::size_t i = 0; i < progress.size(); ++i) {
        const Progress& p = progress[i];
        found.append(nb::make_tuple(p.epoch, p.step, columns(p.ended, held[i]->walk.records.size()),
                                    p.stopped_by_guard));
    }
    return found;
}

}  // namespace

void bind_walks(nb::module_& module) {
    nb::class_<HeldWalk>(module, "Walk")
        .def("__init__", &make_walk, nb::arg("step").none(), nb::arg("step_data"), nb::arg("step_states"),
             nb::arg("last").none(), nb::arg("last_data"), nb::arg("last_states"), nb::arg("rows"),
             nb::arg("batch"), nb::arg("seed").none(), nb::arg("records"), nb::arg("resets"),
             nb::arg("outputs"));
    module.def("run_epochs", &run_walks);
    module.def("shuffled", &shuffled);
}

}  // namespace pippin
