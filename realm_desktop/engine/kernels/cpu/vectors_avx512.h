// 512-bit vectors with VNNI: one vector holds all 16 rows of a panel.
#pragma once

#include <immintrin.h>

#include "panels.h"

namespace realm {
namespace {

constexpr const char* kSetName = "avx512vnni";
// Keeps the sums of a tile in registers.
#define REALM_UNROLL _Pragma("GCC unroll 16")

constexpr int kLanes = 16;
constexpr int kMaxStrip = 8;  // tokens whose dot products run side by side
using Ints = __m512i;
using Floats = __m512;

inline void prefetch(const uint8_t* p) {
  _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T0);
}
inline Ints load(const uint8_t* p) { return _mm512_loadu_si512(p); }
inline Ints and_bytes(Ints v, int mask) {
  return _mm512_and_si512(v, _mm512_set1_epi8(static_cast<char>(mask)));
}
inline Ints or_bits(Ints a, Ints b) { return _mm512_or_si512(a, b); }
template <int kShift>
inline Ints shift_right(Ints v) {
  return _mm512_srli_epi16(v, kShift);
}
template <int kShift>
inline Ints shift_left(Ints v) {
  return _mm512_slli_epi16(v, kShift);
}
inline Floats zero_floats() { return _mm512_setzero_ps(); }
inline Ints broadcast(const int32_t* p) { return _mm512_set1_epi32(*p); }
inline Floats broadcast(const float* p) { return _mm512_set1_ps(*p); }
inline Floats to_floats(Ints v) { return _mm512_cvtepi32_ps(v); }
inline Floats multiply(Floats a, Floats b) { return _mm512_mul_ps(a, b); }
inline Floats fused_add(Floats a, Floats b, Floats c) { return _mm512_fmadd_ps(a, b, c); }
inline Floats fused_subtract(Floats a, Floats b, Floats c) { return _mm512_fnmadd_ps(a, b, c); }
inline void store(float* p, Floats v) { _mm512_storeu_ps(p, v); }
inline Floats load_halves(const uint8_t* p) {
  return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
}
// The even and the odd ones of 32 values.
inline Floats low_bfloat16(Ints v) { return _mm512_castsi512_ps(_mm512_slli_epi32(v, 16)); }
inline Floats high_bfloat16(Ints v) {
  return _mm512_castsi512_ps(_mm512_and_si512(v, _mm512_set1_epi32(-65536)));
}
inline Floats load_bytes(const uint8_t* p) {
  return _mm512_cvtepi32_ps(
      _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
}
inline Floats load_signed_bytes(const uint8_t* p) {
  return _mm512_cvtepi32_ps(
      _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
}

inline Ints load_wide_bytes(const uint8_t* p) {
  return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
// The low and the high half of a byte for every lane.
inline Floats load_low_halves(const uint8_t* p) {
  return _mm512_cvtepi32_ps(_mm512_and_si512(load_wide_bytes(p), _mm512_set1_epi32(0x0f)));
}
inline Floats load_high_halves(const uint8_t* p) {
  return _mm512_cvtepi32_ps(_mm512_srli_epi32(load_wide_bytes(p), 4));
}
// 2^(e - 128) for a byte e of every lane; below e = 2 that is a subnormal number.
inline Floats load_exponents(const uint8_t* p) {
  const Ints e = load_wide_bytes(p);
  const Ints normal = _mm512_slli_epi32(_mm512_sub_epi32(e, _mm512_set1_epi32(1)), 23);
  const Ints tiny = _mm512_sllv_epi32(_mm512_set1_epi32(0x00200000), e);
  const __mmask16 is_tiny = _mm512_cmplt_epi32_mask(e, _mm512_set1_epi32(2));
  return _mm512_castsi512_ps(_mm512_mask_blend_epi32(is_tiny, normal, tiny));
}
// 16 bytes to look values up in, and the values of codes below 16.
inline Ints load_levels(const uint8_t* p) {
  return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
inline Ints look_up(Ints levels, Ints codes) { return _mm512_shuffle_epi8(levels, codes); }

inline Ints add_dot(Ints sums, Ints weights, const int8_t* values) {
#if defined(__GNUC__) && !defined(__clang__)
  // GCC 12 loads the four values with an instruction of their own instead of folding them.
  asm("vpdpbusd %2%{1to16%}, %1, %0"
      : "+v"(sums)
      : "v"(weights), "m"(*reinterpret_cast<const int32_t*>(values)));
  return sums;
#else
  int32_t four;
  __builtin_memcpy(&four, values, sizeof four);
  return _mm512_dpbusd_epi32(sums, weights, _mm512_set1_epi32(four));
#endif
}

// start + the dot product of groups of four weights, each below 2^kBits, with activations.
template <int kGroups, int kBits>
inline Ints dot_groups(const Ints* groups, const int8_t* values, Ints start) {
#pragma GCC unroll 8
  for (int g = 0; g < kGroups; ++g) start = add_dot(start, groups[g], values + 4 * g);
  return start;
}

// What attention needs besides.

// Into the second cache: what fills the first one is at work there.
inline void prefetch_far(const uint8_t* p) {
  _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T1);
}
inline Floats load_floats(const float* p) { return _mm512_loadu_ps(p); }
inline Floats add(Floats a, Floats b) { return _mm512_add_ps(a, b); }
inline Floats subtract(Floats a, Floats b) { return _mm512_sub_ps(a, b); }
// The second one where either is no number.
inline Floats maximum(Floats a, Floats b) { return _mm512_max_ps(a, b); }
inline float largest(Floats v) { return _mm512_reduce_max_ps(v); }
inline Floats as_floats(Ints v) { return _mm512_castsi512_ps(v); }
inline Ints as_ints(Floats v) { return _mm512_castps_si512(v); }
template <int kShift>
inline Ints shift_lanes_left(Ints v) {
  return _mm512_slli_epi32(v, kShift);
}
template <int kShift>
inline Ints shift_signed_lanes_right(Ints v) {
  return _mm512_srai_epi32(v, kShift);
}

// Lane j of vector i becomes lane i of vector j.
inline void transpose(Ints* v) {
  Ints t[16];
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(v[i], v[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(v[i], v[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {  // 4 x 4 squares are done: v[i + j] has column j of each
    v[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    v[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    v[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    v[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    const Ints upper_even = _mm512_shuffle_i32x4(v[j], v[4 + j], 0x88);
    const Ints upper_odd = _mm512_shuffle_i32x4(v[j], v[4 + j], 0xdd);
    const Ints lower_even = _mm512_shuffle_i32x4(v[8 + j], v[12 + j], 0x88);
    const Ints lower_odd = _mm512_shuffle_i32x4(v[8 + j], v[12 + j], 0xdd);
    t[j] = _mm512_shuffle_i32x4(upper_even, lower_even, 0x88);
    t[4 + j] = _mm512_shuffle_i32x4(upper_odd, lower_odd, 0x88);
    t[8 + j] = _mm512_shuffle_i32x4(upper_even, lower_even, 0xdd);
    t[12 + j] = _mm512_shuffle_i32x4(upper_odd, lower_odd, 0xdd);
  }
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) v[i] = t[i];
}

}  // namespace
}  // namespace realm
