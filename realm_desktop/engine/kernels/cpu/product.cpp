// Products of one panel with a tile of tokens; compiled once for each instruction set.
//
// REALM_VECTORS names the header with the vector type of the set, REALM_SET its table. Every
// floating-point step is written out (fused or not), and the integer steps are exact, so that all
// sets compute the same bits, and a token the same bits in a tile of any size.
//
// No standard library here: an inline function of it, compiled for a newer processor, could be the
// copy that the linker keeps for all.
#include "panels.h"
#include "quantize.h"
#include REALM_VECTORS

namespace realm {
namespace {

// Memory comes into the second cache early and from there into the first one: with one distance for
// both a matrix of 19 MB takes 1.15 to 1.2 times as long, and with none 1.5 times and more.
constexpr int kPrefetchBytes = 3072;
constexpr int kFarPrefetchBytes = 16384;

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
  for (int i = 0; i < kBytes; i += 64) {
    prefetch(block + kPrefetchBytes + i);
    prefetch_far(block + kFarPrefetchBytes + i);
  }
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
  Floats bias[2];  // what a dot product's bias becomes, to be taken off; exact, as scales are short
  Floats min[2];
};

constexpr float kMinusSumBias = -kSumBias;

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
    result.bias[i] = multiply(result.scale[i], broadcast(&kMinusSumBias));
  }
  return result;
}

// What a dot product starts from: the bias, minus the zero point times the sum of the activations.
template <int kZero>
inline Ints start_of(const Activation& token) {
  static_assert(kZero == 0 || kZero == 8 || kZero == 16 || kZero == 128);
  if constexpr (kZero == 0) return broadcast(&kSumBiasBits);
  if constexpr (kZero == 8) return broadcast(&token.start_8);
  if constexpr (kZero == 128) return broadcast(&token.start_128);
  const int32_t start = kSumBiasBits + 2 * (token.start_8 - kSumBiasBits);
  return broadcast(&start);
}

// The same for one half of a block.
template <int kZero>
inline Ints start_of_half(const Activation& token, int half) {
  static_assert(kZero == 0 || kZero == 16 || kZero == 32 || kZero == 64);
  if constexpr (kZero == 0) return broadcast(&kSumBiasBits);
  if constexpr (kZero == 32) return broadcast(&token.start_32[half]);
  const int32_t zero = token.start_32[half] - kSumBiasBits;
  const int32_t start = kSumBiasBits + (kZero == 16 ? zero / 2 : 2 * zero);
  return broadcast(&start);
}

// Bits of the weights as the dot product sees them: levels lie on both sides of the zero point.
constexpr int weight_bits(const Layout& layout) {
  return !layout.has_levels ? layout.bits : layout.zero == 128 ? 8 : layout.zero == 64 ? 7 : 5;
}

// Adds the dot products of some groups with tokens, whose chains of additions run side by side:
// the processor looks only some hundred instructions ahead.
template <int kTokens, int kGroups, int kBits>
inline void add_dots(const Ints* groups, const Activation* tokens, int first, Ints* dots) {
  if constexpr (kTokens == 1) {
    dots[0] = dot_groups<kGroups, kBits>(groups, tokens->values + first, dots[0]);
    return;
  }
  REALM_UNROLL
  for (int g = 0; g < kGroups; ++g)
    REALM_UNROLL
    for (int t = 0; t < kTokens; ++t)
      dots[t] = dot_groups<1, kBits>(groups + g, tokens[t].values + first + 4 * g, dots[t]);
}

// Adds what a block's scales made of its dot products, and takes its mins off.
template <Panel kKind, int kTokens>
inline void add_scaled(Floats* sums, const Floats* scaled, const BlockScales& scales,
                       const Activation* tokens) {
  constexpr Layout layout = kLayouts[kKind];
  REALM_UNROLL
  for (int t = 0; t < kTokens; ++t) {
    sums[t] = fused_add(scaled[t], broadcast(&tokens[t].scale), sums[t]);
    if constexpr (layout.has_mins() && layout.scales_per_block == 2) {
      sums[t] = fused_subtract(broadcast(&tokens[t].scaled_sums[0]), scales.min[0], sums[t]);
      sums[t] = fused_subtract(broadcast(&tokens[t].scaled_sums[1]), scales.min[1], sums[t]);
    } else if constexpr (layout.has_mins()) {
      sums[t] = fused_subtract(broadcast(&tokens[t].scaled_sum), scales.min[0], sums[t]);
    }
  }
}

// sums + the dot products of one block, scaled. The same steps in the same order for every token.
template <Panel kKind, int kTokens>
inline void add_block(Floats* sums, const Ints* groups, const BlockScales& scales,
                      const Activation* tokens) {
  constexpr Layout layout = kLayouts[kKind];
  constexpr int kBits = weight_bits(layout), kZero = layout.zero;
  constexpr bool kHasHalves = layout.scales_per_block == 2;
  constexpr int kGroups = kHasHalves ? 4 : 8;
  Ints dots[kTokens];
  Floats scaled[kTokens];
  REALM_UNROLL
  for (int t = 0; t < kTokens; ++t) {
    if constexpr (kHasHalves) {
      dots[t] = start_of_half<kZero>(tokens[t], 0);
    } else {
      dots[t] = start_of<kZero>(tokens[t]);
    }
  }
  add_dots<kTokens, kGroups, kBits>(groups, tokens, 0, dots);
  if constexpr (layout.scales == Scales::kExponents) {
    // Near the greatest exponent a dot product fits into a float only after the token's scale.
    REALM_UNROLL
    for (int t = 0; t < kTokens; ++t) {
      const Floats dot = subtract(as_floats(dots[t]), broadcast(&kSumBias));
      sums[t] = fused_add(multiply(dot, broadcast(&tokens[t].scale)), scales.scale[0], sums[t]);
    }
    return;
  }
  REALM_UNROLL
  for (int t = 0; t < kTokens; ++t)
    scaled[t] = fused_add(as_floats(dots[t]), scales.scale[0], scales.bias[0]);
  if constexpr (kHasHalves) {
    REALM_UNROLL
    for (int t = 0; t < kTokens; ++t) dots[t] = start_of_half<kZero>(tokens[t], 1);
    add_dots<kTokens, kGroups, kBits>(groups + kGroups, tokens, 16, dots);
    REALM_UNROLL
    for (int t = 0; t < kTokens; ++t)
      scaled[t] = add(fused_add(as_floats(dots[t]), scales.scale[1], scales.bias[1]), scaled[t]);
  }
  add_scaled<kKind, kTokens>(sums, scaled, scales, tokens);
}

// The same for a tile, in strips of as many tokens as there are registers for.
template <Panel kKind, int kTokens>
inline void add_block_of_tile(Floats* sums, const Ints* groups, const BlockScales& scales,
                              const Activation* tokens) {
  constexpr int kStrip = kTokens < kMaxStrip ? kTokens : kMaxStrip;
  constexpr int kRest = kTokens % kStrip;
  REALM_UNROLL
  for (int t = 0; t < kTokens - kRest; t += kStrip)
    add_block<kKind, kStrip>(sums + t, groups, scales, tokens + t);
  if constexpr (kRest > 0)
    add_block<kKind, kRest>(sums + kTokens - kRest, groups, scales, tokens + kTokens - kRest);
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
        add_block_of_tile<kKind, kTokens>(sums[part], groups, scales, tokens);
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
