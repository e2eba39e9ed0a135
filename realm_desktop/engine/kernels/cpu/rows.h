// Operations on single rows of activations; each instruction set has its own table of them.
#pragma once

#include "library.h"

namespace realm {

// Functions for float32 and for bfloat16, in the order of RealmFloat. Each computes the rows from
// `first` to `last` - 1, one by one, so that a row's bits follow from that row alone.
struct RowOperations {
  void (*add_norm[2])(const RealmNorm& call, int64_t first, int64_t last);
  void (*gate[2])(const RealmGate& call, int64_t first, int64_t last);
  void (*heads[2])(const RealmHeads& call, int64_t first, int64_t last);
  // Writes the sums [tokens][16] of a product, of which `count` are results, plus a bias unless that
  // is null; from one token to the next it is `stride` values.
  void (*write_sums[2])(const float* sums, int64_t tokens, int64_t count, const float* bias, void* y,
                        int64_t stride);
};

// Whether there is such an activation.
bool is_gate(const RealmGate& call);

extern const RowOperations kPortableSetRows;
extern const RowOperations kAvx2SetRows;
extern const RowOperations kAvxVnniSetRows;
extern const RowOperations kAvx512VnniSetRows;
extern const RowOperations kNeonSetRows;

}  // namespace realm
