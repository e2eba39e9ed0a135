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

// Left by kBits, or right where that is negative; bits of the neighbour byte come along.
template <int kBits>
inline Ints shift(Ints v) {
  if constexpr (kBits > 0) return shift_left<kBits>(v);
  if constexpr (kBits < 0) return shift_right<-kBits>(v);
  return v;
}

template <int kBytes>
inline void prefetch_block(const uint8_t* block) {
  for (int i = 0; i < kBytes; i += 64) prefetch(block + kPrefetchBytes + i);
}

// The 4 low bits of every group.
inline void unpack_nibbles(const uint8_t* nibbles, Ints* groups) {
  for (int j = 0; j < 4; ++j) {
    const Ints both = load(nibbles + j * kGroupBytes);
    groups[j] = and_bytes(both, 0x0f);
    groups[j + 4] = and_bytes(shift_right<4>(both), 0x0f);
  }
}

// Two bits of four groups, at bit kBit of each byte.
template <int kBit>
inline void unpack_pairs(const uint8_t* plane, Ints* groups) {
  constexpr int kMask = 3 << kBit;
  const Ints bits = load(plane);
  groups[0] = and_bytes(shift<kBit>(bits), kMask);
  groups[1] = and_bytes(shift<kBit - 2>(bits), kMask);
  groups[2] = and_bytes(shift<kBit - 4>(bits), kMask);
  groups[3] = and_bytes(shift<kBit - 6>(bits), kMask);
}

// One bit of every group, likewise.
template <int kBit>
inline void unpack_singles(const uint8_t* plane, Ints* groups) {
  constexpr int kMask = 1 << kBit;
  const Ints bits = load(plane);
  groups[0] = and_bytes(shift<kBit>(bits), kMask);
  groups[1] = and_bytes(shift<kBit - 1>(bits), kMask);
  groups[2] = and_bytes(shift<kBit - 2>(bits), kMask);
  groups[3] = and_bytes(shift<kBit - 3>(bits), kMask);
  groups[4] = and_bytes(shift<kBit - 4>(bits), kMask);
  groups[5] = and_bytes(shift<kBit - 5>(bits), kMask);
  groups[6] = and_bytes(shift<kBit - 6>(bits), kMask);
  groups[7] = and_bytes(shift<kBit - 7>(bits), kMask);
}

inline void add_bits(const Ints* bits, Ints* groups) {
  for (int g = 0; g < 8; ++g) groups[g] = or_bits(groups[g], bits[g]);
}

// The codes of a block for one part of a panel's rows.
template <int kBits>
inline void unpack_block(const uint8_t* block, Ints* groups) {
  if constexpr (kBits == 8) {
    for (int g = 0; g < 8; ++g) groups[g] = load(block + g * kGroupBytes);
    return;
  }
  Ints upper[8];
  const uint8_t* pairs = block + kBits % 2 * kGroupBytes;
  if constexpr (kBits >= 4) {
    unpack_nibbles(block + kBits % 4 * kGroupBytes, groups);
  } else {
    unpack_pairs<0>(pairs, groups);
    unpack_pairs<0>(pairs + kGroupBytes, groups + 4);
  }
  if constexpr (kBits == 6) {
    unpack_pairs<4>(pairs, upper);
    unpack_pairs<4>(pairs + kGroupBytes, upper + 4);
    add_bits(upper, groups);
  } else if constexpr (kBits % 2 == 1) {
    unpack_singles<kBits - 1>(block, upper);
    add_bits(upper, groups);
  }
}

// The scales of one block for one part of a panel's rows; of 16 values each or, in the first, of 32.
struct BlockScales {
  Floats scale[2];
  Floats min[2];
};

template <Panel kKind>
inline BlockScales block_scales(const uint8_t* unit, int block, int part) {
  constexpr Layout layout = kLayouts[kKind];
  BlockScales result;
  for (int i = 0; i < layout.scales_per_block; ++i) {
    const int place = (layout.scales_per_block * block + i) * kPanelRows + part * kLanes;
    if constexpr (layout.scales == Scales::kExponents) {
      result.scale[i] = load_exponents(unit + place);
    } else if constexpr (!layout.is_grouped()) {
      result.scale[i] = load_halves(unit + 2 * place);
      if constexpr (layout.has_mins())
        result.min[i] = load_halves(unit + layout.min_offset() + 2 * place);
    } else {
      const Floats d = load_halves(unit + 2 * part * kLanes);
      const uint8_t* scales = unit + Layout::kScaleOffset + place;
      const uint8_t* dmin = unit + Layout::kMinScaleOffset + 2 * part * kLanes;
      if constexpr (layout.scales == Scales::kGroups) {
        result.scale[i] = multiply(d, load_signed_bytes(scales));
      } else if constexpr (layout.scales == Scales::kGroupHalves) {
        result.scale[i] = multiply(d, load_low_halves(scales));
        result.min[i] = multiply(load_halves(dmin), load_high_halves(scales));
      } else {
        result.scale[i] = multiply(d, load_bytes(scales));
        result.min[i] = multiply(load_halves(dmin), load_bytes(unit + layout.min_offset() + place));
      }
    }
  }
  return result;
}

// Minus the zero point times the sum of the activations, from which a dot product starts.
template <int kZero>
inline Ints start_of(const Activation& token) {
  if constexpr (kZero == 0) return zero_ints();
  if constexpr (kZero == 8) return broadcast(&token.minus_8);
  if constexpr (kZero == 16) return shift_lanes_left<1>(broadcast(&token.minus_8));
  if constexpr (kZero == 128) return broadcast(&token.minus_128);
}

// The same for one half of a block.
template <int kZero>
inline Ints start_of_half(const Activation& token, int half) {
  if constexpr (kZero == 0) return zero_ints();
  if constexpr (kZero == 16) return shift_signed_lanes_right<1>(broadcast(&token.minus_32[half]));
  if constexpr (kZero == 32) return broadcast(&token.minus_32[half]);
  if constexpr (kZero == 64) return shift_lanes_left<1>(broadcast(&token.minus_32[half]));
}

// Bits of the weights as the dot product sees them: levels lie on both sides of the zero point.
constexpr int weight_bits(const Layout& layout) {
  return !layout.has_levels ? layout.bits : layout.zero == 128 ? 8 : layout.zero == 64 ? 7 : 5;
}

// sums + the dot product of one block, scaled. The same steps in the same order for every token.
template <Panel kKind>
inline Floats add_block(Floats sums, const Ints* groups, const BlockScales& scales,
                        const Activation& token) {
  constexpr Layout layout = kLayouts[kKind];
  constexpr int kBits = weight_bits(layout), kZero = layout.zero;
  const Floats token_scale = broadcast(&token.scale);
  if constexpr (layout.scales_per_block == 2) {
    const Floats low =
        to_floats(dot_groups<4, kBits>(groups, token.values, start_of_half<kZero>(token, 0)));
    const Floats high = to_floats(
        dot_groups<4, kBits>(groups + 4, token.values + 16, start_of_half<kZero>(token, 1)));
    const Floats dot = fused_add(high, scales.scale[1], multiply(low, scales.scale[0]));
    sums = fused_add(dot, token_scale, sums);
    if constexpr (layout.has_mins()) {
      sums = fused_subtract(broadcast(&token.scaled_sums[0]), scales.min[0], sums);
      sums = fused_subtract(broadcast(&token.scaled_sums[1]), scales.min[1], sums);
    }
  } else {
    const Floats dot =
        to_floats(dot_groups<8, kBits>(groups, token.values, start_of<kZero>(token)));
    sums = fused_add(multiply(dot, token_scale), scales.scale[0], sums);
    if constexpr (layout.has_mins())
      sums = fused_subtract(broadcast(&token.scaled_sum), scales.min[0], sums);
  }
  return sums;
}

template <Panel kKind, int kTokens>
void multiply_panel(const uint8_t* unit, const Levels& levels, const Activation* tokens,
                    int64_t units, float* result) {
  constexpr Layout layout = kLayouts[kKind];
  [[maybe_unused]] const Ints table = load_levels(levels.values);
  Floats sums[kParts][kTokens];
  for (int part = 0; part < kParts; ++part)
    for (int t = 0; t < kTokens; ++t) sums[part][t] = zero_floats();
  for (; units > 0; --units, unit += layout.unit_bytes()) {
    prefetch_block<layout.header_bytes()>(unit);
#pragma GCC unroll 1
    for (int b = 0; b < layout.blocks; ++b, tokens += kTokens) {
      const uint8_t* block = unit + layout.header_bytes() + b * layout.block_bytes();
      prefetch_block<layout.block_bytes()>(block);
      REALM_UNROLL
      for (int part = 0; part < kParts; ++part) {
        Ints groups[8];
        unpack_block<layout.bits>(block + part * kPartBytes, groups);
        if constexpr (layout.has_levels)
          for (int g = 0; g < 8; ++g) groups[g] = look_up(table, groups[g]);
        const BlockScales scales = block_scales<kKind>(unit, b, part);
        REALM_UNROLL
        for (int t = 0; t < kTokens; ++t)
          sums[part][t] = add_block<kKind>(sums[part][t], groups, scales, tokens[t]);
      }
    }
  }
  for (int part = 0; part < kParts; ++part)
    for (int t = 0; t < kTokens; ++t) {
      // A power of two: no bit of the sums changes.
      if constexpr (layout.has_levels)
        sums[part][t] = multiply(sums[part][t], broadcast(&levels.factor));
      store(result + t * kPanelRows + part * kLanes, sums[part][t]);
    }
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
  out->scaled_sums[0] = out->scale * static_cast<float>(sums[0]);
  out->scaled_sums[1] = out->scale * static_cast<float>(sums[1]);
}

void quantize(const float* values, int64_t stride, int64_t blocks, Activation* out) {
  for (int64_t b = 0; b < blocks; ++b) quantize_block(values + b * kBlockValues, out + b * stride);
}

}  // namespace

#define REALM_TILES(kind)    \
  {multiply_panel<kind, 1>,  \
   multiply_panel<kind, 2>,  \
   multiply_panel<kind, 3>,  \
   multiply_panel<kind, 4>,  \
   multiply_panel<kind, 5>,  \
   multiply_panel<kind, 6>,  \
   nullptr,                  \
   multiply_panel<kind, 8>,  \
   nullptr,                  \
   nullptr,                  \
   nullptr,                  \
   multiply_panel<kind, 12>, \
   nullptr,                  \
   nullptr,                  \
   nullptr,                  \
   multiply_panel<kind, 16>}

extern const InstructionSet REALM_SET = {
    kSetName,
    quantize,
    {REALM_TILES(kPlain4), REALM_TILES(kPlain5), REALM_TILES(kPlain8), REALM_TILES(kMin4),
     REALM_TILES(kMin5), REALM_TILES(kLevels4), REALM_TILES(kHalfLevels4),
     REALM_TILES(kExponents4), REALM_TILES(kSuper2), REALM_TILES(kSuper4), REALM_TILES(kSuper5),
     REALM_TILES(kSuper6), REALM_TILES(kSuperLevels3), REALM_TILES(kSuperLevels4)},
};

}  // namespace realm
