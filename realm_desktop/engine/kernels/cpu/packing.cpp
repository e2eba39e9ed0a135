#include "packing.h"

#include <algorithm>
#include <cstring>

namespace realm {
namespace {

// Calls `move` with each field that one row has in a header, where it lies there, and its size.
// Packing and unpacking differ in nothing but the direction.
template <typename Move>
void move_header(const Layout& layout, RowUnit& unit, int row, const Move& move) {
  const int num_scales = layout.num_scales();
  if (!layout.is_grouped()) {
    for (int b = 0; b < layout.blocks; ++b) {
      if (layout.scales == Scales::kExponents) {
        move(&unit.scales[b], b * kPanelRows + row, 1);
        continue;
      }
      move(&unit.d[b], 2 * (b * kPanelRows + row), 2);
      if (layout.has_mins())
        move(&unit.m[b], layout.min_offset() + 2 * (b * kPanelRows + row), 2);
    }
    return;
  }
  move(&unit.d[0], 2 * row, 2);
  if (layout.has_mins()) move(&unit.m[0], Layout::kMinScaleOffset + 2 * row, 2);
  for (int i = 0; i < num_scales; ++i) {
    move(&unit.scales[i], Layout::kScaleOffset + i * kPanelRows + row, 1);
    if (layout.scales == Scales::kGroupsAndMins)
      move(&unit.mins[i], layout.min_offset() + i * kPanelRows + row, 1);
  }
}

void put_header(const Layout& layout, RowUnit& unit, int row, uint8_t* header) {
  if (layout.scales == Scales::kGroupHalves)
    for (int i = 0; i < layout.num_scales(); ++i)
      unit.scales[i] = static_cast<uint8_t>(unit.scales[i] | (unit.mins[i] << 4));
  move_header(layout, unit, row, [header](void* field, int offset, size_t size) {
    std::memcpy(header + offset, field, size);
  });
}

void get_header(const Layout& layout, const uint8_t* header, int row, RowUnit& unit) {
  move_header(layout, unit, row, [header](void* field, int offset, size_t size) {
    std::memcpy(field, header + offset, size);
  });
  if (layout.scales == Scales::kGroupHalves)
    for (int i = 0; i < layout.num_scales(); ++i) {
      unit.mins[i] = unit.scales[i] >> 4;
      unit.scales[i] &= 0x0f;
    }
}

// Calls `move` for each part of the codes of one row: how many bits it has, how many lie below
// them in the code, and for each value the byte of the block and the place in it.
template <int kBits, typename Move>
void move_codes(int row, const Move& move) {
  int below = 0, end = kBits * kGroupBytes;
  for (int width : {8, 4, 2, 1}) {
    if ((kBits & width) == 0) continue;
    end -= width * kGroupBytes;
    const int planes = width;  // as many as bytes for the 8 groups of 4 values of a row
    for (int value = 0; value < kBlockValues; ++value) {
      const int group = value / 4;
      // Groups j and 4 + j share a byte of nibbles, four neighbours one of pairs, all one of bits.
      const int plane = width == 2 ? group / 4 : group % planes;
      const int place = width == 2 ? group % 4 : group / planes;
      move(value, below, (1 << width) - 1, end + plane * kGroupBytes + row * 4 + value % 4,
           place * width);
    }
    below += width;
  }
}

template <int kBits>
void put_codes(const uint8_t* codes, int row, uint8_t* block) {
  move_codes<kBits>(row, [codes, block](int value, int below, int mask, int byte, int shift) {
    const int bits = (codes[value] >> below) & mask;
    block[byte] = static_cast<uint8_t>(block[byte] | (bits << shift));
  });
}

template <int kBits>
void get_codes(const uint8_t* block, int row, uint8_t* codes) {
  move_codes<kBits>(row, [codes, block](int value, int below, int mask, int byte, int shift) {
    const int bits = (block[byte] >> shift) & mask;
    codes[value] = static_cast<uint8_t>(codes[value] | (bits << below));
  });
}

using PutCodes = void (*)(const uint8_t* codes, int row, uint8_t* block);
using GetCodes = void (*)(const uint8_t* block, int row, uint8_t* codes);
constexpr PutCodes kPutCodes[] = {nullptr,      nullptr,      put_codes<2>, put_codes<3>,
                                  put_codes<4>, put_codes<5>, put_codes<6>, nullptr,
                                  put_codes<8>};
constexpr GetCodes kGetCodes[] = {nullptr,      nullptr,      get_codes<2>, get_codes<3>,
                                  get_codes<4>, get_codes<5>, get_codes<6>, nullptr,
                                  get_codes<8>};

// The steps of dequantization in the order of realm_desktop/engine/quant, for the same bits; where
// the order differs, for IQ types, nothing is rounded.
float value_of(const Source& source, const RowUnit& unit, int value) {
  const Layout& layout = kLayouts[source.panel];
  const int block = value / kBlockValues;
  const int code = unit.codes[value];
  const float weight =
      static_cast<float>((layout.has_levels ? source.levels.values[code] : code) - layout.zero);
  if (layout.scales == Scales::kExponents)
    return float_from_exponent(unit.scales[block]) * weight;
  if (!layout.is_grouped()) {
    const float scaled = float_from_half(unit.d[block]) * weight;
    return layout.has_mins() ? scaled - float_from_half(unit.m[block]) : scaled;
  }
  const int group = value * layout.scales_per_block / kBlockValues;
  const float d = float_from_half(unit.d[0]);
  if (layout.scales == Scales::kGroups) {
    const float scale = d * static_cast<int8_t>(unit.scales[group]) * source.levels.factor;
    return scale * weight;
  }
  const float scaled = d * unit.scales[group] * weight;
  return scaled - float_from_half(unit.m[0]) * unit.mins[group];
}

}  // namespace

void pack_panel(Format format, const uint8_t* const* rows, const uint8_t* grid, int64_t columns,
                uint8_t* panel) {
  const Source& source = kSources[format];
  const Layout& layout = kLayouts[source.panel];
  std::memset(panel, 0, static_cast<size_t>(panel_bytes(source.panel, columns)));
  for (int row = 0; row < kPanelRows; ++row) {
    const uint8_t* in = rows[row];
    if (in == nullptr) continue;
    uint8_t* out = panel;
    for (int64_t first = 0; first < columns; first += layout.values(), out += layout.unit_bytes()) {
      const int count = static_cast<int>(std::min<int64_t>(columns - first, layout.values()));
      RowUnit unit{};
      for (int i = 0; i < count / source.values; ++i, in += source.bytes)
        source.read(in, grid, i, unit);
      put_header(layout, unit, row, out);
      for (int b = 0; b < count / kBlockValues; ++b)
        kPutCodes[layout.bits](unit.codes + b * kBlockValues, row,
                               out + layout.header_bytes() + b * layout.block_bytes());
    }
  }
}

void unpack_row(Format format, const uint8_t* panel, int row, int64_t columns, float* values) {
  const Source& source = kSources[format];
  const Layout& layout = kLayouts[source.panel];
  const uint8_t* in = panel;
  for (int64_t first = 0; first < columns; first += layout.values(), in += layout.unit_bytes()) {
    const int count = static_cast<int>(std::min<int64_t>(columns - first, layout.values()));
    RowUnit unit{};
    get_header(layout, in, row, unit);
    for (int b = 0; b < count / kBlockValues; ++b)
      kGetCodes[layout.bits](in + layout.header_bytes() + b * layout.block_bytes(), row,
                             unit.codes + b * kBlockValues);
    for (int i = 0; i < count; ++i) values[first + i] = value_of(source, unit, i);
  }
}

}  // namespace realm
