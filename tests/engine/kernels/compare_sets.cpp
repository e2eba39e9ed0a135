// Compares the bits of two instruction sets, for a processor that only an emulator has; see
// test_neon.py. Exit status 0 if activations and products of every format and tile agree.
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include "packing.h"

using namespace realm;

namespace {

constexpr int64_t kColumns = 512;
constexpr int64_t kBlocks = kColumns / kBlockValues;
constexpr int kTiles[] = {1, 2, 3, 4, 5, 6, 8, 12, 16};

std::mt19937 generator(1);

// Random bytes of the file; scales between 2^-7 and 2^-3.
std::vector<uint8_t> random_source(Format format) {
  const Layout& layout = kLayouts[format];
  const int block = layout.blocks == 2 ? layout.source_bytes / 2 : layout.source_bytes;
  std::vector<uint8_t> source(kPanelRows * kBlocks / layout.blocks * layout.source_bytes);
  for (uint8_t& byte : source) byte = static_cast<uint8_t>(generator());
  for (size_t i = 0; i < source.size(); i += block)
    for (int scale = 0; scale < (format == kQ4_K || format == kQ5_K ? 2 : 1); ++scale) {
      const uint16_t half = static_cast<uint16_t>(0x2000 + generator() % 0x1000);
      std::memcpy(&source[i + (format == kQ6_K ? 208 : 2 * scale)], &half, sizeof half);
    }
  return source;
}

std::vector<Activation> quantized(const InstructionSet& set, const std::vector<float>& x,
                                  int tokens) {
  std::vector<Activation> result(tokens * kBlocks);
  for (int t = 0; t < tokens; ++t) set.quantize(&x[t * kColumns], tokens, kBlocks, &result[t]);
  return result;
}

bool agrees(Format format, const std::vector<uint8_t>& panel, int tokens) {
  std::vector<float> x(tokens * kColumns);
  std::normal_distribution<float> normal;
  for (float& value : x) value = normal(generator) * normal(generator);
  const auto expected = quantized(kPortableSet, x, tokens), found = quantized(kNeonSet, x, tokens);
  if (std::memcmp(expected.data(), found.data(), expected.size() * sizeof(Activation)) != 0)
    return false;
  float sums[2][kMaxTile * kPanelRows];
  const int64_t units = num_units(format, kColumns);
  kPortableSet.products[format][tokens - 1](panel.data(), expected.data(), units, sums[0]);
  kNeonSet.products[format][tokens - 1](panel.data(), found.data(), units, sums[1]);
  return std::memcmp(sums[0], sums[1], tokens * kPanelRows * sizeof(float)) == 0;
}

}  // namespace

int main() {
  int num_wrong = 0;
  for (int32_t f = 0; f < kNumFormats; ++f) {
    const Format format = static_cast<Format>(f);
    const std::vector<uint8_t> source = random_source(format);
    const uint8_t* rows[kPanelRows];
    for (int row = 0; row < kPanelRows; ++row)
      rows[row] = &source[row * source.size() / kPanelRows];
    std::vector<uint8_t> panel(panel_bytes(format, kColumns));
    pack_panel(format, rows, kColumns, panel.data());
    for (int tokens : kTiles)
      if (!agrees(format, panel, tokens)) {
        std::printf("format %d, %d tokens: other bits\n", f, tokens);
        ++num_wrong;
      }
  }
  return num_wrong == 0 ? 0 : 1;
}
