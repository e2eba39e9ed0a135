// Compiled once for each instruction set, like product.cpp, which says why there is no standard
// library here.
//
// A sum over inputs has 16 lanes, each adds its products in the order of the inputs, even before odd
// ones of a panel; the lanes are then added as a tree. A sum over ranks adds them in order. Neither
// knows how many rows and ranks are multiplied together, so a row has the same bits in any company,
// and on every instruction set.
#include "adapter_sums.h"

#include "bfloat16.h"
#include "panels.h"
#include REALM_VECTORS

namespace realm {
namespace {

constexpr int kSumLanes = 16;
constexpr int kParts = kSumLanes / kLanes;
constexpr int kPartValues = 2 * kLanes;

// Sums that fit into the registers: of several rows, and of a single one, whose panels are read from
// memory and best in one go.
constexpr bool kHasWideFile = kLanes == 16;
constexpr int kRowTile = kHasWideFile ? 4 : 2;
constexpr int kRankTile = kHasWideFile ? 4 : 2;
constexpr int kSingleRankTile = kHasWideFile ? 16 : 4;

// How far ahead: half a page, since two streams are read at once. Not tuned on other processors.
constexpr int kPrefetchBytes = 2048;

inline const uint8_t* bytes_at(const uint16_t* values) {
  return reinterpret_cast<const uint8_t*>(values);
}

// Sums of a tile of rows and ranks.
template <int kRows, int kRanks>
struct Tile {
  Floats sums[kRows][kRanks][kParts];
};

template <int kRows, int kRanks>
inline void add_panel(Tile<kRows, kRanks>& tile, const uint16_t* const* x, const uint16_t* a) {
  REALM_UNROLL
  for (int part = 0; part < kParts; ++part) {
    Floats even[kRows], odd[kRows];
    REALM_UNROLL
    for (int t = 0; t < kRows; ++t) {
      const Ints both = load(bytes_at(x[t] + part * kPartValues));
      even[t] = low_bfloat16(both);
      odd[t] = high_bfloat16(both);
    }
    REALM_UNROLL
    for (int r = 0; r < kRanks; ++r) {
      const uint8_t* values = bytes_at(a + r * kAdapterPanel + part * kPartValues);
      if (kRows == 1) prefetch(values + kPrefetchBytes);
      const Ints both = load(values);
      const Floats low = low_bfloat16(both), high = high_bfloat16(both);
      REALM_UNROLL
      for (int t = 0; t < kRows; ++t) {
        Floats& sum = tile.sums[t][r][part];
        sum = fused_add(high, odd[t], fused_add(low, even[t], sum));
      }
    }
  }
}

inline float tree_sum(float* lanes) {
  for (int half = kSumLanes / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  return lanes[0];
}

// What the rows of a reduction share.
struct Reduction {
  const uint16_t* x;
  int64_t x_stride;
  const int64_t* rows;
  const float* weights;
  int64_t columns;
  int64_t rank;
};

template <int kRows, int kRanks>
void reduce_tile(const Reduction& job, int64_t first, const uint16_t* a, float* sums) {
  Tile<kRows, kRanks> tile;
  const uint16_t* x[kRows];
  for (int t = 0; t < kRows; ++t) {
    x[t] = job.x + job.rows[first + t] * job.x_stride;
    for (int r = 0; r < kRanks; ++r)
      for (int part = 0; part < kParts; ++part) tile.sums[t][r][part] = zero_floats();
  }
  const int64_t step = job.rank * kAdapterPanel;
  int64_t column = 0;
  for (; column + kAdapterPanel <= job.columns; column += kAdapterPanel, a += step) {
    add_panel<kRows, kRanks>(tile, x, a);
    for (int t = 0; t < kRows; ++t) x[t] += kAdapterPanel;
  }
  if (column < job.columns) {
    // The row ends here; what follows is another one's, or nobody's.
    uint16_t ends[kRows][kAdapterPanel] = {};
    for (int t = 0; t < kRows; ++t) {
      for (int64_t i = 0; i < job.columns - column; ++i) ends[t][i] = x[t][i];
      x[t] = ends[t];
    }
    add_panel<kRows, kRanks>(tile, x, a);
  }
  for (int t = 0; t < kRows; ++t)
    for (int r = 0; r < kRanks; ++r) {
      alignas(64) float lanes[kSumLanes];
      for (int part = 0; part < kParts; ++part)
        store(lanes + part * kLanes, tile.sums[t][r][part]);
      sums[t * job.rank + r] = tree_sum(lanes) * job.weights[first + t];
    }
}

// Some rows with all ranks; kWide of these at a time, as far as they go.
template <int kRows, int kWide>
void reduce_rows(const Reduction& job, int64_t first, const uint16_t* a, int64_t num_ranks,
                 float* sums) {
  int64_t r = 0;
  for (; r + kWide <= num_ranks; r += kWide)
    reduce_tile<kRows, kWide>(job, first, a + r * kAdapterPanel, sums + r);
  for (; r < num_ranks; ++r) reduce_tile<kRows, 1>(job, first, a + r * kAdapterPanel, sums + r);
}

void reduce(const uint16_t* x, int64_t x_stride, const int64_t* rows, const float* weights,
            int64_t count, int64_t columns, const uint16_t* a, int64_t rank, int64_t num_ranks,
            float* sums) {
  const Reduction job{x, x_stride, rows, weights, columns, rank};
  int64_t t = 0;
  for (; t + kRowTile <= count; t += kRowTile)
    reduce_rows<kRowTile, kRankTile>(job, t, a, num_ranks, sums + t * rank);
  for (; t < count; ++t) reduce_rows<1, kSingleRankTile>(job, t, a, num_ranks, sums + t * rank);
}

inline void add_to_row(const float* sums, uint16_t* y, int64_t columns) {
  if (columns >= kAdapterPanel) {  // a count that the compiler knows becomes a few vectors
    for (int i = 0; i < kAdapterPanel; ++i) y[i] = bfloat16_of(float_of_bfloat16(y[i]) + sums[i]);
    return;
  }
  for (int64_t i = 0; i < columns; ++i) y[i] = bfloat16_of(float_of_bfloat16(y[i]) + sums[i]);
}

template <int kRows>
inline void expand_tile(const float* reduced, int64_t rank, const int64_t* rows, const uint16_t* b,
                        uint16_t* y, int64_t y_stride, int64_t columns) {
  Floats sums[kRows][2][kParts];
  for (int t = 0; t < kRows; ++t)
    for (int part = 0; part < kParts; ++part)
      sums[t][0][part] = sums[t][1][part] = zero_floats();
  for (int64_t r = 0; r < rank; ++r, b += kAdapterPanel) {
    if (kRows == 1) prefetch(bytes_at(b) + kPrefetchBytes);
    REALM_UNROLL
    for (int part = 0; part < kParts; ++part) {
      const Ints both = load(bytes_at(b + part * kPartValues));
      const Floats low = low_bfloat16(both), high = high_bfloat16(both);
      REALM_UNROLL
      for (int t = 0; t < kRows; ++t) {
        const Floats factor = broadcast(reduced + t * rank + r);
        sums[t][0][part] = fused_add(low, factor, sums[t][0][part]);
        sums[t][1][part] = fused_add(high, factor, sums[t][1][part]);
      }
    }
  }
  for (int t = 0; t < kRows; ++t) {
    alignas(64) float values[kAdapterPanel];
    for (int half = 0; half < 2; ++half)
      for (int part = 0; part < kParts; ++part)
        store(values + half * kSumLanes + part * kLanes, sums[t][half][part]);
    add_to_row(values, y + rows[t] * y_stride, columns);
  }
}

void expand(const float* reduced, int64_t rank, const int64_t* rows, int64_t count,
            const uint16_t* b, uint16_t* y, int64_t y_stride, int64_t columns) {
  // Rows are far apart: no processor guesses that the next one follows.
  for (int64_t t = 0; t < count; ++t) prefetch(bytes_at(y + rows[t] * y_stride));
  int64_t t = 0;
  for (; t + kRowTile <= count; t += kRowTile)
    expand_tile<kRowTile>(reduced + t * rank, rank, rows + t, b, y, y_stride, columns);
  for (; t < count; ++t)
    expand_tile<1>(reduced + t * rank, rank, rows + t, b, y, y_stride, columns);
}

}  // namespace

extern const AdapterSums REALM_ADAPTERS = {reduce, expand};

}  // namespace realm
