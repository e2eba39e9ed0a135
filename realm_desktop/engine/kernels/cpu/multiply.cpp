// The product: quantizes a block of tokens, then lets the threads take chunks of panels.
#include <algorithm>
#include <cstdlib>
#include <new>

#include "bfloat16.h"
#include "instruction_sets.h"
#include "library.h"
#include "shared_pool.h"
#include "sources.h"

namespace realm {

ThreadPool& shared_pool() {
  static ThreadPool* const pool = new ThreadPool;
  return *pool;
}

std::mutex& call_mutex() {
  static std::mutex* const mutex = new std::mutex;
  return *mutex;
}

namespace {

constexpr int kMaxSegments = 8;
constexpr int64_t kMaxColumns = int64_t{1} << 24;
constexpr int64_t kActivationBytes = 512 << 10;  // of one block of tokens: half of a usual L2
constexpr int64_t kMaxChunk = 16;                // panels taken at a time
constexpr int64_t kChunksPerThread = 8;          // so that a slow core does not hold up the others
// Reading so many bytes of weights takes about as long as sharing the work with one more thread.
constexpr int64_t kBytesPerThread = 64 << 10;

// Sizes of the tiles that product.cpp compiles; other numbers of tokens are padded.
int tile_size(int64_t tokens) {
  for (int size : {1, 2, 3, 4, 5, 6, 8, 12})
    if (tokens <= size) return size;
  return kMaxTile;
}

// Memory that grows and stays, aligned for whole cache lines.
class Scratch {
 public:
  Activation* reserve(int64_t count) {
    if (count > count_) {
      operator delete(memory_, std::align_val_t{kAlignment});
      count_ = 0;
      memory_ = operator new(static_cast<size_t>(count) * sizeof(Activation),
                             std::align_val_t{kAlignment}, std::nothrow);
      if (memory_ == nullptr) return nullptr;
      count_ = count;
    }
    return static_cast<Activation*>(memory_);
  }

 private:
  void* memory_ = nullptr;
  int64_t count_ = 0;
};

// Used under the lock of calls only; lives as long as the process.
Scratch& scratch() {
  static Scratch* const own = new Scratch;
  return *own;
}

// One call, and the block of tokens it is at.
struct Call {
  const RealmProduct& product;
  const InstructionSet& set;
  int64_t blocks;       // of a token, the padding of the last unit included
  int64_t chunk;        // panels
  Activation* tokens;   // [tile][block][token of the tile]
  int64_t first_token;  // of the block of tokens
  int64_t num_tokens;
};

// A tile begins where the full tiles before it end.
Activation* tile_start(const Call& call, int64_t first) {
  return call.tokens + first * call.blocks;
}

void quantize_token(void* context, int64_t index) {
  const Call& call = *static_cast<const Call*>(context);
  const RealmProduct& product = call.product;
  const int64_t first = index / kMaxTile * kMaxTile;
  const int size = tile_size(call.num_tokens - first);
  Activation* out = tile_start(call, first) + index % kMaxTile;
  const int64_t used = product.columns / kBlockValues;
  constexpr int64_t kPiece = 32;  // blocks converted at a time
  float values[kPiece * kBlockValues];
  for (int64_t b = 0; b < used; b += kPiece) {
    const int64_t count = std::min(kPiece, used - b);
    const int64_t start = (call.first_token + index) * product.x_stride + b * kBlockValues;
    read_floats(product.x, start, count * kBlockValues, product.x_type, values);
    call.set.quantize(values, size, count, out + b * size);
  }
  for (int64_t b = used; b < call.blocks; ++b) out[b * size] = Activation{};
}

// Tokens that fill up the last tile are zeros; their results are dropped.
void clear_padding(const Call& call) {
  const int64_t first = (call.num_tokens - 1) / kMaxTile * kMaxTile;
  const int64_t left = call.num_tokens - first;
  const int size = tile_size(left);
  Activation* tile = tile_start(call, first);
  for (int64_t b = 0; b < call.blocks; ++b)
    for (int64_t t = left; t < size; ++t) tile[b * size + t] = Activation{};
}

void write_tile(const Call& call, int64_t token, int64_t count, int64_t row, int64_t rows,
                float* sums) {
  const RealmProduct& product = call.product;
  for (int64_t t = 0; t < count; ++t) {
    float* values = sums + t * kPanelRows;
    if (product.bias != nullptr)
      for (int64_t i = 0; i < rows; ++i) values[i] += product.bias[row + i];
    const int64_t start = (call.first_token + token + t) * product.y_stride + row;
    write_floats(values, rows, product.y, start, product.y_type);
  }
}

// Some panels of one segment with all tokens of the block: the panels stay in the cache meanwhile.
void multiply_panels(const Call& call, const RealmSegment& segment, int64_t first_row,
                     int64_t first_panel, int64_t last_panel) {
  const Source& source = kSources[segment.format];
  const int64_t bytes = panel_bytes(source.panel, call.product.columns);
  const int64_t units = num_units(source.panel, call.product.columns);
  alignas(kAlignment) float sums[kMaxTile * kPanelRows];
  for (int64_t panel = first_panel; panel < last_panel; ++panel) {
    const int64_t row = panel * kPanelRows;
    const int64_t rows = std::min<int64_t>(kPanelRows, segment.rows - row);
    for (int64_t token = 0; token < call.num_tokens; token += kMaxTile) {
      const int64_t count = std::min<int64_t>(kMaxTile, call.num_tokens - token);
      const PanelProduct multiply = call.set.products[source.panel][tile_size(count) - 1];
      multiply(segment.panels + panel * bytes, source.levels, tile_start(call, token), units, sums);
      write_tile(call, token, count, first_row + row, rows, sums);
    }
  }
}

int64_t num_chunks(const RealmSegment& segment, int64_t chunk) {
  return (num_panels(segment.rows) + chunk - 1) / chunk;
}

void multiply_chunk(void* context, int64_t index) {
  const Call& call = *static_cast<const Call*>(context);
  const RealmSegment* segment = call.product.segments;
  int64_t first_row = 0;
  for (; index >= num_chunks(*segment, call.chunk); ++segment) {
    index -= num_chunks(*segment, call.chunk);
    first_row += segment->rows;
  }
  const int64_t first = index * call.chunk;
  const int64_t last = std::min(first + call.chunk, num_panels(segment->rows));
  multiply_panels(call, *segment, first_row, first, last);
}

bool is_sound(const RealmProduct& p) {
  if (p.segments == nullptr || p.x == nullptr || p.y == nullptr || p.num_tokens < 1 ||
      p.num_segments < 1 || p.num_segments > kMaxSegments || p.columns < 1 ||
      p.columns > kMaxColumns || p.x_stride < p.columns || p.num_threads < 1 ||
      p.num_threads > kMaxThreads || (p.x_type | p.y_type | 1) != 1)
    return false;
  int64_t rows = 0;
  for (int i = 0; i < p.num_segments; ++i) {
    const RealmSegment& segment = p.segments[i];
    const bool is_aligned = reinterpret_cast<uintptr_t>(segment.panels) % kAlignment == 0;
    if (segment.panels == nullptr || !is_aligned ||
        realm_packed_bytes(segment.format, segment.rows, p.columns) < 0)
      return false;
    rows += segment.rows;
  }
  return p.y_stride >= rows;
}

int useful_threads(const RealmProduct& p, int64_t num_tokens) {
  int64_t bytes = 0;
  for (int i = 0; i < p.num_segments; ++i)
    bytes += realm_packed_bytes(p.segments[i].format, p.segments[i].rows, p.columns);
  const int64_t wanted = 1 + bytes * (8 + num_tokens) / (8 * kBytesPerThread);
  return static_cast<int>(std::min<int64_t>(wanted, p.num_threads));
}

int64_t total_panels(const RealmProduct& p) {
  int64_t panels = 0;
  for (int i = 0; i < p.num_segments; ++i) panels += num_panels(p.segments[i].rows);
  return panels;
}

// A matrix may end inside a unit, of at most eight blocks; the padding counts.
int64_t padded_blocks(const RealmProduct& p) {
  int64_t blocks = 0;
  for (int i = 0; i < p.num_segments; ++i) {
    const Panel kind = kSources[p.segments[i].format].panel;
    blocks = std::max(blocks, num_units(kind, p.columns) * kLayouts[kind].blocks);
  }
  return blocks;
}

void run_block(Call& call, int num_threads) {
  const RealmProduct& product = call.product;
  clear_padding(call);
  // A few rows are quantized before another thread is awake.
  const int quantizing = call.num_tokens < 8 ? 1 : num_threads;
  shared_pool().run(call.num_tokens, quantizing, quantize_token, &call);
  int64_t chunks = 0;
  for (int i = 0; i < product.num_segments; ++i)
    chunks += num_chunks(product.segments[i], call.chunk);
  shared_pool().run(chunks, num_threads, multiply_chunk, &call);
}

}  // namespace
}  // namespace realm

using namespace realm;

int32_t realm_multiply(const RealmProduct* product) {
  if (product == nullptr || !is_sound(*product) || !works_here(product->instruction_set))
    return REALM_BAD_ARGUMENT;
  const int64_t blocks = padded_blocks(*product);
  const int64_t token_bytes = blocks * static_cast<int64_t>(sizeof(Activation));
  const int64_t tiles = std::max<int64_t>(1, kActivationBytes / (token_bytes * kMaxTile));
  const int64_t most = tiles * kMaxTile;
  const int64_t at_once = std::min(product->num_tokens, most);
  const int64_t padded = (at_once + kMaxTile - 1) / kMaxTile * kMaxTile;
  const std::lock_guard<std::mutex> lock(call_mutex());
  Activation* tokens = scratch().reserve(padded * blocks);
  if (tokens == nullptr) return REALM_OUT_OF_MEMORY;
  const int threads = useful_threads(*product, product->num_tokens);
  const int64_t share = total_panels(*product) / (threads * kChunksPerThread);
  const int64_t chunk = std::min(std::max<int64_t>(1, share), kMaxChunk);
  Call call{*product, *instruction_set(product->instruction_set), blocks, chunk, tokens, 0, 0};
  for (; call.first_token < product->num_tokens; call.first_token += most) {
    call.num_tokens = std::min(most, product->num_tokens - call.first_token);
    run_block(call, threads);
  }
  return REALM_OK;
}
