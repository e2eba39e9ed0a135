// Blocks of the cache as floats, in the order in which attend.cpp multiplies them. Included there,
// once for each instruction set.
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

constexpr int value_bytes(KvType type) { return type == kKvInt8 ? 1 : type == kKvBfloat16 ? 2 : 4; }

// Values that lie in 4 bytes, as lanes are wide.
constexpr int lane_values(KvType type) { return 4 / value_bytes(type); }

// Rows of values whose head_dim is a multiple of this are read in pairs of vectors.
constexpr int kPairStep = 32;
constexpr int kPairValues = 2 * kLanes;

constexpr bool has_pairs(int head_dim) { return head_dim % kPairStep == 0; }

// kPairValues values of one key from d on; `scales` are the key's. Bfloat16 ones come apart into
// the even and the odd ones, at one instruction for each vector: in_order() puts the sums right.
template <KvType kType>
inline void load_pair(const uint8_t* values, int d, const float* scales, Floats* pair) {
  if constexpr (kType == kKvFloat32) {
    pair[0] = as_floats(load(values + 4 * d));
    pair[1] = as_floats(load(values + 4 * (d + kLanes)));
  } else if constexpr (kType == kKvBfloat16) {
    const Ints both = load(values + 2 * d);
    pair[0] = low_bfloat16(both);
    pair[1] = high_bfloat16(both);
  } else {
    const Floats scale = broadcast(scales + d / kPairStep);
    pair[0] = multiply(load_signed_bytes(values + d), scale);
    pair[1] = multiply(load_signed_bytes(values + d + kLanes), scale);
  }
}

// What was summed up from pairs, as [head_dim] in order.
template <KvType kType>
inline void in_order(const float* sums, int head_dim, float* out) {
  if (kType != kKvBfloat16 || !has_pairs(head_dim)) {
    __builtin_memcpy(out, sums, static_cast<size_t>(head_dim) * sizeof(float));
    return;
  }
  for (int d = 0; d < head_dim; d += kPairValues)
    for (int i = 0; i < kLanes; ++i) {
      out[d + 2 * i] = sums[d + i];
      out[d + 2 * i + 1] = sums[d + kLanes + i];
    }
}

// The values of one lane for kLanes keys, in order.
template <KvType kType>
inline void open_lane(Ints lane, const float* scales, Floats* values) {
  if constexpr (kType == kKvFloat32) {
    values[0] = as_floats(lane);
  } else if constexpr (kType == kKvBfloat16) {
    values[0] = low_bfloat16(lane);
    values[1] = high_bfloat16(lane);
  } else {
    const Floats scale = load_floats(scales);
    const Ints shifted[4] = {shift_lanes_left<24>(lane), shift_lanes_left<16>(lane),
                             shift_lanes_left<8>(lane), lane};
    REALM_UNROLL
    for (int i = 0; i < 4; ++i)
      values[i] = multiply(to_floats(shift_signed_lanes_right<24>(shifted[i])), scale);
  }
}

// The same as rows of `out`, kStride floats apart.
template <KvType kType, int kStride>
inline void store_lane(Ints lane, const float* scales, float* out) {
  constexpr int kValues = lane_values(kType);
  Floats values[kValues];
  open_lane<kType>(lane, scales, values);
  REALM_UNROLL
  for (int i = 0; i < kValues; ++i) store(out + i * kStride, values[i]);
}

// Heads of test networks, narrower than a square of lanes.
template <KvType kType, int kStride>
void turn_narrow_keys(const uint8_t* keys, int head_dim, int num_keys, const float* scales,
                      float* out) {
  const int group = scale_group(head_dim), row_bytes = head_dim * value_bytes(kType);
  for (int d = 0; d < head_dim; ++d)
    for (int key = 0; key < num_keys; ++key) {
      const float value = value_at<kType>(keys + key * row_bytes, d);
      const float scale = kType == kKvInt8 ? scales[d / group * kBlockPositions + key] : 1.0f;
      out[d * kStride + key] = value * scale;
    }
}

// Keys [num_keys][head_dim] to floats [head_dim][kStride]; `scales` are [groups][64]. Meanwhile
// half as many bytes at `next` come nearer: all at once they would wait for one another.
template <KvType kType, int kStride>
void turn_keys(const uint8_t* keys, const uint8_t* next, int head_dim, int num_keys,
               const float* scales, float* out) {
  constexpr int kLaneValues = lane_values(kType);
  const int group = scale_group(head_dim), lanes = head_dim / kLaneValues;
  const int row_bytes = head_dim * value_bytes(kType);
  if (lanes < kLanes)
    return turn_narrow_keys<kType, kStride>(keys, head_dim, num_keys, scales, out);
  for (int key = 0; key < num_keys; key += kLanes)
    for (int lane = 0; lane < lanes; lane += kLanes) {
      // The last step overlaps the one before where head_dim is no multiple.
      const int first = lane + kLanes <= lanes ? lane : lanes - kLanes;
      const uint8_t* const corner = keys + key * row_bytes + 4 * first;
      const uint8_t* const ahead = next + (key * row_bytes + kLanes * 4 * first) / 2;
      Ints square[kLanes];
      REALM_UNROLL
      for (int i = 0; i < kLanes; ++i) {
        if (i * 2 * kLanes % 64 == 0) prefetch_far(ahead + i * 2 * kLanes);
        square[i] = load(corner + i * row_bytes);
      }
      transpose(square);
      REALM_UNROLL
      for (int i = 0; i < kLanes; ++i) {
        const int d = (first + i) * kLaneValues;
        store_lane<kType, kStride>(square[i], scales + d / group * kBlockPositions + key,
                                   out + d * kStride + key);
      }
    }
}

// Values [num_keys][head_dim] to floats [num_keys][padded width]; `scales` are [num_keys][groups].
template <KvType kType>
void widen_values(const uint8_t* values, int head_dim, int num_keys, const float* scales,
                  float* out) {
  const int width = padded_width(head_dim), num_scales = head_dim / scale_group(head_dim);
  for (int key = 0; key < num_keys; ++key) {
    if (has_pairs(head_dim)) {
      for (int d = 0; d < head_dim; d += kPairValues) {
        Floats pair[2];
        load_pair<kType>(values, d, scales, pair);
        store(out + d, pair[0]);
        store(out + d + kLanes, pair[1]);
      }
    } else {
      const float scale = kType == kKvInt8 ? *scales : 1.0f;  // one for the whole row
      for (int d = 0; d < head_dim; ++d) out[d] = value_at<kType>(values, d) * scale;
      for (int d = head_dim; d < width; ++d) out[d] = 0.0f;
    }
    values += head_dim * value_bytes(kType);
    scales += num_scales;
    out += width;
  }
}

// Scales [num_keys][num_scales] of one type as floats, where key k and group g are `key_step` and
// `group_step` apart.
template <KvType kScaleType>
void load_scales(const uint8_t* scales, int num_keys, int num_scales, int key_step, int group_step,
                 float* out) {
  for (int g = 0; g < num_scales; ++g)
    for (int key = 0; key < num_keys; ++key)
      out[key * key_step + g * group_step] = value_at<kScaleType>(scales, key * num_scales + g);
}

// One block of a task: where it lies, and what is made of it.
struct Block {
  const uint8_t* keys;
  const uint8_t* values;
  const uint8_t* next_keys;  // of the block after it
  const uint8_t* next_values;
  float* turned_keys;   // [head_dim][64]
  float* wide_values;   // [64][padded width]
  float* key_scales;    // [groups][64]
  float* value_scales;  // [64][groups]
};

constexpr int kMaxScales = kMaxHeadDim / 32 * kBlockPositions;  // of the keys or values of a block

template <KvType kType>
void find_block(const AttentionTask& task, int64_t id, int64_t next_id, int num_keys,
                Block* block) {
  const int64_t bytes = int64_t{kBlockPositions} * task.head_dim * value_bytes(kType);
  block->keys = task.keys + id * bytes;
  block->values = task.values + id * bytes;
  block->next_keys = task.keys + next_id * bytes;
  block->next_values = task.values + next_id * bytes;
  if constexpr (kType == kKvInt8) {
    const int count = task.head_dim / scale_group(task.head_dim);
    const auto load = task.q_type == 0 ? load_scales<kKvFloat32> : load_scales<kKvBfloat16>;
    const int64_t offset = id * kBlockPositions * count * (task.q_type == 0 ? 4 : 2);
    load(task.key_scales + offset, num_keys, count, 1, kBlockPositions, block->key_scales);
    load(task.value_scales + offset, num_keys, count, count, 1, block->value_scales);
  }
}

}  // namespace
}  // namespace realm
