// Making and lending copies of a program. A copy is built from what the program was built from.
#include "copies.h"

#include <cstring>

namespace pippin {

std::unique_ptr<CompiledProgram> CompiledProgram::copy() const {
    auto made = std::make_unique<CompiledProgram>(isa_);
    for (std::size_t i = 0; i < values_.size(); ++i) {
        const Array& array = values_[i];
        made->add_value({array.shape, array.shape + array.rank}, array.type, places_[i].first,
                        places_[i].second);
    }
    for (const OwnedLine& line : lines_) {
        if (line.loop)
            made->add_loop(line.input_values, line.output_values, line.description, line.own_work,
                           line.attached);
        else if (line.scan)
            made->add_scan(line.input_values, line.output_values, line.scan->body().copy(),
                           line.scan->description(), line.own_work);
        else
            made->add_line(line.line.kernel->name, line.input_values, line.output_values, line.settings,
                           line.own_work);
    }
    for (int number : outputs_) made->add_output(number);
    for (const auto& [from, state] : copies_) made->add_copy(from, state);
    made->guard_ = guard_;
    made->guarded_lines_ = guarded_lines_;
    made->seal(static_cast<std::int64_t>(arena_.bytes()));
    // Lines that run once did so where very small numbers may have been kept; here they may be zeros.
    auto to = made->lines_.begin();
    for (auto from = lines_.begin(); from != lines_.end(); ++from, ++to)
        if (from->once)
            std::memcpy(to->outputs[0].data, from->outputs[0].data,
                        static_cast<std::size_t>(from->outputs[0].size) * bytes_of(from->outputs[0].type));
    return made;
}

Borrowed::Borrowed(CompiledProgram& program) : program_(program) {
    {
        const std::lock_guard<std::mutex> hold(program.lending_);
        if (!program.is_lent_) {
            program.is_lent_ = true;
            return;
        }
        if (!program.free_copies_.empty()) {
            copy_ = std::move(program.free_copies_.back());
            program.free_copies_.pop_back();
            return;
        }
    }
    copy_ = program.copy();
}

Borrowed::~Borrowed() {
    const std::lock_guard<std::mutex> hold(program_.lending_);
    if (copy_)
        program_.free_copies_.push_back(std::move(copy_));
    else
        program_.is_lent_ = false;
}

}  // namespace pippin
