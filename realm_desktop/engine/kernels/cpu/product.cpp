// Products of one panel with a tile of tokens; compiled once for each instruction set.
//
// REALM_VECTORS names the header with the vector type of the set, REALM_SET its table. Every
// floating-point step is written out (fused or not), and the integer steps are exact, so that all
// sets compute the same bits, and a token the same bits in a tile of any size.
//
// No standard library here: an inline function of it, compiled for a newer processor, could be the
// copy that the linker keeps for all.
#include "panels.h"
#include REALM_VECTORS

namespace realm {
namespace {

// Between 1 and 12 KB all distances are within 10 %; without, a step with 8 tokens takes 1.5 times
// as long (Zen 4).
constexpr int kPrefetchBytes = 3072;

// Below this a block of activations is as good as zero, and 127 / maximum would overflow.
constexpr uint32_t kTinyBits = 0x0d800000u;  // 2^-100
constexpr uint32_t kInfinityBits = 0x7f800000u;
constexpr float kRoundingBias = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer, to even

constexpr int kParts = kPanelRows / kLanes;
constexpr int kPartBytes = kLanes * 4;

template <int kBytes>
inline void prefetch_block(const uint8_t* block) {
  for (int i = 0; i < kBytes; i += 64) prefetch(block + kPrefetchBytes + i);
}

inline void unpack_nibbles(const uint8_t* nibbles, Ints* groups) {
  for (int j = 0; j < 4; ++j) {
    const Ints both = load(nibbles + j * kGroupBytes);
    groups[j] = and_bytes(both, 0x0f);
    groups[j + 4] = and_bytes(shift_right<4>(both), 0x0f);
  }
}

// Gives groups 0 to 7 their bit 4 from a plane whose bit g belongs to group g.
inline void add_fifth_bits(const uint8_t* plane, Ints* groups) {
  const Ints bits = load(plane);
  groups[0] = or_bits(groups[0], and_bytes(shift_left<4>(bits), 0x10));
  groups[1] = or_bits(groups[1], and_bytes(shift_left<3>(bits), 0x10));
  groups[2] = or_bits(groups[2], and_bytes(shift_left<2>(bits), 0x10));
  groups[3] = or_bits(groups[3], and_bytes(shift_left<1>(bits), 0x10));
  groups[4] = or_bits(groups[4], and_bytes(bits, 0x10));
  groups[5] = or_bits(groups[5], and_bytes(shift_right<1>(bits), 0x10));
  groups[6] = or_bits(groups[6], and_bytes(shift_right<2>(bits), 0x10));
  groups[7] = or_bits(groups[7], and_bytes(shift_right<3>(bits), 0x10));
}

// Gives four groups their bits 4 and 5.
inline void add_upper_bits(const uint8_t* plane, Ints* groups) {
  const Ints bits = load(plane);
  groups[0] = or_bits(groups[0], and_bytes(shift_left<4>(bits), 0x30));
  groups[1] = or_bits(groups[1], and_bytes(shift_left<2>(bits), 0x30));
  groups[2] = or_bits(groups[2], and_bytes(bits, 0x30));
  groups[3] = or_bits(groups[3], and_bytes(shift_right<2>(bits), 0x30));
}

// The scales of one block for one part of a panel's rows.
struct BlockScales {
  Floats scale;
  Floats second;  // of the upper 16 values: Q6_K; the min: Q4_K, Q5_K
};

template <Format kFormat>
inline BlockScales block_scales(const uint8_t* unit, int block, int part) {
  if constexpr (kFormat == kQ4_0 || kFormat == kQ8_0) {
    const Floats scale = load_halves(unit + 2 * (block * kPanelRows + part * kLanes));
    return {scale, scale};
  } else if constexpr (kFormat == kQ6_K) {
    const Floats d = load_halves(unit + 2 * part * kLanes);
    const uint8_t* scales = unit + kScaleOffset + 2 * block * kPanelRows + part * kLanes;
    return {multiply(d, load_signed_bytes(scales)),
            multiply(d, load_signed_bytes(scales + kPanelRows))};
  } else {
    const int row = block * kPanelRows + part * kLanes;
    const Floats d = load_halves(unit + 2 * part * kLanes);
    const Floats dmin = load_halves(unit + kMinScaleOffset + 2 * part * kLanes);
    return {multiply(d, load_bytes(unit + kScaleOffset + row)),
            multiply(dmin, load_bytes(unit + kMinOffset + row))};
  }
}

template <Format kFormat>
inline void unpack_block(const uint8_t* block, Ints* groups) {
  if constexpr (kFormat == kQ8_0) {
    for (int g = 0; g < 8; ++g) groups[g] = load(block + g * kGroupBytes);
  } else if constexpr (kFormat == kQ5_K) {
    unpack_nibbles(block + kGroupBytes, groups);
    add_fifth_bits(block, groups);
  } else if constexpr (kFormat == kQ6_K) {
    unpack_nibbles(block + 2 * kGroupBytes, groups);
    add_upper_bits(block, groups);
    add_upper_bits(block + kGroupBytes, groups + 4);
  } else {
    unpack_nibbles(block, groups);
  }
}

// sums + the dot product of one block, scaled. The same steps in the same order for every token.
template <Format kFormat>
inline Floats add_block(Floats sums, const Ints* groups, const BlockScales& scales,
                        const Activation& token) {
  const Floats token_scale = broadcast(&token.scale);
  if constexpr (kFormat == kQ4_0) {
    const Floats dot = to_floats(dot_groups<8, 4>(groups, token.values, broadcast(&token.minus_8)));
    return fused_add(multiply(dot, token_scale), scales.scale, sums);
  } else if constexpr (kFormat == kQ8_0) {
    const Floats dot =
        to_floats(dot_groups<8, 8>(groups, token.values, broadcast(&token.minus_128)));
    return fused_add(multiply(dot, token_scale), scales.scale, sums);
  } else if constexpr (kFormat == kQ6_K) {
    const Floats low =
        to_floats(dot_groups<4, 6>(groups, token.values, broadcast(&token.minus_32[0])));
    const Floats high =
        to_floats(dot_groups<4, 6>(groups + 4, token.values + 16, broadcast(&token.minus_32[1])));
    const Floats dot = fused_add(high, scales.second, multiply(low, scales.scale));
    return fused_add(dot, token_scale, sums);
  } else {
    constexpr int kBits = kFormat == kQ4_K ? 4 : 5;
    const Floats dot = to_floats(dot_groups<8, kBits>(groups, token.values, zero_ints()));
    const Floats sum = fused_add(multiply(dot, token_scale), scales.scale, sums);
    return fused_subtract(broadcast(&token.scaled_sum), scales.second, sum);
  }
}

template <Format kFormat, int kTokens>
void multiply_panel(const uint8_t* unit, const Activation* tokens, int64_t units, float* result) {
  constexpr Layout layout = kLayouts[kFormat];
  Floats sums[kParts][kTokens];
  for (int part = 0; part < kParts; ++part)
    for (int t = 0; t < kTokens; ++t) sums[part][t] = zero_floats();
  for (; units > 0; --units, unit += layout.unit_bytes()) {
    prefetch(unit + kPrefetchBytes);
#pragma GCC unroll 1
    for (int b = 0; b < layout.blocks; ++b, tokens += kTokens) {
      const uint8_t* block = unit + layout.header_bytes + b * layout.block_bytes;
      prefetch_block<layout.block_bytes>(block);
      REALM_UNROLL
      for (int part = 0; part < kParts; ++part) {
        Ints groups[8];
        unpack_block<kFormat>(block + part * kPartBytes, groups);
        const BlockScales scales = block_scales<kFormat>(unit, b, part);
        REALM_UNROLL
        for (int t = 0; t < kTokens; ++t)
          sums[part][t] = add_block<kFormat>(sums[part][t], groups, scales, tokens[t]);
      }
    }
  }
  for (int part = 0; part < kParts; ++part)
    for (int t = 0; t < kTokens; ++t) store(result + t * kPanelRows + part * kLanes, sums[part][t]);
}

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

// One block of one token: the largest magnitude becomes 127.
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
  int32_t sums[2] = {0, 0};
  for (int i = 0; i < kBlockValues; ++i) {
    // An infinity times 0 would be a NaN without a meaning as an integer.
    const float scaled = (is_finite ? values[i] : 0.0f) * inverse + kRoundingBias;
    const int32_t q = static_cast<int32_t>(bits_of(scaled)) - static_cast<int32_t>(0x4b400000);
    out->values[i] = static_cast<int8_t>(q);
    sums[i / 16] += q;
  }
  const int32_t sum = sums[0] + sums[1];
  // A NaN or an infinity makes every result of its token a NaN, and of no other token.
  out->scale = !is_finite ? float_of(0x7fc00000u) : is_tiny ? 0.0f : maximum / 127.0f;
  out->scaled_sum = out->scale * static_cast<float>(sum);
  out->minus_8 = -8 * sum;
  out->minus_128 = -128 * sum;
  out->minus_32[0] = -32 * sums[0];
  out->minus_32[1] = -32 * sums[1];
}

void quantize(const float* values, int64_t stride, int64_t blocks, Activation* out) {
  for (int64_t b = 0; b < blocks; ++b) quantize_block(values + b * kBlockValues, out + b * stride);
}

}  // namespace

#define REALM_TILES(format)    \
  {multiply_panel<format, 1>,  \
   multiply_panel<format, 2>,  \
   multiply_panel<format, 3>,  \
   multiply_panel<format, 4>,  \
   multiply_panel<format, 5>,  \
   multiply_panel<format, 6>,  \
   nullptr,                    \
   multiply_panel<format, 8>,  \
   nullptr,                    \
   nullptr,                    \
   nullptr,                    \
   multiply_panel<format, 12>, \
   nullptr,                    \
   nullptr,                    \
   nullptr,                    \
   multiply_panel<format, 16>}

extern const InstructionSet REALM_SET = {
    kSetName,
    quantize,
    {REALM_TILES(kQ4_0), REALM_TILES(kQ8_0), REALM_TILES(kQ4_K), REALM_TILES(kQ5_K),
     REALM_TILES(kQ6_K)},
};

}  // namespace realm
