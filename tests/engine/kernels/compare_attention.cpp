// Compares attention of two instruction sets bit by bit, for a processor that only an emulator has;
// see test_neon.py. Exit status 0 if the results of every type, head size and number of rows agree.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include "attention.h"

using namespace realm;

namespace {

constexpr int kBlocks = 3;
constexpr int kPositions = kBlocks * kBlockPositions;
constexpr int kHeadDims[] = {8, 24, 64, 80, 96, 128};
constexpr int kGroups[] = {1, 7};
constexpr int kFirstPositions[] = {kPositions - 1, kPositions - 5, kPositions - 64};

std::mt19937 generator(1);

// Bytes of numbers of about 1 in a type; of int8 any.
std::vector<uint8_t> random_values(int type, int count) {
  std::normal_distribution<float> normal;
  const int size = type == kKvFloat32 ? 4 : type == kKvBfloat16 ? 2 : 1;
  std::vector<uint8_t> bytes(static_cast<size_t>(count) * size);
  for (int i = 0; i < count; ++i) {
    const float value = normal(generator);
    const uint8_t* const upper = reinterpret_cast<const uint8_t*>(&value) + 4 - size;
    std::memcpy(&bytes[static_cast<size_t>(i) * size], upper, size);
  }
  return bytes;
}

std::vector<uint8_t> attend(const AttentionSet& set, AttentionTask task) {
  const int row_bytes = task.group_size * task.head_dim * (task.q_type == 0 ? 4 : 2);
  std::vector<uint8_t> out(static_cast<size_t>(task.num_positions) * row_bytes);
  task.out = out.data();
  task.out_stride = row_bytes;
  std::vector<float> work(work_floats(task.head_dim) + kMaxTaskRows * kMaxHeadDim);
  std::vector<float> sums(sums_floats(task.num_rows(), task.head_dim));
  std::vector<float> later(sums.size());
  const Sums first = sums_at(sums.data(), task.num_rows());
  const Sums second = sums_at(later.data(), task.num_rows());
  task.end_block = 1;
  set.attend(task, work.data(), first);
  task.first_block = 1;
  task.end_block = kBlocks;
  set.attend(task, work.data(), second);
  set.merge(task, second, first);
  set.finish(task, first);
  return out;
}

bool agrees(int q_type, int kv_type, int head_dim, int group, int first_position) {
  const int count = kPositions * head_dim, num_scales = count / scale_group(head_dim);
  const int num_positions = std::min(kPositions - first_position, kMaxTaskRows / group);
  const auto keys = random_values(kv_type, count), values = random_values(kv_type, count);
  const auto key_scales = random_values(q_type, num_scales);
  const auto value_scales = random_values(q_type, num_scales);
  const auto q = random_values(q_type, num_positions * group * head_dim);
  const int32_t block_ids[kBlocks] = {2, 0, 1};
  AttentionTask task{};
  task.keys = keys.data();
  task.values = values.data();
  task.key_scales = key_scales.data();
  task.value_scales = value_scales.data();
  task.block_ids = block_ids;
  task.q = q.data();
  task.q_stride = group * head_dim * (q_type == 0 ? 4 : 2);
  task.first_position = first_position;
  task.window = 100;
  task.scale = 0.2f;
  task.num_positions = num_positions;
  task.group_size = group;
  task.head_dim = head_dim;
  task.q_type = q_type;
  task.kv_type = kv_type;
  return attend(kPortableSetAttention, task) == attend(kNeonSetAttention, task);
}

}  // namespace

int main() {
  int failures = 0;
  for (const int q_type : {0, 1})
    for (const int kv_type : {q_type == 0 ? kKvFloat32 : kKvBfloat16, kKvInt8})
      for (const int head_dim : kHeadDims)
        for (const int group : kGroups)
          for (const int first : kFirstPositions)
            if (!agrees(q_type, kv_type, head_dim, group, first)) {
              std::printf("type %d, head_dim %d, group %d, from %d: other bits\n", kv_type,
                          head_dim, group, first);
              ++failures;
            }
  return failures != 0;
}
