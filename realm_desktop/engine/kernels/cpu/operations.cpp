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
         are_within(call.positions, call.num_rows, call.num_positions) &&
         (call.slots == nullptr ? call.num_rows <= call.num_slots
                                : are_within(call.slots, call.num_rows, call.num_slots));
}

}  // namespace
}  // namespace realm

using namespace realm;

int32_t realm_add_norm(const RealmNorm* call) {
  if (call == nullptr || call->hidden == nullptr || call->y == nullptr ||
      call->weight == nullptr || !is_count(call->num_rows, kMaxRows) ||
      !is_count(call->width, kMaxWidth) ||
      !is_runnable(call->type, call->instruction_set, call->num_threads))
    return REALM_BAD_ARGUMENT;
  const RowOperations& rows = *row_operations(call->instruction_set);
  run_rows(*call, rows.add_norm[call->type], call->num_rows, call->width);
  return REALM_OK;
}

int32_t realm_gate(const RealmGate* call) {
  if (call == nullptr || call->gate_up == nullptr || call->y == nullptr ||
      !is_count(call->num_rows, kMaxRows) || !is_count(call->width, kMaxWidth) ||
      call->activation < REALM_SILU || call->activation > REALM_GELU_TANH ||
      !is_runnable(call->type, call->instruction_set, call->num_threads))
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
