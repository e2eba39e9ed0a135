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
constexpr int kMaxStrip = 1;  // tokens whose dot products run side by side
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
inline Ints load_wide_bytes(const uint8_t* p) { return _mm256_cvtepu8_epi32(load_eight(p)); }
// The low and the high half of a byte for every lane.
inline Floats load_low_halves(const uint8_t* p) {
  return _mm256_cvtepi32_ps(_mm256_and_si256(load_wide_bytes(p), _mm256_set1_epi32(0x0f)));
}
inline Floats load_high_halves(const uint8_t* p) {
  return _mm256_cvtepi32_ps(_mm256_srli_epi32(load_wide_bytes(p), 4));
}
// 2^(e - 128) for a byte e of every lane; below e = 2 that is a subnormal number.
inline Floats load_exponents(const uint8_t* p) {
  const Ints e = load_wide_bytes(p);
  const Ints normal = _mm256_slli_epi32(_mm256_sub_epi32(e, _mm256_set1_epi32(1)), 23);
  const Ints tiny = _mm256_sllv_epi32(_mm256_set1_epi32(0x00200000), e);
  const Ints is_tiny = _mm256_cmpgt_epi32(_mm256_set1_epi32(2), e);
  return _mm256_castsi256_ps(_mm256_blendv_epi8(normal, tiny, is_tiny));
}
// 16 bytes to look values up in, and the values of codes below 16.
inline Ints load_levels(const uint8_t* p) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
inline Ints look_up(Ints levels, Ints codes) { return _mm256_shuffle_epi8(levels, codes); }
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
    Ints sums = broadcast(&kSumBiasBits);
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

// What attention needs besides.

// Into the second cache: what fills the first one is at work there.
inline void prefetch_far(const uint8_t* p) {
  _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T1);
}
inline Floats load_floats(const float* p) { return _mm256_loadu_ps(p); }
inline Floats add(Floats a, Floats b) { return _mm256_add_ps(a, b); }
inline Floats subtract(Floats a, Floats b) { return _mm256_sub_ps(a, b); }
// The second one where either is no number.
inline Floats maximum(Floats a, Floats b) { return _mm256_max_ps(a, b); }
inline float largest(Floats v) {
  __m128 half = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  half = _mm_max_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
}
inline Floats as_floats(Ints v) { return _mm256_castsi256_ps(v); }
inline Ints as_ints(Floats v) { return _mm256_castps_si256(v); }
template <int kShift>
inline Ints shift_lanes_left(Ints v) {
  return _mm256_slli_epi32(v, kShift);
}
template <int kShift>
inline Ints shift_signed_lanes_right(Ints v) {
  return _mm256_srai_epi32(v, kShift);
}

// Lane j of vector i becomes lane i of vector j.
inline void transpose(Ints* v) {
  Ints t[8];
#pragma GCC unroll 4
  for (int i = 0; i < 8; i += 2) {
    t[i] = _mm256_unpacklo_epi32(v[i], v[i + 1]);
    t[i + 1] = _mm256_unpackhi_epi32(v[i], v[i + 1]);
  }
#pragma GCC unroll 2
  for (int i = 0; i < 8; i += 4) {  // 4 x 4 squares are done: v[i + j] has column j of each
    v[i] = _mm256_unpacklo_epi64(t[i], t[i + 2]);
    v[i + 1] = _mm256_unpackhi_epi64(t[i], t[i + 2]);
    v[i + 2] = _mm256_unpacklo_epi64(t[i + 1], t[i + 3]);
    v[i + 3] = _mm256_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    t[j] = _mm256_permute2x128_si256(v[j], v[4 + j], 0x20);
    t[4 + j] = _mm256_permute2x128_si256(v[j], v[4 + j], 0x31);
  }
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) v[i] = t[i];
}

}  // namespace
}  // namespace realm
