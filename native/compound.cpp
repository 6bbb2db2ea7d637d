// Trees of compounds are compared with the steps of a loop from the last step backwards, larger trees first.
#include "compound.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "table.h"

namespace pippin {
namespace {

// "add(a, multiply(b, c))", read into its parts: a letter, or a name and its operands.
struct Tree {
    std::string name;
    std::vector<Tree> operands;
    int letter = -1;

    explicit Tree(const char*& text) {
        while (*text == ' ' || *text == ',') ++text;
        while ((*text >= 'a' && *text <= 'z') || *text == '_') name += *text++;
        if (*text != '(') {
            letter = name[0] - 'a';
            return;
        }
        for (++text; *text != ')';) operands.emplace_back(text);
        ++text;
    }

    int size() const {
        int found = letter < 0;
        for (const Tree& operand : operands) found += operand.size();
        return found;
    }
};

struct Compound {
    Tree tree;
    Block block;
};

// Of one instruction set, those of the most operations first.
const std::vector<Compound>& known(const std::string& isa) {
    static std::mutex mutex;
    static std::map<std::string, std::vector<Compound>> by_isa;
    const std::lock_guard<std::mutex> hold(mutex);
    const auto [place, is_new] = by_isa.try_emplace(isa);
    if (is_new) {
        for (const CompoundEntry* entry : compounds(isa)) {
            const char* text = entry->tree;
            place->second.push_back({Tree(text), entry->block});
        }
        std::stable_sort(place->second.begin(), place->second.end(),
                         [](const Compound& a, const Compound& b) { return a.tree.size() > b.tree.size(); });
    }
    return place->second;
}

struct Match {
    std::vector<std::int32_t> operands, inner;  // by letter; steps that are joined with the last one
};

class Finder {
  public:
    explicit Finder(const LoopDescription& loop)
        : loop_(loop),
          base_(static_cast<std::int32_t>(loop.operands.size())),
          uses_(loop.operands.size() + loop.steps.size()) {
        for (const LoopDescription::Step& step : loop.steps)
            for (std::int32_t value : step.operands) ++uses_[static_cast<std::size_t>(value)];
        for (const LoopDescription::Result& result : loop.results)
            uses_[static_cast<std::size_t>(result.value)] += 2;
    }

    bool find(const Tree& tree, std::int32_t step, Match& match) const {
        match = {std::vector<std::int32_t>(most_step_operands, -1), {}};
        const LoopDescription::Step& last = at(step);
        return last.to == Type::float32 && is_same(tree, base_ + step, last, true, match);
    }

  private:
    const LoopDescription::Step& at(std::int32_t step) const {
        return loop_.steps[static_cast<std::size_t>(step)];
    }

    bool is_same(const Tree& tree, std::int32_t value, const LoopDescription::Step& last, bool is_last,
                 Match& match) const {
        if (tree.letter >= 0) {
            std::int32_t& bound = match.operands[static_cast<std::size_t>(tree.letter)];
            if (bound >= 0) return bound == value;
            bound = value;
            return true;
        }
        if (value < base_) return false;
        const LoopDescription::Step& step = at(value - base_);
        if (step.name != tree.name || step.from != Type::float32 || step.rowwise ||
            step.column != last.column || step.operands.size() != tree.operands.size() ||
            (!is_last && uses_[static_cast<std::size_t>(value)] != 1))
            return false;
        if (!is_last) match.inner.push_back(value - base_);
        for (std::size_t i = 0; i < tree.operands.size(); ++i)
            if (!is_same(tree.operands[i], step.operands[i], last, false, match)) return false;
        return true;
    }

    const LoopDescription& loop_;
    std::int32_t base_;
    std::vector<int> uses_;
};

}  // namespace

LoopDescription combined(const std::string& isa, const LoopDescription& loop) {
    const auto in_range = [&](std::int32_t value) {
        return value >= 0 && value < static_cast<std::int32_t>(loop.operands.size() + loop.steps.size());
    };
    for (const LoopDescription::Step& step : loop.steps)
        if (!std::all_of(step.operands.begin(), step.operands.end(), in_range)) return loop;  // refused later
    for (const LoopDescription::Result& result : loop.results)
        if (!in_range(result.value)) return loop;
    const Finder finder(loop);
    std::vector<LoopDescription::Step> steps = loop.steps;
    std::vector<bool> joined(steps.size(), false);
    for (std::size_t step = steps.size(); step-- > 0;) {
        if (joined[step]) continue;
        Match match;
        for (const Compound& compound : known(isa)) {
            if (!finder.find(compound.tree, static_cast<std::int32_t>(step), match)) continue;
            match.operands.erase(std::remove(match.operands.begin(), match.operands.end(), -1),
                                 match.operands.end());
            steps[step].operands = match.operands;
            steps[step].compound = compound.block;
            for (std::int32_t inner : match.inner) joined[static_cast<std::size_t>(inner)] = true;
            break;
        }
    }
    // The steps that are left, counted anew.
    const std::int32_t base = static_cast<std::int32_t>(loop.operands.size());
    std::vector<std::int32_t> number(loop.operands.size() + steps.size());
    for (std::int32_t value = 0; value < base; ++value) number[static_cast<std::size_t>(value)] = value;
    LoopDescription found{loop.rows, loop.columns, loop.operands, {}, loop.results};
    for (std::size_t step = 0; step < steps.size(); ++step) {
        if (joined[step]) continue;
        number[loop.operands.size() + step] = base + static_cast<std::int32_t>(found.steps.size());
        found.steps.push_back(steps[step]);
    }
    for (LoopDescription::Step& step : found.steps)
        for (std::int32_t& value : step.operands) value = number[static_cast<std::size_t>(value)];
    for (LoopDescription::Result& result : found.results)
        result.value = number[static_cast<std::size_t>(result.value)];
    return found;
}

}  // namespace pippin
