// Attention of one task; compiled once for each instruction set, like product.cpp, whose rules hold
// here too: every floating-point step is written out, so that all sets compute the same bits, and
// nothing of the standard library is used.
//
// A block of keys is turned into [head_dim][64] floats, so that lanes are keys: a score is then one
// chain of fused steps in the order of head_dim, whoever else is computed beside it. A row goes
// through the blocks in order with the usual running maximum (Milakov and Gimelshein 2018).
#include "attention.h"
#include "key_scores.h"
#include REALM_VECTORS

#define REALM_JOIN_NAMES(a, b) a##b
#define REALM_JOIN(a, b) REALM_JOIN_NAMES(a, b)

namespace realm {
namespace {

// With so few keys at a time their floats leave room in the nearest cache.
constexpr int kStrip = 32;
// More rows than in two tiles share values that were widened once.
constexpr int kMaxNarrowRows = 2 * kMaxRows;

// Below every score of a sound network, yet a number: what it is subtracted from stays one.
constexpr float kLowest = -1e30f;

// The coefficients of 2^x around 0, ln(2)^k / k!: right to 5e-9 for |x| <= 1/2.
constexpr float kPowers[8] = {1.0f,          0.693147181f,  0.240226507f,   0.0555041087f,
                              9.61812911e-3f, 1.33335581e-3f, 1.54035304e-4f, 1.52527338e-5f};
constexpr float kLowestPower = -127.0f;
// 1.5 * 2^23 rounds to an integer; 127 more makes that integer a float's exponent.
constexpr float kExponentBias = 12582912.0f + 127.0f;

// 2^x for x <= 0; exactly 0 below -127, exactly 1 at 0.
inline Floats power_of_two(Floats x) {
  const float* constant = &kLowestPower;
  x = maximum(broadcast(constant), x);
  const Floats rounded = add(x, broadcast(&kExponentBias));
  const Floats fraction = subtract(x, subtract(rounded, broadcast(&kExponentBias)));
  Floats power = broadcast(&kPowers[7]);
  REALM_UNROLL
  for (int k = 6; k >= 0; --k) power = fused_add(power, fraction, broadcast(&kPowers[k]));
  return multiply(power, as_floats(shift_lanes_left<23>(as_ints(rounded))));
}

// Queries as floats [rows][head_dim], scaled.
void load_queries(const AttentionTask& task, float* queries) {
  const int count = task.group_size * task.head_dim;
  for (int p = 0; p < task.num_positions; ++p, queries += count) {
    const uint8_t* row = task.q + p * task.q_stride;
    if (task.q_type == 0)
      for (int i = 0; i < count; ++i) queries[i] = value_at<kKvFloat32>(row, i) * task.scale;
    else
      for (int i = 0; i < count; ++i) queries[i] = value_at<kKvBfloat16>(row, i) * task.scale;
  }
}

// Keeps scores within a bound: cap * tanh(score / cap), by way of a power of at most 1.
inline void cap_scores(float cap, int num_keys, float* scores) {
  const float steepness = -2.0f * static_cast<float>(kLog2OfE) / cap;
  for (int key = 0; key < num_keys; key += kLanes) {
    float* const own = scores + key;
    float powers[kLanes];
    for (int i = 0; i < kLanes; ++i) powers[i] = steepness * __builtin_fabsf(own[i]);
    store(powers, power_of_two(load_floats(powers)));
    for (int i = 0; i < kLanes; ++i) {
      const float magnitude = cap * ((1.0f - powers[i]) / (1.0f + powers[i]));
      own[i] = __builtin_copysignf(magnitude, own[i]);
    }
  }
}

// Hides the keys of a block that a row at a position does not see.
inline void mask_scores(const AttentionTask& task, int64_t position, int64_t block, int num_keys,
                        float* scores) {
  const int64_t start = block * kBlockPositions;
  const int64_t end = position + 1 - start;
  for (int64_t key = end; key < num_keys; ++key) scores[key] = -__builtin_inff();
  const int64_t hidden = position + 1 - task.window - start;
  const int64_t last = hidden < num_keys ? hidden : num_keys;
  for (int64_t key = 0; key < last; ++key) scores[key] = -__builtin_inff();
}

// Turns scores into weights and adds those up; returns what earlier sums are to be multiplied with.
inline float weigh_scores(float* scores, int wides, float* largest_so_far, float* weights) {
  Floats most = load_floats(scores);
  for (int i = kLanes; i < wides * kWide; i += kLanes)
    most = maximum(most, load_floats(scores + i));
  const float before = *largest_so_far, found = largest(most);
  const float now = found > before ? found : before;
  *largest_so_far = now;
  const float difference = before - now;
  const Floats factor = power_of_two(broadcast(&difference));
  const Floats bound = broadcast(&now);
  Floats sums[kWideVectors];
  for (int v = 0; v < kWideVectors; ++v)
    sums[v] = multiply(load_floats(weights + v * kLanes), factor);
  for (int w = 0; w < wides; ++w)
    for (int v = 0; v < kWideVectors; ++v) {
      float* const at = scores + w * kWide + v * kLanes;
      const Floats weight = power_of_two(subtract(load_floats(at), bound));
      store(at, weight);
      sums[v] = add(sums[v], weight);
    }
  for (int v = 0; v < kWideVectors; ++v) store(weights + v * kLanes, sums[v]);
  float factors[kLanes];
  store(factors, factor);
  return factors[0];
}

// A step of attention: some rows of a task with one block.
struct Step {
  const AttentionTask& task;
  const Block& block;
  const float* queries;  // of the first of these rows
  int64_t index;         // of the block
  int num_keys;
  int first_row;
  int num_rows;
};

inline bool is_one_tile(const AttentionTask& task) { return task.num_rows() <= kMaxRows; }

inline bool is_widened(const AttentionTask& task) {
  return !has_pairs(task.head_dim) || task.num_rows() > kMaxNarrowRows;
}

// The half of so many keys that turning as many does not bring nearer, during head_dim steps.
template <KvType kType, int kKeys>
constexpr Ahead second_half(const uint8_t* next, int head_dim) {
  constexpr int kHalf = kKeys / 2 * value_bytes(kType);
  return {next + head_dim * kHalf, kHalf};
}

// Scores [rows][64]. One tile of rows turns the keys as it goes; several find them turned.
template <KvType kType>
void score_keys(const Step& step, float* scores) {
  const int head_dim = step.task.head_dim;
  const int row_bytes = head_dim * value_bytes(kType);
  const Block& block = step.block;
  if (!is_one_tile(step.task))
    return multiply_add_all(step.num_rows, step.num_keys / kWide, step.queries, head_dim,
                            block.turned_keys, kBlockPositions, head_dim, nullptr, scores,
                            kBlockPositions,
                            second_half<kType, kBlockPositions>(block.next_keys, head_dim));
  if (has_squares<kType>(head_dim))
    return score_squares<kType>(step.num_rows,
                                {block.keys, block.next_keys, block.key_scales, step.queries,
                                 scores, head_dim, step.num_keys});
  for (int key = 0; key < step.num_keys; key += kStrip) {
    const int count = step.num_keys - key < kStrip ? step.num_keys - key : kStrip;
    const uint8_t* const next = block.next_keys + key * row_bytes;
    turn_keys<kType, kStrip>(block.keys + key * row_bytes, next, head_dim, count,
                             block.key_scales + key, block.turned_keys);
    multiply_add_all(step.num_rows, count / kWide, step.queries, head_dim, block.turned_keys,
                     kStrip, head_dim, nullptr, scores + key, kBlockPositions,
                     second_half<kType, kStrip>(next, head_dim));
  }
}

template <KvType kType>
void sum_values(const Step& step, const float* weights, const float* factors, float* sums) {
  const int head_dim = step.task.head_dim, width = padded_width(head_dim);
  const Block& block = step.block;
  if (is_widened(step.task))
    return multiply_add_all(step.num_rows, width / kWide, weights, kBlockPositions,
                            block.wide_values, width, step.num_keys, factors, sums, width,
                            {block.next_values, head_dim * value_bytes(kType)});
  add_all_values<kType>(step.num_rows,
                        {block.values, block.next_values, weights, block.value_scales, factors,
                         sums, int64_t{head_dim} * value_bytes(kType), head_dim,
                         head_dim / kPairStep, step.num_keys});
}

template <KvType kType>
void attend_rows(const Step& step, const Sums& sums) {
  alignas(64) float scores[kMaxRows * kBlockPositions];
  float factors[kMaxRows];
  score_keys<kType>(step, scores);
  const AttentionTask& task = step.task;
  for (int r = 0; r < step.num_rows; ++r) {
    const int row = step.first_row + r;
    const int64_t position = task.first_position + row / task.group_size;
    float* const own = scores + r * kBlockPositions;
    if (task.softcap > 0.0f) cap_scores(task.softcap, step.num_keys, own);
    mask_scores(task, position, step.index, step.num_keys, own);
    factors[r] = weigh_scores(own, step.num_keys / kWide, sums.largest + row,
                              sums.weights + row * kWide);
  }
  sum_values<kType>(step, scores, factors,
                    sums.values + int64_t{step.first_row} * padded_width(task.head_dim));
}

// Rows of a task that see something of a block.
struct RowRange {
  int first, end;
};

RowRange seeing_rows(const AttentionTask& task, int64_t block) {
  const int64_t start = block * kBlockPositions;
  const int64_t before = start - task.first_position;  // positions that end before the block
  const int64_t last_seen = start + kBlockPositions - 1 + task.window;
  const int64_t first = before > 0 ? before : 0;
  int64_t end = last_seen - task.first_position;
  if (end > task.num_positions) end = task.num_positions;
  return {static_cast<int>(first) * task.group_size,
          static_cast<int>(end > first ? end : first) * task.group_size};
}

template <KvType kType>
void attend_block(const AttentionTask& task, int64_t index, const float* queries, Block* block,
                  const Sums& sums) {
  const RowRange rows = seeing_rows(task, index);
  if (rows.first == rows.end) return;
  // Keys after the last position weigh nothing; 16 at a time they are not even computed.
  const int64_t visible = task.first_position + task.num_positions - index * kBlockPositions;
  const int num_keys =
      visible >= kBlockPositions ? kBlockPositions : padded_width(static_cast<int>(visible));
  const int64_t id = task.block_ids[index];
  const int64_t next_id = index + 1 < task.end_block ? task.block_ids[index + 1] : id;
  find_block<kType>(task, id, next_id, num_keys, block);
  if (!is_one_tile(task))
    turn_keys<kType, kBlockPositions>(block->keys, block->next_keys, task.head_dim, num_keys,
                                      block->key_scales, block->turned_keys);
  if (is_widened(task))
    widen_values<kType>(block->values, task.head_dim, num_keys, block->value_scales,
                        block->wide_values);
  for (int row = rows.first; row < rows.end;) {
    const int left = rows.end - row;
    const int count = left <= kMaxRows ? left : left < 2 * kMaxRows ? (left + 1) / 2 : kMaxRows;
    const float* const own = queries + int64_t{row} * task.head_dim;
    attend_rows<kType>({task, *block, own, index, num_keys, row, count}, sums);
    row += count;
  }
}

template <KvType kType>
void attend_blocks(const AttentionTask& task, const float* queries, float* work, const Sums& sums) {
  alignas(64) float key_scales[kMaxScales], value_scales[kMaxScales];
  Block block{};
  block.turned_keys = work;
  block.wide_values = work + int64_t{kBlockPositions} * task.head_dim;
  block.key_scales = key_scales;
  block.value_scales = value_scales;
  for (int64_t index = task.first_block; index < task.end_block; ++index)
    attend_block<kType>(task, index, queries, &block, sums);
}

void attend(const AttentionTask& task, float* work, const Sums& sums) {
  const int rows = task.num_rows();
  const int64_t width = padded_width(task.head_dim);
  for (int r = 0; r < rows; ++r) sums.largest[r] = kLowest;
  for (int64_t i = 0; i < int64_t{rows} * kWide; ++i) sums.weights[i] = 0.0f;
  for (int64_t i = 0; i < rows * width; ++i) sums.values[i] = 0.0f;
  float* const queries = work + kBlockPositions * (task.head_dim + width);
  load_queries(task, queries);
  if (task.kv_type == kKvFloat32)
    attend_blocks<kKvFloat32>(task, queries, work, sums);
  else if (task.kv_type == kKvBfloat16)
    attend_blocks<kKvBfloat16>(task, queries, work, sums);
  else
    attend_blocks<kKvInt8>(task, queries, work, sums);
}

// sums = sums * factor + later * later_factor, for so many floats.
inline void add_scaled(const float* later, int64_t count, Floats later_factor, Floats factor,
                       float* sums) {
  for (int64_t i = 0; i < count; i += kLanes)
    store(sums + i, fused_add(load_floats(later + i), later_factor,
                              multiply(load_floats(sums + i), factor)));
}

void merge(const AttentionTask& task, const Sums& later, const Sums& sums) {
  const int width = padded_width(task.head_dim);
  for (int r = 0; r < task.num_rows(); ++r) {
    const float most = later.largest[r] > sums.largest[r] ? later.largest[r] : sums.largest[r];
    const float differences[2] = {later.largest[r] - most, sums.largest[r] - most};
    const Floats later_factor = power_of_two(broadcast(&differences[0]));
    const Floats factor = power_of_two(broadcast(&differences[1]));
    sums.largest[r] = most;
    add_scaled(later.weights + r * kWide, kWide, later_factor, factor, sums.weights + r * kWide);
    add_scaled(later.values + int64_t{r} * width, width, later_factor, factor,
               sums.values + int64_t{r} * width);
  }
}

inline uint16_t rounded_bfloat16(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  return static_cast<uint16_t>((bits & 0x7fffffffu) > 0x7f800000u ? 0x7fc0u : rounded);
}

// What the values of a row are to be multiplied with: 1 / the sum of its weights. A sink is one more
// weight; it joins at the end, so that it counts once however many splits a row has.
inline float inverse_weight(const AttentionTask& task, int row, float largest, float total) {
  if (task.sinks == nullptr) return 1.0f / total;
  const float sink = task.sinks[row % task.group_size] * static_cast<float>(kLog2OfE);
  const float most = sink > largest ? sink : largest;
  const float differences[2] = {largest - most, sink - most};
  float factor[kLanes], own[kLanes];
  store(factor, power_of_two(broadcast(&differences[0])));
  store(own, power_of_two(broadcast(&differences[1])));
  return factor[0] / (total * factor[0] + own[0]);
}

void finish(const AttentionTask& task, const Sums& sums) {
  const int width = padded_width(task.head_dim), size = task.q_type == 0 ? 4 : 2;
  for (int row = 0; row < task.num_rows(); ++row) {
    float total[kWide];
    __builtin_memcpy(total, sums.weights + row * kWide, sizeof total);
    for (int half = kWide / 2; half > 0; half /= 2)
      for (int i = 0; i < half; ++i) total[i] += total[i + half];
    const float inverse = inverse_weight(task, row, sums.largest[row], total[0]);
    float values[kMaxHeadDim];
    const auto put = task.kv_type == kKvBfloat16 ? in_order<kKvBfloat16> : in_order<kKvFloat32>;
    put(sums.values + int64_t{row} * width, task.head_dim, values);
    uint8_t* const out = task.out + row / task.group_size * task.out_stride +
                         int64_t{row % task.group_size} * task.head_dim * size;
    // Keys of weight 0 may have made a -0 of a 0: that bit must not tell how many they were.
    for (int d = 0; d < task.head_dim && size == 4; ++d) {
      const float value = values[d] * inverse + 0.0f;
      __builtin_memcpy(out + 4 * d, &value, sizeof value);
    }
    for (int d = 0; d < task.head_dim && size == 2; ++d) {
      const uint16_t value = rounded_bfloat16(values[d] * inverse + 0.0f);
      __builtin_memcpy(out + 2 * d, &value, sizeof value);
    }
  }
}

}  // namespace

extern const AttentionSet REALM_JOIN(REALM_SET, Attention) = {attend, merge, finish};

}  // namespace realm
