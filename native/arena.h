// Memory of a program: one block, aligned for vectors and zero at first, taken when the program is compiled.
#pragma once
#include <cstddef>
#include <cstring>
#include <new>
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace pippin {

class Arena {
  public:
    static constexpr std::size_t alignment = 64;

    Arena() = default;
    explicit Arena(std::size_t bytes)
        : alignment_(bytes < large_page ? alignment : large_page),
          data_(static_cast<char*>(::operator new(bytes ? bytes : 1, std::align_val_t{alignment_}))),
          bytes_(bytes) {
#if defined(__linux__)
        // Where a program walks through many megabytes, pages of 4 KiB cost it a fifth of its time in looking
        // them up.
        if (bytes >= large_page) madvise(data_, bytes / large_page * large_page, MADV_HUGEPAGE);
#endif
        std::memset(data_, 0, bytes);
    }
    ~Arena() { release(); }
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;
    Arena(Arena&& other) noexcept : alignment_(other.alignment_), data_(other.data_), bytes_(other.bytes_) {
        other.data_ = nullptr;
    }
    Arena& operator=(Arena&& other) noexcept {
        if (this != &other) {
            release();
            alignment_ = other.alignment_;
            data_ = other.data_;
            bytes_ = other.bytes_;
            other.data_ = nullptr;
        }
        return *this;
    }

    char* data() const { return data_; }
    std::size_t bytes() const { return bytes_; }

  private:
    static constexpr std::size_t large_page = 2 * 1024 * 1024;

    void release() {
        if (data_) ::operator delete(data_, std::align_val_t{alignment_});
    }

    std::size_t alignment_ = alignment;
    char* data_ = nullptr;
    std::size_t bytes_ = 0;
};

}  // namespace pippin
