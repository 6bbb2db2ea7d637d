// Making and running programs.
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include "../shortcut.h"
#include "bindings.h"

namespace nb = nanobind;

namespace pippin {
namespace {

bool run(Program& program, const nb::list& inputs, const nb::list& states, const nb::list& outputs) {
    CompiledProgram& compiled = program.compiled;
    const std::vector<Buffer> read = take(inputs, compiled.inputs(), program.inputs, false, "input");
    const std::vector<Buffer> kept =
        take(states, compiled.states(), program.states, true, "state", &program.last_states);
    const std::vector<Buffer> made = take(outputs, compiled.outputs(), program.outputs, true, "output");
    must_not_overlap(kept, program.states);
    return run_once(program.mutex, compiled, [&](CompiledProgram& own) {
        for (std::size_t i = 0; i < read.size(); ++i) own.bind_input(i, read[i].data());
        for (std::size_t i = 0; i < kept.size(); ++i) own.bind_state(i, kept[i].data());
        for (std::size_t i = 0; i < made.size(); ++i) own.bind_output(i, made[i].data());
    });
}

void keep_call(Shortcut& shortcut, const nb::object& then, nb::dict keywords, nb::object owner,
               nb::list states, nb::object input_type, nb::object output_shape, nb::object output_type) {
    Program& program = nb::cast<Program&>(owner);
    const std::vector<Buffer> memory =
        take(states, program.compiled.states(), program.states, true, "state", &program.last_states);
    must_not_overlap(memory, program.states);
    shortcut.keep(then, std::move(keywords), std::move(owner), program.mutex, program.compiled,
                  std::move(states), memory, std::move(input_type), std::move(output_shape),
                  std::move(output_type));
}

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

std::vector<NamedNumbers> settings_of(const nb::dict& settings) {
    std::vector<NamedNumbers> found;
    for (const auto& [name, numbers] : settings)
        found.push_back({nb::cast<std::string>(name), nb::cast<std::vector<double>>(numbers)});
    return found;
}

}  // namespace

void bind_programs(nb::module_& module) {
    nb::class_<Program>(module, "Program")
        .def(nb::init<const std::string&>(), nb::arg("isa"))
        .def("add_value",
             [](Program& p, const std::vector<std::int64_t>& shape, const std::string& type,
                const std::string& place, std::int64_t where) {
                 const auto found = place == "arena"   ? Place::arena
                                    : place == "input" ? Place::input
                                                       : Place::state;
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
             [](Program& p, const std::vector<int>& inputs, const std::vector<int>& outputs,
                const Program& body, std::int64_t length, bool reverse, std::int32_t carried,
                std::int32_t sliced, const std::vector<bool>& straight,
                const std::vector<std::int32_t>& copied, const std::vector<std::int32_t>& follows,
                std::int32_t parts, double work) {
                 p.compiled.add_scan(inputs, outputs, body.shared,
                                     {length, reverse, carried, sliced, parts, straight, copied, follows},
                                     work);
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

    nb::class_<Shortcut>(module, "Shortcut")
        .def(nb::init<nb::list, nb::object, nb::object>(), nb::arg("present"), nb::arg("array_type"),
             nb::arg("empty"))
        .def("keep", &keep_call)
        .def("take", &Shortcut::take);
}

}  // namespace pippin
