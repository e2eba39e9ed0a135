// Compares the bits of two instruction sets between the products of a layer, for a processor that only
// an emulator has; see test_neon.py. Exit status 0 if norms, gates, heads and choices agree.
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include "router.h"
#include "rows.h"

using namespace realm;

namespace {

constexpr int64_t kRows = 3, kWidth = 172, kHeads = 4, kKvHeads = 2, kHeadDim = 24, kPositions = 9;
constexpr int32_t kExperts = 12, kChosen = 3;

std::mt19937 generator(1);

std::vector<float> random_values(int64_t count) {
  std::vector<float> values(count);
  std::normal_distribution<float> normal;
  for (float& value : values) value = 3 * normal(generator) * normal(generator);
  return values;
}

using Results = std::vector<std::vector<float>>;

// One of each kind, all in float32.
Results compute(const RowOperations& rows, const RouterOperations& router) {
  generator.seed(1);
  const auto weight = random_values(kWidth), bias = random_values(kWidth);
  auto hidden = random_values(kRows * kWidth), term = random_values(kRows * kWidth);
  std::vector<float> normed(kRows * kWidth), gated(kRows * kWidth);
  for (const int32_t kind : {REALM_RMS_NORM, REALM_LAYER_NORM}) {
    const RealmNorm norm = {hidden.data(), term.data(), normed.data(), weight.data(), bias.data(),
                            kRows, kWidth, 1e-5f, 0.3f, kind, REALM_FLOAT32, 0, 1};
    rows.add_norm[REALM_FLOAT32](norm, 0, kRows);
  }
  const auto gate_up = random_values(kRows * 2 * kWidth);
  for (const int32_t activation : {REALM_SILU, REALM_GELU_TANH, REALM_CLAMPED_SILU}) {
    const RealmGate gate = {gate_up.data(), gated.data(), kRows, kWidth, 1.7f, 7.0f,
                            REALM_FLOAT32, 0, 1, activation, 1, 0};
    std::vector<float> before = gated;
    rows.gate[REALM_FLOAT32](gate, 0, kRows);
    for (size_t i = 0; i < gated.size(); ++i) gated[i] += before[i];
  }
  const auto qkv = random_values(kRows * (kHeads + 2 * kKvHeads) * kHeadDim);
  const auto cosines = random_values(kPositions * kHeadDim), sines = cosines;
  const auto factors = random_values(kPositions), heads_weight = random_values(kHeads * kHeadDim);
  const std::vector<int64_t> positions = {7, 0, 8};
  std::vector<float> queries(kRows * kHeads * kHeadDim), keys(kRows * kKvHeads * kHeadDim);
  std::vector<float> values = keys;
  const RealmHeads heads = {qkv.data(), queries.data(), keys.data(), values.data(), nullptr,
                            positions.data(), cosines.data(), sines.data(), factors.data(),
                            heads_weight.data(), heads_weight.data(), kRows, kRows, kRows,
                            kPositions, kHeads, kKvHeads, kHeadDim, kHeadDim, kRows * kHeadDim,
                            kHeadDim, 1e-5f, REALM_LAYER_NORM, 1, REALM_FLOAT32, 0, 1};
  rows.heads[REALM_FLOAT32](heads, 0, kRows);
  const auto x = random_values(kRows * kWidth), choice = random_values(kExperts * kWidth);
  std::vector<float> scores(kRows * (kExperts + 1)), weights(kRows * (kChosen + 1));
  std::vector<int32_t> ids(kRows * kChosen);
  const RealmRouter route = {x.data(), choice.data(), nullptr, nullptr, choice.data(),
                             scores.data(), ids.data(), weights.data(), kRows, kWidth, kExperts,
                             kChosen, 4, 2, REALM_SOFTMAX, 1, 2.5f, REALM_FLOAT32, 0, 1};
  router.score[REALM_FLOAT32](route, 0, kRows, 0, kExperts + 1);
  router.choose(route, 0, kRows);
  std::vector<float> chosen(ids.begin(), ids.end());
  // Sums of 16 results for 3 tokens, then of the last 11, with a bias and rounded.
  const auto sums = random_values(3 * 16), offsets = random_values(16);
  std::vector<float> written(3 * 27), rounded(3 * 14);
  rows.write_sums[REALM_FLOAT32](sums.data(), 3, 16, nullptr, written.data(), 27);
  rows.write_sums[REALM_FLOAT32](sums.data(), 3, 11, offsets.data(), written.data() + 16, 27);
  rows.write_sums[REALM_BFLOAT16](sums.data(), 3, 11, offsets.data(), rounded.data(), 28);
  return {hidden, normed, gated, queries, keys, values, scores, weights, chosen, written, rounded};
}

}  // namespace

int main() {
  const Results expected = compute(kPortableSetRows, kPortableSetRouter);
  const Results found = compute(kNeonSetRows, kNeonSetRouter);
  int num_wrong = 0;
  for (size_t i = 0; i < expected.size(); ++i)
    if (std::memcmp(expected[i].data(), found[i].data(), expected[i].size() * sizeof(float)) != 0) {
      std::printf("result %zu: other bits\n", i);
      ++num_wrong;
    }
  return num_wrong == 0 ? 0 : 1;
}
