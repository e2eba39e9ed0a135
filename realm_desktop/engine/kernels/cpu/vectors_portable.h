// Four rows at a time in plain C++: the reference of the tests, never chosen by itself.
#pragma once

#include "panels.h"

namespace realm {
namespace {

#define REALM_UNROLL

constexpr const char* kSetName = "portable";
constexpr int kLanes = 4;
constexpr int kMaxStrip = 1;  // tokens whose dot products run side by side

struct Ints {
  uint32_t lane[kLanes];
};
struct Floats {
  float lane[kLanes];
};

inline void prefetch(const uint8_t*) {}
inline Ints load(const uint8_t* p) {
  Ints v;
  __builtin_memcpy(v.lane, p, sizeof v.lane);
  return v;
}
inline Ints and_bytes(Ints v, int mask) {
  for (uint32_t& lane : v.lane) lane &= static_cast<uint32_t>(mask) * 0x01010101u;
  return v;
}
inline Ints or_bits(Ints a, Ints b) {
  for (int i = 0; i < kLanes; ++i) a.lane[i] |= b.lane[i];
  return a;
}
template <int kShift>
inline Ints shift_right(Ints v) {
  for (uint32_t& lane : v.lane) lane >>= kShift;
  return v;
}
template <int kShift>
inline Ints shift_left(Ints v) {
  for (uint32_t& lane : v.lane) lane <<= kShift;
  return v;
}
inline Floats zero_floats() { return Floats{}; }
inline Ints broadcast(const int32_t* p) {
  Ints v;
  for (uint32_t& lane : v.lane) lane = static_cast<uint32_t>(*p);
  return v;
}
inline Floats broadcast(const float* p) {
  Floats v;
  for (float& lane : v.lane) lane = *p;
  return v;
}
inline Floats to_floats(Ints v) {
  Floats f;
  for (int i = 0; i < kLanes; ++i) f.lane[i] = static_cast<float>(static_cast<int32_t>(v.lane[i]));
  return f;
}
inline Floats multiply(Floats a, Floats b) {
  for (int i = 0; i < kLanes; ++i) a.lane[i] *= b.lane[i];
  return a;
}
inline Floats fused_add(Floats a, Floats b, Floats c) {
  for (int i = 0; i < kLanes; ++i) c.lane[i] = __builtin_fmaf(a.lane[i], b.lane[i], c.lane[i]);
  return c;
}
inline Floats fused_subtract(Floats a, Floats b, Floats c) {
  for (int i = 0; i < kLanes; ++i) c.lane[i] = __builtin_fmaf(-a.lane[i], b.lane[i], c.lane[i]);
  return c;
}
inline void store(float* p, Floats v) { __builtin_memcpy(p, v.lane, sizeof v.lane); }
inline Floats load_halves(const uint8_t* p) {
  Floats f;
  for (int i = 0; i < kLanes; ++i) {
    uint16_t half;
    __builtin_memcpy(&half, p + 2 * i, sizeof half);
    f.lane[i] = float_from_half(half);
  }
  return f;
}
// The even and the odd ones of 8 values.
inline Floats low_bfloat16(Ints v) {
  for (uint32_t& lane : v.lane) lane <<= 16;
  Floats f;
  __builtin_memcpy(f.lane, v.lane, sizeof f.lane);
  return f;
}
inline Floats high_bfloat16(Ints v) {
  for (uint32_t& lane : v.lane) lane &= 0xffff0000u;
  Floats f;
  __builtin_memcpy(f.lane, v.lane, sizeof f.lane);
  return f;
}
inline Floats load_bytes(const uint8_t* p) {
  Floats f;
  for (int i = 0; i < kLanes; ++i) f.lane[i] = static_cast<float>(p[i]);
  return f;
}
inline Floats load_signed_bytes(const uint8_t* p) {
  Floats f;
  for (int i = 0; i < kLanes; ++i) f.lane[i] = static_cast<float>(static_cast<int8_t>(p[i]));
  return f;
}

// The low and the high half of a byte for every lane.
inline Floats load_low_halves(const uint8_t* p) {
  Floats f;
  for (int i = 0; i < kLanes; ++i) f.lane[i] = static_cast<float>(p[i] & 0x0f);
  return f;
}
inline Floats load_high_halves(const uint8_t* p) {
  Floats f;
  for (int i = 0; i < kLanes; ++i) f.lane[i] = static_cast<float>(p[i] >> 4);
  return f;
}
inline Floats load_exponents(const uint8_t* p) {
  Floats f;
  for (int i = 0; i < kLanes; ++i) f.lane[i] = float_from_exponent(p[i]);
  return f;
}
// 16 bytes to look values up in, and the values of codes below 16.
inline Ints load_levels(const uint8_t* p) { return load(p); }
inline Ints look_up(Ints levels, Ints codes) {
  uint8_t table[16], bytes[sizeof codes.lane];
  __builtin_memcpy(table, levels.lane, sizeof table);
  __builtin_memcpy(bytes, codes.lane, sizeof bytes);
  for (uint8_t& byte : bytes) byte = table[byte & 0x0f];
  __builtin_memcpy(codes.lane, bytes, sizeof bytes);
  return codes;
}

// start + the dot product of groups of four weights, each below 2^kBits, with activations.
template <int kGroups, int kBits>
inline Ints dot_groups(const Ints* groups, const int8_t* values, Ints start) {
  for (int g = 0; g < kGroups; ++g)
    for (int i = 0; i < kLanes; ++i)
      for (int k = 0; k < 4; ++k) {
        const int32_t weight = static_cast<int32_t>((groups[g].lane[i] >> (8 * k)) & 0xffu);
        start.lane[i] += static_cast<uint32_t>(weight * values[4 * g + k]);
      }
  return start;
}

// What attention needs besides.

inline void prefetch_far(const uint8_t*) {}
inline Floats load_floats(const float* p) {
  Floats f;
  __builtin_memcpy(f.lane, p, sizeof f.lane);
  return f;
}
inline Floats as_floats(Ints v) {
  Floats f;
  __builtin_memcpy(f.lane, v.lane, sizeof f.lane);
  return f;
}
inline Ints as_ints(Floats f) {
  Ints v;
  __builtin_memcpy(v.lane, f.lane, sizeof v.lane);
  return v;
}
inline Floats add(Floats a, Floats b) {
  for (int i = 0; i < kLanes; ++i) a.lane[i] += b.lane[i];
  return a;
}
inline Floats subtract(Floats a, Floats b) {
  for (int i = 0; i < kLanes; ++i) a.lane[i] -= b.lane[i];
  return a;
}
// The second one where either is no number.
inline Floats maximum(Floats a, Floats b) {
  for (int i = 0; i < kLanes; ++i) a.lane[i] = a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i];
  return a;
}
inline float largest(Floats v) {
  float most = v.lane[0];
  for (float lane : v.lane) most = lane > most ? lane : most;
  return most;
}
template <int kShift>
inline Ints shift_lanes_left(Ints v) {
  for (uint32_t& lane : v.lane) lane <<= kShift;
  return v;
}
template <int kShift>
inline Ints shift_signed_lanes_right(Ints v) {
  for (uint32_t& lane : v.lane)
    lane = static_cast<uint32_t>(static_cast<int32_t>(lane) >> kShift);
  return v;
}

// Lane j of vector i becomes lane i of vector j.
inline void transpose(Ints* v) {
  for (int i = 0; i < kLanes; ++i)
    for (int j = 0; j < i; ++j) {
      const uint32_t lane = v[i].lane[j];
      v[i].lane[j] = v[j].lane[i];
      v[j].lane[i] = lane;
    }
}

}  // namespace
}  // namespace realm
