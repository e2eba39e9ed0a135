// Several passes of one row, each for the token that the pass before chose.
#include <algorithm>
#include <cmath>
#include <new>
#include <vector>

#include "bfloat16.h"
#include "library.h"

namespace {

constexpr int64_t kBlockPositions = 64;

uint64_t mixed(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

// The noise of engine/sampling/noise.py, to the rounding of this machine's logarithm.
class Noise {
 public:
  Noise(uint64_t seed, int64_t position)
      : key_(mixed(mixed(seed + kGolden) + static_cast<uint64_t>(position) * kGolden)) {}

  double of(int64_t token) const {
    const uint64_t z = mixed((static_cast<uint64_t>(token) + 1) * 0xD1342543DE82EF95u + key_);
    const double u = (static_cast<double>(z >> 12) + 0.5) * 0x1p-52;
    return -std::log1p(-u);
  }

 private:
  static constexpr uint64_t kGolden = 0x9E3779B97F4A7C15u;
  uint64_t key_;
};

// The token with the highest logit, or the winner of the exponential race; -1 if there is none.
int32_t choose(const float* logits, const RealmDraft& draft, int64_t position) {
  const float* end = logits + draft.num_choices;
  const float* best = std::max_element(logits, end);
  if (!std::isfinite(*best)) return -1;
  if (draft.temperature == 0.0) return static_cast<int32_t>(best - logits);
  const double most = *best / draft.temperature;
  const float least = static_cast<float>(*best + draft.floor * draft.temperature);
  const Noise noise(draft.seed, position);
  int32_t winner = static_cast<int32_t>(best - logits);
  double highest = -INFINITY;
  for (const float* logit = logits; logit < end; ++logit) {
    if (!(*logit >= least)) continue;
    const int64_t token = logit - logits;
    const double score = *logit / draft.temperature - most - std::log(noise.of(token));
    if (score > highest) {
      highest = score;
      winner = static_cast<int32_t>(token);
    }
  }
  return winner;
}

bool is_sound(const RealmDraft& d) {
  return d.calls != nullptr && d.embedding != nullptr && d.hidden != nullptr &&
         d.position != nullptr && d.slot != nullptr && d.rows != nullptr &&
         d.rows->block_ids != nullptr && d.logits != nullptr && d.given != nullptr &&
         d.tokens != nullptr && d.num_given >= 1 && d.num_tokens >= 1 && d.first_position >= 0 &&
         d.num_choices >= 1 && d.num_choices <= d.vocabulary && d.temperature >= 0.0 &&
         (d.type | 1) == 1 &&
         d.first_position + d.num_given + d.num_tokens - 2 < d.num_block_ids * kBlockPositions;
}

// Computes the row of one token.
int32_t feed(const RealmDraft& draft, int64_t token, int64_t position) {
  RealmRows& rows = *draft.rows;
  const int64_t block = position / kBlockPositions;
  *draft.position = position;
  *draft.slot = rows.block_ids[block] * kBlockPositions + position % kBlockPositions;
  rows.first_position = position;
  rows.num_block_ids = block + 1;
  const int32_t status = realm_take_rows(draft.embedding_format, draft.embedding, draft.vocabulary,
                                         draft.width, &token, 1, draft.hidden, draft.type);
  return status == REALM_OK ? realm_run_calls(draft.calls, draft.num_calls) : status;
}

}  // namespace

int32_t realm_draft(RealmDraft* draft) {
  if (draft == nullptr || !is_sound(*draft)) return REALM_BAD_ARGUMENT;
  std::vector<float> wide;
  if (draft->type != REALM_FLOAT32) {
    try {
      wide.resize(static_cast<size_t>(draft->num_choices));
    } catch (const std::bad_alloc&) {
      return REALM_OUT_OF_MEMORY;
    }
  }
  draft->num_done = 0;
  int64_t position = draft->first_position;
  for (int32_t i = 0; i + 1 < draft->num_given; ++i, ++position) {
    const int32_t status = feed(*draft, draft->given[i], position);
    if (status != REALM_OK) return status;
  }
  int32_t token = draft->given[draft->num_given - 1];
  for (; draft->num_done < draft->num_tokens; ++position) {
    const int32_t status = feed(*draft, token, position);
    if (status != REALM_OK) return status;
    const float* logits = static_cast<const float*>(draft->logits);
    if (!wide.empty()) {
      realm::read_floats(draft->logits, 0, draft->num_choices, draft->type, wide.data());
      logits = wide.data();
    }
    token = choose(logits, *draft, position + 1);
    if (token < 0) break;
    draft->tokens[draft->num_done++] = token;
  }
  return REALM_OK;
}
