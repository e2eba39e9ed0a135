// Memory that grows and stays, aligned for whole cache lines.
#pragma once

#include <cstdint>
#include <new>

#include "panels.h"

namespace realm {

class Scratch {
 public:
  // So many bytes, holding anything; null if there is no memory. What was given before is gone.
  void* reserve(int64_t num_bytes) {
    if (num_bytes > num_bytes_) {
      operator delete(memory_, std::align_val_t{kAlignment});
      num_bytes_ = 0;
      memory_ = operator new(static_cast<size_t>(num_bytes), std::align_val_t{kAlignment},
                             std::nothrow);
      if (memory_ == nullptr) return nullptr;
      num_bytes_ = num_bytes;
    }
    return memory_;
  }

 private:
  void* memory_ = nullptr;
  int64_t num_bytes_ = 0;
};

}  // namespace realm
