// From the file's quantization blocks to panels, and single rows back to float.
#pragma once

#include "sources.h"

namespace realm {

// Packs one panel. `rows[i]` is where the file's bytes of row i begin, null for a row past the
// last; `grid` has the bytes that the source wants.
void pack_panel(Format format, const uint8_t* const* rows, const uint8_t* grid, int64_t columns,
                uint8_t* panel);

// The values of row `row` (0 to 15) of a panel, the same bits as dequantizing the file's row.
void unpack_row(Format format, const uint8_t* panel, int row, int64_t columns, float* values);

}  // namespace realm
