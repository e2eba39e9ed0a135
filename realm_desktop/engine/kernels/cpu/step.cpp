// A pass of few rows from tokens to logits: what Python would otherwise prepare for every step.
#include <algorithm>

#include "bfloat16.h"
#include "library.h"
#include "shared_pool.h"

namespace realm {
namespace {

constexpr int64_t kBlockPositions = 64;
constexpr int64_t kMaxPosition = int64_t{1} << 32;
// Values that one task makes floats of.
constexpr int64_t kWidened = 32 << 10;

bool is_sound(const RealmStep& s) {
  return s.calls != nullptr && s.embedding != nullptr && s.ids != nullptr &&
         s.sequences != nullptr && s.hidden != nullptr && s.positions != nullptr &&
         s.slots != nullptr && s.logits != nullptr && s.num_rows >= 1 && s.num_sequences >= 1 &&
         s.vocabulary >= 1 && s.num_threads >= 1 && s.num_threads <= kMaxThreads &&
         (s.type | 1) == 1 && (s.window_sequences == nullptr) == (s.window_slots == nullptr);
}

// Where the rows stand, and the KV of each goes; false where a sequence lacks a block. Which blocks
// there are at all is looked at by the calls.
bool place_rows(const RealmRows* sequences, const RealmStep& step, int64_t* slots) {
  int64_t row = 0;
  for (int64_t i = 0; i < step.num_sequences; ++i) {
    const RealmRows& own = sequences[i];
    if (own.block_ids == nullptr || own.first_row != row || own.num_rows < 1 ||
        own.num_rows > step.num_rows - row || own.first_position < 0 ||
        own.first_position > kMaxPosition ||
        own.num_block_ids * kBlockPositions < own.first_position + own.num_rows)
      return false;
    const int64_t end = own.first_position + own.num_rows;
    for (int64_t position = own.first_position; position < end; ++position, ++row) {
      const int64_t block = own.block_ids[position / kBlockPositions];
      if (block < 0) return false;
      step.positions[row] = position;
      slots[row] = block * kBlockPositions + position % kBlockPositions;
    }
  }
  return row == step.num_rows;
}

void widen_piece(void* context, int64_t index) {
  const RealmStep& step = *static_cast<const RealmStep*>(context);
  const int64_t first = index * kWidened;
  const int64_t count = std::min(kWidened, step.num_rows * step.vocabulary - first);
  read_floats(step.logits, first, count, step.type, step.wide_logits + first);
}

void widen_logits(const RealmStep& step) {
  const int64_t pieces = (step.num_rows * step.vocabulary + kWidened - 1) / kWidened;
  RealmStep own = step;
  const std::lock_guard<std::mutex> lock(call_mutex());
  // Few are widened before another thread is awake.
  shared_pool().run(pieces, pieces < 8 ? 1 : step.num_threads, widen_piece, &own);
}

}  // namespace
}  // namespace realm

using namespace realm;

int32_t realm_step(const RealmStep* step) {
  if (step == nullptr || !is_sound(*step)) return REALM_BAD_ARGUMENT;
  if (!place_rows(step->sequences, *step, step->slots)) return REALM_BAD_ARGUMENT;
  if (step->window_sequences != nullptr &&
      !place_rows(step->window_sequences, *step, step->window_slots))
    return REALM_BAD_ARGUMENT;
  int32_t status =
      realm_take_rows(step->embedding_format, step->embedding, step->vocabulary, step->width,
                      step->ids, step->num_rows, step->hidden, step->type);
  if (status == REALM_OK) status = realm_run_calls(step->calls, step->num_calls);
  if (status == REALM_OK && step->wide_logits != nullptr) widen_logits(*step);
  return status;
}
