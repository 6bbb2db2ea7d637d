// What Python sees: `pippin._native`. Every array that comes in is checked here for type, shape, order and
// writability, so that a wrong call raises and nothing behind this file has to be careful.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "buffers.h"
#include "cpu.h"
#include "epochs.h"
#include "run.h"
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
using pippin::type_of;

// Below this many operations a run is over before the lock of the interpreter could be of use to anybody
// else.
constexpr double work_worth_unlocking = 200e3;

// A program and the names of its arrays, for the words of errors.
struct Program {
    CompiledProgram compiled;
    std::vector<std::string> inputs, states, outputs;
    // The states of the last run, kept alive: whether an array is still the same one is quicker to see than
    // its type.
    std::vector<nb::object> last_states;

    explicit Program(const std::string& isa) : compiled(isa) {
        const auto& sets = pippin::instruction_sets();
        if (std::find(sets.begin(), sets.end(), isa) == sets.end())
            refuse("this machine can't run the instruction set '" + isa + "'");
    }

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
    const auto go = [&] {
        const std::lock_guard<std::mutex> hold(compiled.mutex());
        const pippin::DenormalsAreZero denormals_are_zero;
        for (std::size_t i = 0; i < read.size(); ++i) compiled.bind_input(i, read[i].data());
        for (std::size_t i = 0; i < kept.size(); ++i) compiled.bind_state(i, kept[i].data());
        for (std::size_t i = 0; i < made.size(); ++i) compiled.bind_output(i, made[i].data());
        return compiled.run();
    };
    if (compiled.work() < work_worth_unlocking) return go();
    const nb::gil_scoped_release unlocked;
    return go();
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

// Data and states of one program, held while it runs.
struct Held {
    std::vector<Buffer> data, states;
};

void fill_side(pippin::Side& side, Held& held, Program* program, const nb::list& data, const nb::list& states,
               std::int64_t rows, std::int64_t batch) {
    if (!program) return;
    CompiledProgram& compiled = program->compiled;
    side.program = &compiled;
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

nb::tuple run_epochs(Program* step, const nb::list& step_data, const nb::list& step_states, Program* last,
                     const nb::list& last_data, const nb::list& last_states, std::int64_t rows,
                     std::int64_t batch, std::optional<std::uint64_t> seed,
                     const std::vector<std::string>& records, const std::vector<std::string>& resets,
                     std::int64_t epoch, std::int64_t first_step, std::int64_t until_epoch, double seconds) {
    if (rows < 1 || batch < 1 || rows > INT32_MAX)
        refuse("expected between 1 and 2^31 - 1 rows in batches of at least 1");
    if (step == last) refuse("expected two different programs for full batches and the last one");
    if (rows >= batch && !step) refuse("expected a program for full batches");
    if (rows % batch && !last) refuse("expected a program for the last, smaller batch");
    if (epoch < 0 || first_step < 0 || first_step >= (rows + batch - 1) / batch)
        refuse("expected a position inside the data");
    pippin::Walk walk{};
    Held held_step, held_last;
    fill_side(walk.step, held_step, rows >= batch ? step : nullptr, step_data, step_states, rows, batch);
    fill_side(walk.last, held_last, rows % batch ? last : nullptr, last_data, last_states, rows,
              rows % batch);
    walk.rows = rows;
    walk.batch = batch;
    walk.seed = seed;
    const Program& any = walk.step.program ? *step : *last;
    const std::vector<void*>& memory = walk.step.program ? walk.step.states : walk.last.states;
    walk.records = states_named(records, any, memory);
    walk.resets = states_named(resets, any, memory);
    for (const Array& record : walk.records)
        if (record.size != 1) refuse("expected single numbers to keep of each epoch");
    pippin::Progress progress;
    {
        const nb::gil_scoped_release unlocked;
        progress = pippin::run_epochs(walk, epoch, first_step, until_epoch, seconds);
    }
    // One list for each record: hundreds of thousands of epochs make no object of their own.
    const std::size_t count = records.size(), epochs = count ? progress.ended.size() / count : 0;
    nb::list ended;
    for (std::size_t record = 0; record < count; ++record) {
        nb::list column = nb::steal<nb::list>(PyList_New(static_cast<Py_ssize_t>(epochs)));
        for (std::size_t i = 0; i < epochs; ++i)
            PyList_SetItem(column.ptr(), static_cast<Py_ssize_t>(i),
                           PyFloat_FromDouble(progress.ended[i * count + record]));
        ended.append(column);
    }
    return nb::make_tuple(progress.epoch, progress.step, ended, progress.stopped_by_guard);
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
        .def("add_output", [](Program& p, int value) { p.compiled.add_output(value); })
        .def("add_copy", [](Program& p, int value, int state) { p.compiled.add_copy(value, state); })
        .def("set_guard", [](Program& p, int value) { p.compiled.set_guard(value); })
        .def("seal", &Program::seal)
        .def("run", &run)
        .def("time_lines", [](Program& p) { p.compiled.time_lines(); })
        .def("nanoseconds", [](const Program& p) { return p.compiled.nanoseconds(); })
        .def_prop_ro("bytes", [](const Program& p) { return p.compiled.bytes(); });

    module.def("run_epochs", &run_epochs, nb::arg("step").none(), nb::arg("step_data"),
               nb::arg("step_states"), nb::arg("last").none(), nb::arg("last_data"), nb::arg("last_states"),
               nb::arg("rows"), nb::arg("batch"), nb::arg("seed").none(), nb::arg("records"),
               nb::arg("resets"), nb::arg("epoch"), nb::arg("first_step"), nb::arg("until_epoch"),
               nb::arg("seconds"));
    module.def("shuffled", &pippin::shuffled);
    module.def("kernel_names", &pippin::kernel_names);
    module.def("instruction_sets", &pippin::instruction_sets);
    module.def("set_threads", [](int count) { pippin::set_threads(count); });
    module.def("threads", [] { return pippin::threads(); });
}
