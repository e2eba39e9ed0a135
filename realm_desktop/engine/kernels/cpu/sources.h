// The quantization blocks of files, read into one form whatever their tensor type.
#pragma once

#include <cstring>

#include "panels.h"

namespace realm {

inline uint32_t word_at(const uint8_t* p) {
  uint32_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

// Tensor types that can be packed; the numbers that Python gives.
enum Format : int32_t {
  kQ4_0,
  kQ8_0,
  kQ4_K,
  kQ5_K,
  kQ6_K,
  kQ4_1,
  kQ5_0,
  kQ5_1,
  kQ2_K,
  kQ3_K,
  kIQ4_NL,
  kIQ4_XS,
  kMXFP4,
  kIQ1_S,
  kIQ1_M,
  kIQ2_XXS,
  kIQ2_XS,
  kIQ2_S,
  kIQ3_XXS,
  kIQ3_S,
  kTQ1_0,
  kTQ2_0,
  kNVFP4,
  kNumFormats
};

// One row of one unit: codes, and the scales as the header of a panel has them.
struct RowUnit {
  uint8_t codes[256];
  uint16_t d[4];  // of each block or half of one, or d[0] of the unit
  uint16_t m[4];  // mins likewise; dmin of the unit
  uint8_t scales[16];
  uint8_t mins[16];
};

struct Source {
  Panel panel;
  int values;  // of a quantization block
  int bytes;
  // Reads quantization block number `index` of a unit. `grid` holds the codes of the type's grid.
  void (*read)(const uint8_t* block, const uint8_t* grid, int index, RowUnit& unit);
  int grid_bytes;  // 0 without a grid
  Levels levels;

  // Of a row; `columns` is a multiple of `values`.
  int64_t row_bytes(int64_t columns) const { return columns / values * bytes; }
};

extern const Source kSources[kNumFormats];

}  // namespace realm
