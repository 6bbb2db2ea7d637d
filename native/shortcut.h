// Calls that were made before and can be made again at once: one array in, one array out, the states where
// they were. Everything else is for Python to sort out.
#pragma once
#include <memory>

#include "buffers.h"
#include "copies.h"
#include "cpu.h"
#include "run.h"

namespace pippin {

// Below this many operations a run is over before the lock of the interpreter could be of use to anybody
// else.
constexpr double work_worth_unlocking = 200e3;

// Binds a program's arrays and runs it once; true unless its guard is false. `mutex` is held meanwhile.
template <class Bind> bool run_once(std::mutex& mutex, CompiledProgram& compiled, Bind bind) {
    const auto go = [&] {
        const std::lock_guard<std::mutex> hold(mutex);
        const Borrowed own(compiled);
        const DenormalsAreZero denormals_are_zero;
        bind(*own);
        return own->run();
    };
    if (compiled.work() < work_worth_unlocking) return go();
    const nb::gil_scoped_release unlocked;
    return go();
}

class Shortcut {
  public:
    // `present` is a list of one object, which somebody replaces when anything changes that a call rests on;
    // `array_type` and `empty` are NumPy's.
    Shortcut(nb::list present, nb::object array_type, nb::object empty)
        : present_(std::move(present)), array_type_(std::move(array_type)), empty_(std::move(empty)) {}

    // Remembers a call with these keywords, all of them None, true or false. `then` was present before the
    // states were looked up. `input_type`, `output_shape` and `output_type` are NumPy's for the same arrays.
    void keep(const nb::object& then, nb::dict keywords, nb::object owner, std::mutex& mutex,
              CompiledProgram& compiled, nb::list states, const std::vector<Buffer>& state_memory,
              nb::object input_type, nb::object output_shape, nb::object output_type) {
        if (compiled.inputs().size() != 1 || compiled.outputs().size() != 1 || compiled.has_guard())
            refuse("a shortcut needs a program with one input, one output and no guard");
        forget_unless_present();
        if (!is_present(then)) return;
        std::erase_if(calls_, [&](const std::shared_ptr<const Call>& call) {
            return &call->compiled == &compiled && are_same(keywords, call->keywords);
        });
        if (calls_.size() == most_calls) calls_.erase(calls_.begin());
        std::vector<void*> memory;
        for (const Buffer& buffer : state_memory) memory.push_back(buffer.data());
        calls_.push_back(std::make_shared<const Call>(
            Call{std::move(keywords), std::move(owner), mutex, compiled, std::move(states), std::move(memory),
                 std::move(input_type), std::move(output_shape), std::move(output_type)}));
    }

    // The result of a call that was kept, or None.
    nb::object take(const nb::tuple& arguments, const nb::dict& keywords) {
        PyObject* array = arguments.size() == 1 ? PyTuple_GetItem(arguments.ptr(), 0) : nullptr;
        if (!array || reinterpret_cast<PyObject*>(Py_TYPE(array)) != array_type_.ptr()) return nb::none();
        forget_unless_present();
        if (calls_.empty()) return nb::none();
        const nb::object type = nb::steal(PyObject_GetAttr(array, dtype_.ptr()));
        const Memory input(array, PyBUF_C_CONTIGUOUS);
        if (!input.is_there) return nb::none();
        for (const std::shared_ptr<const Call>& call : calls_)
            if (call->input_type.ptr() == type.ptr() && fits(input.view, call->compiled.inputs()[0]) &&
                are_same(keywords, call->keywords))
                return run(call, input.view.buf);
        return nb::none();
    }

  private:
    struct Call {
        nb::dict keywords;
        nb::object owner;  // of the mutex and of what is compiled
        std::mutex& mutex;
        CompiledProgram& compiled;
        nb::list states;  // kept alive, because `memory` is theirs
        std::vector<void*> memory;
        nb::object input_type, output_shape, output_type;
    };

    struct Memory {
        Py_buffer view{};
        bool is_there;
        Memory(PyObject* array, int flags) : is_there(PyObject_GetBuffer(array, &view, flags) == 0) {
            if (!is_there) PyErr_Clear();
        }
        ~Memory() {
            if (is_there) PyBuffer_Release(&view);
        }
        Memory(const Memory&) = delete;
        Memory& operator=(const Memory&) = delete;
    };

    static constexpr std::size_t most_calls = 16;

    bool is_present(const nb::object& then) const { return PyList_GetItem(present_.ptr(), 0) == then.ptr(); }

    void forget_unless_present() {
        if (is_present(seen_)) return;
        calls_.clear();
        seen_ = nb::borrow(PyList_GetItem(present_.ptr(), 0));
    }

    static bool fits(const Py_buffer& view, const Array& wanted) {
        if (view.ndim != wanted.rank) return false;
        for (int axis = 0; axis < view.ndim; ++axis)
            if (view.shape[axis] != wanted.shape[axis]) return false;
        return true;
    }

    // The values are single objects of the interpreter.
    static bool are_same(const nb::dict& given, const nb::dict& kept) {
        if (given.size() != kept.size()) return false;
        if (!given.size()) return true;
        for (const auto& [name, value] : kept)
            if (PyDict_GetItem(given.ptr(), name.ptr()) != value.ptr()) return false;
        return true;
    }

    // A copy of the pointer, because Python code that runs meanwhile may make us forget the call.
    nb::object run(const std::shared_ptr<const Call> call, void* input) const {
        PyObject* how[] = {call->output_shape.ptr(), call->output_type.ptr()};
        nb::object made = nb::steal(PyObject_Vectorcall(empty_.ptr(), how, 2, nullptr));
        if (!made) nb::raise_python_error();
        const Memory output(made.ptr(), PyBUF_WRITABLE);
        if (!output.is_there) refuse("a new array has no memory");
        run_once(call->mutex, call->compiled, [&](CompiledProgram& compiled) {
            compiled.bind_input(0, input);
            for (std::size_t i = 0; i < call->memory.size(); ++i) compiled.bind_state(i, call->memory[i]);
            compiled.bind_output(0, output.view.buf);
        });
        return made;
    }

    nb::list present_;
    nb::object array_type_, empty_, seen_;
    nb::str dtype_{"dtype"};
    std::vector<std::shared_ptr<const Call>> calls_;
};

}  // namespace pippin
