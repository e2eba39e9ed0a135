// The parts of a product, for calls that make several products at once.
#pragma once

#include "instruction_sets.h"
#include "library.h"

namespace realm {

// One product with one block of tokens.
struct ProductCall {
  const RealmProduct& product;
  const InstructionSet& set;
  int64_t blocks;       // of a token, the padding of the last unit included
  int64_t chunk;        // panels that a thread takes at a time
  Activation* tokens;   // [tile][block][token of the tile]
  int64_t first_token;  // of the block of tokens
  int64_t num_tokens;
};

// The size of the tile that so many tokens go into, at most kMaxTile; the rest is padding.
int tile_size(int64_t tokens);

// Most tokens of so many blocks whose activations stay in the second cache, a multiple of kMaxTile.
int64_t most_tokens(int64_t blocks);

// Quantizes values into a token of the call, and fills its last unit up.
void quantize_values(const ProductCall& call, const void* x, int64_t start, int32_t type,
                     int64_t token);

// Tokens that fill up the last tile become zeros; their results are dropped.
void clear_padding(const ProductCall& call);

// Chunks of panels of all segments, and the work of one of them.
int64_t total_chunks(const ProductCall& call);
void multiply_chunk(const ProductCall& call, int64_t index);

bool is_sound(const RealmProduct& product);

int64_t padded_blocks(const RealmProduct& product);

int64_t product_bytes(const RealmProduct& product);

// How many panels a thread takes at a time, of so many.
int64_t chunk_of(int64_t num_panels, int num_threads);

int64_t total_panels(const RealmProduct& product);

// Threads, at most `most`, that are worth waking to read so many bytes of weights.
int useful_threads(int64_t num_bytes, int64_t num_tokens, int most);

}  // namespace realm
