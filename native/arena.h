// Memory of a program: one block, aligned for vectors and zero at first, taken when the program is compiled.
#pragma once
#include <cstddef>
#include <cstring>
#include <new>

namespace pippin {

class Arena {
  public:
    static constexpr std::size_t alignment = 64;

    Arena() = default;
    explicit Arena(std::size_t bytes)
        : data_(static_cast<char*>(::operator new(bytes ? bytes : 1, std::align_val_t{alignment}))),
          bytes_(bytes) {
        std::memset(data_, 0, bytes);
    }
    ~Arena() { release(); }
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;
    Arena(Arena&& other) noexcept : data_(other.data_), bytes_(other.bytes_) { other.data_ = nullptr; }
    Arena& operator=(Arena&& other) noexcept {
        if (this != &other) {
            release();
            data_ = other.data_;
            bytes_ = other.bytes_;
            other.data_ = nullptr;
        }
        return *this;
    }

    char* data() const { return data_; }
    std::size_t bytes() const { return bytes_; }

  private:
    void release() {
        if (data_) ::operator delete(data_, std::align_val_t{alignment});
    }

    char* data_ = nullptr;
    std::size_t bytes_ = 0;
};

}  // namespace pippin
