// Scores of few rows with keys as they lie in the cache. Included in attend.cpp, once for each
// instruction set.
#pragma once

#include "tile_sums.h"

namespace realm {
namespace {

// Heads of so many values are whole squares of lanes.
template <KvType kType>
constexpr bool has_squares(int head_dim) {
  return head_dim % (kLanes * lane_values(kType)) == 0;
}

// What scoring the keys of a block takes.
struct KeyScore {
  const uint8_t* keys;   // [num_keys][head_dim]
  const uint8_t* next;   // as many bytes that are soon needed
  const float* scales;   // [groups][64]
  const float* queries;  // [rows][head_dim]
  float* scores;         // [rows][64]
  int head_dim;
  int num_keys;
};

// Lanes of all keys of a block, turned: as they lie in the cache, not yet as floats, which would take
// two or four times the room in the nearest cache.
using TurnedLanes = float[kLanes][kBlockPositions];

// One column of squares, from value `first` of a key on.
inline void turn_squares(const uint8_t* keys, int64_t row_bytes, int num_keys, TurnedLanes& turned) {
  for (int key = 0; key < num_keys; key += kLanes, keys += kLanes * row_bytes) {
    Ints square[kLanes];
    REALM_UNROLL
    for (int i = 0; i < kLanes; ++i) square[i] = load(keys + i * row_bytes);
    transpose(square);
    REALM_UNROLL
    for (int i = 0; i < kLanes; ++i) store(turned[i] + key, as_floats(square[i]));
  }
}

// Adds what such a column gives to the scores of some keys, in the order of head_dim.
template <KvType kType, int kRows, int kWides>
void add_squares(const KeyScore& call, const TurnedLanes& turned, int first, int key) {
  constexpr int kVectors = kWides * kWideVectors, kValues = lane_values(kType);
  constexpr int kLaneBytes = kLanes * 4;
  const int group = scale_group(call.head_dim);
  // In the order of memory, which the processor then fetches ahead by itself too; the keys that are
  // at work lie in another one.
  const uint8_t* next = call.next + first * value_bytes(kType) * call.num_keys + key * kLaneBytes;
  Floats sums[kRows][kVectors];
  REALM_UNROLL
  for (int r = 0; r < kRows; ++r)
    REALM_UNROLL
    for (int v = 0; v < kVectors; ++v)
      sums[r][v] = first == 0 ? zero_floats()
                              : load_floats(call.scores + r * kBlockPositions + key + v * kLanes);
  for (int i = 0; i < kLanes; ++i) {
    const float* const queries = call.queries + first + i * kValues;
    const float* const scales = call.scales + (first + i * kValues) / group * kBlockPositions + key;
    REALM_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      Floats values[kValues];
      open_lane<kType>(as_ints(load_floats(turned[i] + key + v * kLanes)), scales + v * kLanes,
                       values);
      REALM_UNROLL
      for (int k = 0; k < kValues; ++k) {
        REALM_UNROLL
        for (int r = 0; r < kRows; ++r)
          sums[r][v] = fused_add(broadcast(queries + r * call.head_dim + k), values[k], sums[r][v]);
      }
    }
    REALM_UNROLL
    for (int v = 0; v < kVectors; ++v) prefetch_far(next + v * kLaneBytes);
    next += kVectors * kLaneBytes;
  }
  REALM_UNROLL
  for (int r = 0; r < kRows; ++r)
    REALM_UNROLL
    for (int v = 0; v < kVectors; ++v)
      store(call.scores + r * kBlockPositions + key + v * kLanes, sums[r][v]);
}

#define REALM_SQUARES(type, wides)                                                  \
  {add_squares<type, 1, wides>, add_squares<type, 2, wides>, add_squares<type, 3, wides>, \
   add_squares<type, 4, wides>, add_squares<type, 5, wides>, add_squares<type, 6, wides>}

// Scores of a tile of rows with all keys.
template <KvType kType>
void score_squares(int rows, const KeyScore& call) {
  constexpr decltype(&add_squares<kType, 1, 1>) kAddSquares[kMaxWides][kMaxRows] = {
      REALM_SQUARES(kType, 1),
#if defined(__AVX512F__)
      REALM_SQUARES(kType, 2), REALM_SQUARES(kType, 3), REALM_SQUARES(kType, 4),
#endif
  };
  alignas(64) TurnedLanes turned;
  const int64_t row_bytes = int64_t{call.head_dim} * value_bytes(kType);
  for (int first = 0; first < call.head_dim; first += kLanes * lane_values(kType)) {
    turn_squares(call.keys + first * value_bytes(kType), row_bytes, call.num_keys, turned);
    for (int key = 0; key < call.num_keys; key += kMaxWides * kWide) {
      const int left = (call.num_keys - key) / kWide;
      const int wides = left < kMaxWides ? left : kMaxWides;
      kAddSquares[wides - 1][rows - 1](call, turned, first, key);
    }
  }
}

}  // namespace
}  // namespace realm
