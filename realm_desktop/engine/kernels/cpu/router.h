// Scores of experts and the choice among them; each instruction set has its own table of them.
#pragma once

#include "library.h"

namespace realm {

constexpr int64_t kMaxExperts = 1024;

struct RouterOperations {
  // In the order of RealmFloat. Writes the scores of experts first_expert to last_expert - 1, the
  // one behind the last being the shared one, for the rows first_row to last_row - 1.
  void (*score[2])(const RealmRouter& call, int64_t first_row, int64_t last_row,
                   int64_t first_expert, int64_t last_expert);
  // Makes ids and weights of scores, which it changes.
  void (*choose)(const RealmRouter& call, int64_t first_row, int64_t last_row);
};

extern const RouterOperations kPortableSetRouter;
extern const RouterOperations kAvx2SetRouter;
extern const RouterOperations kAvxVnniSetRouter;
extern const RouterOperations kAvx512VnniSetRouter;
extern const RouterOperations kNeonSetRouter;

}  // namespace realm
