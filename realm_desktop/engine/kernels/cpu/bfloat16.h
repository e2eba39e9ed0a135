// Rows of float32 or bfloat16 in and out. Static: see product.cpp about shared inline functions.
#pragma once

#include <cstdint>
#include <cstring>

#include "library.h"

namespace realm {

// Rounds to nearest, to even, as torch does.
static inline uint16_t bfloat16_of(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return 0x7fc0;
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

static inline void write_floats(const float* values, int64_t count, void* out, int64_t first,
                                int32_t type) {
  if (type == REALM_FLOAT32) {
    std::memcpy(static_cast<float*>(out) + first, values,
                static_cast<size_t>(count) * sizeof(float));
    return;
  }
  uint16_t* target = static_cast<uint16_t*>(out) + first;
  for (int64_t i = 0; i < count; ++i) target[i] = bfloat16_of(values[i]);
}

static inline float float_of_bfloat16(uint16_t value) {
  const uint32_t bits = static_cast<uint32_t>(value) << 16;
  float result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}

static inline void read_floats(const void* in, int64_t first, int64_t count, int32_t type,
                               float* values) {
  if (type == REALM_FLOAT32) {
    std::memcpy(values, static_cast<const float*>(in) + first,
                static_cast<size_t>(count) * sizeof(float));
    return;
  }
  const uint16_t* source = static_cast<const uint16_t*>(in) + first;
  for (int64_t i = 0; i < count; ++i) values[i] = float_of_bfloat16(source[i]);
}

}  // namespace realm
