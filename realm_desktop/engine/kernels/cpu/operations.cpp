// The operations of rows.h as Python calls them: arguments looked at, rows shared out.
#include <algorithm>

#include "instruction_sets.h"
#include "rows.h"
#include "shared_pool.h"

namespace realm {
namespace {

// Below so many values a second thread is not awake before the first one is done.
constexpr int64_t kValuesAlone = 32 << 10;
constexpr int64_t kValuesPerTask = 8 << 10;
constexpr int64_t kMaxRows = int64_t{1} << 24;
constexpr int64_t kMaxWidth = int64_t{1} << 24;

template <class Call>
using RowFunction = void (*)(const Call& call, int64_t first, int64_t last);

template <class Call>
struct Job {
  const Call& call;
  RowFunction<Call> function;
  int64_t num_rows, rows_per_task;
};

template <class Call>
void run_task(void* context, int64_t index) {
  const Job<Call>& job = *static_cast<const Job<Call>*>(context);
  const int64_t first = index * job.rows_per_task;
  job.function(job.call, first, std::min(first + job.rows_per_task, job.num_rows));
}

template <class Call>
void run_rows(const Call& call, RowFunction<Call> function, int64_t num_rows, int64_t width) {
  if (num_rows * width < kValuesAlone || call.num_threads == 1) {
    function(call, 0, num_rows);
    return;
  }
  Job<Call> job{call, function, num_rows, std::max<int64_t>(1, kValuesPerTask / width)};
  const int64_t tasks = (num_rows + job.rows_per_task - 1) / job.rows_per_task;
  const std::lock_guard<std::mutex> lock(call_mutex());
  shared_pool().run(tasks, call.num_threads, run_task<Call>, &job);
}

bool is_count(int64_t value, int64_t most) { return value >= 1 && value <= most; }

bool is_runnable(int32_t type, int32_t set, int32_t num_threads) {
  return (type | 1) == 1 && works_here(set) && num_threads >= 1 && num_threads <= kMaxThreads;
}

bool is_norm(int32_t kind) { return kind == REALM_RMS_NORM || kind == REALM_LAYER_NORM; }

bool are_within(const int64_t* indices, int64_t count, int64_t end) {
  for (int64_t i = 0; i < count; ++i)
    if (indices[i] < 0 || indices[i] >= end) return false;
  return true;
}

bool is_sound(const RealmHeads& call) {
  return call.qkv != nullptr && call.queries != nullptr && call.keys != nullptr &&
         call.values != nullptr && call.positions != nullptr && call.cosines != nullptr &&
         call.sines != nullptr && is_count(call.num_rows, call.num_padded_rows) &&
         is_count(call.num_padded_rows, kMaxRows) && is_count(call.num_heads, kMaxWidth) &&
         is_count(call.num_kv_heads, kMaxWidth) && is_count(call.head_dim, kMaxWidth) &&
         call.head_dim % 2 == 0 && call.slot_stride >= call.head_dim &&
         call.head_stride >= call.head_dim &&
         (call.query_weight == nullptr) == (call.key_weight == nullptr) &&
         (call.weight_stride == 0 || call.weight_stride == call.head_dim) &&
         is_norm(call.norm_kind) && (call.is_whole | 1) == 1 &&
         are_within(call.positions, call.num_rows, call.num_positions) &&
         (call.slots == nullptr ? call.num_rows <= call.num_slots
                                : are_within(call.slots, call.num_rows, call.num_slots));
}

// Experts whose scores one task computes, and rows.
constexpr int64_t kExpertsPerTask = 16;
constexpr int64_t kRowsPerTask = 32;

int64_t num_shares(int64_t count, int64_t share) { return (count + share - 1) / share; }

struct ScoreJob {
  const RealmRouter& call;
  const RouterOperations& operations;
  int64_t num_scores;  // of a row
};

void score_share(void* context, int64_t index) {
  const ScoreJob& job = *static_cast<const ScoreJob*>(context);
  const int64_t shares = num_shares(job.num_scores, kExpertsPerTask);
  const int64_t row = index / shares * kRowsPerTask, expert = index % shares * kExpertsPerTask;
  const int64_t last_row = std::min(row + kRowsPerTask, job.call.num_rows);
  const int64_t last_expert = std::min(expert + kExpertsPerTask, job.num_scores);
  job.operations.score[job.call.type](job.call, row, last_row, expert, last_expert);
}

void score_all(const ScoreJob& job) {
  const RealmRouter& call = job.call;
  // Of few rows the weights, which come from memory, are most of what is read.
  if ((8 + call.num_rows) * call.width * job.num_scores < 8 * kValuesAlone) {
    job.operations.score[call.type](call, 0, call.num_rows, 0, job.num_scores);
    return;
  }
  const int64_t tasks =
      num_shares(call.num_rows, kRowsPerTask) * num_shares(job.num_scores, kExpertsPerTask);
  ScoreJob own = job;
  const std::lock_guard<std::mutex> lock(call_mutex());
  shared_pool().run(tasks, call.num_threads, score_share, &own);
}

bool is_sound(const RealmRouter& call) {
  return call.x != nullptr && call.weight != nullptr && call.scores != nullptr &&
         call.ids != nullptr && call.weights != nullptr && is_count(call.num_rows, kMaxRows) &&
         is_count(call.width, kMaxWidth) && is_count(call.num_experts, kMaxExperts) &&
         is_count(call.num_chosen, call.num_experts) &&
         is_count(call.num_groups, call.num_experts) && call.num_experts % call.num_groups == 0 &&
         is_count(call.num_chosen_groups, call.num_groups) && call.scoring >= REALM_SOFTMAX &&
         call.scoring <= REALM_SOFTMAX_OF_CHOSEN && (call.is_normalised | 1) == 1;
}

}  // namespace

bool is_gate(const RealmGate& call) {
  return call.activation >= REALM_SILU && call.activation <= REALM_CLAMPED_SILU &&
         (call.is_gated | 1) == 1;
}

}  // namespace realm

using namespace realm;

int32_t realm_add_norm(const RealmNorm* call) {
  if (call == nullptr || call->hidden == nullptr || !is_count(call->num_rows, kMaxRows) ||
      !is_count(call->width, kMaxWidth) || (call->y != nullptr && call->weight == nullptr) ||
      !is_norm(call->kind) || !is_runnable(call->type, call->instruction_set, call->num_threads))
    return REALM_BAD_ARGUMENT;
  const RowOperations& rows = *row_operations(call->instruction_set);
  run_rows(*call, rows.add_norm[call->type], call->num_rows, call->width);
  return REALM_OK;
}

int32_t realm_gate(const RealmGate* call) {
  if (call == nullptr || call->gate_up == nullptr || call->y == nullptr ||
      !is_count(call->num_rows, kMaxRows) || !is_count(call->width, kMaxWidth) ||
      !is_gate(*call) || !is_runnable(call->type, call->instruction_set, call->num_threads))
    return REALM_BAD_ARGUMENT;
  const RowOperations& rows = *row_operations(call->instruction_set);
  run_rows(*call, rows.gate[call->type], call->num_rows, call->width);
  return REALM_OK;
}

int32_t realm_heads(const RealmHeads* call) {
  if (call == nullptr || !is_runnable(call->type, call->instruction_set, call->num_threads) ||
      !is_sound(*call))
    return REALM_BAD_ARGUMENT;
  const RowOperations& rows = *row_operations(call->instruction_set);
  const int64_t width = (call->num_heads + 2 * call->num_kv_heads) * call->head_dim;
  run_rows(*call, rows.heads[call->type], call->num_padded_rows, width);
  return REALM_OK;
}

int32_t realm_route(const RealmRouter* call) {
  if (call == nullptr || !is_sound(*call) ||
      !is_runnable(call->type, call->instruction_set, call->num_threads))
    return REALM_BAD_ARGUMENT;
  const RouterOperations& operations = *router_operations(call->instruction_set);
  score_all({*call, operations, call->num_experts + (call->shared != nullptr)});
  run_rows(*call, operations.choose, call->num_rows, call->num_experts * call->num_chosen);
  return REALM_OK;
}
