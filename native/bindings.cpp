// What Python sees: `pippin._native`. Every array that comes in is checked here for type, shape, order and
// writability, so that a wrong call raises and nothing behind this file has to be careful.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include "buffers.h"
#include "epochs.h"
#include "resample.h"
#include "run.h"
#include "shortcut.h"
#include "table.h"
#include "threads.h"

namespace nb = nanobind;

namespace {

using pippin::Array;
using pippin::Buffer;
using pippin::CompiledProgram;
using pippin::LoopDescription;
using pippin::must_not_overlap;
using pippin::refuse;
using pippin::Source;
using pippin::take;
using pippin::text;
using pippin::Type;
using pippin::type_of;

// A program and the names of its arrays, for the words of errors. Several of these may share what is compiled:
// each is used by one caller at a time, all of them at once.
struct Program {
    std::shared_ptr<CompiledProgram> shared;
    CompiledProgram& compiled = *shared;
    std::mutex mutex;
    std::vector<std::string> inputs, states, outputs;
    // The states of the last run, kept alive: whether an array is still the same one is quicker to see than
    // its type.
    std::vector<nb::object> last_states;

    explicit Program(const std::string& isa) : shared(std::make_shared<CompiledProgram>(isa)) {
        const auto& sets = pippin::instruction_sets();
        if (std::find(sets.begin(), sets.end(), isa) == sets.end())
            refuse("this machine can't run the instruction set '" + isa + "'");
    }

    Program(const Program& other, std::vector<std::string> state_names)
        : shared(other.shared),
          inputs(other.inputs),
          states(std::move(state_names)),
          outputs(other.outputs) {
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

bool run(Program& program, const nb::list& inputs, const nb::list& states, const nb::list& outputs) {
    CompiledProgram& compiled = program.compiled;
    const std::vector<Buffer> read = take(inputs, compiled.inputs(), program.inputs, false, "input");
    const std::vector<Buffer> kept =
        take(states, compiled.states(), program.states, true, "state", &program.last_states);
    const std::vector<Buffer> made = take(outputs, compiled.outputs(), program.outputs, true, "output");
    must_not_overlap(kept, program.states);
    return pippin::run_once(program.mutex, compiled, [&](CompiledProgram& own) {
        for (std::size_t i = 0; i < read.size(); ++i) own.bind_input(i, read[i].data());
        for (std::size_t i = 0; i < kept.size(); ++i) own.bind_state(i, kept[i].data());
        for (std::size_t i = 0; i < made.size(); ++i) own.bind_output(i, made[i].data());
    });
}

void keep_call(pippin::Shortcut& shortcut, const nb::object& then, nb::dict keywords, nb::object owner,
               nb::list states, nb::object input_type, nb::object output_shape, nb::object output_type) {
    Program& program = nb::cast<Program&>(owner);
    const std::vector<Buffer> memory =
        take(states, program.compiled.states(), program.states, true, "state", &program.last_states);
    must_not_overlap(memory, program.states);
    shortcut.keep(then, std::move(keywords), std::move(owner), program.mutex, program.compiled,
                  std::move(states), memory, std::move(input_type), std::move(output_shape),
                  std::move(output_type));
}

// Describing a loop
// -------------------------------------------------------------------------------------------------------

using Operands = std::vector<std::tuple<int, bool, std::vector<std::int64_t>, std::vector<std::int64_t>>>;

LoopDescription description(std::int64_t rows, std::int64_t columns, const nb::list& operands,
                            const nb::list& steps, const nb::list& results) {
    LoopDescription loop;
    loop.rows = rows;
    loop.columns = columns;
    for (const nb::handle item : operands) {
        const nb::tuple o = nb::cast<nb::tuple>(item);
        loop.operands.push_back({nb::cast<std::int32_t>(o[0]), nb::cast<bool>(o[1]),
                                 nb::cast<std::vector<std::int64_t>>(o[2]),
                                 nb::cast<std::vector<std::int64_t>>(o[3])});
    }
    for (const nb::handle item : steps) {
        const nb::tuple s = nb::cast<nb::tuple>(item);
        loop.steps.push_back({nb::cast<std::string>(s[0]), type_of(nb::cast<std::string>(s[1])),
                              type_of(nb::cast<std::string>(s[2])), nb::cast<bool>(s[3]),
                              nb::cast<bool>(s[4]), nb::cast<std::vector<std::int32_t>>(s[5])});
    }
    for (const nb::handle item : results) {
        const nb::tuple r = nb::cast<nb::tuple>(item);
        loop.results.push_back({nb::cast<std::int32_t>(r[0]), nb::cast<std::int32_t>(r[1]),
                                nb::cast<std::vector<std::int32_t>>(r[2])});
    }
    return loop;
}

std::vector<pippin::NamedNumbers> settings_of(const nb::dict& settings) {
    std::vector<pippin::NamedNumbers> found;
    for (const auto& [name, numbers] : settings)
        found.push_back({nb::cast<std::string>(name), nb::cast<std::vector<double>>(numbers)});
    return found;
}

// Epochs
// ------------------------------------------------------------------------------------------------------------------

// Data and states of one program, held as long as it may run on them.
struct Held {
    std::vector<Buffer> data, states;
};

void fill_side(pippin::Side& side, Held& held, Program* program, const nb::list& data, const nb::list& states,
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
    pippin::Walk walk{};

    HeldWalk() = default;
    HeldWalk(HeldWalk&&) = default;
    HeldWalk(const HeldWalk&) = delete;
};

// Arrays that take a row of each output for each row of the data.
void fill_outputs(pippin::Walk& walk, std::vector<Buffer>& held, const Program* step, const Program* last,
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
    pippin::Walk& walk = held.walk;
    if (step) held.step_object = nb::find(*step);
    if (last) held.last_object = nb::find(*last);
    fill_side(walk.step, held.step, rows >= batch ? step : nullptr, step_data, step_states, rows, batch);
    fill_side(walk.last, held.last, rows % batch ? last : nullptr, last_data, last_states, rows, rows % batch);
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
        for (const std::vector<Buffer>* written : {&walks[i]->step.states, &walks[i]->last.states, &walks[i]->outputs})
            for (const Buffer& buffer : *written) {
                const char* begin = static_cast<const char*>(buffer.data());
                if (buffer.bytes()) parts.push_back({begin, begin + buffer.bytes(), i});
            }
    std::sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.begin < b.begin; });
    for (std::size_t i = 1; i < parts.size(); ++i) {
        if (parts[i - 1].end > parts[i].begin && parts[i - 1].walk != parts[i].walk)
            refuse("walk " + std::to_string(std::max(parts[i].walk, parts[i - 1].walk)) +
                   " writes to the memory of walk " + std::to_string(std::min(parts[i].walk, parts[i - 1].walk)));
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
            PyList_SetItem(column.ptr(), static_cast<Py_ssize_t>(i), PyFloat_FromDouble(ended[i * records + record]));
        found.append(column);
    }
    return found;
}

nb::list run_epochs(const nb::list& walks, double seconds) {
    std::vector<const HeldWalk*> held;
    std::vector<pippin::Errand> errands;
    for (const nb::handle item : walks) {
        const nb::tuple t = nb::cast<nb::tuple>(item);
        const HeldWalk& one = *held.emplace_back(nb::cast<const HeldWalk*>(t[0]));
        const pippin::Errand& errand =
            errands.emplace_back(pippin::Errand{&one.walk, nb::cast<std::int64_t>(t[1]),
                                                nb::cast<std::int64_t>(t[2]), nb::cast<std::int64_t>(t[3])});
        const std::int64_t steps = (one.walk.rows + one.walk.batch - 1) / one.walk.batch;
        if (errand.epoch < 0 || errand.step < 0 || errand.step >= steps)
            refuse("expected a position inside the data");
    }
    must_be_apart(held);
    std::vector<pippin::Progress> progress;
    {
        const nb::gil_scoped_release unlocked;
        progress = pippin::run_epochs(errands, seconds);
    }
    nb::list found;
    for (std::size_t i = 0; i < progress.size(); ++i) {
        const pippin::Progress& p = progress[i];
        found.append(nb::make_tuple(p.epoch, p.step, columns(p.ended, held[i]->walk.records.size()), p.stopped_by_guard));
    }
    return found;
}

// Pictures
// ----------------------------------------------------------------------------------------------------------------

// An array of a type and rank; `kind` tells which one was wrong.
Buffer array_of(const nb::object& object, Type type, int rank, bool writable, const char* kind) {
    Buffer buffer(object.ptr(), writable, true, "resample", kind);
    if (buffer.source() != static_cast<int>(type) || buffer.rank() != rank)
        refuse(std::string("resample '") + kind + "': expected " + std::to_string(rank) + " axes of " +
               pippin::type_names[static_cast<int>(type)] + ", received " + buffer.words());
    return buffer;
}

void resample(const nb::object& from, const nb::object& row_numbers, const nb::object& row_weights,
              const nb::object& column_numbers, const nb::object& column_weights, const nb::object& to) {
    const Buffer old = array_of(from, Type::uint8, 3, false, "from"),
                 made = array_of(to, Type::uint8, 3, true, "to");
    const Buffer numbers[] = {array_of(row_numbers, Type::int32, 2, false, "row_numbers"),
                              array_of(column_numbers, Type::int32, 2, false, "column_numbers")};
    const Buffer weights[] = {array_of(row_weights, Type::float32, 2, false, "row_weights"),
                              array_of(column_weights, Type::float32, 2, false, "column_weights")};
    pippin::Taps taps[2];
    for (int axis = 0; axis < 2; ++axis) {
        const auto* first = static_cast<const std::int32_t*>(numbers[axis].data());
        taps[axis] = {first, static_cast<const float*>(weights[axis].data()), numbers[axis].extent(0),
                      numbers[axis].extent(1)};
        if (weights[axis].extent(0) != taps[axis].count || weights[axis].extent(1) != taps[axis].taps ||
            made.extent(axis) != taps[axis].count)
            refuse("resample: expected a weight for each number, and numbers for each new row and column");
        if (std::any_of(first, first + taps[axis].count * taps[axis].taps,
                        [&](std::int32_t number) { return number < 0 || number >= old.extent(axis); }))
            refuse("resample: expected numbers of rows and columns that the picture has");
    }
    if (made.extent(2) != old.extent(2) || old.extent(2) > 4 || taps[0].taps < 1)
        refuse("resample: expected as many channels as before, at most 4, and at least one number for each");
    const nb::gil_scoped_release unlocked;
    pippin::resample(static_cast<const std::uint8_t*>(old.data()), old.extent(1), old.extent(2), taps[0],
                     taps[1], static_cast<std::uint8_t*>(made.data()));
}

}  // namespace

NB_MODULE(_native, module) {
    module.doc() = "The native engine: runs programs in compiled code. Use it through pippin.engines.";

    nb::class_<Program>(module, "Program")
        .def(nb::init<const std::string&>(), nb::arg("isa"))
        .def("add_value",
             [](Program& p, const std::vector<std::int64_t>& shape, const std::string& type,
                const std::string& place, std::int64_t where) {
                 const auto found = place == "arena"   ? pippin::Place::arena
                                    : place == "input" ? pippin::Place::input
                                                       : pippin::Place::state;
                 return p.compiled.add_value(shape, type_of(type), found, where);
             })
        .def("add_line",
             [](Program& p, const std::string& name, const std::vector<int>& inputs,
                const std::vector<int>& outputs, const nb::dict& settings,
                double work) { p.compiled.add_line(name, inputs, outputs, settings_of(settings), work); })
        .def("add_loop",
             [](Program& p, const std::vector<int>& inputs, const std::vector<int>& outputs,
                std::int64_t rows, std::int64_t columns, const nb::list& operands, const nb::list& steps,
                const nb::list& results, double work, bool after) {
                 p.compiled.add_loop(inputs, outputs, description(rows, columns, operands, steps, results),
                                     work, after);
             })
        .def("add_scan",
             [](Program& p, const std::vector<int>& inputs, const std::vector<int>& outputs, const Program& body,
                std::int64_t length, bool reverse, std::int32_t carried, std::int32_t sliced,
                const std::vector<bool>& straight, const std::vector<std::int32_t>& copied,
                const std::vector<std::int32_t>& follows, std::int32_t parts, double work) {
                 p.compiled.add_scan(inputs, outputs, body.shared,
                                     {length, reverse, carried, sliced, parts, straight, copied, follows}, work);
             })
        .def("add_output", [](Program& p, int value) { p.compiled.add_output(value); })
        .def("add_copy", [](Program& p, int value, int state) { p.compiled.add_copy(value, state); })
        .def("set_guard", [](Program& p, int value) { p.compiled.set_guard(value); })
        .def("seal", &Program::seal)
        .def("run", &run)
        .def("again",
             [](const Program& p, std::vector<std::string> states) {
                 return std::make_unique<Program>(p, std::move(states));
             })
        .def("time_lines", [](Program& p) { p.compiled.time_lines(); })
        .def("nanoseconds", [](const Program& p) { return p.compiled.nanoseconds(); })
        .def_prop_ro("bytes", [](const Program& p) { return p.compiled.bytes(); });

    nb::class_<pippin::Shortcut>(module, "Shortcut")
        .def(nb::init<nb::list, nb::object, nb::object>(), nb::arg("present"), nb::arg("array_type"),
             nb::arg("empty"))
        .def("keep", &keep_call)
        .def("take", &pippin::Shortcut::take);

    nb::class_<HeldWalk>(module, "Walk")
        .def("__init__", &make_walk, nb::arg("step").none(), nb::arg("step_data"), nb::arg("step_states"),
             nb::arg("last").none(), nb::arg("last_data"), nb::arg("last_states"), nb::arg("rows"),
             nb::arg("batch"), nb::arg("seed").none(), nb::arg("records"), nb::arg("resets"),
             nb::arg("outputs"));
    module.def("run_epochs", &run_epochs);
    module.def("resample", &resample);
    module.def("shuffled", &pippin::shuffled);
    module.def("kernel_names", &pippin::kernel_names);
    module.def("instruction_sets", &pippin::instruction_sets);
    module.def("set_threads", [](int count) { pippin::set_threads(count); });
    module.def("threads", [] { return pippin::threads(); });
}
