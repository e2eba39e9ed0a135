// Which experts compute a row, and how much each counts; compiled once for each instruction set.
// Everything is float32, and a row's bits follow from that row alone.
#include "router.h"

#include "lanes.h"

namespace realm {
namespace {

constexpr float kSmallestSum = 1e-20f;  // as in layers/router.py
constexpr int kExpertsAtOnce = 4;

int64_t scores_width(const RealmRouter& call) { return call.num_experts + 1; }

// Each sum runs over the columns in order, in however many experts it is computed beside.
template <class Type, int kCount>
inline void score_some(const typename Type::Value* x, const float* weight, int64_t width,
                       float* scores) {
  Floats sums[kCount] = {};
  for (int64_t i = 0; i < width; i += kWidth) {
    const int64_t count = count_at(i, width);
    const Floats values = Type::load(x + i, count);
    for (int e = 0; e < kCount; ++e)
      sums[e] += values * Float32::load(weight + e * width + i, count);
  }
  for (int e = 0; e < kCount; ++e) scores[e] = sum_of(sums[e]);
}

template <class Type>
void score(const RealmRouter& call, int64_t first_row, int64_t last_row, int64_t first_expert,
           int64_t last_expert) {
  using Value = typename Type::Value;
  const int64_t width = call.width;
  for (int64_t row = first_row; row < last_row; ++row) {
    const Value* x = static_cast<const Value*>(call.x) + row * width;
    float* scores = call.scores + row * scores_width(call);
    const int64_t last = last_expert < call.num_experts ? last_expert : call.num_experts;
    int64_t e = first_expert;
    for (; e + kExpertsAtOnce <= last; e += kExpertsAtOnce)
      score_some<Type, kExpertsAtOnce>(x, call.weight + e * width, width, scores + e);
    for (; e < last; ++e) score_some<Type, 1>(x, call.weight + e * width, width, scores + e);
    if (last_expert > call.num_experts)
      score_some<Type, 1>(x, call.shared, width, scores + call.num_experts);
  }
}

inline void apply_sigmoid(float* values, int64_t num_values) {
  for (int64_t i = 0; i < num_values; i += kWidth) {
    const int64_t count = count_at(i, num_values);
    const Floats x = Float32::load(values + i, count);
    Float32::store(values + i, 1.0f / (exponential(-x) + 1.0f), count);
  }
}

inline void apply_softmax(float* values, int64_t num_values) {
  float most = values[0];
  for (int64_t i = 1; i < num_values; ++i) most = values[i] > most ? values[i] : most;
  Floats sums = {};
  for (int64_t i = 0; i < num_values; i += kWidth) {
    const int64_t count = count_at(i, num_values);
    Float32::store(values + i, exponential(Float32::load(values + i, count) - most), count);
    sums += Float32::load(values + i, count);
  }
  const float sum = sum_of(sums);
  for (int64_t i = 0; i < num_values; ++i) values[i] /= sum;
}

// The first of the greatest that are not taken; a NaN comes after all numbers.
inline int64_t best_of(const float* ranks, const bool* is_taken, int64_t count) {
  int64_t best = -1;
  for (int64_t i = 0; i < count; ++i) {
    if (is_taken[i]) continue;
    const bool is_better = best < 0 || ranks[i] > ranks[best] ||
                           (ranks[best] != ranks[best] && ranks[i] == ranks[i]);
    best = is_better ? i : best;
  }
  return best;
}

inline void take_best(const float* ranks, int64_t count, int64_t num_taken, bool* is_taken) {
  for (int64_t i = 0; i < count; ++i) is_taken[i] = false;
  for (int64_t i = 0; i < num_taken; ++i) is_taken[best_of(ranks, is_taken, count)] = true;
}

// A group counts by its best expert (softmax) or by the sum of its two best.
inline float rank_of_group(const float* ranks, int64_t size, int32_t scoring) {
  bool is_taken[kMaxExperts];
  for (int64_t i = 0; i < size; ++i) is_taken[i] = false;
  const int64_t best = best_of(ranks, is_taken, size);
  if (scoring == REALM_SOFTMAX || size == 1) return ranks[best];
  is_taken[best] = true;
  return ranks[best] + ranks[best_of(ranks, is_taken, size)];
}

inline void leave_groups_out(const RealmRouter& call, float* ranks) {
  const int64_t size = call.num_experts / call.num_groups;
  float groups[kMaxExperts];
  bool is_chosen[kMaxExperts];
  for (int64_t g = 0; g < call.num_groups; ++g)
    groups[g] = rank_of_group(ranks + g * size, size, call.scoring);
  take_best(groups, call.num_groups, call.num_chosen_groups, is_chosen);
  for (int64_t i = 0; i < call.num_experts; ++i)
    if (!is_chosen[i / size]) ranks[i] = -__builtin_inff();
}

inline void weigh(const RealmRouter& call, float* weights) {
  if (call.scoring == REALM_SOFTMAX_OF_CHOSEN) {
    apply_softmax(weights, call.num_chosen);
    return;
  }
  if (call.is_normalised) {
    float sum = weights[0];
    for (int64_t i = 1; i < call.num_chosen; ++i) sum += weights[i];
    sum = sum < kSmallestSum ? kSmallestSum : sum;
    for (int64_t i = 0; i < call.num_chosen; ++i) weights[i] /= sum;
  }
  for (int64_t i = 0; i < call.num_chosen; ++i) weights[i] *= call.scale;
}

void choose_row(const RealmRouter& call, float* scores, int32_t* ids, float* weights) {
  float ranks[kMaxExperts];
  bool is_taken[kMaxExperts];
  const int64_t count = call.num_experts;
  if (call.bias != nullptr)
    for (int64_t i = 0; i < count; ++i) scores[i] += call.bias[i];
  if (call.scoring == REALM_SOFTMAX) apply_softmax(scores, count);
  if (call.scoring == REALM_SIGMOID) apply_sigmoid(scores, count);
  for (int64_t i = 0; i < count; ++i)
    ranks[i] = call.choice_bias == nullptr ? scores[i] : scores[i] + call.choice_bias[i];
  if (call.num_groups > 1) leave_groups_out(call, ranks);
  take_best(ranks, count, call.num_chosen, is_taken);
  int64_t place = 0;
  for (int64_t i = 0; i < count; ++i)
    if (is_taken[i]) {
      ids[place] = static_cast<int32_t>(i);
      weights[place++] = scores[i];
    }
  weigh(call, weights);
  weights[place] = 1.0f;
  if (call.shared != nullptr) {
    weights[place] = scores[count];
    apply_sigmoid(weights + place, 1);
  }
}

void choose(const RealmRouter& call, int64_t first_row, int64_t last_row) {
  for (int64_t row = first_row; row < last_row; ++row)
    choose_row(call, call.scores + row * scores_width(call), call.ids + row * call.num_chosen,
               call.weights + row * (call.num_chosen + 1));
}

}  // namespace

#define REALM_JOIN_AGAIN(a, b) a##b
#define REALM_JOIN(a, b) REALM_JOIN_AGAIN(a, b)

extern const RouterOperations REALM_JOIN(REALM_SET, Router) = {
    {score<Float32>, score<BFloat16>},
    choose,
};

}  // namespace realm
