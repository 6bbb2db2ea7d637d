// Arrays that come in from Python: their memory, held while it is in use, after a check of type, shape, order
// and writability.
#pragma once
#include <nanobind/nanobind.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "program.h"

namespace pippin {

namespace nb = nanobind;

// By number, in the order of Type; the last two are only types of data.
constexpr const char* type_names[] = {"float32", "int32", "uint32", "uint8", "bool", "float64", "int64"};

[[noreturn]] inline void refuse(const std::string& words) {
    throw std::invalid_argument(words);
}

inline Type type_of(const std::string& name) {
    for (std::int32_t i = 0; i < 5; ++i)
        if (name == type_names[i]) return static_cast<Type>(i);
    refuse("the native engine knows no type '" + name + "'");
}

// float32[20,16]
template <class Extent> std::string text(const char* type, int rank, Extent extent) {
    std::string words = type;
    words += '[';
    for (int axis = 0; axis < rank; ++axis) {
        if (axis) words += ',';
        words += std::to_string(extent(axis));
    }
    words += ']';
    return words;
}

inline std::string text(const Array& array) {
    return text(type_names[static_cast<int>(array.type)], array.rank,
                [&](int axis) { return array.shape[axis]; });
}

// The memory of a Python array, held while it is in use.
class Buffer {
  public:
    // Asking for the type costs more than all the rest.
    Buffer(PyObject* object, bool writable, bool with_type, const char* kind, const std::string& name) {
        const int flags =
            PyBUF_C_CONTIGUOUS | (with_type ? PyBUF_FORMAT : 0) | (writable ? PyBUF_WRITABLE : 0);
        if (PyObject_GetBuffer(object, &view_, flags) != 0) {
            PyErr_Clear();
            refuse(std::string(kind) + " '" + name + "': expected a contiguous" +
                   (writable ? ", writable" : "") + " array of numbers");
        }
    }
    Buffer(Buffer&& other) noexcept : view_(other.view_) { other.view_.obj = nullptr; }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    Buffer& operator=(Buffer&&) = delete;
    ~Buffer() {
        if (view_.obj) PyBuffer_Release(&view_);
    }

    void* data() const { return view_.buf; }
    int rank() const { return view_.ndim; }
    std::int64_t extent(int axis) const { return view_.shape[axis]; }
    std::int64_t bytes() const { return view_.len; }
    std::int64_t item_bytes() const { return view_.itemsize; }

    // -1 if it is none of them.
    int source() const {
        const char* format = view_.format ? view_.format : "B";
        if (*format == '@' || *format == '=') ++format;
        if (format[0] == 0 || format[1] != 0) return -1;
        const auto is = [&](const char* letters, Py_ssize_t size) {
            return std::strchr(letters, format[0]) && view_.itemsize == size;
        };
        if (is("f", 4)) return 0;
        if (is("il", 4)) return 1;
        if (is("IL", 4)) return 2;
        if (is("B", 1)) return 3;
        if (is("?", 1)) return 4;
        if (is("d", 8)) return 5;
        if (is("lq", 8)) return 6;
        return -1;
    }

    std::string words() const {
        const std::string unknown =
            std::string("numbers of an unknown type ") + (view_.format ? view_.format : "");
        return text(source() < 0 ? unknown.c_str() : type_names[source()], rank(),
                    [&](int axis) { return extent(axis); });
    }

  private:
    Py_buffer view_{};
};

// The memory of arrays that must have the wanted types and shapes. `known` arrays have shown their type
// before.
inline std::vector<Buffer> take(const nb::list& objects, const std::vector<Array>& wanted,
                                const std::vector<std::string>& names, bool writable, const char* kind,
                                std::vector<nb::object>* known = nullptr) {
    if (objects.size() != wanted.size())
        refuse(std::string("expected ") + std::to_string(wanted.size()) + " arrays as " + kind +
               ", received " + std::to_string(objects.size()));
    if (known) known->resize(wanted.size());
    std::vector<Buffer> buffers;
    buffers.reserve(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        PyObject* object = PyList_GetItem(objects.ptr(), static_cast<Py_ssize_t>(i));
        const bool is_known = known && (*known)[i].ptr() == object;
        const Buffer& buffer = buffers.emplace_back(object, writable, !is_known, kind, names[i]);
        const Array& array = wanted[i];
        const bool right_type = is_known
                                    ? buffer.item_bytes() == static_cast<std::int64_t>(bytes_of(array.type))
                                    : buffer.source() == static_cast<int>(array.type);
        bool fits = right_type && buffer.rank() == array.rank;
        for (int axis = 0; fits && axis < array.rank; ++axis) fits = buffer.extent(axis) == array.shape[axis];
        if (!fits)
            refuse(std::string(kind) + " '" + names[i] + "': expected " + text(array) + ", received " +
                   buffer.words());
        if (known && !is_known) (*known)[i] = nb::borrow(object);
    }
    return buffers;
}

// No two states may be the same memory: each is written.
inline void must_not_overlap(const std::vector<Buffer>& written, const std::vector<std::string>& names) {
    const auto begin = [&](std::size_t i) { return static_cast<const char*>(written[i].data()); };
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < written.size(); ++i)
        if (written[i].bytes()) order.push_back(i);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return begin(a) < begin(b); });
    for (std::size_t i = 1; i < order.size(); ++i)
        if (begin(order[i - 1]) + written[order[i - 1]].bytes() > begin(order[i]))
            refuse("state '" + names[order[i]] + "': its memory is also that of state '" +
                   names[order[i - 1]] + "'");
}

}  // namespace pippin
