#include "thread_pool.h"

#include <chrono>
#include <system_error>
#include <thread>

namespace realm {
namespace {

using Clock = std::chrono::steady_clock;

// Waking a sleeper takes 20 to 60 us, a product of a small layer less.
constexpr auto kWatch = std::chrono::microseconds(40);

// Waits a short while for the value to change.
void watch(const std::atomic<uint64_t>& value, uint64_t seen) {
  const auto end = Clock::now() + kWatch;
  while (value.load(std::memory_order_acquire) == seen && Clock::now() < end)
    std::this_thread::yield();  // gives the core to whoever needs it
}

}  // namespace

void ThreadPool::run(int64_t num_tasks, int num_threads, Task task, void* context) {
  Job job{task, context, num_tasks};
  const int workers = num_threads < num_tasks ? num_threads - 1 : static_cast<int>(num_tasks) - 1;
  if (workers <= 0) {
    take_tasks(job);
    return;
  }
  start_workers(workers);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    job_ = &job;
    num_wanted_ = workers;
    epoch_.fetch_add(1, std::memory_order_release);
  }
  wake_.notify_all();
  take_tasks(job);
  std::unique_lock<std::mutex> lock(mutex_);
  job_ = nullptr;
  done_.wait(lock, [this] { return num_active_ == 0; });
}

void ThreadPool::start_workers(int wanted) {
  // Called by one caller at a time, so the count needs no lock.
  while (num_workers_ < wanted && num_workers_ < kMaxThreads - 1) {
    try {
      std::thread(&ThreadPool::work, this, num_workers_).detach();
    } catch (const std::system_error&) {
      return;  // the system has no more threads; those there are do the work
    }
    ++num_workers_;
  }
}

void ThreadPool::work(int id) {
  uint64_t seen = 0;
  for (;;) {
    watch(epoch_, seen);
    std::unique_lock<std::mutex> lock(mutex_);
    wake_.wait(lock, [&] { return epoch_.load(std::memory_order_relaxed) != seen; });
    seen = epoch_.load(std::memory_order_relaxed);
    if (job_ == nullptr || id >= num_wanted_) continue;
    Job& job = *job_;
    ++num_active_;
    lock.unlock();
    take_tasks(job);
    lock.lock();
    if (--num_active_ == 0) done_.notify_one();
  }
}

void ThreadPool::take_tasks(Job& job) {
  for (;;) {
    const int64_t index = job.next.fetch_add(1, std::memory_order_relaxed);
    if (index >= job.num_tasks) return;
    job.task(job.context, index);
  }
}

}  // namespace realm
