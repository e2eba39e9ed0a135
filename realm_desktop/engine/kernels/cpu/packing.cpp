#include "packing.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

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

// Calls `move` for each word that a row has in a block: `width` bits of the codes of 8 / width
// groups, taken above the lowest `below` bits, beside each other in every byte; `group(k)` is the
// group in place k, and `offset` where in the block the words of all rows are.
template <int kBits, typename Move>
void move_codes(const Move& move) {
  int below = 0, offset = kBits * kGroupBytes;
  for (int width : {8, 4, 2, 1}) {
    if ((kBits & width) == 0) continue;
    offset -= width * kGroupBytes;
    for (int plane = 0; plane < width; ++plane)
      move(width, below, offset + plane * kGroupBytes, [=](int place) {
        // Groups j and 4 + j share bytes of nibbles, four neighbours bytes of pairs, all one of bits.
        return width == 2 ? 4 * plane + place : place * width + plane;
      });
    below += width;
  }
}

constexpr uint32_t low_bits_of_bytes(int width) { return 0x01010101u * ((1u << width) - 1); }

// A word is the group's 4 values of a row: four at a time pack faster than one by one. Each word of
// the block is written once and not read.
template <int kBits>
void put_codes(const uint8_t* codes, int row, uint8_t* block) {
  move_codes<kBits>([=](int width, int below, int offset, auto group) {
    uint32_t word = 0;
    for (int place = 0; place < 8 / width; ++place)
      word |= ((word_at(codes + 4 * group(place)) >> below) & low_bits_of_bytes(width))
              << (place * width);
    put_word(block + offset + row * 4, word);
  });
}

template <int kBits>
void get_codes(const uint8_t* block, int row, uint8_t* codes) {
  move_codes<kBits>([=](int width, int below, int offset, auto group) {
    const uint32_t word = word_at(block + offset + row * 4);
    for (int place = 0; place < 8 / width; ++place) {
      uint8_t* own = codes + 4 * group(place);
      put_word(own, word_at(own) | ((word >> (place * width)) & low_bits_of_bytes(width)) << below);
    }
  });
}

using GetCodes = void (*)(const uint8_t* block, int row, uint8_t* codes);
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

// Unit by unit and not row by row: the 16 rows of a unit share every cache line of it, and a whole
// panel does not stay in the first cache until the next row comes.
template <Panel kKind>
void pack_units(const Source& source, const uint8_t* const* rows, const uint8_t* grid,
                int64_t columns, uint8_t* panel) {
  constexpr Layout layout = kLayouts[kKind];
  const bool has_all_rows = std::find(rows, rows + kPanelRows, nullptr) == rows + kPanelRows;
  const int blocks_read = layout.values() / source.values;
  RowUnit unit{};
  for (int64_t number = 0; number < num_units(kKind, columns); ++number) {
    uint8_t* out = panel + number * layout.unit_bytes();
    const int count =
        static_cast<int>(std::min<int64_t>(columns - number * layout.values(), layout.values()));
    const bool is_whole = count == layout.values();
    if (!is_whole || !has_all_rows)
      std::memset(out, 0, layout.unit_bytes());
    else if (layout.scales == Scales::kGroups)  // equal rows give equal panels
      std::memset(out + Layout::kMinScaleOffset, 0, Layout::kScaleOffset - Layout::kMinScaleOffset);
    for (int row = 0; row < kPanelRows; ++row) {
      if (rows[row] == nullptr) continue;
      if (!is_whole) unit = RowUnit{};  // no scales of the unit before where this one has no blocks
      const uint8_t* in = rows[row] + number * blocks_read * source.bytes;
      for (int i = 0; i < count / source.values; ++i)
        source.read(in + i * source.bytes, grid, i, unit);
      put_header(layout, unit, row, out);
      for (int b = 0; b < count / kBlockValues; ++b)
        put_codes<layout.bits>(unit.codes + b * kBlockValues, row,
                               out + layout.header_bytes() + b * layout.block_bytes());
    }
  }
}

using PackUnits = void (*)(const Source& source, const uint8_t* const* rows, const uint8_t* grid,
                           int64_t columns, uint8_t* panel);

template <size_t... kKinds>
constexpr std::array<PackUnits, kNumPanels> pack_units_of(std::index_sequence<kKinds...>) {
  return {pack_units<static_cast<Panel>(kKinds)>...};
}

constexpr auto kPackUnits = pack_units_of(std::make_index_sequence<kNumPanels>{});

}  // namespace

void pack_panel(Format format, const uint8_t* const* rows, const uint8_t* grid, int64_t columns,
                uint8_t* panel) {
  const Source& source = kSources[format];
  kPackUnits[source.panel](source, rows, grid, columns, panel);
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
