// One pool of threads for the whole process. Each thread has its own share of a task's pieces, the same one
// for every task of as many pieces, so that what a thread made is still in its cache when it reads it;
// whoever is done early helps the others out. Which thread does which piece never shows in the results,
// because pieces are independent and cut by shape alone.
#include "threads.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif
#if defined(__linux__)
#include <sched.h>
#endif

#include "cpu.h"

namespace pippin {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int most_threads = 64;
// How long a helper waits awake for the next task. Waking a sleeping one takes 50 microseconds on a virtual
// machine, and the lines of a program that are too small to be shared are over sooner than this.
constexpr std::chrono::microseconds awake{200};
// A helper that keeps the others waiting for so long, and for the time of so many pieces, has lost its
// processor to somebody else.
constexpr std::chrono::microseconds stall{100};
constexpr int pieces_of_a_stall = 2;
// After a stall nobody helps for so many times as long: a busy machine costs at most a small part of the
// time.
constexpr int rest_after_stall = 8;
constexpr int spins_between_looks = 64;

// The unclaimed pieces [begin, end) of one thread's share, and the task they are of, in one word: a claim
// fails if any of them has changed.
struct Share {
    static constexpr int bits = 20;
    static constexpr std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
    alignas(64) std::atomic<std::uint64_t> word{0};

    static std::uint64_t pack(std::uint64_t task, std::int64_t begin, std::int64_t end) {
        return task << (2 * bits) | static_cast<std::uint64_t>(begin) << bits |
               static_cast<std::uint64_t>(end);
    }

    // A piece of the task: the first one for the owner, the last one for a helper. -1: none is left.
    std::int64_t claim(std::uint64_t task, bool first) {
        std::uint64_t seen = word.load(std::memory_order_acquire);
        for (;;) {
            const std::uint64_t begin = seen >> bits & mask, end = seen & mask;
            if (seen >> (2 * bits) != task || begin == end) return -1;
            const std::uint64_t next = first ? seen + (std::uint64_t{1} << bits) : seen - 1;
            if (word.compare_exchange_weak(seen, next, std::memory_order_acq_rel))
                return static_cast<std::int64_t>(first ? begin : end - 1);
        }
    }
};

constexpr std::int64_t most_pieces = Share::mask;
constexpr std::uint64_t task_numbers = std::uint64_t{1} << (64 - 2 * Share::bits);

// Which processor a thread runs on, and how to leave it to somebody else. A system wakes a helper on its
// waker's processor and may leave both there for long, each waiting for the other.
#if defined(__linux__)
int processor() {
    return sched_getcpu();
}

void leave(int processor) {
    static const cpu_set_t allowed = [] {
        cpu_set_t set;
        CPU_ZERO(&set);
        sched_getaffinity(0, sizeof set, &set);
        return set;
    }();
    cpu_set_t others = allowed;
    CPU_CLR(processor, &others);
    if (CPU_COUNT(&others) > 0) sched_setaffinity(0, sizeof others, &others);  // 0: the calling thread
}
#else
int processor() {
    return -1;
}
void leave(int) {}
#endif

class Pool {
  public:
    // May end up with fewer helpers than wanted, where the system refuses more threads.
    explicit Pool(int helpers) : shares_(std::make_unique<Share[]>(static_cast<std::size_t>(helpers) + 1)) {
        try {
            for (int i = 0; i < helpers; ++i) threads_.emplace_back([this, i] { help(i + 1); });
        } catch (const std::system_error&) {
        }
    }

    ~Pool() {
        stopping_.store(true);
        number_.fetch_add(1);
        number_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }

    int helpers() const { return static_cast<int>(threads_.size()); }

    void run(const Task& task, std::int64_t pieces) {
        if (is_resting_ && Clock::now() < rest_until_) return task.run(task.context, 0, pieces);
        is_resting_ = false;
        const std::uint64_t number = (number_.load(std::memory_order_relaxed) + 1) % task_numbers;
        task_ = task;
        callers_processor_.store(processor(), std::memory_order_relaxed);
        undone_.store(pieces, std::memory_order_relaxed);
        const std::int64_t count = helpers() + 1;
        for (std::int64_t i = 0; i < count; ++i)
            shares_[static_cast<std::size_t>(i)].word.store(
                Share::pack(number, pieces * i / count, pieces * (i + 1) / count), std::memory_order_release);
        number_.store(number, std::memory_order_seq_cst);
        if (asleep_.load(std::memory_order_seq_cst) > 0) number_.notify_all();
        const Clock::time_point began = Clock::now();
        const std::int64_t done = work(number, 0);
        if (undone_.load(std::memory_order_acquire) > 0) wait(began, done);
    }

  private:
    // All that is left of one task: first of the own share, then of the others'. Tells how many pieces it did.
    std::int64_t work(std::uint64_t number, int own) {
        const int count = helpers() + 1;
        std::int64_t done = 0;
        for (int i = 0; i < count; ++i) {
            Share& share = shares_[static_cast<std::size_t>((own + i) % count)];
            for (std::int64_t piece; (piece = share.claim(number, i == 0)) >= 0; ++done)
                task_.run(task_.context, piece, piece + 1);
        }
        if (done) undone_.fetch_sub(done, std::memory_order_acq_rel);
        return done;
    }

    // Until the helpers have finished the pieces they are at. The caller has just done `done` pieces of the
    // task, from `task_began` on.
    void wait(Clock::time_point task_began, std::int64_t done) {
        const Clock::time_point began = Clock::now();
        const Clock::duration piece = (began - task_began) / std::max<std::int64_t>(done, 1);
        const Clock::duration patience = std::max<Clock::duration>(stall, pieces_of_a_stall * piece);
        for (;;) {
            for (int i = 0; i < spins_between_looks; ++i) {
                if (undone_.load(std::memory_order_acquire) == 0) return;
                pause_briefly();
            }
            const Clock::duration waited = Clock::now() - began;
            if (waited < patience) continue;
            is_resting_ = true;
            rest_until_ = began + waited * (1 + rest_after_stall);
            std::this_thread::yield();  // let the helper have this processor
        }
    }

    void help(int own) {
        const DenormalsAreZero denormals_are_zero;
        std::uint64_t done = 0;
        while (!stopping_.load()) {
            const std::uint64_t number = await(done);
            if (number == done) continue;
            work(number, own);
            done = number;
        }
    }

    // The number of the next task: awake at first, then asleep.
    std::uint64_t await(std::uint64_t done) {
        const Clock::time_point until = Clock::now() + awake;
        do {
            make_room();
            for (int i = 0; i < spins_between_looks; ++i) {
                const std::uint64_t number = number_.load(std::memory_order_acquire);
                if (number != done) return number;
                pause_briefly();
            }
        } while (Clock::now() < until);
        asleep_.fetch_add(1, std::memory_order_seq_cst);
        if (!stopping_.load()) number_.wait(done, std::memory_order_seq_cst);
        asleep_.fetch_sub(1, std::memory_order_seq_cst);
        make_room();
        return number_.load(std::memory_order_acquire);
    }

    void make_room() const {
        const int caller = callers_processor_.load(std::memory_order_relaxed);
        if (caller >= 0 && caller == processor()) leave(caller);
    }

    std::unique_ptr<Share[]> shares_;  // the first is the caller's
    bool is_resting_ = false;
    Clock::time_point rest_until_;
    alignas(64) std::atomic<std::uint64_t> number_{0};  // of the latest task, and what it is
    Task task_{};
    std::atomic<int> callers_processor_{-1};
    alignas(64) std::atomic<std::int64_t> undone_{0};
    alignas(64) std::atomic<int> asleep_{0};
    std::atomic<bool> stopping_{false};
    std::vector<std::thread> threads_;
};

// Processors a container may use, by its quota of time; more threads than that would only wait for each
// other.
int allowed_by_quota() {
    long long quota = 0, period = 0;
#if defined(__linux__)
    if (std::FILE* file = std::fopen("/sys/fs/cgroup/cpu.max", "r")) {
        if (std::fscanf(file, "%lld %lld", &quota, &period) != 2) quota = 0;  // "max": no quota
        std::fclose(file);
    }
#endif
    return quota > 0 && period > 0 ? static_cast<int>((quota + period - 1) / period) : most_threads;
}

int available() {
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return std::min(CPU_COUNT(&set), allowed_by_quota());
#endif
    return static_cast<int>(std::thread::hardware_concurrency());
}

int limited(int count) {
    return count < 1 ? 1 : count > most_threads ? most_threads : count;
}

std::atomic<int>& wanted() {
    static std::atomic<int> count{limited(available())};
    return count;
}

// Whoever holds `owner` uses the pool. A forked child has none of the parent's threads: it forgets the pool,
// which can't be destroyed without them, and makes its own when it needs one.
std::atomic_flag owner;
Pool* pool = nullptr;

void before_fork() {
    while (owner.test_and_set(std::memory_order_acquire)) pause_briefly();
}
void after_fork_in_parent() {
    owner.clear(std::memory_order_release);
}
void after_fork_in_child() {
    pool = nullptr;
    owner.clear(std::memory_order_release);
}

void prepare_for_forks() {
#if defined(__unix__) || defined(__APPLE__)
    static const int done = pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
    (void)done;
#endif
}

// The owner's hold.
struct Hold {
    Hold() = default;
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold() { owner.clear(std::memory_order_release); }
};

}  // namespace

void set_threads(int count) {
    wanted().store(limited(count));
}

int threads() {
    return wanted().load(std::memory_order_relaxed);
}

void run_in_parallel(const Task& task, std::int64_t pieces) {
    const int count = threads();
    if (count == 1 || pieces <= 1 || pieces > most_pieces || owner.test_and_set(std::memory_order_acquire))
        return task.run(task.context, 0, pieces);
    const Hold hold;
    if (!pool || pool->helpers() != count - 1) {
        prepare_for_forks();
        delete pool;
        pool = new Pool(count - 1);
        if (pool->helpers() < count - 1) set_threads(pool->helpers() + 1);
    }
    pool->run(task, pieces);
}

}  // namespace pippin
