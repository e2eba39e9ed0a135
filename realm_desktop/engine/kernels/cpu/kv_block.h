// Blocks of the cache as floats, in the order in which attend.cpp multiplies them. Included there, once
// for each instruction set.
#pragma once

#include "attention.h"
#include "panels.h"
#include REALM_VECTORS

namespace realm {
namespace {

inline float bfloat16_at(const uint8_t* p) {
  uint16_t upper;
  __builtin_memcpy(&upper, p, sizeof upper);
  const uint32_t bits = static_cast<uint32_t>(upper) << 16;
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

template <KvType kType>
inline float value_at(const uint8_t* row, int index) {
  if constexpr (kType == kKvInt8) return static_cast<float>(static_cast<int8_t>(row[index]));
  if constexpr (kType == kKvBfloat16) return bfloat16_at(row + 2 * index);
  float value;
  __builtin_memcpy(&value, row + 4 * index, sizeof value);
  return value;
}

inline float float_at(const uint8_t* row, int index, int32_t q_type) {
  return q_type == 0 ? value_at<kKvFloat32>(row, index) : value_at<kKvBfloat16>(row, index);
}

constexpr int value_bytes(KvType type) { return type == kKvInt8 ? 1 : type == kKvBfloat16 ? 2 : 4; }

// The values of one lane for kLanes keys, as rows of `out` 64 floats apart.
template <KvType kType>
inline void store_lane(Ints lane, const float* scales, float* out) {
  if constexpr (kType == kKvFloat32) {
    store(out, as_floats(lane));
  } else if constexpr (kType == kKvBfloat16) {
    store(out, as_floats(shift_lanes_left<16>(lane)));
    store(out + kBlockPositions, as_floats(upper_halves(lane)));
  } else {
    const Floats scale = load_floats(scales);
    const Ints shifted[4] = {shift_lanes_left<24>(lane), shift_lanes_left<16>(lane),
                             shift_lanes_left<8>(lane), lane};
    REALM_UNROLL
    for (int i = 0; i < 4; ++i)
      store(out + i * kBlockPositions,
            multiply(to_floats(shift_signed_lanes_right<24>(shifted[i])), scale));
  }
}

// Keys [64][head_dim] to floats [head_dim][64]; `scales` are [groups][64].
template <KvType kType>
void turn_keys(const uint8_t* keys, const uint8_t* next, int head_dim, int num_keys,
               const float* scales, float* out) {
  constexpr int kLaneValues = 4 / value_bytes(kType);
  const int group = scale_group(head_dim);
  const int64_t row_bytes = int64_t{head_dim} * value_bytes(kType);
  const int lanes = head_dim / kLaneValues;
  if (lanes < kLanes) {  // heads of test networks
    for (int d = 0; d < head_dim; ++d)
      for (int key = 0; key < num_keys; ++key) {
        const float value = value_at<kType>(keys + key * row_bytes, d);
        const float scale = kType == kKvInt8 ? scales[d / group * kBlockPositions + key] : 1.0f;
        out[d * kBlockPositions + key] = value * scale;
      }
    return;
  }
  for (int key = 0; key < num_keys; key += kLanes)
    for (int lane = 0; lane < lanes; lane += kLanes) {
      // The last step overlaps the one before where head_dim is no multiple.
      const int first = lane + kLanes <= lanes ? lane : lanes - kLanes;
      const int64_t offset = key * row_bytes + 4 * first;
      Ints square[kLanes];
      REALM_UNROLL
      for (int i = 0; i < kLanes; ++i) {
        prefetch(next + offset + i * row_bytes);
        square[i] = load(keys + offset + i * row_bytes);
      }
      transpose(square);
      REALM_UNROLL
      for (int i = 0; i < kLanes; ++i) {
        const int d = (first + i) * kLaneValues;
        store_lane<kType>(square[i], scales + d / group * kBlockPositions + key,
                          out + d * kBlockPositions + key);
      }
    }
}

// Values [64][head_dim] to floats [64][padded width].
template <KvType kType>
void widen_values(const uint8_t* values, const uint8_t* next, int head_dim, int num_keys, const uint8_t* scales,
                  int32_t scale_type, float* out) {
  const int width = padded_width(head_dim), group = scale_group(head_dim);
  const int64_t row_bytes = int64_t{head_dim} * value_bytes(kType);
  const int num_scales = head_dim / group;
  for (int key = 0; key < num_keys; ++key, values += row_bytes, next += row_bytes, out += width) {
    for (int64_t i = 0; i < row_bytes; i += 64) prefetch(next + i);
    for (int g = 0; g < num_scales; ++g) {
      float scale = 1.0f;
      if constexpr (kType == kKvInt8) scale = float_at(scales, key * num_scales + g, scale_type);
      int d = g * group;
      const int end = d + group;
      for (; d + kLanes <= end; d += kLanes) {
        if constexpr (kType == kKvFloat32)
          store(out + d, as_floats(load(values + 4 * d)));
        else if constexpr (kType == kKvBfloat16)
          store(out + d, load_bfloat16(values + 2 * d));
        else
          store(out + d, multiply(load_signed_bytes(values + d), broadcast(&scale)));
      }
      for (; d < end; ++d) out[d] = value_at<kType>(values, d) * scale;
    }
    for (int d = head_dim; d < width; ++d) out[d] = 0.0f;
  }
}

// Scales [64][groups] to floats [groups][64].
void turn_scales(const uint8_t* scales, int32_t type, int num_scales, float* out) {
  for (int g = 0; g < num_scales; ++g)
    for (int key = 0; key < kBlockPositions; ++key)
      out[g * kBlockPositions + key] = float_at(scales, key * num_scales + g, type);
}

// Where one block of a task lies in the work memory.
struct Block {
  float* keys;    // [head_dim][64]
  float* values;  // [64][padded width]
};

template <KvType kType>
void load_block(const AttentionTask& task, int64_t id, int64_t next_id, int num_keys,
                const Block& block) {
  const int64_t bytes = int64_t{kBlockPositions} * task.head_dim * value_bytes(kType);
  const int64_t offset = id * bytes, next = next_id * bytes;
  const int num_scales = task.head_dim / scale_group(task.head_dim);
  const int64_t scale_offset = id * kBlockPositions * num_scales * (task.q_type == 0 ? 4 : 2);
  alignas(64) float key_scales[kMaxHeadDim / 32 * kBlockPositions];
  const uint8_t* value_scales = nullptr;
  if constexpr (kType == kKvInt8) {
    turn_scales(task.key_scales + scale_offset, task.q_type, num_scales, key_scales);
    value_scales = task.value_scales + scale_offset;
  }
  // The next block is on its way while this one is computed.
  turn_keys<kType>(task.keys + offset, task.keys + next, task.head_dim, num_keys, key_scales, block.keys);
  widen_values<kType>(task.values + offset, task.values + next, task.head_dim, num_keys,
                      value_scales, task.q_type, block.values);
}

}  // namespace
}  // namespace realm
