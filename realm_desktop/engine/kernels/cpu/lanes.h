// Vectors of 16 float32 that every source of single rows computes with, and rows of float32 and
// bfloat16 in and out of them.
//
// Sixteen lanes whatever the processor's own width: so all instruction sets sum in the same order and
// give the same bits. In an unnamed namespace, and without the standard library, for the reason that
// product.cpp gives.
#pragma once

#include <cstddef>

#include "library.h"

namespace realm {
namespace {

constexpr int kWidth = 16;

// Vectors of the compiler, which splits them where the processor has narrower ones.
using Floats = float __attribute__((vector_size(kWidth * sizeof(float))));
using Words = uint32_t __attribute__((vector_size(kWidth * sizeof(uint32_t))));
using Halves = uint16_t __attribute__((vector_size(kWidth * sizeof(uint16_t))));

// Such a cast takes the bits as they are.
inline Words bits_of(const Floats& values) { return (Words)values; }
inline Floats floats_of(const Words& bits) { return (Floats)bits; }

// The values of one type. `count` of 1 to 16 are read, the rest of the lanes is 0.
struct Float32 {
  using Value = float;

  static Floats load(const Value* p, int64_t count) {
    Floats values = {};
    if (count >= kWidth)
      __builtin_memcpy(&values, p, sizeof values);
    else
      for (int64_t i = 0; i < count; ++i) values[i] = p[i];
    return values;
  }
  static void store(Value* p, const Floats& values, int64_t count) {
    if (count >= kWidth)
      __builtin_memcpy(p, &values, sizeof values);
    else
      for (int64_t i = 0; i < count; ++i) p[i] = values[i];
  }
  static Floats rounded(const Floats& values) { return values; }
};

struct BFloat16 {
  using Value = uint16_t;

  static Floats load(const Value* p, int64_t count) {
    Halves halves = {};
    if (count >= kWidth)
      __builtin_memcpy(&halves, p, sizeof halves);
    else
      for (int64_t i = 0; i < count; ++i) halves[i] = p[i];
    return floats_of(__builtin_convertvector(halves, Words) << 16);
  }
  static void store(Value* p, const Floats& values, int64_t count) {
    const Halves halves = __builtin_convertvector(rounded_bits(values) >> 16, Halves);
    if (count >= kWidth)
      __builtin_memcpy(p, &halves, sizeof halves);
    else
      for (int64_t i = 0; i < count; ++i) p[i] = halves[i];
  }
  static Floats rounded(const Floats& values) {
    return floats_of(rounded_bits(values) & 0xffff0000u);
  }
  // To nearest, to even, as torch rounds; the carry would turn a NaN into something else.
  static Words rounded_bits(const Floats& values) {
    const Words bits = bits_of(values);
    const Words nearest = bits + 0x7fffu + ((bits >> 16) & 1u);
    return values != values ? Words{} + 0x7fc00000u : nearest;
  }
};

inline int64_t count_at(int64_t i, int64_t width) {
  return width - i < kWidth ? width - i : kWidth;
}

// The lanes in pairs of ever nearer ones.
inline float sum_of(const Floats& lanes) {
  float sums[kWidth];
  __builtin_memcpy(sums, &lanes, sizeof sums);
  for (int half = kWidth / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) sums[i] += sums[i + half];
  return sums[0];
}

inline float inverse_root(const Floats& squares, int64_t width, float eps) {
  return 1.0f / __builtin_sqrtf(sum_of(squares) / static_cast<float>(width) + eps);
}

// e to the power of each value; relative error below 3e-7, infinity from 88.4 on.
inline Floats exponential(const Floats& values) {
  constexpr float kLowest = -87.3f, kHighest = 89.0f;
  constexpr float kRounder = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  Floats x = values < kLowest ? Floats{} + kLowest : values;
  x = x > kHighest ? Floats{} + kHighest : x;
  const Floats shifted = x * 1.44269504f + kRounder;
  const Floats n = shifted - kRounder;
  // ln 2 in two parts, the first with zeros at its end, so that its product with n is exact.
  const Floats r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  Floats power = r * (1.0f / 5040) + 1.0f / 720;
  power = power * r + 1.0f / 120;
  power = power * r + 1.0f / 24;
  power = power * r + 1.0f / 6;
  power = power * r + 0.5f;
  power = power * r + 1.0f;
  power = power * r + 1.0f;
  const Words exponent = bits_of(shifted) - 0x4b400000u + 127u;
  return power * floats_of(exponent << 23);
}

}  // namespace
}  // namespace realm
