// 256-bit vectors: half of a panel's rows each. With __AVXVNNI__ the dot product is one
// instruction.
#pragma once

#include <immintrin.h>

#include "panels.h"

namespace realm {
namespace {

// Keeps the sums of a tile in registers.
#define REALM_UNROLL _Pragma("GCC unroll 16")

constexpr int kLanes = 8;
using Ints = __m256i;
using Floats = __m256;

inline void prefetch(const uint8_t* p) {
  _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T0);
}
inline Ints load(const uint8_t* p) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}
inline Ints and_bytes(Ints v, int mask) {
  return _mm256_and_si256(v, _mm256_set1_epi8(static_cast<char>(mask)));
}
inline Ints or_bits(Ints a, Ints b) { return _mm256_or_si256(a, b); }
template <int kShift>
inline Ints shift_right(Ints v) {
  return _mm256_srli_epi16(v, kShift);
}
template <int kShift>
inline Ints shift_left(Ints v) {
  return _mm256_slli_epi16(v, kShift);
}
inline Ints zero_ints() { return _mm256_setzero_si256(); }
inline Floats zero_floats() { return _mm256_setzero_ps(); }
inline Ints broadcast(const int32_t* p) { return _mm256_set1_epi32(*p); }
inline Floats broadcast(const float* p) { return _mm256_broadcast_ss(p); }
inline Floats to_floats(Ints v) { return _mm256_cvtepi32_ps(v); }
inline Floats multiply(Floats a, Floats b) { return _mm256_mul_ps(a, b); }
inline Floats fused_add(Floats a, Floats b, Floats c) { return _mm256_fmadd_ps(a, b, c); }
inline Floats fused_subtract(Floats a, Floats b, Floats c) { return _mm256_fnmadd_ps(a, b, c); }
inline void store(float* p, Floats v) { _mm256_storeu_ps(p, v); }
inline Floats load_halves(const uint8_t* p) {
  return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
inline __m128i load_eight(const uint8_t* p) {
  return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
}
// The even and the odd ones of 16 values.
inline Floats low_bfloat16(Ints v) { return _mm256_castsi256_ps(_mm256_slli_epi32(v, 16)); }
inline Floats high_bfloat16(Ints v) {
  return _mm256_castsi256_ps(_mm256_and_si256(v, _mm256_set1_epi32(-65536)));
}
inline Floats load_bytes(const uint8_t* p) {
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(load_eight(p)));
}
inline Floats load_signed_bytes(const uint8_t* p) {
  return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(load_eight(p)));
}
inline Ints broadcast_four(const int8_t* values) {
  int32_t four;
  __builtin_memcpy(&four, values, sizeof four);
  return _mm256_set1_epi32(four);
}

#ifdef __AVXVNNI__

constexpr const char* kSetName = "avxvnni";

// start + the dot product of groups of four weights, each below 2^kBits, with activations.
template <int kGroups, int kBits>
inline Ints dot_groups(const Ints* groups, const int8_t* values, Ints start) {
#pragma GCC unroll 8
  for (int g = 0; g < kGroups; ++g)
    start = _mm256_dpbusd_avx_epi32(start, groups[g], broadcast_four(values + 4 * g));
  return start;
}

#else

constexpr const char* kSetName = "avx2";

inline Ints widen(Ints pairs) { return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)); }

// How many products of two weights below 2^bits with activations fit into 16 bits.
constexpr int pairs_that_fit(int bits) { return 32767 / (2 * ((1 << bits) - 1) * 127); }

// start + the dot product of groups of four weights, each below 2^kBits, with activations.
template <int kGroups, int kBits>
inline Ints dot_groups(const Ints* groups, const int8_t* values, Ints start) {
  if constexpr (kBits == 8) {
    // Two products of a byte up to 255 do not fit into 16 bits. The weight's magnitude is at most
    // 128, so its sign moves to the activation; then there is no zero point to take off.
    Ints sums = zero_ints();
#pragma GCC unroll 8
    for (int g = 0; g < kGroups; ++g) {
      const Ints weights = _mm256_xor_si256(groups[g], _mm256_set1_epi8(-128));
      const Ints signs = _mm256_sign_epi8(broadcast_four(values + 4 * g), weights);
      sums = _mm256_add_epi32(sums, widen(_mm256_maddubs_epi16(_mm256_abs_epi8(weights), signs)));
    }
    return sums;
  } else {
    constexpr int kFit = pairs_that_fit(kBits) < kGroups ? pairs_that_fit(kBits) : kGroups;
#pragma GCC unroll 8
    for (int g = 0; g < kGroups; g += kFit) {
      Ints pairs = _mm256_maddubs_epi16(groups[g], broadcast_four(values + 4 * g));
#pragma GCC unroll 8
      for (int i = g + 1; i < g + kFit; ++i)
        pairs = _mm256_add_epi16(pairs,
                                 _mm256_maddubs_epi16(groups[i], broadcast_four(values + 4 * i)));
      start = _mm256_add_epi32(start, widen(pairs));
    }
    return start;
  }
}

#endif

}  // namespace
}  // namespace realm
