#include "packing.h"

#include <algorithm>
#include <cstring>

namespace realm {
namespace {

void put_word(uint8_t* p, uint32_t word) { std::memcpy(p, &word, sizeof word); }

// Calls `move` with each field that one row has in a header, where it lies there, and its size.
// Packing and unpacking differ in nothing but the direction.
template <typename Move>
void move_header(const Layout& layout, RowUnit& unit, int row, const Move& move) {
  const int num_scales = layout.num_scales();
  if (!layout.is_grouped()) {
    for (int i = 0; i < num_scales; ++i) {
      if (layout.scales == Scales::kExponents) {
        move(&unit.scales[i], i * kPanelRows + row, 1);
        continue;
      }
      move(&unit.d[i], 2 * (i * kPanelRows + row), 2);
      if (layout.has_mins())
        move(&unit.m[i], layout.min_offset() + 2 * (i * kPanelRows + row), 2);
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

// Calls `move` for each group of a block and each part of its codes: how many bits of a code lie
// below the part, which bits of each byte of a word are its, where in the block the words of all
// rows are that it goes to, and how far up in their bytes. A word is the group's 4 values of a row:
// four at a time pack faster than one by one.
template <int kBits, typename Move>
void move_codes(const Move& move) {
  int below = 0, offset = kBits * kGroupBytes;
  for (int width : {8, 4, 2, 1}) {
    if ((kBits & width) == 0) continue;
    offset -= width * kGroupBytes;
    const uint32_t mask = 0x01010101u * ((1u << width) - 1);
    for (int group = 0; group < 8; ++group) {
      // Groups j and 4 + j share bytes of nibbles, four neighbours bytes of pairs, all one of bits.
      const int plane = width == 2 ? group / 4 : group % width;
      const int place = width == 2 ? group % 4 : group / width;
      move(group, below, mask, offset + plane * kGroupBytes, place * width);
    }
    below += width;
  }
}

template <int kBits>
void put_codes(const uint8_t* codes, int row, uint8_t* block) {
  move_codes<kBits>([=](int group, int below, uint32_t mask, int offset, int shift) {
    uint8_t* place = block + offset + row * 4;
    const uint32_t part = ((word_at(codes + 4 * group) >> below) & mask) << shift;
    put_word(place, word_at(place) | part);
  });
}

template <int kBits>
void get_codes(const uint8_t* block, int row, uint8_t* codes) {
  move_codes<kBits>([=](int group, int below, uint32_t mask, int offset, int shift) {
    const uint32_t part = ((word_at(block + offset + row * 4) >> shift) & mask) << below;
    put_word(codes + 4 * group, word_at(codes + 4 * group) | part);
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

// Scale and min of a group of values, in the order of realm_desktop/engine/quant for the same bits;
// where the order differs, for IQ types, nothing is rounded.
struct Affine {
  float scale;
  float min;
};

Affine group_scale(const Source& source, const RowUnit& unit, int group) {
  const Layout& layout = kLayouts[source.panel];
  if (layout.scales == Scales::kExponents) return {float_from_exponent(unit.scales[group]), 0.0f};
  if (!layout.is_grouped()) {
    const float min = layout.has_mins() ? float_from_half(unit.m[group]) : 0.0f;
    return {float_from_half(unit.d[group]), min};
  }
  const float d = float_from_half(unit.d[0]);
  if (layout.has_mins())
    return {d * unit.scales[group], float_from_half(unit.m[0]) * unit.mins[group]};
  return {d * static_cast<int8_t>(unit.scales[group]) * source.levels.factor, 0.0f};
}

void write_values(const Source& source, const RowUnit& unit, int count, float* values) {
  const Layout& layout = kLayouts[source.panel];
  const int group_values = kBlockValues / layout.scales_per_block;
  for (int first = 0; first < count; first += group_values) {
    const Affine group = group_scale(source, unit, first / group_values);
    for (int i = first; i < first + group_values; ++i) {
      const int code = unit.codes[i];
      const int weight = (layout.has_levels ? source.levels.values[code] : code) - layout.zero;
      const float scaled = group.scale * static_cast<float>(weight);
      values[i] = scaled - group.min;
    }
  }
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
    write_values(source, unit, count, values + first);
  }
}

}  // namespace realm
