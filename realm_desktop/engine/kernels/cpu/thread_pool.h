// Threads that share the work of one call at a time.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace realm {

constexpr int kMaxThreads = 64;

// Workers are started when they are first wanted and live as long as the process. Idle ones sleep:
// they watch for the next call for some microseconds, since the products of a layer follow each
// other closely, and then wait for a signal.
class ThreadPool {
 public:
  using Task = void (*)(void* context, int64_t index);

  // Runs `task` for 0 to num_tasks - 1, each index once, in no order, on the caller and up to
  // num_threads - 1 workers; returns when all are done. Not for two callers at once.
  void run(int64_t num_tasks, int num_threads, Task task, void* context);

 private:
  struct Job {
    Task task;
    void* context;
    int64_t num_tasks;
    std::atomic<int64_t> next{0};
  };

  void start_workers(int wanted);
  void work(int id);
  static void take_tasks(Job& job);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  std::atomic<uint64_t> epoch_{0};  // counts calls; changed under the mutex
  Job* job_ = nullptr;              // null once every task was taken: latecomers find nothing
  int num_wanted_ = 0;              // workers of this call
  int num_active_ = 0;              // workers inside the job
  int num_workers_ = 0;
};

}  // namespace realm
