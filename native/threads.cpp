// One pool of threads for the whole process. Pieces are claimed one by one from a counter; which thread does
// which piece never shows in the results, because pieces are independent and cut by shape alone.
#include "threads.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
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

constexpr int most_threads = 64;
// About 15 microseconds of waiting awake, then sleep: the next line of a program comes sooner than that, the
// next call later.
constexpr int spins = 400;

// The number of the task and how many of its pieces are unclaimed, in one word, so that both are always of
// one task.
constexpr std::uint64_t one_task = std::uint64_t{1} << 32;
constexpr std::uint64_t pieces_mask = one_task - 1;

class Pool {
  public:
    // May end up with fewer helpers than wanted, where the system refuses more threads.
    explicit Pool(int helpers) {
        try {
            for (int i = 0; i < helpers; ++i) threads_.emplace_back([this] { help(); });
        } catch (const std::system_error&) {
        }
    }

    ~Pool() {
        stopping_.store(true);
        state_.fetch_add(one_task & ~pieces_mask);
        state_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }

    int helpers() const { return static_cast<int>(threads_.size()); }

    void run(const Task& task, std::int64_t pieces) {
        task_ = task;
        pieces_ = pieces;
        undone_.store(pieces, std::memory_order_relaxed);
        const std::uint64_t next = ((state_.load(std::memory_order_relaxed) >> 32) + 1) << 32;
        state_.store(next | static_cast<std::uint64_t>(pieces), std::memory_order_seq_cst);
        if (asleep_.load(std::memory_order_seq_cst) > 0) state_.notify_all();
        work(next >> 32);
        for (int i = 0; undone_.load(std::memory_order_acquire) > 0; ++i) {
            if (i < 20 * spins)
                pause_briefly();
            else
                std::this_thread::yield();  // more threads than processors: let the helper finish
        }
    }

  private:
    // Claims and does pieces of one task until none is left.
    void work(std::uint64_t number) {
        std::uint64_t seen = state_.load(std::memory_order_acquire);
        while (seen >> 32 == number && (seen & pieces_mask)) {
            if (!state_.compare_exchange_weak(seen, seen - 1, std::memory_order_acq_rel)) continue;
            const std::int64_t piece = pieces_ - static_cast<std::int64_t>(seen & pieces_mask);
            task_.run(task_.context, piece, piece + 1);
            undone_.fetch_sub(1, std::memory_order_acq_rel);
            seen = state_.load(std::memory_order_acquire);
        }
    }

    void help() {
        const DenormalsAreZero denormals_are_zero;
        std::uint64_t done = 0;
        while (!stopping_.load()) {
            std::uint64_t seen = state_.load(std::memory_order_acquire);
            for (int i = 0; i < spins && seen >> 32 == done; ++i) {
                pause_briefly();
                seen = state_.load(std::memory_order_acquire);
            }
            if (seen >> 32 == done) {
                asleep_.fetch_add(1, std::memory_order_seq_cst);
                // The low half may have changed since, or change while we sleep: only a new task's number
                // matters, and every new task changes the word.
                seen = state_.load(std::memory_order_seq_cst);
                if (seen >> 32 == done && !stopping_.load()) state_.wait(seen);
                asleep_.fetch_sub(1, std::memory_order_seq_cst);
                continue;
            }
            work(seen >> 32);
            done = seen >> 32;
        }
    }

    Task task_{};
    std::int64_t pieces_ = 0;
    alignas(64) std::atomic<std::uint64_t> state_{0};
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
std::mutex owner;
Pool* pool = nullptr;

void before_fork() {
    owner.lock();
}
void after_fork_in_parent() {
    owner.unlock();
}
void after_fork_in_child() {
    pool = nullptr;
    owner.unlock();
}

void prepare_for_forks() {
#if defined(__unix__) || defined(__APPLE__)
    static const int done = pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
    (void)done;
#endif
}

}  // namespace

void set_threads(int count) {
    wanted().store(limited(count));
}

int threads() {
    return wanted().load(std::memory_order_relaxed);
}

void run_in_parallel(const Task& task, std::int64_t pieces) {
    const int count = threads();
    if (count == 1 || pieces <= 1 || !owner.try_lock()) return task.run(task.context, 0, pieces);
    const std::lock_guard<std::mutex> hold(owner, std::adopt_lock);
    if (!pool || pool->helpers() != count - 1) {
        prepare_for_forks();
        delete pool;
        pool = new Pool(count - 1);
        if (pool->helpers() < count - 1) set_threads(pool->helpers() + 1);
    }
    pool->run(task, pieces);
}

}  // namespace pippin
