// The functions that Python calls, apart from the product itself: see multiply.cpp.
#include "library.h"

#include <mutex>
#include <new>
#include <vector>

#include "bfloat16.h"
#include "instruction_sets.h"
#include "packing.h"
#include "shared_pool.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace realm {
namespace {

bool is_matrix(int32_t format, int64_t rows, int64_t columns) {
  if (format < 0 || format >= kNumFormats || rows < 1 || columns < 1) return false;
  return columns % kSources[format].values == 0;
}

struct PackJob {
  Format format;
  const uint8_t* source;
  const uint8_t* grid;
  int64_t rows, columns, first_panel;
  const int64_t* row_ids;
  uint8_t* panels;
};

void pack_one(void* context, int64_t index) {
  const PackJob& job = *static_cast<const PackJob*>(context);
  const int64_t panel = job.first_panel + index;
  const Source& kind = kSources[job.format];
  const int64_t row_bytes = kind.row_bytes(job.columns);
  const uint8_t* sources[kPanelRows];
  for (int i = 0; i < kPanelRows; ++i) {
    const int64_t row = panel * kPanelRows + i;
    sources[i] = nullptr;
    if (row >= job.rows) continue;
    sources[i] = job.source + (job.row_ids != nullptr ? job.row_ids[row] : row) * row_bytes;
  }
  pack_panel(job.format, sources, job.grid, job.columns,
             job.panels + panel * panel_bytes(kind.panel, job.columns));
}

}  // namespace
}  // namespace realm

using namespace realm;

int32_t realm_abi_version(void) { return REALM_ABI_VERSION; }

const char* realm_set_name(int32_t index) {
  const InstructionSet* set = instruction_set(index);
  return set != nullptr ? set->name : nullptr;
}

int32_t realm_set_works(int32_t index) { return works_here(index) ? 1 : 0; }

int64_t realm_packed_bytes(int32_t format, int64_t rows, int64_t columns) {
  if (!is_matrix(format, rows, columns)) return -1;
  return num_panels(rows) * panel_bytes(kSources[format].panel, columns);
}

int32_t realm_pack(int32_t format, const uint8_t* source, const uint8_t* grid, int64_t grid_bytes,
                   int64_t rows, int64_t columns, const int64_t* row_ids, int64_t first_panel,
                   int64_t last_panel, uint8_t* panels, int32_t num_threads) {
  if (!is_matrix(format, rows, columns) || source == nullptr || panels == nullptr ||
      first_panel < 0 || first_panel > last_panel || last_panel > num_panels(rows) ||
      grid_bytes != kSources[format].grid_bytes || (grid_bytes > 0 && grid == nullptr))
    return REALM_BAD_ARGUMENT;
  const Format kind = static_cast<Format>(format);
  PackJob job{kind, source, grid, rows, columns, first_panel, row_ids, panels};
  const std::lock_guard<std::mutex> lock(call_mutex());
  shared_pool().run(last_panel - first_panel, num_threads, pack_one, &job);
  return REALM_OK;
}

int32_t realm_take_rows(int32_t format, const uint8_t* panels, int64_t rows, int64_t columns,
                        const int64_t* row_ids, int64_t num_ids, void* y, int32_t y_type) {
  if (!is_matrix(format, rows, columns) || panels == nullptr ||
      (num_ids > 0 && (row_ids == nullptr || y == nullptr)))
    return REALM_BAD_ARGUMENT;
  const Format kind = static_cast<Format>(format);
  std::vector<float> values;
  try {
    values.resize(static_cast<size_t>(columns));
  } catch (const std::bad_alloc&) {
    return REALM_OUT_OF_MEMORY;
  }
  for (int64_t i = 0; i < num_ids; ++i) {
    const int64_t row = row_ids[i];
    if (row < 0 || row >= rows) return REALM_BAD_ARGUMENT;
    const uint8_t* panel = panels + row / kPanelRows * panel_bytes(kSources[kind].panel, columns);
    unpack_row(kind, panel, static_cast<int>(row % kPanelRows), columns, values.data());
    write_floats(values.data(), columns, y, i * columns, y_type);
  }
  return REALM_OK;
}

int32_t realm_quantize(int32_t index, const float* x, int64_t num_tokens, int64_t columns,
                       int8_t* q, float* scales) {
  const InstructionSet* set = works_here(index) ? instruction_set(index) : nullptr;
  if (set == nullptr || columns % kBlockValues != 0) return REALM_BAD_ARGUMENT;
  const int64_t blocks = num_tokens * (columns / kBlockValues);
  for (int64_t b = 0; b < blocks; ++b) {
    Activation block;
    set->quantize(x + b * kBlockValues, REALM_FLOAT32, 1, 1, &block);
    for (int i = 0; i < kBlockValues; ++i) q[b * kBlockValues + i] = block.values[i];
    scales[b] = block.scale;
  }
  return REALM_OK;
}

void realm_advise_large_pages(void* memory, int64_t num_bytes) {
#if defined(__linux__)
  constexpr uintptr_t kLargePage = uintptr_t{1} << 21;
  const uintptr_t start =
      (reinterpret_cast<uintptr_t>(memory) + kLargePage - 1) & ~(kLargePage - 1);
  const uintptr_t end =
      (reinterpret_cast<uintptr_t>(memory) + static_cast<uintptr_t>(num_bytes)) & ~(kLargePage - 1);
  if (end > start) madvise(reinterpret_cast<void*>(start), end - start, MADV_HUGEPAGE);
#else
  (void)memory;
  (void)num_bytes;
#endif
}
