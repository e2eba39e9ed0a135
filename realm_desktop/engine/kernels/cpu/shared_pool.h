// The one pool of the library, and the lock that lets one call at a time use it.
#pragma once

#include <mutex>

#include "thread_pool.h"

namespace realm {

// Never destroyed: workers may still sleep on it while the process ends.
ThreadPool& shared_pool();

std::mutex& call_mutex();

}  // namespace realm
