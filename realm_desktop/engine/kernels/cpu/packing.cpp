// The layouts of the file are those of GGUF version 3; realm_desktop/engine/quant draws them.
#include "packing.h"

#include <cstring>

namespace realm {
namespace {

constexpr int kMaxValues = 256;

// One row of one unit, whatever the format: integers without sign, and the scales as they are.
struct RowUnit {
  uint8_t q[kMaxValues];
  uint16_t d[2];  // Q4_0, Q8_0: of both blocks; else d and dmin
  uint8_t scale[16];
  uint8_t minimum[8];
};

uint16_t half_at(const uint8_t* p) {
  uint16_t half;
  std::memcpy(&half, p, sizeof half);
  return half;
}

void read_q4_0(const uint8_t* source, int block, RowUnit& unit) {
  unit.d[block] = half_at(source);
  for (int i = 0; i < 16; ++i) {
    unit.q[32 * block + i] = source[2 + i] & 0x0f;
    unit.q[32 * block + 16 + i] = source[2 + i] >> 4;
  }
}

void read_q8_0(const uint8_t* source, int block, RowUnit& unit) {
  unit.d[block] = half_at(source);
  for (int i = 0; i < 32; ++i) unit.q[32 * block + i] = source[2 + i] ^ 0x80;
}

// Twelve bytes of six-bit scales and mins, as Q4_K and Q5_K have them.
void read_scales(const uint8_t* packed, RowUnit& unit) {
  for (int i = 0; i < 4; ++i) {
    const uint8_t first = packed[i], second = packed[4 + i], third = packed[8 + i];
    unit.scale[i] = first & 0x3f;
    unit.minimum[i] = second & 0x3f;
    unit.scale[4 + i] = static_cast<uint8_t>((third & 0x0f) | ((first >> 2) & 0x30));
    unit.minimum[4 + i] = static_cast<uint8_t>((third >> 4) | ((second >> 2) & 0x30));
  }
}

// Four runs of 32 bytes; low halves are the run's first 32 values.
void read_runs(const uint8_t* runs, RowUnit& unit) {
  for (int run = 0; run < 4; ++run)
    for (int i = 0; i < 32; ++i) {
      unit.q[64 * run + i] = runs[32 * run + i] & 0x0f;
      unit.q[64 * run + 32 + i] = runs[32 * run + i] >> 4;
    }
}

void read_q4_k(const uint8_t* source, RowUnit& unit) {
  unit.d[0] = half_at(source);
  unit.d[1] = half_at(source + 2);
  read_scales(source + 4, unit);
  read_runs(source + 16, unit);
}

void read_q5_k(const uint8_t* source, RowUnit& unit) {
  unit.d[0] = half_at(source);
  unit.d[1] = half_at(source + 2);
  read_scales(source + 4, unit);
  read_runs(source + 48, unit);
  for (int value = 0; value < 256; ++value) {
    const int bit = (source[16 + value % 32] >> (value / 32)) & 1;
    unit.q[value] = static_cast<uint8_t>(unit.q[value] | (bit << 4));
  }
}

void read_q6_k(const uint8_t* source, RowUnit& unit) {
  unit.d[0] = half_at(source + 208);
  unit.d[1] = 0;
  std::memcpy(unit.scale, source + 192, 16);
  for (int value = 0; value < 256; ++value) {
    const int run = value / 128, quarter = value % 128 / 32, i = value % 32;
    const uint8_t low = source[64 * run + 32 * (quarter % 2) + i];
    const uint8_t high = source[128 + 32 * run + i];
    const int nibble = quarter < 2 ? low & 0x0f : low >> 4;
    unit.q[value] = static_cast<uint8_t>(nibble | (((high >> (2 * quarter)) & 3) << 4));
  }
}

void read_unit(Format format, const uint8_t* source, int blocks, RowUnit& unit) {
  switch (format) {
    case kQ4_0:
    case kQ8_0:
      for (int b = 0; b < blocks; ++b) {
        const uint8_t* block = source + b * (kLayouts[format].source_bytes / 2);
        format == kQ4_0 ? read_q4_0(block, b, unit) : read_q8_0(block, b, unit);
      }
      break;
    case kQ4_K:
      read_q4_k(source, unit);
      break;
    case kQ5_K:
      read_q5_k(source, unit);
      break;
    default:
      read_q6_k(source, unit);
      break;
  }
}

bool has_block_scales(Format format) { return format == kQ4_0 || format == kQ8_0; }

void put_header(Format format, const RowUnit& unit, int row, uint8_t* out) {
  std::memcpy(out + 2 * row, &unit.d[0], 2);
  if (format != kQ6_K) std::memcpy(out + kMinScaleOffset + 2 * row, &unit.d[1], 2);
  if (has_block_scales(format)) return;
  const int num_scales = format == kQ6_K ? 16 : 8;
  for (int i = 0; i < num_scales; ++i) out[kScaleOffset + i * kPanelRows + row] = unit.scale[i];
  if (format == kQ6_K) return;
  for (int i = 0; i < 8; ++i) out[kMinOffset + i * kPanelRows + row] = unit.minimum[i];
}

void get_header(Format format, const uint8_t* in, int row, RowUnit& unit) {
  std::memcpy(&unit.d[0], in + 2 * row, 2);
  std::memcpy(&unit.d[1], in + kMinScaleOffset + 2 * row, 2);
  if (has_block_scales(format)) return;
  const int num_scales = format == kQ6_K ? 16 : 8;
  for (int i = 0; i < num_scales; ++i) unit.scale[i] = in[kScaleOffset + i * kPanelRows + row];
  if (format == kQ6_K) return;
  for (int i = 0; i < 8; ++i) unit.minimum[i] = in[kMinOffset + i * kPanelRows + row];
}

// Where the bits of one value of a row lie in a block.
struct Place {
  int byte;        // in the nibbles, or in the bytes of Q8_0
  int shift;       // 0 or 4 in the nibbles
  int plane_byte;  // in the planes before the nibbles
  int plane_shift;
};

Place place_of(Format format, int value, int row) {
  const int group = value / 4, lane = row * 4 + value % 4;
  if (format == kQ8_0) return {group * kGroupBytes + lane, 0, 0, 0};
  const int plane_bytes = kLayouts[format].block_bytes - kNibbleBytes;
  const int byte = plane_bytes + group % 4 * kGroupBytes + lane;
  const int shift = group < 4 ? 0 : 4;
  if (format == kQ6_K) return {byte, shift, group / 4 * kGroupBytes + lane, group % 4 * 2};
  return {byte, shift, lane, group};
}

void put_block(Format format, const uint8_t* q, int row, uint8_t* block) {
  const bool has_planes = format == kQ5_K || format == kQ6_K;
  for (int value = 0; value < kBlockValues; ++value) {
    const Place place = place_of(format, value, row);
    if (format == kQ8_0) {
      block[place.byte] = q[value];
      continue;
    }
    block[place.byte] |= static_cast<uint8_t>((q[value] & 0x0f) << place.shift);
    if (has_planes)
      block[place.plane_byte] |= static_cast<uint8_t>((q[value] >> 4) << place.plane_shift);
  }
}

void get_block(Format format, const uint8_t* block, int row, uint8_t* q) {
  const int plane_mask = format == kQ5_K ? 1 : format == kQ6_K ? 3 : 0;
  for (int value = 0; value < kBlockValues; ++value) {
    const Place place = place_of(format, value, row);
    if (format == kQ8_0) {
      q[value] = block[place.byte];
      continue;
    }
    const int upper = (block[place.plane_byte] >> place.plane_shift) & plane_mask;
    q[value] = static_cast<uint8_t>(((block[place.byte] >> place.shift) & 0x0f) | (upper << 4));
  }
}

// The steps of dequantization in the order of realm_desktop/engine/quant, for the same bits.
float value_of(Format format, const RowUnit& unit, int value) {
  const int block = value / kBlockValues;
  const float q = unit.q[value];
  if (format == kQ4_0) return float_from_half(unit.d[block]) * (q - 8.0f);
  if (format == kQ8_0) return float_from_half(unit.d[block]) * (q - 128.0f);
  if (format == kQ6_K) {
    const float scale = static_cast<int8_t>(unit.scale[value / 16]);
    return float_from_half(unit.d[0]) * scale * (q - 32.0f);
  }
  const float scale = float_from_half(unit.d[0]) * unit.scale[block];
  const float minimum = float_from_half(unit.d[1]) * unit.minimum[block];
  const float scaled = scale * q;
  return scaled - minimum;
}

}  // namespace

void pack_panel(Format format, const uint8_t* const* rows, int64_t columns, uint8_t* panel) {
  const Layout& layout = kLayouts[format];
  const int64_t units = num_units(format, columns);
  std::memset(panel, 0, static_cast<size_t>(units) * layout.unit_bytes());
  for (int row = 0; row < kPanelRows; ++row) {
    if (rows[row] == nullptr) continue;
    for (int64_t u = 0; u < units; ++u) {
      const int64_t blocks_left = columns / kBlockValues - u * layout.blocks;
      const int blocks =
          static_cast<int>(blocks_left < layout.blocks ? blocks_left : layout.blocks);
      RowUnit unit{};
      read_unit(format, rows[row] + u * layout.source_bytes, blocks, unit);
      uint8_t* out = panel + u * layout.unit_bytes();
      put_header(format, unit, row, out);
      for (int b = 0; b < blocks; ++b)
        put_block(format, unit.q + b * kBlockValues, row,
                  out + layout.header_bytes + b * layout.block_bytes);
    }
  }
}

void unpack_row(Format format, const uint8_t* panel, int row, int64_t columns, float* values) {
  const Layout& layout = kLayouts[format];
  for (int64_t first = 0; first < columns; first += layout.values(), panel += layout.unit_bytes()) {
    const int64_t left = columns - first;
    const int count = static_cast<int>(left < layout.values() ? left : layout.values());
    RowUnit unit{};
    get_header(format, panel, row, unit);
    for (int b = 0; b < count / kBlockValues; ++b)
      get_block(format, panel + layout.header_bytes + b * layout.block_bytes, row,
                unit.q + b * kBlockValues);
    for (int i = 0; i < count; ++i) values[first + i] = value_of(format, unit, i);
  }
}

}  // namespace realm
