// Attention over a block cache: what the driver (attention.cpp) asks of the code that is compiled for
// each instruction set (attend.cpp).
//
// A task is some rows of one sequence with one key/value head and with the blocks of one split. The
// rows of a task are positions and, within a position, the query heads that share the head. Splits
// begin at multiples of kSplitBlocks blocks, so the sums of a row are grouped by its position alone,
// not by the length of the prompt's chunk nor by the number of threads.
#pragma once

#include <cstddef>
#include <cstdint>

namespace realm {

constexpr int kBlockPositions = 64;
constexpr int kMaxHeadDim = 256;
constexpr int kHeadDimStep = 8;
constexpr int kMaxTaskRows = 64;
constexpr int kWide = 16;  // floats that every instruction set handles together
constexpr double kLog2OfE = 1.4426950408889634;
// 512 positions: at 8 thousand there are 16 for each head, so that many threads have work.
constexpr int64_t kSplitBlocks = 8;

enum KvType : int32_t { kKvFloat32, kKvBfloat16, kKvInt8, kNumKvTypes };

// Values of one row of one head that share a scale; the whole row where it is no multiple of 32.
static constexpr int scale_group(int head_dim) { return head_dim % 32 == 0 ? 32 : head_dim; }

// Floats of a row of values while it is summed.
static constexpr int padded_width(int head_dim) { return (head_dim + kWide - 1) / kWide * kWide; }

// What a task has summed up. Weights are relative to 2 to the power of `largest`.
struct Sums {
  float* largest;  // [kMaxTaskRows], of the scores so far
  float* weights;  // [rows][kWide], by the position of the key modulo kWide
  float* values;   // [rows][padded width]
};

static constexpr int64_t sums_floats(int rows, int head_dim) {
  return kMaxTaskRows + int64_t{rows} * (kWide + padded_width(head_dim));
}

static inline Sums sums_at(float* memory, int rows) {
  float* const weights = memory + kMaxTaskRows;
  return {memory, weights, weights + int64_t{rows} * kWide};
}

struct AttentionTask {
  const uint8_t* keys;          // [blocks][64][head_dim] of this head
  const uint8_t* values;        // likewise
  const uint8_t* key_scales;    // [blocks][64][scales] of q_type; null unless kv_type is kKvInt8
  const uint8_t* value_scales;  // likewise
  const float* sinks;           // [group_size], of the query heads of this head; or null
  const int32_t* block_ids;     // of the sequence, by position / 64
  const uint8_t* q;             // of the first position and the first query head of this head
  uint8_t* out;                 // likewise
  int64_t q_stride;             // bytes from one position to the next
  int64_t out_stride;
  int64_t first_position;
  int64_t window;  // positions that a row sees; a very large number means all
  int64_t first_block;
  int64_t end_block;
  float scale;    // of scores whose weight is 2 to their power
  float softcap;  // bound of these scores; 0: none
  int32_t num_positions;
  int32_t group_size;
  int32_t head_dim;
  int32_t q_type;
  int32_t kv_type;

  int num_rows() const { return num_positions * group_size; }
};

// Floats of the memory that one running task needs besides its sums.
static constexpr int64_t work_floats(int head_dim) {
  return int64_t{kBlockPositions} * (2 * head_dim + padded_width(head_dim));
}

struct AttentionSet {
  // Sums up one task; `work` has work_floats().
  void (*attend)(const AttentionTask& task, float* work, const Sums& sums);
  // Adds what a later split has summed up.
  void (*merge)(const AttentionTask& task, const Sums& later, const Sums& sums);
  // Divides and writes the rows of the result.
  void (*finish)(const AttentionTask& task, const Sums& sums);
};

extern const AttentionSet kPortableSetAttention;
extern const AttentionSet kAvx2SetAttention;
extern const AttentionSet kAvxVnniSetAttention;
extern const AttentionSet kAvx512VnniSetAttention;
extern const AttentionSet kNeonSetAttention;

}  // namespace realm
