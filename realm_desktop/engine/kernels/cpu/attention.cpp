// Attention over a block cache: cuts a call into tasks and lets the threads take them.
#include "attention.h"

#include <algorithm>
#include <atomic>
#include <new>
#include <vector>

#include "instruction_sets.h"
#include "library.h"
#include "shared_pool.h"

namespace realm {
namespace {

constexpr int64_t kMaxPositions = int64_t{1} << 32;
constexpr int64_t kMaxStride = int64_t{1} << 32;
// Sums of tasks that wait to be merged; a long prompt is computed in pieces of this size.
constexpr int64_t kMaxWaitingFloats = int64_t{2} << 20;
// A block with so many rows takes about as long as sharing the work with one more thread.
constexpr int64_t kRowsPerThread = 24;

// Positions of one sequence whose rows are computed together, for every key/value head.
struct Tile {
  const RealmRows* sequence;
  int64_t first_position;
  int64_t first_block;  // that its first row sees
  int64_t end_block;
  int64_t first_split;
  int64_t num_splits;
  int64_t first_task;   // of the piece of the call that it belongs to
  int64_t first_float;  // of the waiting sums; tiles of one split need none
  int32_t num_positions;
};

// Memory that grows and stays, aligned for whole cache lines.
class FloatScratch {
 public:
  float* reserve(int64_t count) {
    if (count > count_) {
      operator delete(memory_, std::align_val_t{kAlignment});
      count_ = 0;
      memory_ = operator new(static_cast<size_t>(count) * sizeof(float),
                             std::align_val_t{kAlignment}, std::nothrow);
      if (memory_ == nullptr) return nullptr;
      count_ = count;
    }
    return static_cast<float*>(memory_);
  }

 private:
  void* memory_ = nullptr;
  int64_t count_ = 0;
};

// Used under the lock of calls only; live as long as the process.
struct Scratches {
  FloatScratch work, waiting;
  std::vector<Tile> tiles;
};

Scratches& scratches() {
  static Scratches* const own = new Scratches;
  return *own;
}

// One call, and the tiles of the piece it is at.
struct Call {
  const RealmAttention& attention;
  const AttentionSet& set;
  KvType kv_type;
  const Tile* first_tile;
  const Tile* end_tile;
  float* work;     // for each running task: its work memory, then its sums
  float* waiting;  // sums of tasks whose tile has several splits
  std::atomic<uint64_t> busy{0};  // which work memories are in use
};

int value_bytes(int32_t float_type) { return float_type == REALM_FLOAT32 ? 4 : 2; }
int value_bytes(KvType type) { return type == kKvFloat32 ? 4 : type == kKvBfloat16 ? 2 : 1; }

int group_size(const RealmAttention& a) { return a.num_heads / a.num_kv_heads; }

// Floats from one work memory to the next.
int64_t work_step(const RealmAttention& a) {
  const int64_t floats = work_floats(a.head_dim) + sums_floats(kMaxTaskRows, a.head_dim);
  return (floats + kWide - 1) / kWide * kWide;
}

AttentionTask make_task(const Call& call, const Tile& tile, int64_t head, int64_t split) {
  const RealmAttention& a = call.attention;
  const int group = group_size(a);
  const int64_t positions = head * a.num_blocks * kBlockPositions;
  const int64_t cached = positions * a.head_dim * value_bytes(call.kv_type);
  const int64_t scales =
      positions * (a.head_dim / scale_group(a.head_dim)) * value_bytes(a.q_type);
  const int64_t row = tile.sequence->first_row + tile.first_position -
                      tile.sequence->first_position;
  const int64_t column = head * group * a.head_dim;
  const int size = value_bytes(a.q_type);
  AttentionTask task{};
  task.keys = static_cast<const uint8_t*>(a.keys) + cached;
  task.values = static_cast<const uint8_t*>(a.values) + cached;
  if (call.kv_type == kKvInt8) {
    task.key_scales = static_cast<const uint8_t*>(a.key_scales) + scales;
    task.value_scales = static_cast<const uint8_t*>(a.value_scales) + scales;
  }
  if (a.sinks != nullptr) task.sinks = a.sinks + head * group;
  task.block_ids = tile.sequence->block_ids;
  task.q = static_cast<const uint8_t*>(a.q) + (row * a.q_stride + column) * size;
  task.out = static_cast<uint8_t*>(a.out) + (row * a.out_stride + column) * size;
  task.q_stride = a.q_stride * size;
  task.out_stride = a.out_stride * size;
  task.first_position = tile.first_position;
  task.window = a.window > 0 ? a.window : kMaxPositions;
  task.first_block = std::max(tile.first_block, split * kSplitBlocks);
  task.end_block = std::min(tile.end_block, (split + 1) * kSplitBlocks);
  task.scale = static_cast<float>(a.scale * kLog2OfE);
  task.softcap = static_cast<float>(a.softcap * kLog2OfE);
  task.num_positions = tile.num_positions;
  task.group_size = group;
  task.head_dim = a.head_dim;
  task.q_type = a.q_type;
  task.kv_type = call.kv_type;
  return task;
}

// The waiting sums of one task of a tile.
Sums waiting_sums(const Call& call, const Tile& tile, int64_t head, int64_t split) {
  const int rows = tile.num_positions * group_size(call.attention);
  const int64_t index = head * tile.num_splits + split - tile.first_split;
  const int64_t floats = sums_floats(rows, call.attention.head_dim);
  return sums_at(call.waiting + tile.first_float + index * floats, rows);
}

const Tile& tile_of_task(const Call& call, int64_t index) {
  const auto is_before = [](int64_t task, const Tile& tile) { return task < tile.first_task; };
  return *(std::upper_bound(call.first_tile, call.end_tile, index, is_before) - 1);
}

// A work memory that no other thread uses: there are as many as threads, at most 64.
int take_work(Call& call) {
  uint64_t busy = call.busy.load(std::memory_order_relaxed);
  for (;;) {
    int slot = 0;
    while ((busy >> slot & 1u) != 0) ++slot;
    if (call.busy.compare_exchange_weak(busy, busy | uint64_t{1} << slot,
                                        std::memory_order_acquire))
      return slot;
  }
}

void run_task(void* context, int64_t index) {
  Call& call = *static_cast<Call*>(context);
  const Tile& tile = tile_of_task(call, index);
  const int64_t within = index - tile.first_task;
  const int64_t head = within / tile.num_splits;
  const int64_t split = tile.first_split + within % tile.num_splits;
  const AttentionTask task = make_task(call, tile, head, split);
  const int slot = take_work(call);
  float* const work = call.work + slot * work_step(call.attention);
  if (tile.num_splits == 1) {
    const Sums sums = sums_at(work + work_floats(task.head_dim), task.num_rows());
    call.set.attend(task, work, sums);
    call.set.finish(task, sums);
  } else {
    call.set.attend(task, work, waiting_sums(call, tile, head, split));
  }
  call.busy.fetch_and(~(uint64_t{1} << slot), std::memory_order_release);
}

// In the order of the splits, so that the sums of a row come together in one way only.
void merge_head(void* context, int64_t index) {
  const Call& call = *static_cast<const Call*>(context);
  const int64_t heads = call.attention.num_kv_heads;
  const Tile& tile = call.first_tile[index / heads];
  const int64_t head = index % heads;
  if (tile.num_splits == 1) return;
  const AttentionTask task = make_task(call, tile, head, tile.first_split);
  const Sums sums = waiting_sums(call, tile, head, tile.first_split);
  for (int64_t split = tile.first_split + 1; split < tile.first_split + tile.num_splits; ++split)
    call.set.merge(task, waiting_sums(call, tile, head, split), sums);
  call.set.finish(task, sums);
}

void add_tiles(const RealmAttention& a, const RealmRows& sequence, std::vector<Tile>& tiles) {
  const int64_t most = std::max(1, kMaxTaskRows / group_size(a));
  const int64_t end = sequence.first_position + sequence.num_rows;
  for (int64_t position = sequence.first_position; position < end;) {
    const int64_t border = (position / kBlockPositions + 1) * kBlockPositions;
    const int64_t next = std::min({end, border, position + most});
    Tile tile{};
    tile.sequence = &sequence;
    tile.first_position = position;
    tile.num_positions = static_cast<int32_t>(next - position);
    const int64_t hidden = a.window > 0 ? std::max<int64_t>(0, position + 1 - a.window) : 0;
    tile.first_block = hidden / kBlockPositions;
    tile.end_block = border / kBlockPositions;
    tile.first_split = tile.first_block / kSplitBlocks;
    tile.num_splits = (tile.end_block - 1) / kSplitBlocks + 1 - tile.first_split;
    tiles.push_back(tile);
    position = next;
  }
}

// Gives the tiles from one on their tasks and their waiting sums; returns where the piece ends.
Tile* plan_piece(const RealmAttention& a, Tile* first, Tile* end, int64_t* tasks, int64_t* floats) {
  *tasks = *floats = 0;
  Tile* tile = first;
  for (; tile != end; ++tile) {
    const int64_t count = tile->num_splits * a.num_kv_heads;
    const int rows = tile->num_positions * group_size(a);
    const int64_t needed = tile->num_splits == 1 ? 0 : count * sums_floats(rows, a.head_dim);
    if (tile != first && *floats + needed > kMaxWaitingFloats) break;
    tile->first_task = *tasks;
    tile->first_float = *floats;
    *tasks += count;
    *floats += needed;
  }
  return tile;
}

int useful_threads(const RealmAttention& a, const std::vector<Tile>& tiles) {
  int64_t rows = 0;
  for (const Tile& tile : tiles)
    rows += (tile.end_block - tile.first_block) *
            (4 + int64_t{tile.num_positions} * group_size(a)) * a.num_kv_heads;
  return static_cast<int>(std::min<int64_t>(1 + rows / kRowsPerThread, a.num_threads));
}

bool is_sound(const RealmAttention& a, const RealmRows& rows) {
  if (rows.block_ids == nullptr || rows.first_row < 0 || rows.first_row > kMaxPositions ||
      rows.num_rows < 1 || rows.num_rows > kMaxPositions || rows.first_position < 0 ||
      rows.first_position > kMaxPositions || rows.num_block_ids > kMaxPositions ||
      rows.num_block_ids * kBlockPositions < rows.first_position + rows.num_rows)
    return false;
  const int64_t hidden = a.window > 0 ? std::max<int64_t>(0, rows.first_position + 1 - a.window) : 0;
  const int64_t last = (rows.first_position + rows.num_rows - 1) / kBlockPositions;
  for (int64_t block = hidden / kBlockPositions; block <= last; ++block)
    if (rows.block_ids[block] < 0 || rows.block_ids[block] >= a.num_blocks) return false;
  return true;
}

bool is_sound(const RealmAttention& a) {
  if (a.sequences == nullptr || a.q == nullptr || a.out == nullptr || a.keys == nullptr ||
      a.values == nullptr || a.num_sequences < 1 || a.num_blocks < 1 ||
      a.num_blocks > INT32_MAX || a.window < 0 || a.window > kMaxPositions ||
      a.num_threads < 1 || a.num_threads > kMaxThreads || (a.q_type | 1) != 1 ||
      (a.is_int8 | 1) != 1)
    return false;
  if (a.num_kv_heads < 1 || a.num_heads < a.num_kv_heads || a.num_heads % a.num_kv_heads != 0 ||
      group_size(a) > kMaxTaskRows || a.head_dim < kHeadDimStep || a.head_dim > kMaxHeadDim ||
      a.head_dim % kHeadDimStep != 0)
    return false;
  const int64_t width = int64_t{a.num_heads} * a.head_dim;
  if (a.q_stride < width || a.q_stride > kMaxStride || a.out_stride < width ||
      a.out_stride > kMaxStride)
    return false;
  if (a.is_int8 == 1 && (a.key_scales == nullptr || a.value_scales == nullptr)) return false;
  for (int64_t i = 0; i < a.num_sequences; ++i)
    if (!is_sound(a, a.sequences[i])) return false;
  return true;
}

int32_t run_tiles(const RealmAttention& a, Scratches& memory) {
  const int threads = useful_threads(a, memory.tiles);
  const KvType kv_type = a.is_int8 == 1              ? kKvInt8
                         : a.q_type == REALM_FLOAT32 ? kKvFloat32
                                                     : kKvBfloat16;
  Tile* first = memory.tiles.data();
  Tile* const end = first + memory.tiles.size();
  while (first != end) {
    int64_t tasks, floats;
    Tile* const next = plan_piece(a, first, end, &tasks, &floats);
    float* const work = memory.work.reserve(threads * work_step(a));
    float* const waiting = memory.waiting.reserve(floats);
    if (work == nullptr || (floats > 0 && waiting == nullptr)) return REALM_OUT_OF_MEMORY;
    Call call{a, *attention_set(a.instruction_set), kv_type, first, next, work, waiting};
    shared_pool().run(tasks, threads, run_task, &call);
    if (floats > 0) {
      const int64_t heads = (next - first) * a.num_kv_heads;
      shared_pool().run(heads, floats < kMaxWaitingFloats / 16 ? 1 : threads, merge_head, &call);
    }
    first = next;
  }
  return REALM_OK;
}

}  // namespace
}  // namespace realm

using namespace realm;

int32_t realm_attend(const RealmAttention* attention) {
  if (attention == nullptr || !works_here(attention->instruction_set) || !is_sound(*attention))
    return REALM_BAD_ARGUMENT;
  const std::lock_guard<std::mutex> lock(call_mutex());
  Scratches& memory = scratches();
  memory.tiles.clear();
  try {
    for (int64_t i = 0; i < attention->num_sequences; ++i)
      add_tiles(*attention, attention->sequences[i], memory.tiles);
  } catch (const std::bad_alloc&) {
    return REALM_OUT_OF_MEMORY;
  }
  return run_tiles(*attention, memory);
}
