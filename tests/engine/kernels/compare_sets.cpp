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

// Where the first half-precision scale of a quantization block lies.
int scale_offset(Format format) {
  switch (format) {
    case kQ2_K:
      return 80;
    case kQ3_K:
      return 108;
    case kQ6_K:
      return 208;
    case kTQ1_0:
      return 52;
    case kTQ2_0:
      return 64;
    default:
      return 0;
  }
}

// Random bytes of the file; scales between 2^-7 and 2^-3. MXFP4 and NVFP4 have other ones, and
// those of IQ1_M stay what they are.
std::vector<uint8_t> random_source(Format format) {
  const Source& kind = kSources[format];
  std::vector<uint8_t> source(kPanelRows * kind.row_bytes(kColumns));
  for (uint8_t& byte : source) byte = static_cast<uint8_t>(generator());
  if (format == kMXFP4 || format == kNVFP4 || format == kIQ1_M) return source;
  const int num_scales = kLayouts[kind.panel].has_mins() ? 2 : 1;
  for (size_t i = scale_offset(format); i < source.size(); i += kind.bytes)
    for (int scale = 0; scale < num_scales && i + 2 * scale + 2 <= source.size(); ++scale) {
      const uint16_t half = static_cast<uint16_t>(0x2000 + generator() % 0x1000);
      std::memcpy(&source[i + 2 * scale], &half, sizeof half);
    }
  return source;
}

std::vector<Activation> quantized(const InstructionSet& set, const std::vector<float>& x,
                                  int tokens) {
  std::vector<Activation> result(tokens * kBlocks);
  for (int t = 0; t < tokens; ++t) set.quantize(&x[t * kColumns], 0, tokens, kBlocks, &result[t]);
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
  const Source& kind = kSources[format];
  const int64_t units = num_units(kind.panel, kColumns);
  const auto multiply = [&](const InstructionSet& set, const Activation* x, float* y) {
    set.products[kind.panel][tokens - 1](panel.data(), kind.levels, x, units, y);
  };
  multiply(kPortableSet, expected.data(), sums[0]);
  multiply(kNeonSet, found.data(), sums[1]);
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
    std::vector<uint8_t> grid(kSources[format].grid_bytes);
    for (uint8_t& code : grid) code = static_cast<uint8_t>(generator() % 3);
    std::vector<uint8_t> panel(panel_bytes(kSources[format].panel, kColumns));
    pack_panel(format, rows, grid.data(), kColumns, panel.data());
    for (int tokens : kTiles)
      if (!agrees(format, panel, tokens)) {
        std::printf("format %d, %d tokens: other bits\n", f, tokens);
        ++num_wrong;
      }
  }
  return num_wrong == 0 ? 0 : 1;
}
