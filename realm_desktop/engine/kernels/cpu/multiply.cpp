// The product: quantizes a block of tokens, then lets the threads take chunks of panels.
#include "multiply.h"

#include <algorithm>

#include "scratch.h"
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

// Used under the lock of calls only; lives as long as the process.
Scratch& scratch() {
  static Scratch* const own = new Scratch;
  return *own;
}

// A tile begins where the full tiles before it end.
Activation* tile_start(const ProductCall& call, int64_t first) {
  return call.tokens + first * call.blocks;
}

void quantize_token(void* context, int64_t index) {
  const ProductCall& call = *static_cast<const ProductCall*>(context);
  const RealmProduct& product = call.product;
  quantize_values(call, product.x, (call.first_token + index) * product.x_stride, product.x_type,
                  index);
}

int64_t value_bytes(int32_t type) { return type == REALM_FLOAT32 ? 4 : 2; }

void write_tile(const ProductCall& call, int64_t token, int64_t count, int64_t row, int64_t rows,
                const float* sums) {
  const RealmProduct& product = call.product;
  const int64_t start = (call.first_token + token) * product.y_stride + row;
  const RowOperations& operations = *row_operations(product.instruction_set);
  // Not one by one: the values of 8 tokens took half as long as the products of a small matrix.
  operations.write_sums[product.y_type](
      sums, count, rows, product.bias == nullptr ? nullptr : product.bias + row,
      static_cast<uint8_t*>(product.y) + start * value_bytes(product.y_type), product.y_stride);
}

// Some panels of one segment with all tokens of the block: the panels stay in the cache meanwhile.
void multiply_panels(const ProductCall& call, const RealmSegment& segment, int64_t first_row,
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

void multiply_task(void* context, int64_t index) {
  multiply_chunk(*static_cast<const ProductCall*>(context), index);
}

void run_block(ProductCall& call, int num_threads) {
  clear_padding(call);
  // A few rows are quantized before another thread is awake.
  const int quantizing = call.num_tokens < 8 ? 1 : num_threads;
  shared_pool().run(call.num_tokens, quantizing, quantize_token, &call);
  shared_pool().run(total_chunks(call), num_threads, multiply_task, &call);
}

}  // namespace

// Sizes of the tiles that product.cpp compiles; other numbers of tokens are padded.
int tile_size(int64_t tokens) {
  for (int size : {1, 2, 3, 4, 5, 6, 8, 12})
    if (tokens <= size) return size;
  return kMaxTile;
}

int64_t most_tokens(int64_t blocks) {
  const int64_t tile_bytes = blocks * static_cast<int64_t>(sizeof(Activation)) * kMaxTile;
  return std::max<int64_t>(1, kActivationBytes / tile_bytes) * kMaxTile;
}

void quantize_values(const ProductCall& call, const void* x, int64_t start, int32_t type,
                     int64_t token) {
  const int64_t first = token / kMaxTile * kMaxTile;
  const int size = tile_size(call.num_tokens - first);
  Activation* out = tile_start(call, first) + token % kMaxTile;
  const int64_t used = call.product.columns / kBlockValues;
  call.set.quantize(static_cast<const uint8_t*>(x) + start * value_bytes(type), type, size, used,
                    out);
  for (int64_t b = used; b < call.blocks; ++b) out[b * size] = Activation{};
}

void clear_padding(const ProductCall& call) {
  const int64_t first = (call.num_tokens - 1) / kMaxTile * kMaxTile;
  const int64_t left = call.num_tokens - first;
  const int size = tile_size(left);
  Activation* tile = tile_start(call, first);
  for (int64_t b = 0; b < call.blocks; ++b)
    for (int64_t t = left; t < size; ++t) tile[b * size + t] = Activation{};
}

int64_t total_chunks(const ProductCall& call) {
  int64_t chunks = 0;
  for (int i = 0; i < call.product.num_segments; ++i)
    chunks += num_chunks(call.product.segments[i], call.chunk);
  return chunks;
}

void multiply_chunk(const ProductCall& call, int64_t index) {
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

// A matrix may end inside a unit, of at most eight blocks; the padding counts.
int64_t padded_blocks(const RealmProduct& p) {
  int64_t blocks = 0;
  for (int i = 0; i < p.num_segments; ++i) {
    const Panel kind = kSources[p.segments[i].format].panel;
    blocks = std::max(blocks, num_units(kind, p.columns) * kLayouts[kind].blocks);
  }
  return blocks;
}

int64_t product_bytes(const RealmProduct& p) {
  int64_t bytes = 0;
  for (int i = 0; i < p.num_segments; ++i)
    bytes += realm_packed_bytes(p.segments[i].format, p.segments[i].rows, p.columns);
  return bytes;
}

int64_t chunk_of(int64_t num_panels, int num_threads) {
  const int64_t share = num_panels / (num_threads * kChunksPerThread);
  return std::min(std::max<int64_t>(1, share), kMaxChunk);
}

int64_t total_panels(const RealmProduct& p) {
  int64_t panels = 0;
  for (int i = 0; i < p.num_segments; ++i) panels += num_panels(p.segments[i].rows);
  return panels;
}

int useful_threads(int64_t num_bytes, int64_t num_tokens, int most) {
  const int64_t wanted = 1 + num_bytes * (8 + num_tokens) / (8 * kBytesPerThread);
  return static_cast<int>(std::min<int64_t>(wanted, most));
}

}  // namespace realm

using namespace realm;

int32_t realm_multiply(const RealmProduct* product) {
  if (product == nullptr || !is_sound(*product) || !works_here(product->instruction_set))
    return REALM_BAD_ARGUMENT;
  const int64_t blocks = padded_blocks(*product);
  const int64_t most = most_tokens(blocks);
  const int64_t at_once = std::min(product->num_tokens, most);
  const int64_t padded = (at_once + kMaxTile - 1) / kMaxTile * kMaxTile;
  const std::lock_guard<std::mutex> lock(call_mutex());
  void* memory = scratch().reserve(padded * blocks * static_cast<int64_t>(sizeof(Activation)));
  if (memory == nullptr) return REALM_OUT_OF_MEMORY;
  const int threads =
      useful_threads(product_bytes(*product), product->num_tokens, product->num_threads);
  const int64_t chunk = chunk_of(total_panels(*product), threads);
  ProductCall call{*product, *instruction_set(product->instruction_set), blocks, chunk,
                   static_cast<Activation*>(memory), 0, 0};
  for (; call.first_token < product->num_tokens; call.first_token += most) {
    call.num_tokens = std::min(most, product->num_tokens - call.first_token);
    run_block(call, threads);
  }
  return REALM_OK;
}
