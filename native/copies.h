// Programs that several threads run at once: each borrows a copy, with a memory of its own.
#pragma once
#include <memory>

#include "run.h"

namespace pippin {

// A program for one caller alone, as long as this lives: the given one if nobody has it, else a copy of it.
// Copies are made when they are first needed, as many as there were callers at once, and kept.
class Borrowed {
  public:
    explicit Borrowed(CompiledProgram& program);
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;
    ~Borrowed();

    CompiledProgram& operator*() const { return copy_ ? *copy_ : program_; }
    CompiledProgram* operator->() const { return &**this; }

  private:
    CompiledProgram& program_;
    std::unique_ptr<CompiledProgram> copy_;
};

}  // namespace pippin
