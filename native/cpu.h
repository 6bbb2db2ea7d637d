// What is asked of the processor itself: to pause while waiting, and to treat numbers too small for full
// precision as 0.
#pragma once
#include <cstdint>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace pippin {

inline void pause_briefly() {
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

// While one of these lives, denormal numbers count as 0 in this thread: they appear when training dies out,
// and cost a hundred times a normal number. The caller's setting comes back at the end, because Python's own
// numbers need it.
class DenormalsAreZero {
  public:
    DenormalsAreZero() : before_(get()) {
#if defined(__x86_64__)
        set(before_ | 0x8040);  // flush results to zero, read operands as zero
#elif defined(__aarch64__)
        set(before_ | (1ull << 24));
#endif
    }
    ~DenormalsAreZero() { set(before_); }
    DenormalsAreZero(const DenormalsAreZero&) = delete;
    DenormalsAreZero& operator=(const DenormalsAreZero&) = delete;

  private:
#if defined(__x86_64__)
    using Control = unsigned;
    static Control get() { return _mm_getcsr(); }
    static void set(Control value) { _mm_setcsr(value); }
#elif defined(__aarch64__)
    using Control = std::uint64_t;
    static Control get() {
        Control value;
        asm volatile("mrs %0, fpcr" : "=r"(value));
        return value;
    }
    static void set(Control value) { asm volatile("msr fpcr, %0" ::"r"(value)); }
#else
    using Control = int;
    static Control get() { return 0; }
    static void set(Control) {}
#endif
    Control before_;
};

}  // namespace pippin
