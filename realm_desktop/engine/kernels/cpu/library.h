// What Python calls; realm_desktop/engine/kernels/library.py declares the same. Plain C, so that
// one file serves every version of Python and torch. Python checks every argument; what is cheap to
// check is checked again here. Functions return one of Status; none throws.
#pragma once

#include <stdint.h>

#if defined(_WIN32)
#define REALM_EXPORT __declspec(dllexport)
#else
#define REALM_EXPORT __attribute__((visibility("default")))
#endif

extern "C" {

// A change of anything below is a new version; Python refuses another one.
enum { REALM_ABI_VERSION = 12 };

enum RealmStatus { REALM_OK = 0, REALM_BAD_ARGUMENT = 1, REALM_OUT_OF_MEMORY = 2 };

enum RealmFloat { REALM_FLOAT32 = 0, REALM_BFLOAT16 = 1 };

// Rows of the result that one packed matrix gives.
struct RealmSegment {
  const uint8_t* panels;  // 64-byte aligned
  int64_t rows;
  int32_t format;  // see sources.h
  int32_t reserved;
};

// y = x Wᵀ + bias, W being the segments on top of each other.
struct RealmProduct {
  const RealmSegment* segments;
  const void* x;      // [num_tokens] rows of x_type, x_stride values apart
  void* y;            // [num_tokens] rows of y_type, y_stride values apart
  const float* bias;  // one value for each row of W, or null
  int64_t columns;    // of W; a multiple of 32
  int64_t num_tokens;
  int64_t x_stride;
  int64_t y_stride;
  int32_t num_segments;
  int32_t x_type;
  int32_t y_type;
  int32_t instruction_set;
  int32_t num_threads;
  int32_t reserved;
};

enum RealmNormKind { REALM_RMS_NORM = 0, REALM_LAYER_NORM = 1 };

// hidden += multiplier * term, if there is one; y = the norm of hidden * weight + bias. An RMS norm
// divides by the root of the mean square + eps, a layer norm takes the mean off first.
struct RealmNorm {
  void* hidden;       // [num_rows, width], contiguous, as are term and y, all of one type
  const void* term;   // or null
  void* y;            // may not overlap the others; null: the sum alone
  const float* weight;  // [width]; null only without y
  const float* bias;    // [width], or null
  int64_t num_rows;
  int64_t width;
  float eps;
  float multiplier;
  int32_t kind;  // of RealmNormKind
  int32_t type;
  int32_t instruction_set;
  int32_t num_threads;
};

// A clamped SiLU is (up + 1) * gate / (1 + exp(-alpha * gate)), gate being at most `limit`, and up at
// most so far from 0.
enum RealmActivation { REALM_SILU = 0, REALM_GELU_TANH = 1, REALM_CLAMPED_SILU = 2 };

// y = activation(gate) * up, or y = activation(gate).
struct RealmGate {
  const void* gate_up;  // [num_rows, 2, width], or [num_rows, width] without up; contiguous
  void* y;              // [num_rows, width], contiguous, of the same type
  int64_t num_rows;
  int64_t width;
  float alpha;  // of a clamped SiLU, as limit
  float limit;
  int32_t type;
  int32_t instruction_set;
  int32_t num_threads;
  int32_t activation;  // of RealmActivation
  int32_t is_gated;    // 1 with up, 0 without
  int32_t reserved;
};

// Turns the query and key heads of a layer by their positions, after a norm of each head if there
// are weights for one, and stores keys and values. Of these a NaN becomes 0, and magnitudes end at
// 1e9. Rows past num_rows are padding: their queries become 0, and nothing is stored.
struct RealmHeads {
  const void* qkv;            // [num_padded_rows, num_heads + 2 num_kv_heads, head_dim], contiguous
  void* queries;              // [num_padded_rows, num_heads, head_dim], contiguous
  void* keys;                 // slot s of head h begins s slot_stride + h head_stride values behind
  void* values;               // laid out in the same way; all of one type
  const int64_t* slots;       // [num_rows], all different; null: 0, 1, 2 and so on
  const int64_t* positions;   // [num_rows], rows of the tables
  const float* cosines;       // [num_positions, head_dim], both halves alike
  const float* sines;         // the same, the first half negated
  const float* query_factors;  // [num_positions], of turned queries; null: all 1
  const float* query_weight;  // of the norm, heads weight_stride values apart; null without one
  const float* key_weight;    // the same
  int64_t num_rows;
  int64_t num_padded_rows;
  int64_t num_slots;
  int64_t num_positions;
  int64_t num_heads;
  int64_t num_kv_heads;
  int64_t head_dim;  // even
  int64_t slot_stride;
  int64_t head_stride;
  int64_t weight_stride;  // 0: one weight [head_dim] for all heads; or head_dim
  float eps;
  int32_t norm_kind;  // of RealmNormKind
  int32_t is_whole;   // 1: the norm is of all query heads as one row, and of all key heads; else 0
  int32_t type;
  int32_t instruction_set;
  int32_t num_threads;
};

// What the scores of a row become before the choice. The last chooses by plain scores and weighs by
// the softmax over those chosen.
enum RealmScoring { REALM_SOFTMAX = 0, REALM_SIGMOID = 1, REALM_SOFTMAX_OF_CHOSEN = 2 };

// Chooses the experts of rows by their scores x weightᵀ + bias, in float32. Of equal ones that with
// the lower number is chosen.
struct RealmRouter {
  const void* x;             // [num_rows, width], contiguous
  const float* weight;       // [num_experts, width]
  const float* bias;         // [num_experts], or null
  const float* choice_bias;  // [num_experts], of the choice but not of the weights; or null
  const float* shared;       // [width], for the score whose sigmoid is the last weight; or null
  float* scores;             // [num_rows, num_experts + 1], overwritten
  int32_t* ids;              // [num_rows, num_chosen] written, ascending in a row
  float* weights;            // [num_rows, num_chosen + 1] written; the last is 1 without `shared`
  int64_t num_rows;
  int64_t width;
  int32_t num_experts;
  int32_t num_chosen;
  int32_t num_groups;         // of neighbours, of which num_chosen_groups are chosen from
  int32_t num_chosen_groups;
  int32_t scoring;            // of RealmScoring
  int32_t is_normalised;      // 1: the weights of a row are divided by their sum
  float scale;                // of the weights, at last
  int32_t type;
  int32_t instruction_set;
  int32_t num_threads;
};

// The products of one expert; what they say of x, y and tokens does not count.
struct RealmExpert {
  const RealmProduct* gate_up;  // to 2 values for each column of `down`, the gate's first
  const RealmProduct* down;
};

// y = the sum of what the chosen experts of a row give, times their weights, in the order of `ids`,
// and of shared times the last weight. The bits are those of realm_multiply, realm_gate and
// realm_multiply, summed in float32.
struct RealmExperts {
  const RealmExpert* experts;  // [num_experts]
  const RealmGate* gate;       // between the products; of its fields the activation counts
  const void* x;               // [num_rows, width], contiguous, as are shared and y, of one type
  const void* shared;          // or null
  void* y;
  const int32_t* ids;    // [num_rows, num_chosen], ascending in a row
  const float* weights;  // [num_rows, num_chosen + 1]
  int64_t num_rows;
  int64_t width;
  int64_t middle;  // columns of `down`
  int32_t num_experts;
  int32_t num_chosen;
  int32_t type;
  int32_t instruction_set;
  int32_t num_threads;
  int32_t reserved;
};

// Where the matrices of adapters for one target lie, as adapter_sums.h draws them. Ranks
// first_rank to first_rank + rank - 1 of a use are one piece of both: values from
// first_rank * in_features on of A, first_rank * num_columns of B, both rounded up to 32.
struct RealmAdapterTarget {
  const uint16_t* a;
  const uint16_t* b;
  int64_t num_ranks;     // that there is memory for
  int64_t first_column;  // of y
  int64_t num_columns;
};

// Rows that use one range of ranks.
struct RealmAdapterUse {
  int64_t first_rank;
  int64_t rank;
  int64_t first_place;  // into row_ids and weights
  int64_t num_rows;
  int64_t first_value;  // of num_rows * rank in `reduced`
};

// y[row] += weight (x[row] Aᵀ) Bᵀ; a row of several uses gets them in order, rounded after each.
struct RealmAdapterTerm {
  const RealmAdapterTarget* targets;
  const RealmAdapterUse* uses;
  const int64_t* row_ids;  // [num_places], of x and y; each once in a use
  const float* weights;    // [num_places]
  float* reduced;          // [num_targets, num_values], overwritten
  const uint16_t* x;       // [num_rows, in_features] bfloat16, rows x_stride values apart
  uint16_t* y;             // [num_rows, ..] bfloat16, rows y_stride values apart
  int64_t num_places;
  int64_t num_values;
  int64_t num_rows;
  int64_t in_features;
  int64_t x_stride;
  int64_t y_stride;
  int32_t num_targets;
  int32_t num_uses;
  int32_t instruction_set;
  int32_t num_threads;
};

// Rows of one sequence in a step of attention.
struct RealmRows {
  const int32_t* block_ids;  // of the cache, by position / 64
  int64_t num_block_ids;     // they cover first_position + num_rows positions
  int64_t first_row;
  int64_t num_rows;
  int64_t first_position;
};

// Causal attention of rows over the blocks of one layer. Query heads that follow each other share a
// key/value head. Cached values are of the type of q, or int8 with scales of that type: one for every
// 32 values, for the whole row of a head where head_dim is no multiple of 32.
struct RealmAttention {
  const RealmRows* sequences;
  const void* q;             // rows [num_heads][head_dim], q_stride values apart
  void* out;                 // likewise, out_stride values apart
  const void* keys;          // [num_kv_heads][num_blocks][64][head_dim]
  const void* values;        // likewise
  const void* key_scales;    // [num_kv_heads][num_blocks][64][scales]; null without int8
  const void* value_scales;  // likewise
  const float* sinks;        // [num_heads], a score that every row sees besides, of no value; or null
  int64_t num_sequences;
  int64_t num_blocks;
  int64_t q_stride;
  int64_t out_stride;
  int64_t window;  // positions that a row sees, itself included; 0: all
  int32_t num_heads;
  int32_t num_kv_heads;
  int32_t head_dim;  // a multiple of 8, at most 256
  int32_t q_type;    // of q and out
  int32_t is_int8;
  int32_t instruction_set;
  int32_t num_threads;
  float scale;
  float softcap;  // bound of the scores, softcap * tanh(score / softcap); 0: none
  int32_t reserved;
};

enum RealmFunction {
  REALM_CALL_MULTIPLY = 0,
  REALM_CALL_ADD_NORM = 1,
  REALM_CALL_GATE = 2,
  REALM_CALL_HEADS = 3,
  REALM_CALL_ATTEND = 4,
  REALM_CALL_ROUTE = 5,
  REALM_CALL_EXPERTS = 6
};

// A call to be made later.
struct RealmCall {
  const void* arguments;  // what the function takes
  int32_t function;       // of RealmFunction
  int32_t reserved;
};

// One pass from tokens to logits. Sequences follow each other without gaps; the calls attend with
// them, and find the positions and slots of their rows where this writes them.
struct RealmStep {
  const RealmCall* calls;      // from `hidden` to `logits`
  const uint8_t* embedding;    // packed [vocabulary, width]
  const int64_t* ids;          // [num_rows]
  const RealmRows* sequences;  // [num_sequences]
  const RealmRows* window_sequences;  // with the blocks of layers with a window; null: the same
  void* hidden;           // [num_rows, width] of `type`
  int64_t* positions;     // [num_rows] written
  int64_t* slots;         // [num_rows] written
  int64_t* window_slots;  // [num_rows] written; null without window_sequences
  const void* logits;     // [num_rows, vocabulary] of `type`
  float* wide_logits;     // the same as floats, written; null: not
  int64_t num_calls;
  int64_t num_rows;
  int64_t num_sequences;
  int64_t vocabulary;
  int64_t width;
  int32_t embedding_format;
  int32_t type;
  int32_t num_threads;
  int32_t reserved;
};

// Passes of one row: for each given token, then for each chosen one but the last.
struct RealmDraft {
  const RealmStep* step;  // of one row of one sequence, with wide_logits unless they are floats
  int64_t* id;            // the step's
  RealmRows* rows;        // the step's; block_ids stay
  const int32_t* given;   // [num_given] tokens from first_position on
  int32_t* tokens;        // [num_tokens] written: the choices
  int64_t num_choices;    // only tokens below are chosen
  int64_t first_position;
  uint64_t seed;
  double temperature;  // 0: the highest logit
  double floor;        // nats below the best, at most 0, from which no token is chosen
  int32_t num_given;
  int32_t num_tokens;
  int32_t num_done;  // written: fewer than num_tokens if logits were not finite
  int32_t reserved;
};

REALM_EXPORT int32_t realm_abi_version(void);

// The name of instruction set `index`, fastest first; null past the last one compiled.
REALM_EXPORT const char* realm_set_name(int32_t index);

// Whether this processor and its system can run it.
REALM_EXPORT int32_t realm_set_works(int32_t index);

// Bytes of a packed matrix; -1 if there is no such matrix.
REALM_EXPORT int64_t realm_packed_bytes(int32_t format, int64_t rows, int64_t columns);

// Packs panels first_panel to last_panel - 1. `row_ids` says which row of the file each row of the
// matrix is; null: the same. `panels` is the whole matrix. Types with a grid want the number of the
// magnitude, from the smallest on, of every value of every entry; others null and 0 bytes.
REALM_EXPORT int32_t realm_pack(int32_t format, const uint8_t* source, const uint8_t* grid,
                                int64_t grid_bytes, int64_t rows, int64_t columns,
                                const int64_t* row_ids, int64_t first_panel, int64_t last_panel,
                                uint8_t* panels, int32_t num_threads);

// Values of some rows of a packed matrix: y [num_ids, columns] of y_type, contiguous.
REALM_EXPORT int32_t realm_take_rows(int32_t format, const uint8_t* panels, int64_t rows,
                                     int64_t columns, const int64_t* row_ids, int64_t num_ids,
                                     void* y, int32_t y_type);

// The activations that a product computes with: q [num_tokens, columns], scales [.., columns / 32].
REALM_EXPORT int32_t realm_quantize(int32_t instruction_set, const float* x, int64_t num_tokens,
                                    int64_t columns, int8_t* q, float* scales);

REALM_EXPORT int32_t realm_multiply(const RealmProduct* product);

// Operations of a layer between its products; see operations.cpp.
REALM_EXPORT int32_t realm_add_norm(const RealmNorm* call);
REALM_EXPORT int32_t realm_gate(const RealmGate* call);
REALM_EXPORT int32_t realm_heads(const RealmHeads* call);
REALM_EXPORT int32_t realm_route(const RealmRouter* call);
REALM_EXPORT int32_t realm_experts(const RealmExperts* call);
REALM_EXPORT int32_t realm_add_adapters(const RealmAdapterTerm* term);

REALM_EXPORT int32_t realm_attend(const RealmAttention* attention);

// Makes calls in order, up to the first that fails, whose status it returns.
REALM_EXPORT int32_t realm_run_calls(const RealmCall* calls, int64_t num_calls);

REALM_EXPORT int32_t realm_step(const RealmStep* step);

REALM_EXPORT int32_t realm_draft(RealmDraft* draft);

// Asks the system for large pages; a refusal costs speed only.
REALM_EXPORT void realm_advise_large_pages(void* memory, int64_t num_bytes);

}  // extern "C"
