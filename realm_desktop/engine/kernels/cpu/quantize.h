// Rows of activations made ready for products. Included by product.cpp, once for each instruction set;
// its rules hold here too.
#pragma once

#include "panels.h"

namespace realm {
namespace {

// Below this a block of activations is as good as zero, and 127 / maximum would overflow.
constexpr uint32_t kTinyBits = 0x0d800000u;  // 2^-100
constexpr uint32_t kInfinityBits = 0x7f800000u;

inline uint32_t bits_of(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline float float_of(uint32_t bits) {
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

// One block of one token: the largest magnitude becomes 127. Every loop does one thing to numbers of
// one size, so that compilers make vectors of it; in one loop a row took 2.6 times as long (GCC 12).
void quantize_block(const float* values, Activation* out) {
  uint32_t largest = 0;
  for (int i = 0; i < kBlockValues; ++i) {
    const uint32_t magnitude = bits_of(values[i]) & 0x7fffffffu;
    largest = magnitude > largest ? magnitude : largest;
  }
  const bool is_finite = largest < kInfinityBits;
  const bool is_tiny = largest < kTinyBits;
  const float maximum = float_of(largest);
  const float inverse = is_tiny || !is_finite ? 0.0f : 127.0f / maximum;
  int32_t codes[kBlockValues] = {};
  // An infinity times 0 would be a NaN without a meaning as an integer.
  if (is_finite)
    for (int i = 0; i < kBlockValues; ++i)
      codes[i] = static_cast<int32_t>(bits_of(values[i] * inverse + kSumBias)) - kSumBiasBits;
  int8_t bytes[kBlockValues];
  for (int i = 0; i < kBlockValues; ++i) bytes[i] = static_cast<int8_t>(codes[i]);
  __builtin_memcpy(out->values, bytes, sizeof bytes);
  int32_t sums[2] = {0, 0};
  for (int half = 0; half < 2; ++half)
#pragma GCC unroll 1
    for (int i = 0; i < kBlockValues / 2; ++i) sums[half] += codes[half * (kBlockValues / 2) + i];
  const int32_t sum = sums[0] + sums[1];
  // A NaN or an infinity makes every result of its token a NaN, and of no other token.
  out->scale = !is_finite ? float_of(0x7fc00000u) : is_tiny ? 0.0f : maximum / 127.0f;
  out->scaled_sum = out->scale * static_cast<float>(sum);
  out->start_8 = kSumBiasBits - 8 * sum;
  out->start_128 = kSumBiasBits - 128 * sum;
  out->start_32[0] = kSumBiasBits - 32 * sums[0];
  out->start_32[1] = kSumBiasBits - 32 * sums[1];
  out->scaled_sums[0] = out->scale * static_cast<float>(sums[0]);
  out->scaled_sums[1] = out->scale * static_cast<float>(sums[1]);
}

void quantize(const void* values, int32_t type, int64_t stride, int64_t blocks, Activation* out) {
  if (type == 0) {
    const float* const floats = static_cast<const float*>(values);
    for (int64_t b = 0; b < blocks; ++b) quantize_block(floats + b * kBlockValues, out + b * stride);
    return;
  }
  const uint16_t* halves = static_cast<const uint16_t*>(values);
  for (int64_t b = 0; b < blocks; ++b, halves += kBlockValues) {
    float floats[kBlockValues];
    for (int i = 0; i < kBlockValues; ++i) floats[i] = float_of(uint32_t{halves[i]} << 16);
    quantize_block(floats, out + b * stride);
  }
}

}  // namespace
}  // namespace realm
