// A compiled program: lines bound to memory, ready to run. Python builds it value by value and line by line,
// then seals it.
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "arena.h"
#include "loop_plan.h"
#include "program.h"
#include "scan.h"

namespace pippin {

// Where the numbers of a value are: in the program's own memory, or in arrays that the caller hands in at
// each run.
enum class Place : std::int32_t { arena, input, state };

struct NamedNumbers {
    std::string name;
    std::vector<double> numbers;
};

class CompiledProgram {
  public:
    explicit CompiledProgram(std::string isa) : isa_(std::move(isa)) {}

    // Building. All throw std::invalid_argument on what makes no sense. `where` is an offset in bytes for the
    // arena, the number of the array otherwise.
    int add_value(const std::vector<std::int64_t>& shape, Type type, Place place, std::int64_t where);
    void add_line(const std::string& name, const std::vector<int>& inputs, const std::vector<int>& outputs,
                  const std::vector<NamedNumbers>& settings, double work);
    // `after` makes the loop the end of the line before it: it then runs on rows of that line's first output.
    void add_loop(const std::vector<int>& inputs, const std::vector<int>& outputs,
                  const LoopDescription& loop, double work, bool after);
    // `body` must be sealed, and is this line's alone from now on.
    void add_scan(const std::vector<int>& inputs, const std::vector<int>& outputs,
                  std::shared_ptr<CompiledProgram> body, const ScanDescription& scan, double work);
    void add_output(int value);
    // When the run ends, the value is copied to a state.
    void add_copy(int value, int state);
    // Lines up to now make the value; if it is false, the run ends there.
    void set_guard(int value);
    void seal(std::int64_t arena_bytes);

    // The same program with memory of its own (copies.cpp).
    std::unique_ptr<CompiledProgram> copy() const;

    // Running, one caller at a time: see copies.h. Arrays are bound first, in the order of their numbers; the
    // caller vouches for their sizes.
    void bind_input(std::size_t number, void* data);
    void bind_state(std::size_t number, void* data);
    void bind_output(std::size_t number, void* to) { output_targets_[number] = to; }  // null: not wanted
    // True unless the guard is false.
    bool run();
    // From now on without the help of other threads.
    void be_alone() { is_alone_ = true; }

    // From now on each run adds up how long its lines take, in the order of the lines that run. A loop counts
    // with the line it is the end of.
    void time_lines() { nanoseconds_.assign(before_guard_.size() + after_guard_.size(), 0); }
    const std::vector<std::int64_t>& nanoseconds() const { return nanoseconds_; }

    const std::vector<Array>& inputs() const { return inputs_; }  // shapes and types by number
    const std::vector<Array>& states() const { return states_; }
    std::vector<Array> outputs() const;
    const std::string& isa() const { return isa_; }
    double work() const { return work_; }
    std::size_t bytes() const;
    bool has_guard() const { return guard_ >= 0; }

  private:
    friend class Borrowed;

    struct OwnedLine {
        std::vector<Array> inputs, outputs;
        std::vector<int> input_values, output_values;
        std::vector<NamedNumbers> settings;
        std::vector<Setting> setting_views;
        std::unique_ptr<OwnedLoop> loop;
        LoopDescription description;  // of the loop, if it is one
        std::unique_ptr<Scan> scan;
        double own_work = 0;  // without that of a loop at its end
        Arena plan;
        Line line;
        bool once = false;      // without inputs: runs when the program is sealed
        bool attached = false;  // runs as the end of another line
    };

    OwnedLine& new_line(const std::string& kernel, const std::vector<int>& inputs,
                        const std::vector<int>& outputs, double work);
    const Array& value(int number) const;
    void place_values(OwnedLine& line);
    void prepare(OwnedLine& line);
    void remember(Array& array, int value);
    void run_lines(const std::vector<const Line*>& lines, std::size_t first);
    void copy_outputs() const;
    void copy_states();

    std::string isa_;
    std::mutex lending_;
    bool is_lent_ = false;
    std::vector<std::unique_ptr<CompiledProgram>> free_copies_;
    Arena arena_, scratch_, staging_;
    std::vector<Array> values_;
    std::vector<std::pair<Place, std::int64_t>> places_;
    std::vector<Array> inputs_, states_;
    std::vector<std::vector<Array*>> input_uses_, state_uses_;
    std::vector<int> outputs_;
    std::vector<void*> output_targets_;
    std::vector<std::pair<int, int>> copies_;
    std::deque<OwnedLine> lines_;
    std::vector<const Line*> before_guard_, after_guard_;
    std::vector<std::int64_t> nanoseconds_;  // by line; empty unless lines are timed
    std::size_t guarded_lines_ = 0;
    int guard_ = -1;
    double work_ = 0;
    bool sealed_ = false, is_alone_ = false;
};

}  // namespace pippin
