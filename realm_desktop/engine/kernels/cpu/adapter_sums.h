// Sums of adapters, A and B of a low rank, with rows of activations; one table for each instruction
// set.
//
// Both matrices of an adapter lie in panels of 32 values of every rank, [panel][rank][32] bfloat16:
// 32 inputs of A, 32 outputs of B. A panel is read as 16 lanes of two values, the upper one a float
// already but for 16 bits, so that all 32 cost two operations. Lane j holds inputs 2j and 2j+1, as
// the activations have them, and outputs j and 16+j, as the result needs them. What is past the last
// input or output is zero.
#pragma once

#include <cstddef>
#include <cstdint>

namespace realm {

constexpr int kAdapterPanel = 32;

struct AdapterSums {
  // sums[t * rank + r] = weights[t] * (row rows[t] of x times rank r of A) for `count` rows and
  // num_ranks of the `rank` ranks, `a` and `sums` being where the first one begins. x is bfloat16.
  void (*reduce)(const uint16_t* x, int64_t x_stride, const int64_t* rows, const float* weights,
                 int64_t count, int64_t columns, const uint16_t* a, int64_t rank, int64_t num_ranks,
                 float* sums);
  // Adds reduced [count][rank] times one panel of B to columns of y, bfloat16, at most 32 of them.
  void (*expand)(const float* reduced, int64_t rank, const int64_t* rows, int64_t count,
                 const uint16_t* b, uint16_t* y, int64_t y_stride, int64_t columns);
};

extern const AdapterSums kPortableSetAdapters;
extern const AdapterSums kAvx2SetAdapters;
extern const AdapterSums kAvxVnniSetAdapters;
extern const AdapterSums kAvx512VnniSetAdapters;
extern const AdapterSums kNeonSetAdapters;

}  // namespace realm
