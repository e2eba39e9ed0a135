// Which instruction sets were compiled, and which of them run on this processor.
#pragma once

#include "adapter_sums.h"
#include "attention.h"
#include "panels.h"
#include "router.h"
#include "rows.h"

namespace realm {

// Fastest first, the portable one last; null past the end.
const InstructionSet* instruction_set(int32_t index);

// Of the same set; null past the end.
const RowOperations* row_operations(int32_t index);

// Its choice of experts; null likewise.
const RouterOperations* router_operations(int32_t index);

// Its sums of adapters; null likewise.
const AdapterSums* adapter_sums(int32_t index);

// Attention with the same instructions.
const AttentionSet* attention_set(int32_t index);

bool works_here(int32_t index);

}  // namespace realm
