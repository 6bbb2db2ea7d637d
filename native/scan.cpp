// Carried values alternate between two buffers, slices are bound by pointer: no number is moved that needn't
// be.
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

std::size_t rounded(std::size_t bytes) {
    return (bytes + Arena::alignment - 1) / Arena::alignment * Arena::alignment;
}

}  // namespace

Scan::Scan(std::shared_ptr<CompiledProgram> body, ScanDescription description, const Line& line)
    : description_(std::move(description)) {
    const ScanDescription& d = description_;
    const std::size_t inputs = static_cast<std::size_t>(line.input_count),
                      outputs = static_cast<std::size_t>(line.output_count);
    require(d.length >= 0 && d.carried >= 0 && d.sliced >= 0 && d.carried + d.sliced <= line.input_count &&
                d.carried <= line.output_count && d.parts >= 1,
            "a scan has other arrays than it says");
    require(d.straight.size() == outputs && d.copied.size() == outputs &&
                d.follows.size() == static_cast<std::size_t>(d.carried),
            "a scan describes another number of outputs than it has");
    require(!body->has_guard() && body->states().empty(), "the body of a scan has a guard or states");
    require(body->inputs().size() >= inputs, "the body of a scan has too few inputs");
    const std::size_t carried = static_cast<std::size_t>(d.carried),
                      sliced = static_cast<std::size_t>(d.sliced);
    for (std::size_t i = 0; i < inputs; ++i) {
        const std::int64_t steps = i >= carried && i < carried + sliced ? d.length : 1;
        require(line.inputs[i].size == body->inputs()[i].size * steps * (i < carried + sliced ? d.parts : 1),
                "an input of a scan has another size than its body's");
    }
    const std::vector<Array> copied = body->outputs();
    for (std::size_t k = 0; k < outputs; ++k) {
        const std::int64_t steps = k < carried ? 1 : d.length;
        const std::int32_t follows = k < carried ? d.follows[k] : -1;
        require(follows == -1 || (follows >= d.carried && follows < line.output_count),
                "a carried value follows nothing");
        if (follows >= 0) continue;
        const std::size_t from = static_cast<std::size_t>(d.copied[k]);
        require(d.straight[k] ? inputs + k < body->inputs().size() : from < copied.size(),
                "an output of a scan is not made by its body");
        const std::int64_t size = d.straight[k] ? body->inputs()[inputs + k].size : copied[from].size;
        require(line.outputs[k].size == size * steps * d.parts,
                "an output of a scan has another size than its body's");
    }
    std::size_t bytes = 0;
    for (std::size_t k = 0; k < carried; ++k) {
        offsets_.push_back(bytes);
        bytes += 2 * rounded(part_of(line.inputs[k]));
    }
    for (std::int32_t part = 0; part < d.parts; ++part) {
        std::shared_ptr<CompiledProgram> own = part ? parts_[0].body->copy() : std::move(body);
        if (d.parts > 1) own->be_alone();
        parts_.push_back(
            {std::move(own), Arena(bytes), std::vector<char*>(carried), std::vector<char*>(carried)});
    }
    plan_ = {[](void* scan, const Line& line, std::int64_t first, std::int64_t last) {
                 for (std::int64_t part = first; part < last; ++part)
                     static_cast<Scan*>(scan)->run(line, part);
             },
             this, d.parts};
}

std::size_t Scan::bytes() const {
    std::size_t found = 0;
    for (const Part& part : parts_) found += part.buffers.bytes() + part.body->bytes();
    return found;
}

// Bytes of a part's rows in an array of one step.
std::size_t Scan::part_of(const Array& array) const {
    return bytes_of(array) / static_cast<std::size_t>(description_.parts);
}

void Scan::bind_step(const Line& line, std::int64_t number, std::int64_t step, std::int64_t t) {
    const ScanDescription& d = description_;
    Part& part = parts_[static_cast<std::size_t>(number)];
    const std::size_t carried = static_cast<std::size_t>(d.carried),
                      inputs = static_cast<std::size_t>(line.input_count);
    const auto slice = [&](const Array& stack) {
        const std::size_t rows = part_of(stack) / static_cast<std::size_t>(d.length);
        return stack.as<char>() + rows * static_cast<std::size_t>(t * d.parts + number);
    };
    for (std::size_t k = 0; k < carried; ++k) part.body->bind_input(k, part.now[k]);
    for (std::size_t i = carried; i < carried + static_cast<std::size_t>(d.sliced); ++i)
        part.body->bind_input(i, slice(line.inputs[i]));
    for (std::size_t k = 0; k < static_cast<std::size_t>(line.output_count); ++k) {
        char* to;
        if (k >= carried) {
            to = slice(line.outputs[k]);
        } else if (d.follows[k] >= 0) {
            part.next[k] = slice(line.outputs[static_cast<std::size_t>(d.follows[k])]);
            continue;
        } else {
            const std::size_t rows = part_of(line.outputs[k]);
            to = step + 1 == d.length ? line.outputs[k].as<char>() + rows * static_cast<std::size_t>(number)
                                      : part.buffers.data() + offsets_[k] + (step % 2 ? rounded(rows) : 0);
            part.next[k] = to;
        }
        if (d.straight[k])
            part.body->bind_input(inputs + k, to);
        else
            part.body->bind_output(static_cast<std::size_t>(d.copied[k]), to);
    }
}

void Scan::run(const Line& line, std::int64_t number) {
    const ScanDescription& d = description_;
    Part& part = parts_[static_cast<std::size_t>(number)];
    const std::size_t carried = static_cast<std::size_t>(d.carried);
    const auto own = [&](const Array& array) {
        return array.as<char>() + part_of(array) * static_cast<std::size_t>(number);
    };
    for (std::size_t k = 0; k < carried; ++k) part.now[k] = own(line.inputs[k]);
    for (std::size_t i = carried + static_cast<std::size_t>(d.sliced);
         i < static_cast<std::size_t>(line.input_count); ++i)
        part.body->bind_input(i, line.inputs[i].data);
    for (std::int64_t step = 0; step < d.length; ++step) {
        bind_step(line, number, step, d.reverse ? d.length - 1 - step : step);
        part.body->run();
        part.now.swap(part.next);
    }
    for (std::size_t k = 0; k < carried; ++k)
        if (part.now[k] != own(line.outputs[k]))
            std::memcpy(own(line.outputs[k]), part.now[k], part_of(line.outputs[k]));
}

}  // namespace pippin
