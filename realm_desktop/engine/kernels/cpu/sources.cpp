// The layouts of the file are those of GGUF version 3; realm_desktop/engine/quant draws them.
//
// All IQ types come down to a few levels: a type with a grid takes the magnitudes of four or eight
// values from an entry of it and their signs from elsewhere, and no type has more than 8 magnitudes.
// So a code is a magnitude's number and, above it, the sign, and the panel looks its value up.
#include "sources.h"

namespace realm {
namespace {

uint16_t half_at(const uint8_t* p) {
  uint16_t half;
  std::memcpy(&half, p, sizeof half);
  return half;
}

// Bit i of `bits` as bit kPlace of byte i.
template <int kPlace>
uint64_t spread(uint32_t bits) {
  const uint64_t own_bits = (bits & 0xff) * 0x0101010101010101u & 0x8040201008040201u;
  return ((own_bits + 0x7f7f7f7f7f7f7f7fu) >> 7 & 0x0101010101010101u) << kPlace;
}

// Adds 8 bits to 8 codes.
template <int kPlace>
void add_bits(uint32_t bits, uint8_t* codes) {
  uint64_t eight;
  std::memcpy(&eight, codes, sizeof eight);
  eight |= spread<kPlace>(bits);
  std::memcpy(codes, &eight, sizeof eight);
}

// 16 bytes with values 0 to 15 of a block in their low halves.
void read_nibbles(const uint8_t* packed, uint8_t* codes) {
  for (int i = 0; i < 16; ++i) {
    codes[i] = packed[i] & 0x0f;
    codes[16 + i] = packed[i] >> 4;
  }
}

void add_fifth_bits(const uint8_t* packed, uint8_t* codes) {
  for (int i = 0; i < 4; ++i) add_bits<4>(packed[i], codes + 8 * i);
}

// 32 bytes; bit k of byte i belongs to value 32 k + i, at bit kPlace of its code.
template <int kPlace>
void add_planes(const uint8_t* packed, uint8_t* codes) {
  for (int k = 0; k < 8; ++k)
    for (int i = 0; i < 32; ++i)
      codes[32 * k + i] =
          static_cast<uint8_t>(codes[32 * k + i] | (((packed[i] >> k) & 1) << kPlace));
}

// A min that is added in the file is taken off by panels.
uint16_t negated(uint16_t half) { return half ^ 0x8000; }

// Q4_0, IQ4_NL.
void read_q4_0(const uint8_t* block, const uint8_t*, int index, RowUnit& unit) {
  unit.d[index] = half_at(block);
  read_nibbles(block + 2, unit.codes + 32 * index);
}

void read_q4_1(const uint8_t* block, const uint8_t*, int index, RowUnit& unit) {
  unit.d[index] = half_at(block);
  unit.m[index] = negated(half_at(block + 2));
  read_nibbles(block + 4, unit.codes + 32 * index);
}

void read_q5_0(const uint8_t* block, const uint8_t*, int index, RowUnit& unit) {
  unit.d[index] = half_at(block);
  read_nibbles(block + 6, unit.codes + 32 * index);
  add_fifth_bits(block + 2, unit.codes + 32 * index);
}

void read_q5_1(const uint8_t* block, const uint8_t*, int index, RowUnit& unit) {
  unit.d[index] = half_at(block);
  unit.m[index] = negated(half_at(block + 2));
  read_nibbles(block + 8, unit.codes + 32 * index);
  add_fifth_bits(block + 4, unit.codes + 32 * index);
}

void read_q8_0(const uint8_t* block, const uint8_t*, int index, RowUnit& unit) {
  unit.d[index] = half_at(block);
  for (int i = 0; i < 32; ++i) unit.codes[32 * index + i] = block[2 + i] ^ 0x80;
}

void read_mxfp4(const uint8_t* block, const uint8_t*, int index, RowUnit& unit) {
  unit.scales[index] = block[0];
  read_nibbles(block + 1, unit.codes + 32 * index);
}

// Half of an E4M3 number without its sign, as a half-precision one; NaN counts as 0.
uint16_t half_of_e4m3(uint8_t number) {
  constexpr uint16_t kSubnormals[] = {0, 0x1400, 0x1800, 0x1a00, 0x1c00, 0x1d00, 0x1e00, 0x1f00};
  if (number == 0x7f) return 0;
  const int exponent = (number >> 3) & 0x0f, mantissa = number & 7;
  if (exponent == 0) return kSubnormals[mantissa];
  return static_cast<uint16_t>(((exponent + 7) << 10) | (mantissa << 7));
}

void read_nvfp4(const uint8_t* block, const uint8_t*, int, RowUnit& unit) {
  for (int group = 0; group < 4; ++group) {
    unit.d[group] = half_of_e4m3(block[group]);
    for (int i = 0; i < 8; ++i) {
      const uint8_t both = block[4 + 8 * group + i];
      unit.codes[16 * group + i] = both & 0x0f;
      unit.codes[16 * group + 8 + i] = both >> 4;
    }
  }
}

// Runs of 32 bytes; bits 2k and 2k + 1 of a run are its 32 values number k.
void read_pairs(const uint8_t* runs, uint8_t* codes) {
  for (int k = 0; k < 8; ++k)
    for (int i = 0; i < 32; ++i) codes[32 * k + i] = (runs[k / 4 * 32 + i] >> (k % 4 * 2)) & 3;
}

void read_q2_k(const uint8_t* block, const uint8_t*, int, RowUnit& unit) {
  unit.d[0] = half_at(block + 80);
  unit.m[0] = half_at(block + 82);
  for (int i = 0; i < 16; ++i) {
    unit.scales[i] = block[i] & 0x0f;
    unit.mins[i] = block[i] >> 4;
  }
  read_pairs(block + 16, unit.codes);
}

void read_q3_k(const uint8_t* block, const uint8_t*, int, RowUnit& unit) {
  unit.d[0] = half_at(block + 108);
  for (int i = 0; i < 16; ++i) {
    const int low = (block[96 + i % 8] >> (i / 8 * 4)) & 0x0f;
    const int high = (block[104 + i % 4] >> (i / 4 * 2)) & 3;
    unit.scales[i] = static_cast<uint8_t>((low | (high << 4)) - 32);
  }
  read_pairs(block + 32, unit.codes);
  add_planes<2>(block, unit.codes);
}

// Twelve bytes of six-bit scales and mins, as Q4_K and Q5_K have them.
void read_scales(const uint8_t* packed, RowUnit& unit) {
  for (int i = 0; i < 4; ++i) {
    const uint8_t first = packed[i], second = packed[4 + i], third = packed[8 + i];
    unit.scales[i] = first & 0x3f;
    unit.mins[i] = second & 0x3f;
    unit.scales[4 + i] = static_cast<uint8_t>((third & 0x0f) | ((first >> 2) & 0x30));
    unit.mins[4 + i] = static_cast<uint8_t>((third >> 4) | ((second >> 2) & 0x30));
  }
}

// Four runs of 32 bytes; low halves are the run's first 32 values.
void read_runs(const uint8_t* runs, uint8_t* codes) {
  for (int run = 0; run < 4; ++run)
    for (int i = 0; i < 32; ++i) {
      codes[64 * run + i] = runs[32 * run + i] & 0x0f;
      codes[64 * run + 32 + i] = runs[32 * run + i] >> 4;
    }
}

void read_q4_k(const uint8_t* block, const uint8_t*, int, RowUnit& unit) {
  unit.d[0] = half_at(block);
  unit.m[0] = half_at(block + 2);
  read_scales(block + 4, unit);
  read_runs(block + 16, unit.codes);
}

void read_q5_k(const uint8_t* block, const uint8_t*, int, RowUnit& unit) {
  unit.d[0] = half_at(block);
  unit.m[0] = half_at(block + 2);
  read_scales(block + 4, unit);
  read_runs(block + 48, unit.codes);
  add_planes<4>(block + 16, unit.codes);
}

void read_q6_k(const uint8_t* block, const uint8_t*, int, RowUnit& unit) {
  unit.d[0] = half_at(block + 208);
  std::memcpy(unit.scales, block + 192, 16);
  // Two runs; quarters 0 and 2 of 32 values share bytes of nibbles, all four those of pairs.
  for (int k = 0; k < 8; ++k) {
    const uint8_t* low = block + k / 4 * 64 + k % 2 * 32;
    const uint8_t* high = block + 128 + k / 4 * 32;
    for (int i = 0; i < 32; ++i) {
      const int nibble = (low[i] >> (k / 2 % 2 * 4)) & 0x0f;
      unit.codes[32 * k + i] =
          static_cast<uint8_t>(nibble | (((high[i] >> (k % 4 * 2)) & 3) << 4));
    }
  }
}

void read_iq4_xs(const uint8_t* block, const uint8_t*, int, RowUnit& unit) {
  unit.d[0] = half_at(block);
  const int high_bits = half_at(block + 2);
  for (int i = 0; i < 8; ++i) {
    const int low = (block[4 + i / 2] >> (i % 2 * 4)) & 0x0f;
    const int high = (high_bits >> (2 * i)) & 3;
    unit.scales[i] = static_cast<uint8_t>((low | (high << 4)) - 32);
    read_nibbles(block + 8 + 16 * i, unit.codes + 32 * i);
  }
}

// Scale s of the IQ types counts as 2 s + 1.
uint8_t odd(int scale) { return static_cast<uint8_t>(2 * scale + 1); }

// One entry of eight values of a grid; bit i of `signs` is the sign of value i.
void read_eight(const uint8_t* grid, int entry, int signs, uint8_t* codes) {
  std::memcpy(codes, grid + 8 * entry, 8);
  add_bits<2>(static_cast<uint32_t>(signs), codes);
}

// Two entries of four values each.
void read_fours(const uint8_t* grid, int first, int second, int signs, uint8_t* codes) {
  std::memcpy(codes, grid + 4 * first, 4);
  std::memcpy(codes + 4, grid + 4 * second, 4);
  add_bits<3>(static_cast<uint32_t>(signs), codes);
}

// Seven signs are stored; the eighth makes the number of minus even.
int all_signs(uint32_t stored) {
  const int seven = static_cast<int>(stored & 0x7f);
  return seven | (__builtin_parity(static_cast<unsigned>(seven)) << 7);
}

void read_iq2_xxs(const uint8_t* block, const uint8_t* grid, int, RowUnit& unit) {
  unit.d[0] = half_at(block);
  for (int group = 0; group < 8; ++group) {
    const uint8_t* entries = block + 2 + 8 * group;
    const uint32_t packed = word_at(entries + 4);
    unit.scales[2 * group] = unit.scales[2 * group + 1] = odd(static_cast<int>(packed >> 28));
    for (int k = 0; k < 4; ++k)
      read_eight(grid, entries[k], all_signs(packed >> (7 * k)), unit.codes + 32 * group + 8 * k);
  }
}

// Two scales of four bits in a byte: IQ2_XS, IQ2_S.
void read_half_scales(const uint8_t* packed, RowUnit& unit) {
  for (int i = 0; i < 16; ++i) unit.scales[i] = odd((packed[i / 2] >> (i % 2 * 4)) & 0x0f);
}

void read_iq2_xs(const uint8_t* block, const uint8_t* grid, int, RowUnit& unit) {
  unit.d[0] = half_at(block);
  read_half_scales(block + 66, unit);
  for (int k = 0; k < 32; ++k) {
    const int packed = half_at(block + 2 + 2 * k);
    const int signs = all_signs(static_cast<uint32_t>(packed >> 9));
    read_eight(grid, packed & 511, signs, unit.codes + 8 * k);
  }
}

void read_iq2_s(const uint8_t* block, const uint8_t* grid, int, RowUnit& unit) {
  unit.d[0] = half_at(block);
  read_half_scales(block + 74, unit);
  for (int k = 0; k < 32; ++k) {
    const int high = (block[66 + k / 4] >> (k % 4 * 2)) & 3;
    read_eight(grid, block[2 + k] | (high << 8), block[34 + k], unit.codes + 8 * k);
  }
}

void read_iq3_xxs(const uint8_t* block, const uint8_t* grid, int, RowUnit& unit) {
  unit.d[0] = half_at(block);
  for (int group = 0; group < 8; ++group) {
    const uint32_t packed = word_at(block + 66 + 4 * group);
    unit.scales[group] = odd(static_cast<int>(packed >> 28));
    for (int k = 0; k < 4; ++k) {
      const uint8_t* entries = block + 2 + 8 * group + 2 * k;
      read_fours(grid, entries[0], entries[1], all_signs(packed >> (7 * k)),
                 unit.codes + 32 * group + 8 * k);
    }
  }
}

void read_iq3_s(const uint8_t* block, const uint8_t* grid, int, RowUnit& unit) {
  unit.d[0] = half_at(block);
  for (int i = 0; i < 8; ++i) unit.scales[i] = odd((block[106 + i / 2] >> (i % 2 * 4)) & 0x0f);
  for (int k = 0; k < 32; ++k) {
    const int high = block[66 + k / 4] >> (k % 4 * 2);
    const int first = block[2 + 2 * k] | ((high & 1) << 8);
    const int second = block[3 + 2 * k] | ((high & 2) << 7);
    read_fours(grid, first, second, block[74 + k], unit.codes + 8 * k);
  }
}

// The sign of IQ1 is that of the eighth added to a whole entry.
int delta_signs(int is_negative) { return is_negative != 0 ? 0xff : 0; }

void read_iq1_s(const uint8_t* block, const uint8_t* grid, int, RowUnit& unit) {
  unit.d[0] = half_at(block);
  for (int group = 0; group < 8; ++group) {
    const int packed = half_at(block + 34 + 2 * group);
    unit.scales[2 * group] = unit.scales[2 * group + 1] = odd((packed >> 12) & 7);
    for (int k = 0; k < 4; ++k) {
      const int entry = block[2 + 4 * group + k] | (((packed >> (3 * k)) & 7) << 8);
      read_eight(grid, entry, delta_signs(packed & 0x8000), unit.codes + 32 * group + 8 * k);
    }
  }
}

void read_iq1_m(const uint8_t* block, const uint8_t* grid, int, RowUnit& unit) {
  int d = 0;
  for (int i = 0; i < 4; ++i) {
    const int packed = half_at(block + 48 + 2 * i);
    d |= (packed >> 12) << (4 * i);
    for (int k = 0; k < 4; ++k) unit.scales[4 * i + k] = odd((packed >> (3 * k)) & 7);
  }
  unit.d[0] = static_cast<uint16_t>(d);
  for (int k = 0; k < 32; ++k) {
    const int field = (block[32 + k / 2] >> (k % 2 * 4)) & 0x0f;
    read_eight(grid, block[k] | ((field & 7) << 8), delta_signs(field & 8), unit.codes + 8 * k);
  }
}

// d (q - 1) is d q - d.
void set_ternary_scales(const uint8_t* d, RowUnit& unit) {
  unit.d[0] = unit.m[0] = half_at(d);
  std::memset(unit.scales, 1, sizeof unit.scales);
  std::memset(unit.mins, 1, sizeof unit.mins);
}

// Digits of base 3, the first one in front, so that times 3^k modulo 256 brings digit k there.
void read_digits(const uint8_t* packed, int num_bytes, int num_digits, uint8_t* codes) {
  for (int i = 0; i < num_bytes; ++i) {
    uint8_t rest = packed[i];
    for (int k = 0; k < num_digits; ++k) {
      codes[num_bytes * k + i] = static_cast<uint8_t>((rest * 3) >> 8);
      rest = static_cast<uint8_t>(rest * 3);
    }
  }
}

void read_tq1_0(const uint8_t* block, const uint8_t*, int, RowUnit& unit) {
  set_ternary_scales(block + 52, unit);
  read_digits(block, 32, 5, unit.codes);
  read_digits(block + 32, 16, 5, unit.codes + 160);
  read_digits(block + 48, 4, 4, unit.codes + 240);
}

void read_tq2_0(const uint8_t* block, const uint8_t*, int, RowUnit& unit) {
  set_ternary_scales(block + 64, unit);
  read_pairs(block, unit.codes);
}

// Levels of a zero of 128, 64 and 16.
constexpr Levels kIq4Levels = {
    {1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241}, 1.0f};
constexpr Levels kIq3XxsLevels = {{132, 140, 148, 156, 164, 172, 180, 190, 124, 116, 108, 100, 92,
                                   84, 76, 66},
                                  0.25f};
constexpr Levels kIq3SLevels = {{129, 131, 133, 135, 137, 139, 141, 143, 127, 125, 123, 121, 119,
                                 117, 115, 113},
                                1.0f};
constexpr Levels kQ3Levels = {{60, 61, 62, 63, 64, 65, 66, 67}, 1.0f};
constexpr Levels kIq2Levels = {{72, 89, 107, 0, 56, 39, 21, 0}, 0.125f};
// 8 (-1, 0, 1) + 1, and - 1.
constexpr Levels kIq1Levels = {{57, 65, 73, 0, 55, 63, 71, 0}, 0.125f};
constexpr Levels kE2M1Levels = {{16, 17, 18, 19, 20, 22, 24, 28, 16, 15, 14, 13, 12, 10, 8, 4},
                                1.0f};
constexpr Levels kNone = {{}, 1.0f};

}  // namespace

const Source kSources[kNumFormats] = {
    {kPlain4, 32, 18, read_q4_0, 0, kNone},
    {kPlain8, 32, 34, read_q8_0, 0, kNone},
    {kSuper4, 256, 144, read_q4_k, 0, kNone},
    {kSuper5, 256, 176, read_q5_k, 0, kNone},
    {kSuper6, 256, 210, read_q6_k, 0, kNone},
    {kMin4, 32, 20, read_q4_1, 0, kNone},
    {kPlain5, 32, 22, read_q5_0, 0, kNone},
    {kMin5, 32, 24, read_q5_1, 0, kNone},
    {kSuper2, 256, 84, read_q2_k, 0, kNone},
    {kSuperLevels3, 256, 110, read_q3_k, 0, kQ3Levels},
    {kLevels4, 32, 18, read_q4_0, 0, kIq4Levels},
    {kSuperLevels4, 256, 136, read_iq4_xs, 0, kIq4Levels},
    {kExponents4, 32, 17, read_mxfp4, 0, kE2M1Levels},
    {kSuperLevels3, 256, 50, read_iq1_s, 2048 * 8, kIq1Levels},
    {kSuperLevels3, 256, 56, read_iq1_m, 2048 * 8, kIq1Levels},
    {kSuperLevels3, 256, 66, read_iq2_xxs, 256 * 8, kIq2Levels},
    {kSuperLevels3, 256, 74, read_iq2_xs, 512 * 8, kIq2Levels},
    {kSuperLevels3, 256, 82, read_iq2_s, 1024 * 8, kIq2Levels},
    {kSuperLevels4, 256, 98, read_iq3_xxs, 256 * 4, kIq3XxsLevels},
    {kSuperLevels4, 256, 110, read_iq3_s, 512 * 4, kIq3SLevels},
    {kSuper2, 256, 54, read_tq1_0, 0, kNone},
    {kSuper2, 256, 66, read_tq2_0, 0, kNone},
    {kHalfLevels4, 64, 36, read_nvfp4, 0, kE2M1Levels},
};

}  // namespace realm
