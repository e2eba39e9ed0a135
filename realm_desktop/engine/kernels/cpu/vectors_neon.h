// 128-bit vectors with the dot product extension: four rows of a panel each.
#pragma once

#include <arm_neon.h>

#include "panels.h"

namespace realm {
namespace {

constexpr const char* kSetName = "neon";
// Keeps the sums of a tile in registers.
#define REALM_UNROLL _Pragma("GCC unroll 16")

constexpr int kLanes = 4;
constexpr int kMaxStrip = 1;  // tokens whose dot products run side by side
using Ints = uint8x16_t;
using Floats = float32x4_t;

inline void prefetch(const uint8_t* p) { __builtin_prefetch(p); }
inline Ints load(const uint8_t* p) { return vld1q_u8(p); }
inline Ints and_bytes(Ints v, int mask) {
  return vandq_u8(v, vdupq_n_u8(static_cast<uint8_t>(mask)));
}
inline Ints or_bits(Ints a, Ints b) { return vorrq_u8(a, b); }
template <int kShift>
inline Ints shift_right(Ints v) {
  return vshrq_n_u8(v, kShift);
}
template <int kShift>
inline Ints shift_left(Ints v) {
  return vshlq_n_u8(v, kShift);
}
inline int32x4_t signed_lanes(Ints v) { return vreinterpretq_s32_u8(v); }
inline Ints from_lanes(int32x4_t v) { return vreinterpretq_u8_s32(v); }
inline Floats zero_floats() { return vdupq_n_f32(0.0f); }
inline Ints broadcast(const int32_t* p) { return from_lanes(vld1q_dup_s32(p)); }
inline Floats broadcast(const float* p) { return vld1q_dup_f32(p); }
inline Floats to_floats(Ints v) { return vcvtq_f32_s32(signed_lanes(v)); }
inline Floats multiply(Floats a, Floats b) { return vmulq_f32(a, b); }
inline Floats fused_add(Floats a, Floats b, Floats c) { return vfmaq_f32(c, a, b); }
inline Floats fused_subtract(Floats a, Floats b, Floats c) { return vfmsq_f32(c, a, b); }
inline void store(float* p, Floats v) { vst1q_f32(p, v); }
inline Floats load_halves(const uint8_t* p) {
  return vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(p)));
}
inline uint8x8_t load_four(const uint8_t* p) {
  uint32_t four;
  __builtin_memcpy(&four, p, sizeof four);
  return vcreate_u8(four);
}
// The even and the odd ones of 8 values.
inline Floats low_bfloat16(Ints v) {
  return vreinterpretq_f32_u32(vshlq_n_u32(vreinterpretq_u32_u8(v), 16));
}
inline Floats high_bfloat16(Ints v) {
  return vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_u8(v), vdupq_n_u32(0xffff0000u)));
}
inline Floats load_bytes(const uint8_t* p) {
  return vcvtq_f32_u32(vmovl_u16(vget_low_u16(vmovl_u8(load_four(p)))));
}
inline Floats load_signed_bytes(const uint8_t* p) {
  return vcvtq_f32_s32(vmovl_s16(vget_low_s16(vmovl_s8(vreinterpret_s8_u8(load_four(p))))));
}

inline uint32x4_t load_wide_bytes(const uint8_t* p) {
  return vmovl_u16(vget_low_u16(vmovl_u8(load_four(p))));
}
// The low and the high half of a byte for every lane.
inline Floats load_low_halves(const uint8_t* p) {
  return vcvtq_f32_u32(vandq_u32(load_wide_bytes(p), vdupq_n_u32(0x0f)));
}
inline Floats load_high_halves(const uint8_t* p) {
  return vcvtq_f32_u32(vshrq_n_u32(load_wide_bytes(p), 4));
}
// 2^(e - 128) for a byte e of every lane; below e = 2 that is a subnormal number.
inline Floats load_exponents(const uint8_t* p) {
  const uint32x4_t e = load_wide_bytes(p);
  const uint32x4_t normal = vshlq_n_u32(vsubq_u32(e, vdupq_n_u32(1)), 23);
  const uint32x4_t tiny = vshlq_u32(vdupq_n_u32(0x00200000u), vreinterpretq_s32_u32(e));
  return vreinterpretq_f32_u32(vbslq_u32(vcltq_u32(e, vdupq_n_u32(2)), tiny, normal));
}
// 16 bytes to look values up in, and the values of codes below 16.
inline Ints load_levels(const uint8_t* p) { return vld1q_u8(p); }
inline Ints look_up(Ints levels, Ints codes) { return vqtbl1q_u8(levels, codes); }

// start + the dot product of groups of four weights, each below 2^kBits, with activations.
template <int kGroups, int kBits>
inline Ints dot_groups(const Ints* groups, const int8_t* values, Ints start) {
  // The instruction wants signed weights. Below 128 they are; bytes lose their zero point instead.
  int32x4_t sums = kBits == 8 ? vdupq_n_s32(kSumBiasBits) : signed_lanes(start);
#pragma GCC unroll 8
  for (int g = 0; g < kGroups; ++g) {
    const Ints weights = kBits == 8 ? veorq_u8(groups[g], vdupq_n_u8(0x80)) : groups[g];
    int32_t four;
    __builtin_memcpy(&four, values + 4 * g, sizeof four);
    sums = vdotq_s32(sums, vreinterpretq_s8_u8(weights), vreinterpretq_s8_s32(vdupq_n_s32(four)));
  }
  return from_lanes(sums);
}

// What attention needs besides.

// Into the second cache: what fills the first one is at work there.
inline void prefetch_far(const uint8_t* p) { __builtin_prefetch(p, 0, 2); }
inline Floats load_floats(const float* p) { return vld1q_f32(p); }
inline Floats add(Floats a, Floats b) { return vaddq_f32(a, b); }
inline Floats subtract(Floats a, Floats b) { return vsubq_f32(a, b); }
// The second one where either is no number.
inline Floats maximum(Floats a, Floats b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
inline float largest(Floats v) { return vmaxvq_f32(v); }
inline Floats as_floats(Ints v) { return vreinterpretq_f32_u8(v); }
inline Ints as_ints(Floats v) { return vreinterpretq_u8_f32(v); }
template <int kShift>
inline Ints shift_lanes_left(Ints v) {
  return from_lanes(vshlq_n_s32(signed_lanes(v), kShift));
}
template <int kShift>
inline Ints shift_signed_lanes_right(Ints v) {
  return from_lanes(vshrq_n_s32(signed_lanes(v), kShift));
}

// Lane j of vector i becomes lane i of vector j.
inline void transpose(Ints* v) {
  const int32x4x2_t even = vtrnq_s32(signed_lanes(v[0]), signed_lanes(v[1]));
  const int32x4x2_t odd = vtrnq_s32(signed_lanes(v[2]), signed_lanes(v[3]));
  for (int j = 0; j < 2; ++j) {
    v[j] = from_lanes(vcombine_s32(vget_low_s32(even.val[j]), vget_low_s32(odd.val[j])));
    v[2 + j] = from_lanes(vcombine_s32(vget_high_s32(even.val[j]), vget_high_s32(odd.val[j])));
  }
}

}  // namespace
}  // namespace realm
