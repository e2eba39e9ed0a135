// How packed weights and quantized activations lie in memory; shared by every source here.
//
// A matrix is cut into panels of 16 output rows, a panel along its columns into units. A unit holds
// the file's own integers and scales of 16 rows, reordered so that one vector load takes four
// neighbouring values of every row, as the dot product instructions want them. A panel is one
// sequential stream of units: nothing jumps while a product reads it.
//
// A unit is a header of scales and then its blocks, each 32 values of every row. A group of a block
// is 4 values of every row. The code of a value is cut into parts of 8, 4, 2 or 1 bits, the lowest
// bits in the widest part, and the parts of a block lie behind each other, the narrowest first:
//
//   8 bits  [8][16][4] u8: byte (g, row, i) is value i of group g
//   4 bits  [4][16][4] u8: the low half of (j, row, i) belongs to group j, the high half to 4 + j
//   2 bits  [2][16][4] u8: bits 2j and 2j + 1 of (h, row, i) belong to group 4h + j
//   1 bit   [16][4] u8: bit g of (row, i) belongs to group g
#pragma once

#include <cstddef>
#include <cstdint>

namespace realm {

constexpr int kPanelRows = 16;
constexpr int kBlockValues = 32;
constexpr int kGroupBytes = kPanelRows * 4;
constexpr int kMaxTile = 16;  // most tokens that one pass over a panel serves
constexpr size_t kAlignment = 64;

// The header of a unit; d, m, exponents and scales of the 16 rows lie [..][16].
enum class Scales : int8_t {
  kBlocks,         // d[..] f16
  kBlocksAndMins,  // d[..] f16 | m[..] f16
  kExponents,      // e[..] u8, a scale being 2^(e - 128)
  kGroups,         // d f16, 32 bytes unused | scale[..] s8, a scale being d * scale
  kGroupsAndMins,  // d, dmin f16 | scale[..] u8 | min[..] u8, a min being dmin * min
  kGroupHalves,    // d, dmin f16 | scale in the low, min in the high half of [..] u8
};

// A value is scale * (code - zero) - min. Where there are levels, a code is an index of them.
struct Layout {
  int8_t bits;              // of a code
  int8_t blocks;            // of a unit
  Scales scales;
  int8_t scales_per_block;  // 1, or 2 of 16 values each
  int16_t zero;
  bool has_levels;

  constexpr int values() const { return blocks * kBlockValues; }
  constexpr int num_scales() const { return blocks * scales_per_block; }
  constexpr bool has_mins() const {
    return scales == Scales::kBlocksAndMins || scales == Scales::kGroupsAndMins ||
           scales == Scales::kGroupHalves;
  }
  constexpr bool is_grouped() const { return scales >= Scales::kGroups; }
  constexpr int header_bytes() const {
    const int row_bytes = scales == Scales::kBlocks          ? 2 * num_scales()
                          : scales == Scales::kBlocksAndMins ? 4 * num_scales()
                          : scales == Scales::kGroupsAndMins ? 4 + 2 * num_scales()
                          : is_grouped()                     ? 4 + num_scales()
                                                             : num_scales();
    return row_bytes * kPanelRows;
  }
  constexpr int block_bytes() const { return bits * kGroupBytes; }
  constexpr int unit_bytes() const { return header_bytes() + blocks * block_bytes(); }
  // Of the mins, behind the scales.
  constexpr int min_offset() const {
    return scales == Scales::kBlocksAndMins ? 2 * num_scales() * kPanelRows
                                            : kScaleOffset + num_scales() * kPanelRows;
  }

  static constexpr int kMinScaleOffset = 2 * kPanelRows;  // dmin
  static constexpr int kScaleOffset = 4 * kPanelRows;     // scales of scales
};

// Few kinds of panels serve the many types of files, see sources.cpp.
enum Panel : int32_t {
  kPlain4,
  kPlain5,
  kPlain8,
  kMin4,
  kMin5,
  kLevels4,
  kHalfLevels4,
  kExponents4,
  kSuper2,
  kSuper4,
  kSuper5,
  kSuper6,
  kSuperLevels3,
  kSuperLevels4,
  kNumPanels
};

// Units of small blocks have as many as fill a cache line with scales, so that every later load is
// aligned.
constexpr Layout kLayouts[kNumPanels] = {
    {4, 2, Scales::kBlocks, 1, 8, false},
    {5, 2, Scales::kBlocks, 1, 16, false},
    {8, 2, Scales::kBlocks, 1, 128, false},
    {4, 2, Scales::kBlocksAndMins, 1, 0, false},
    {5, 2, Scales::kBlocksAndMins, 1, 0, false},
    {4, 2, Scales::kBlocks, 1, 128, true},
    {4, 2, Scales::kBlocks, 2, 16, true},
    {4, 4, Scales::kExponents, 1, 16, true},
    {2, 8, Scales::kGroupHalves, 2, 0, false},
    {4, 8, Scales::kGroupsAndMins, 1, 0, false},
    {5, 8, Scales::kGroupsAndMins, 1, 0, false},
    {6, 8, Scales::kGroups, 2, 32, false},
    {3, 8, Scales::kGroups, 2, 64, true},
    {4, 8, Scales::kGroups, 1, 128, true},
};

// What the codes of a type with levels stand for.
struct Levels {
  uint8_t values[16];  // a level plus the panel's zero, by code
  float factor;        // of all scales, a power of two
};

// Dot products start from the bits of 1.5 * 2^23. Up to 2^22, and none is larger, an integer added to
// them is the float 1.5 * 2^23 plus it, which a fused multiplication takes without a conversion.
constexpr int32_t kSumBiasBits = 0x4b400000;
constexpr float kSumBias = 12582912.0f;

// 32 values of one token. The sums are kept because weights are stored without their sign: a dot
// product starts from the bias, minus the zero point times the sum of the activations.
struct alignas(kAlignment) Activation {
  int8_t values[kBlockValues];
  float scale;
  float scaled_sum;     // scale times the sum of all values
  int32_t start_8;      // where the zero point is 8
  int32_t start_128;
  int32_t start_32[2];  // of each half
  float scaled_sums[2];  // scale times the sum of each half
};
static_assert(sizeof(Activation) == 64, "one cache line a block and token");

// Number of units of a row of `columns` values; the last one may be half empty.
static constexpr int64_t num_units(Panel kind, int64_t columns) {
  const int values = kLayouts[kind].values();
  return (columns + values - 1) / values;
}

static constexpr int64_t num_panels(int64_t rows) { return (rows + kPanelRows - 1) / kPanelRows; }

static constexpr int64_t panel_bytes(Panel kind, int64_t columns) {
  return num_units(kind, columns) * kLayouts[kind].unit_bytes();
}

// IEEE 754 binary16 to binary32, exact. Static: see product.cpp about shared inline functions.
static inline float float_from_half(uint16_t half) {
  const uint32_t magnitude = half & 0x7fffu;
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
  float value;
  if (magnitude >= 0x0400u) {
    const uint32_t exponent = magnitude >= 0x7c00u ? 0x70000000u : 0x38000000u;
    const uint32_t bits = sign | ((magnitude << 13) + exponent);
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
  }
  value = static_cast<float>(magnitude) * 0x1p-24f;  // below the smallest normal half
  return sign != 0 ? -value : value;
}

// 2^(e - 128); below e = 2 that is a subnormal number.
static inline float float_from_exponent(uint8_t e) {
  const uint32_t bits = e < 2 ? 0x00200000u << e : static_cast<uint32_t>(e - 1) << 23;
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

// Multiplies one panel with some tokens, [block][token], and writes sums [token][16]. `levels` is
// only looked at for panels that have them.
using PanelProduct = void (*)(const uint8_t* panel, const Levels& levels, const Activation* tokens,
                              int64_t units, float* sums);

// What one instruction set offers. `products[kind][tokens - 1]` is null where no such function was
// compiled.
struct InstructionSet {
  const char* name;
  // `blocks` times 32 values of one token, of a RealmFloat; block b goes to out[b * stride].
  void (*quantize)(const void* values, int32_t type, int64_t stride, int64_t blocks,
                   Activation* out);
  PanelProduct products[kNumPanels][kMaxTile];
};

extern const InstructionSet kPortableSet;
extern const InstructionSet kAvx2Set;
extern const InstructionSet kAvxVnniSet;
extern const InstructionSet kAvx512VnniSet;
extern const InstructionSet kNeonSet;

}  // namespace realm
