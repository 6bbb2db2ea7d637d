// Carried values alternate between two buffers, slices are bound by pointer: no number is moved that needn't be.
#include "scan.h"

#include <cstring>
#include <stdexcept>
#include <string>

#include "run.h"

namespace pippin {
namespace {

void require(bool is_true, const std::string& words) {
    if (!is_true) throw std::invalid_argument(words);
}

std::size_t bytes_of(const Array& array) {
    return static_cast<std::size_t>(array.size) * pippin::bytes_of(array.type);
}

std::size_t rounded(std::size_t bytes) { return (bytes + Arena::alignment - 1) / Arena::alignment * Arena::alignment; }

}  // namespace

Scan::Scan(std::shared_ptr<CompiledProgram> body, ScanDescription description, const Line& line)
    : body_(std::move(body)), description_(std::move(description)) {
    const ScanDescription& d = description_;
    const std::size_t inputs = static_cast<std::size_t>(line.input_count),
                      outputs = static_cast<std::size_t>(line.output_count);
    require(d.length >= 0 && d.carried >= 0 && d.sliced >= 0 && d.carried + d.sliced <= line.input_count &&
                d.carried <= line.output_count,
            "a scan has other arrays than it says");
    require(d.straight.size() == outputs && d.copied.size() == outputs &&
                d.follows.size() == static_cast<std::size_t>(d.carried),
            "a scan describes another number of outputs than it has");
    require(!body_->has_guard() && body_->states().empty(), "the body of a scan has a guard or states");
    require(body_->inputs().size() >= inputs, "the body of a scan has too few inputs");
    const std::int64_t length = d.length;
    for (std::size_t i = 0; i < inputs; ++i) {
        const bool is_slice = i >= static_cast<std::size_t>(d.carried) && i < static_cast<std::size_t>(d.carried + d.sliced);
        require(line.inputs[i].size == body_->inputs()[i].size * (is_slice ? length : 1),
                "an input of a scan has another size than its body's");
    }
    const std::vector<Array> copied = body_->outputs();
    for (std::size_t k = 0; k < outputs; ++k) {
        const std::int64_t steps = k < static_cast<std::size_t>(d.carried) ? 1 : length;
        const std::int32_t follows = k < d.follows.size() ? d.follows[k] : -1;
        require(follows == -1 || (follows >= d.carried && follows < line.output_count), "a carried value follows nothing");
        if (follows >= 0) continue;
        const std::size_t from = static_cast<std::size_t>(d.copied[k]);
        require(d.straight[k] ? inputs + k < body_->inputs().size() : from < copied.size(),
                "an output of a scan is not made by its body");
        const std::int64_t size = d.straight[k] ? body_->inputs()[inputs + k].size : copied[from].size;
        require(line.outputs[k].size == size * steps, "an output of a scan has another size than its body's");
    }
    std::size_t bytes = 0;
    for (std::size_t k = 0; k < static_cast<std::size_t>(d.carried); ++k) {
        offsets_.push_back(bytes);
        bytes += 2 * rounded(bytes_of(line.inputs[k]));
    }
    buffers_ = Arena(bytes);
    now_.resize(static_cast<std::size_t>(d.carried));
    next_.resize(static_cast<std::size_t>(d.carried));
    plan_ = {[](void* scan, const Line& line) { static_cast<Scan*>(scan)->run(line); }, this};
}

std::size_t Scan::bytes() const { return buffers_.bytes() + body_->bytes(); }

void Scan::bind_step(const Line& line, std::int64_t step, std::int64_t t) {
    const ScanDescription& d = description_;
    const std::size_t carried = static_cast<std::size_t>(d.carried), inputs = static_cast<std::size_t>(line.input_count);
    const auto slice = [&](const Array& stack) {
        return stack.as<char>() + bytes_of(stack) / static_cast<std::size_t>(d.length) * static_cast<std::size_t>(t);
    };
    for (std::size_t k = 0; k < carried; ++k) body_->bind_input(k, now_[k]);
    for (std::size_t i = carried; i < carried + static_cast<std::size_t>(d.sliced); ++i)
        body_->bind_input(i, slice(line.inputs[i]));
    for (std::size_t k = 0; k < static_cast<std::size_t>(line.output_count); ++k) {
        char* to;
        if (k >= carried) {
            to = slice(line.outputs[k]);
        } else if (d.follows[k] >= 0) {
            next_[k] = slice(line.outputs[static_cast<std::size_t>(d.follows[k])]);
            continue;
        } else {
            to = step + 1 == d.length ? line.outputs[k].as<char>()
                                      : buffers_.data() + offsets_[k] + (step % 2 ? rounded(bytes_of(line.inputs[k])) : 0);
            next_[k] = to;
        }
        if (d.straight[k])
            body_->bind_input(inputs + k, to);
        else
            body_->bind_output(static_cast<std::size_t>(d.copied[k]), to);
    }
}

void Scan::run(const Line& line) {
    const ScanDescription& d = description_;
    const std::size_t carried = static_cast<std::size_t>(d.carried);
    for (std::size_t k = 0; k < carried; ++k) now_[k] = line.inputs[k].as<char>();
    for (std::size_t i = carried + static_cast<std::size_t>(d.sliced); i < static_cast<std::size_t>(line.input_count); ++i)
        body_->bind_input(i, line.inputs[i].data);
    for (std::int64_t step = 0; step < d.length; ++step) {
        bind_step(line, step, d.reverse ? d.length - 1 - step : step);
        body_->run();
        now_.swap(next_);
    }
    for (std::size_t k = 0; k < carried; ++k)
        if (now_[k] != line.outputs[k].data) std::memcpy(line.outputs[k].data, now_[k], bytes_of(line.outputs[k]));
}

}  // namespace pippin
