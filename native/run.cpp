// Building a compiled program, and running it: line after line, large lines with the help of other threads.
#include "run.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <stdexcept>

#include "cpu.h"
#include "table.h"
#include "threads.h"

namespace pippin {
namespace {

// Below this many operations a line takes less time than waking another thread.
constexpr double work_worth_sharing = 200e3;

void require(bool is_true, const std::string& words) {
    if (!is_true) throw std::invalid_argument(words);
}

std::size_t bytes_of(const Array& array) {
    return static_cast<std::size_t>(array.size) * pippin::bytes_of(array.type);
}

// The end of a line: the loop that is attached to it runs on the rows that have become final.
void run_attached(const Line& line, std::int64_t first, std::int64_t last) {
    const Line& loop = *static_cast<const Line*>(line.after);
    loop.kernel->run(loop, first, last);
}

// One stage of a line, with the help of other threads if there is enough to do.
void run_stage(const Line& line, void (*stage)(const Line&, std::int64_t, std::int64_t), std::int64_t parts,
               bool is_alone) {
    if (parts == 1 || is_alone || line.work <= work_worth_sharing) return stage(line, 0, parts);
    struct Context {
        const Line& line;
        void (*stage)(const Line&, std::int64_t, std::int64_t);
    } context{line, stage};
    run_in_parallel({[](const void* given, std::int64_t first, std::int64_t last) {
                         const Context& shared = *static_cast<const Context*>(given);
                         shared.stage(shared.line, first, last);
                     },
                     &context},
                    parts);
}

void run_line(const Line& line, bool is_alone = false) {
    run_stage(line, line.kernel->run, line.parts, is_alone);
    if (line.kernel->finish) run_stage(line, line.kernel->finish, line.finish_parts, is_alone);
}

}  // namespace

double Line::number(const char* name, int index, double otherwise) const {
    for (std::int32_t i = 0; i < setting_count; ++i)
        if (std::strcmp(settings[i].name, name) == 0)
            return index < settings[i].count ? settings[i].values[index] : otherwise;
    return otherwise;
}

int CompiledProgram::add_value(const std::vector<std::int64_t>& shape, Type type, Place place,
                               std::int64_t where) {
    require(!sealed_, "the program is sealed");
    require(shape.size() <= max_rank,
            "the native engine knows arrays of at most 8 axes, received " + std::to_string(shape.size()));
    Array array;
    array.rank = static_cast<std::int32_t>(shape.size());
    array.type = type;
    array.size = 1;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        require(shape[axis] >= 0, "a value has a negative size");
        require(shape[axis] == 0 || array.size <= (std::int64_t{1} << 46) / shape[axis],
                "a value is larger than any memory");
        array.shape[axis] = shape[axis];
        array.size *= shape[axis];
    }
    require(where >= 0, "a value has a negative place");
    if (place == Place::arena) require(where % Arena::alignment == 0, "a value stands at an uneven place");
    values_.push_back(array);
    places_.emplace_back(place, where);
    if (place != Place::arena) {
        std::vector<Array>& arrays = place == Place::input ? inputs_ : states_;
        std::vector<std::vector<Array*>>& uses = place == Place::input ? input_uses_ : state_uses_;
        const std::size_t number = static_cast<std::size_t>(where);
        require(number < 1u << 20, "a program has too many arrays");
        if (number >= arrays.size()) {
            arrays.resize(number + 1);
            uses.resize(number + 1);
        }
        require(arrays[number].size == 0 || arrays[number].size == array.size, "two sizes for one array");
        // Later values may be the same array seen in another shape: the first one says what the caller hands
        // in.
        if (arrays[number].rank == 0 && arrays[number].size == 0) arrays[number] = array;
    }
    return static_cast<int>(values_.size()) - 1;
}

const Array& CompiledProgram::value(int number) const {
    require(number >= 0 && number < static_cast<int>(values_.size()),
            "a line names a value that does not exist");
    return values_[static_cast<std::size_t>(number)];
}

CompiledProgram::OwnedLine& CompiledProgram::new_line(const std::string& kernel,
                                                      const std::vector<int>& inputs,
                                                      const std::vector<int>& outputs, double work) {
    require(!sealed_, "the program is sealed");
    const Kernel* found = find_kernel(isa_, kernel);
    require(found != nullptr, "the native engine has no kernel '" + kernel + "'");
    OwnedLine& owned = lines_.emplace_back();
    for (int number : inputs) owned.inputs.push_back(value(number));
    for (int number : outputs) owned.outputs.push_back(value(number));
    owned.input_values = inputs;
    owned.output_values = outputs;
    owned.line.kernel = found;
    owned.line.inputs = owned.inputs.data();
    owned.line.outputs = owned.outputs.data();
    owned.line.input_count = static_cast<std::int32_t>(inputs.size());
    owned.line.output_count = static_cast<std::int32_t>(outputs.size());
    owned.line.work = owned.own_work = work;
    work_ += work;
    return owned;
}

void CompiledProgram::add_line(const std::string& name, const std::vector<int>& inputs,
                               const std::vector<int>& outputs, const std::vector<NamedNumbers>& settings,
                               double work) {
    require(name != "loop" && name != "loop_rows" && name != "scan", "a loop needs a description");
    require(outputs.size() == 1, "a line of '" + name + "' has one output");
    value(outputs[0]);
    require(!inputs.empty() || places_[static_cast<std::size_t>(outputs[0])].first == Place::arena,
            "a line without inputs runs once, so its result can't be in an array of the caller");
    OwnedLine& owned = new_line(name, inputs, outputs, work);
    owned.settings = settings;
    owned.once = inputs.empty();
    for (const NamedNumbers& setting : owned.settings)
        owned.setting_views.push_back({setting.name.c_str(), setting.numbers.data(),
                                       static_cast<std::int32_t>(setting.numbers.size())});
    owned.line.settings = owned.setting_views.data();
    owned.line.setting_count = static_cast<std::int32_t>(owned.setting_views.size());
}

void CompiledProgram::add_loop(const std::vector<int>& inputs, const std::vector<int>& outputs,
                               const LoopDescription& loop, double work, bool after) {
    OwnedLine* head = lines_.empty() ? nullptr : &lines_.back();
    OwnedLine& owned = new_line(after ? "loop_rows" : "loop", inputs, outputs, work);
    owned.loop = std::make_unique<OwnedLoop>(isa_, loop, owned.line);
    owned.description = loop;
    owned.line.plan = &owned.loop->plan();
    if (after) {
        require(head && !head->loop && !head->once, "a loop has no line to be the end of");
        const Array& rows = head->outputs[0];
        require(rows.size == 0 || (loop.rows == rows.rows() && loop.columns == rows.last()),
                "a loop and the line it ends differ in size");
        owned.attached = true;
        head->line.after = &owned.line;
        head->line.after_rows = run_attached;
        head->line.work += work;
    }
}

void CompiledProgram::add_scan(const std::vector<int>& inputs, const std::vector<int>& outputs,
                               std::shared_ptr<CompiledProgram> body, const ScanDescription& scan,
                               double work) {
    require(body && body->sealed_, "the body of a scan is not sealed");
    OwnedLine& owned = new_line("scan", inputs, outputs, work);
    owned.scan = std::make_unique<Scan>(std::move(body), scan, owned.line);
    owned.line.plan = &owned.scan->plan();
}

std::size_t CompiledProgram::bytes() const {
    std::size_t found = arena_.bytes() + scratch_.bytes();
    for (const OwnedLine& line : lines_)
        if (line.scan) found += line.scan->bytes();
    return found;
}

void CompiledProgram::add_output(int number) {
    value(number);
    outputs_.push_back(number);
    output_targets_.push_back(nullptr);
}

void CompiledProgram::add_copy(int number, int state) {
    require(state >= 0 && state < static_cast<int>(states_.size()),
            "a copy goes to a state that does not exist");
    const Array &from = value(number), &to = states_[static_cast<std::size_t>(state)];
    require(from.size == to.size && from.type == to.type, "a copy goes to a state of another size or type");
    copies_.emplace_back(number, state);
}

void CompiledProgram::set_guard(int number) {
    require(value(number).type == Type::boolean && value(number).size == 1,
            "the guard is not one truth value");
    guard_ = number;
    guarded_lines_ = lines_.size();
}

// Points an array at the arena, or remembers it for when the caller's array is known.
void CompiledProgram::remember(Array& array, int number) {
    const auto [place, where] = places_[static_cast<std::size_t>(number)];
    if (place == Place::input) {
        input_uses_[static_cast<std::size_t>(where)].push_back(&array);
    } else if (place == Place::state) {
        state_uses_[static_cast<std::size_t>(where)].push_back(&array);
    } else {
        const std::size_t end = static_cast<std::size_t>(where) + bytes_of(array);
        require(end <= arena_.bytes(), "a value reaches beyond the program's memory");
        array.data = arena_.data() + where;
    }
}

void CompiledProgram::place_values(OwnedLine& owned) {
    for (std::size_t i = 0; i < owned.inputs.size(); ++i) remember(owned.inputs[i], owned.input_values[i]);
    for (std::size_t i = 0; i < owned.outputs.size(); ++i) remember(owned.outputs[i], owned.output_values[i]);
}

void CompiledProgram::prepare(OwnedLine& owned) {
    Line& line = owned.line;
    if (owned.attached) return;
    line.parts = line.kernel->parts ? line.kernel->parts(line) : 1;
    line.finish_parts = line.kernel->finish_parts ? line.kernel->finish_parts(line) : 1;
    if (line.kernel->prepare) {
        owned.plan = Arena(plan_bytes);
        line.kernel->prepare(line, owned.plan.data());
        line.plan = owned.plan.data();
    }
}

void CompiledProgram::seal(std::int64_t arena_bytes) {
    require(!sealed_, "the program is sealed");
    require(arena_bytes >= 0, "a program has a negative size");
    arena_ = Arena(static_cast<std::size_t>(arena_bytes));
    for (std::size_t number = 0; number < values_.size(); ++number)
        remember(values_[number], static_cast<int>(number));
    std::size_t scratch = 0;
    for (OwnedLine& owned : lines_) {
        place_values(owned);
        prepare(owned);
        if (owned.line.kernel->scratch && !owned.attached)
            scratch = std::max(scratch, owned.line.kernel->scratch(owned.line));
    }
    // Lines run one after the other, so they share their scratch memory.
    scratch_ = Arena(scratch);
    std::size_t number = 0;
    for (OwnedLine& owned : lines_) {
        owned.line.scratch = scratch_.data();
        if (owned.once)
            run_line(owned.line);
        else if (!owned.attached)
            (number < guarded_lines_ ? before_guard_ : after_guard_).push_back(&owned.line);
        ++number;
    }
    std::size_t staged = 0;
    for (const auto& [from, state] : copies_) staged += bytes_of(value(from));
    staging_ = Arena(staged);
    sealed_ = true;
}

void CompiledProgram::bind_input(std::size_t number, void* data) {
    for (Array* array : input_uses_[number]) array->data = data;
}

void CompiledProgram::bind_state(std::size_t number, void* data) {
    states_[number].data = data;
    for (Array* array : state_uses_[number]) array->data = data;
}

void CompiledProgram::copy_outputs() const {
    for (std::size_t number = 0; number < outputs_.size(); ++number) {
        const Array& array = values_[static_cast<std::size_t>(outputs_[number])];
        if (output_targets_[number]) std::memcpy(output_targets_[number], array.data, bytes_of(array));
    }
}

// New states that no line could write in place. All are read before the first is replaced: one may be
// another's old value.
void CompiledProgram::copy_states() {
    char* staged = staging_.data();
    for (const auto& [from, state] : copies_) {
        const Array& array = values_[static_cast<std::size_t>(from)];
        std::memcpy(staged, array.data, bytes_of(array));
        staged += bytes_of(array);
    }
    staged = staging_.data();
    for (const auto& [from, state] : copies_) {
        const Array& array = states_[static_cast<std::size_t>(state)];
        std::memcpy(array.data, staged, bytes_of(array));
        staged += bytes_of(array);
    }
}

// Lines in order, of which the first is number `first`.
void CompiledProgram::run_lines(const std::vector<const Line*>& lines, std::size_t first) {
    if (nanoseconds_.empty()) {
        for (const Line* line : lines) run_line(*line, is_alone_);
        return;
    }
    for (const Line* line : lines) {
        const auto start = std::chrono::steady_clock::now();
        run_line(*line, is_alone_);
        const std::chrono::nanoseconds spent = std::chrono::steady_clock::now() - start;
        nanoseconds_[first++] += spent.count();
    }
}

bool CompiledProgram::run() {
    run_lines(before_guard_, 0);
    const bool goes_on = guard_ < 0 || *values_[static_cast<std::size_t>(guard_)].as<std::uint8_t>();
    if (goes_on) run_lines(after_guard_, before_guard_.size());
    copy_outputs();
    if (goes_on && !copies_.empty()) copy_states();
    return goes_on;
}

std::vector<Array> CompiledProgram::outputs() const {
    std::vector<Array> found;
    for (int number : outputs_) found.push_back(values_[static_cast<std::size_t>(number)]);
    return found;
}

}  // namespace pippin
