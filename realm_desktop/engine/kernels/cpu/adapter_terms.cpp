// What adapters add to the rows of a step: y[row] += weight (x[row] Aᵀ) Bᵀ, for all adapters and all
// targets of a linear layer in one call.
#include <algorithm>

#include "adapter_sums.h"
#include "instruction_sets.h"
#include "library.h"
#include "shared_pool.h"

namespace realm {
namespace {

constexpr int64_t kMaxTargets = 8;
constexpr int64_t kMaxFeatures = int64_t{1} << 24;
constexpr int64_t kRowBlock = 16;   // rows that a task multiplies with A
constexpr int64_t kRankBlock = 32;  // and ranks
constexpr int64_t kPanelBlock = 4;  // panels of B that a task multiplies with all rows
// Multiplications worth one more thread: fewer are done before it is awake.
constexpr int64_t kProductsPerThread = int64_t{1} << 20;

int64_t padded(int64_t features) {
  return (features + kAdapterPanel - 1) / kAdapterPanel * kAdapterPanel;
}

int64_t pieces(int64_t count, int64_t size) { return (count + size - 1) / size; }

struct TermCall {
  const RealmAdapterTerm& term;
  const AdapterSums& sums;
};

int64_t reduce_tasks(const RealmAdapterUse& use) {
  return pieces(use.num_rows, kRowBlock) * pieces(use.rank, kRankBlock);
}

// Sums of one target and one use for some rows and ranks. Adjacent tasks have the same rows, so that
// threads read different parts of the matrix.
void reduce_one(void* context, int64_t index) {
  const TermCall& call = *static_cast<const TermCall*>(context);
  const RealmAdapterTerm& term = call.term;
  const RealmAdapterTarget& target = term.targets[index % term.num_targets];
  float* reduced = term.reduced + index % term.num_targets * term.num_values;
  index /= term.num_targets;
  const RealmAdapterUse* use = term.uses;
  for (; index >= reduce_tasks(*use); ++use) index -= reduce_tasks(*use);
  const int64_t rank_blocks = pieces(use->rank, kRankBlock);
  const int64_t row = index / rank_blocks * kRowBlock, rank = index % rank_blocks * kRankBlock;
  const int64_t place = use->first_place + row;
  const uint16_t* a = target.a + use->first_rank * padded(term.in_features);
  call.sums.reduce(term.x, term.x_stride, term.row_ids + place, term.weights + place,
                   std::min(kRowBlock, use->num_rows - row), term.in_features,
                   a + rank * kAdapterPanel, use->rank, std::min(kRankBlock, use->rank - rank),
                   reduced + use->first_value + row * use->rank + rank);
}

// Some columns of one target, with every use in order: a row may have several.
void expand_columns(const TermCall& call, int64_t target_index, int64_t first_panel) {
  const RealmAdapterTerm& term = call.term;
  const RealmAdapterTarget& target = term.targets[target_index];
  const float* reduced = term.reduced + target_index * term.num_values;
  const int64_t last_panel =
      std::min(first_panel + kPanelBlock, pieces(target.num_columns, kAdapterPanel));
  for (int32_t u = 0; u < term.num_uses; ++u) {
    const RealmAdapterUse& use = term.uses[u];
    const uint16_t* b = target.b + use.first_rank * padded(target.num_columns);
    for (int64_t row = 0; row < use.num_rows; row += kRowBlock)
      for (int64_t panel = first_panel; panel < last_panel; ++panel) {
        const int64_t column = panel * kAdapterPanel;
        call.sums.expand(reduced + use.first_value + row * use.rank, use.rank,
                         term.row_ids + use.first_place + row,
                         std::min(kRowBlock, use.num_rows - row), b + column * use.rank,
                         term.y + target.first_column + column, term.y_stride,
                         std::min<int64_t>(kAdapterPanel, target.num_columns - column));
      }
  }
}

int64_t expand_tasks(const RealmAdapterTarget& target) {
  return pieces(pieces(target.num_columns, kAdapterPanel), kPanelBlock);
}

void expand_one(void* context, int64_t index) {
  const TermCall& call = *static_cast<const TermCall*>(context);
  int64_t target = 0;
  for (; index >= expand_tasks(call.term.targets[target]); ++target)
    index -= expand_tasks(call.term.targets[target]);
  expand_columns(call, target, index * kPanelBlock);
}

bool is_sound_use(const RealmAdapterTerm& term, const RealmAdapterUse& use) {
  if (use.first_rank < 0 || use.rank < 1 || use.first_place < 0 || use.num_rows < 1 ||
      use.first_place > term.num_places || use.num_rows > term.num_places - use.first_place ||
      use.first_value < 0 || use.first_value > term.num_values ||
      use.rank > (term.num_values - use.first_value) / use.num_rows)
    return false;
  for (int32_t i = 0; i < term.num_targets; ++i)
    if (use.rank > term.targets[i].num_ranks ||
        use.first_rank > term.targets[i].num_ranks - use.rank)
      return false;
  return true;
}

bool is_sound_target(const RealmAdapterTerm& term, const RealmAdapterTarget& target) {
  return target.a != nullptr && target.b != nullptr && target.num_columns >= 1 &&
         target.num_columns <= kMaxFeatures && target.first_column >= 0 &&
         target.first_column <= term.y_stride - target.num_columns;
}

bool is_sound(const RealmAdapterTerm& term) {
  if (term.targets == nullptr || term.uses == nullptr || term.row_ids == nullptr ||
      term.weights == nullptr || term.reduced == nullptr || term.x == nullptr ||
      term.y == nullptr || term.num_targets < 1 || term.num_targets > kMaxTargets ||
      term.num_uses < 1 || term.in_features < 1 || term.in_features > kMaxFeatures ||
      term.x_stride < term.in_features || term.num_threads < 1 || term.num_threads > kMaxThreads)
    return false;
  for (int32_t i = 0; i < term.num_targets; ++i)
    if (!is_sound_target(term, term.targets[i])) return false;
  for (int32_t i = 0; i < term.num_uses; ++i)
    if (!is_sound_use(term, term.uses[i])) return false;
  for (int64_t i = 0; i < term.num_places; ++i)
    if (term.row_ids[i] < 0 || term.row_ids[i] >= term.num_rows) return false;
  return true;
}

int useful_threads(const RealmAdapterTerm& term) {
  int64_t features = term.num_targets * term.in_features;
  for (int32_t i = 0; i < term.num_targets; ++i) features += term.targets[i].num_columns;
  int64_t products = 0;
  for (int32_t i = 0; i < term.num_uses; ++i)
    // Fetching a value from memory takes as long as some products with it.
    products += features * term.uses[i].rank * (term.uses[i].num_rows + 3);
  return static_cast<int>(std::min<int64_t>(1 + products / kProductsPerThread, term.num_threads));
}

}  // namespace
}  // namespace realm

using namespace realm;

int32_t realm_add_adapters(const RealmAdapterTerm* term) {
  if (term == nullptr || !is_sound(*term) || !works_here(term->instruction_set))
    return REALM_BAD_ARGUMENT;
  TermCall call{*term, *adapter_sums(term->instruction_set)};
  const int threads = useful_threads(*term);
  int64_t reductions = 0, expansions = 0;
  for (int32_t i = 0; i < term->num_uses; ++i) reductions += reduce_tasks(term->uses[i]);
  for (int32_t i = 0; i < term->num_targets; ++i) expansions += expand_tasks(term->targets[i]);
  const std::lock_guard<std::mutex> lock(call_mutex());
  shared_pool().run(reductions * term->num_targets, threads, reduce_one, &call);
  shared_pool().run(expansions, threads, expand_one, &call);
  return REALM_OK;
}
