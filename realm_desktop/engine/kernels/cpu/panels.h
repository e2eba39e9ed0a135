// How packed weights and quantized activations lie in memory; shared by every source here.
//
// A matrix is cut into panels of 16 output rows, a panel along its columns into units. A unit holds
// the file's own integers and scales of 16 rows, reordered so that one vector load takes four
// neighbouring values of every row, as the dot product instructions want them. A panel is one
// sequential stream of units: nothing jumps while a product reads it.
//
//   Q4_0  64 values  d[2][16] f16 | 2 blocks of nibbles
//   Q8_0  64 values  d[2][16] f16 | 2 blocks of [8][16][4] u8, value + 128
//   Q4_K 256 values  d[16] f16, dmin[16] f16 | scale[8][16] u8 | min[8][16] u8 | 8 blocks of nibbles
//   Q5_K 256 values  as Q4_K, but each block begins with a plane [16][4] u8:
//                    bit g of it is bit 4 of the values of group g
//   Q6_K 256 values  d[16] f16, 32 bytes unused | scale[16][16] s8 | 8 blocks, each with two planes
//                    [2][16][4] u8 before its nibbles: bits 2j and 2j+1 of plane h are bits 4 and 5
//                    of the values of group 4h + j
//
// A block is 32 values of each row, a group 4 of them. Nibbles are [4][16][4] u8: the low half of
// (j, row, i) is value 4j + i, the high half value 16 + 4j + i.
#pragma once

#include <cstddef>
#include <cstdint>

namespace realm {

constexpr int kPanelRows = 16;
constexpr int kBlockValues = 32;
constexpr int kGroupBytes = kPanelRows * 4;
constexpr int kNibbleBytes = 4 * kGroupBytes;
constexpr int kMaxTile = 16;  // most tokens that one pass over a panel serves
constexpr size_t kAlignment = 64;

enum Format : int32_t { kQ4_0, kQ8_0, kQ4_K, kQ5_K, kQ6_K, kNumFormats };

struct Layout {
  int blocks;        // of a unit
  int header_bytes;  // scales before the first block
  int block_bytes;
  int source_bytes;  // of the file's own quantization blocks for one row of a unit

  constexpr int values() const { return blocks * kBlockValues; }
  constexpr int unit_bytes() const { return header_bytes + blocks * block_bytes; }
};

// Q4_0 and Q8_0 take two quantization blocks a unit: their 32 halves fill one cache line, so that
// every later load is aligned.
constexpr Layout kLayouts[kNumFormats] = {
    {2, 64, kNibbleBytes, 2 * 18},
    {2, 64, 8 * kGroupBytes, 2 * 34},
    {8, 64 + 128 + 128, kNibbleBytes, 144},
    {8, 64 + 128 + 128, kGroupBytes + kNibbleBytes, 176},
    {8, 64 + 256, 2 * kGroupBytes + kNibbleBytes, 210},
};

constexpr int kMinScaleOffset = 32;   // dmin of the K formats
constexpr int kScaleOffset = 64;      // scales of scales
constexpr int kMinOffset = 64 + 128;  // mins of Q4_K and Q5_K

// 32 values of one token. The sums are kept because weights are stored without their sign: a dot
// product starts from minus the zero point times the sum of the activations.
struct alignas(kAlignment) Activation {
  int8_t values[kBlockValues];
  float scale;
  float scaled_sum;     // scale times the sum of all values
  int32_t minus_8;      // -8 times the sum: Q4_0
  int32_t minus_128;    // -128 times the sum: Q8_0
  int32_t minus_32[2];  // -32 times the sum of each half: Q6_K
  int32_t unused[2];
};
static_assert(sizeof(Activation) == 64, "one cache line a block and token");

// Number of units of a row of `columns` values; the last one may be half empty.
static constexpr int64_t num_units(Format format, int64_t columns) {
  const int values = kLayouts[format].values();
  return (columns + values - 1) / values;
}

static constexpr int64_t num_panels(int64_t rows) { return (rows + kPanelRows - 1) / kPanelRows; }

static constexpr int64_t panel_bytes(Format format, int64_t columns) {
  return num_units(format, columns) * kLayouts[format].unit_bytes();
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

// What one instruction set offers. `products[format][tokens - 1]` multiplies one panel with so many
// tokens, [block][token], and writes sums [token][16]; null where no such function was compiled.
using PanelProduct = void (*)(const uint8_t* panel, const Activation* tokens, int64_t units,
                              float* sums);

struct InstructionSet {
  const char* name;
  // `blocks` times 32 values of one token; block b goes to out[b * stride].
  void (*quantize)(const float* values, int64_t stride, int64_t blocks, Activation* out);
  PanelProduct products[kNumFormats][kMaxTile];
};

extern const InstructionSet kPortableSet;
extern const InstructionSet kAvx2Set;
extern const InstructionSet kAvxVnniSet;
extern const InstructionSet kAvx512VnniSet;
extern const InstructionSet kNeonSet;

}  // namespace realm
