// Several passes of one row, each for the token that the pass before chose.
#include <algorithm>
#include <cmath>

#include "library.h"

namespace {

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
  return d.step != nullptr && d.id != nullptr && d.rows != nullptr && d.step->ids == d.id &&
         d.step->sequences == d.rows && d.step->num_rows == 1 && d.given != nullptr &&
         d.tokens != nullptr && d.num_given >= 1 && d.num_tokens >= 1 && d.num_choices >= 1 &&
         d.num_choices <= d.step->vocabulary && d.temperature >= 0.0 &&
         (d.step->type == REALM_FLOAT32 || d.step->wide_logits != nullptr);
}

// Computes the row of one token.
int32_t feed(const RealmDraft& draft, int64_t token, int64_t position) {
  *draft.id = token;
  draft.rows->first_position = position;
  return realm_step(draft.step);
}

}  // namespace

int32_t realm_draft(RealmDraft* draft) {
  if (draft == nullptr || !is_sound(*draft)) return REALM_BAD_ARGUMENT;
  const RealmStep& step = *draft->step;
  const float* const logits = step.type == REALM_FLOAT32 ? static_cast<const float*>(step.logits)
                                                         : step.wide_logits;
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
    token = choose(logits, *draft, position + 1);
    if (token < 0) break;
    draft->tokens[draft->num_done++] = token;
  }
  return REALM_OK;
}
