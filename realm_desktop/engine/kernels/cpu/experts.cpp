// Experts: the products of all that the rows of a step chose, side by side, and the sum of what they
// give. Each row is quantized once, however many experts it has, and the threads share the panels of
// all experts: those of one alone would be too few for more than a thread or two.
#include <algorithm>
#include <new>
#include <vector>

#include "bfloat16.h"
#include "multiply.h"
#include "rows.h"
#include "scratch.h"
#include "shared_pool.h"

namespace realm {
namespace {

constexpr int64_t kMaxRows = int64_t{1} << 24;
constexpr int64_t kMaxColumns = int64_t{1} << 24;
// Of the rows that are computed at once. A block of more rows reads the weights less often.
constexpr int64_t kScratchBytes = 32 << 20;
// Below so many values a second thread is not awake before the first one is done.
constexpr int64_t kValuesAlone = 32 << 10;
constexpr int64_t kPiece = 256;  // values added up at a time

// Used under the lock of calls only; lives as long as the process.
Scratch& scratch() {
  static Scratch* const own = new Scratch;
  return *own;
}

// Places first to first + count - 1 have rows of one expert. A place is a row with one of its experts;
// those of an expert follow each other.
struct Group {
  int64_t expert, first, count;
};

struct Job {
  const RealmExperts& call;
  const InstructionSet& set;
  const RowOperations& rows;
  int64_t first_row, num_rows;
  int num_threads = 1;
  std::vector<Group> groups = {};
  std::vector<int64_t> row_ids = {};   // by place, counted from first_row
  std::vector<int64_t> group_ids = {};  // by place
  std::vector<int64_t> places = {};    // [num_rows, num_chosen]
  std::vector<RealmProduct> products = {};
  std::vector<ProductCall> wides = {}, downs = {};  // by group
  std::vector<int64_t> ends = {};  // of the chunks of each group, counted through
  Activation* row_tokens = nullptr;  // [num_rows][blocks]
  char* wide = nullptr;   // [places][2][middle]; the gated values replace the first half
  char* terms = nullptr;  // [places][width]
};

int64_t value_bytes(const RealmExperts& call) { return call.type == REALM_FLOAT32 ? 4 : 2; }

int64_t num_places(const Job& job) { return job.num_rows * job.call.num_chosen; }

// Sorts the places by expert; within one they stay in the order of rows.
void group_places(Job& job) {
  const RealmExperts& call = job.call;
  const int32_t* ids = call.ids + job.first_row * call.num_chosen;
  std::vector<int64_t> starts(static_cast<size_t>(call.num_experts) + 1);
  for (int64_t i = 0; i < num_places(job); ++i) ++starts[ids[i] + 1];
  for (int32_t e = 0; e < call.num_experts; ++e) {
    if (starts[e + 1] > 0) job.groups.push_back({e, starts[e], starts[e + 1]});
    starts[e + 1] += starts[e];
  }
  job.row_ids.resize(num_places(job));
  job.group_ids.resize(num_places(job));
  job.places.resize(num_places(job));
  for (int64_t i = 0; i < num_places(job); ++i) {
    job.places[i] = starts[ids[i]]++;
    job.row_ids[job.places[i]] = i / call.num_chosen;
  }
}

// An expert with more rows than stay in the cache gets several groups.
void split_groups(Job& job, int64_t most) {
  std::vector<Group> groups;
  for (const Group& group : job.groups)
    for (int64_t done = 0; done < group.count; done += most) {
      const int64_t count = std::min(most, group.count - done);
      const auto first = job.group_ids.begin() + group.first + done;
      std::fill(first, first + count, static_cast<int64_t>(groups.size()));
      groups.push_back({group.expert, group.first + done, count});
    }
  job.groups.swap(groups);
}

bool fits(const RealmProduct& product, int64_t columns, int64_t rows) {
  if (!is_sound(product) || product.columns != columns) return false;
  int64_t found = 0;
  for (int i = 0; i < product.num_segments; ++i) found += product.segments[i].rows;
  return found == rows;
}

// One product of a group, from `columns` to `rows` values.
RealmProduct product_of(const RealmExperts& call, const RealmProduct& of_expert, int64_t columns,
                        int64_t rows, int64_t count, char* y) {
  RealmProduct product = of_expert;
  product.x = call.x;  // not read: the tokens are there already
  product.y = y;
  product.x_stride = columns;
  product.y_stride = rows;
  product.num_tokens = count;
  product.x_type = product.y_type = call.type;
  product.instruction_set = call.instruction_set;
  product.num_threads = call.num_threads;
  return product;
}

int64_t padded_tokens(int64_t count) {
  const int64_t full = (count - 1) / kMaxTile * kMaxTile;
  return full + tile_size(count - full);
}

// Blocks of a token for every expert in use; 0 if one of their products is none.
struct Blocks {
  int64_t wide, down;
};

Blocks blocks_of(const Job& job) {
  const RealmExperts& call = job.call;
  Blocks most = {0, 0};
  char* any = static_cast<char*>(call.y);
  for (const Group& group : job.groups) {
    const RealmExpert& expert = call.experts[group.expert];
    if (expert.gate_up == nullptr || expert.down == nullptr) return {0, 0};
    const RealmProduct wide =
        product_of(call, *expert.gate_up, call.width, 2 * call.middle, group.count, any);
    const RealmProduct down =
        product_of(call, *expert.down, call.middle, call.width, group.count, any);
    if (!fits(wide, call.width, 2 * call.middle) || !fits(down, call.middle, call.width))
      return {0, 0};
    most = {std::max(most.wide, padded_blocks(wide)), std::max(most.down, padded_blocks(down))};
  }
  return most;
}

// Takes the memory, and gives every group its products. False if there is no memory.
bool lay_out(Job& job, const Blocks& blocks) {
  const RealmExperts& call = job.call;
  int64_t num_tokens = 0;
  for (const Group& group : job.groups) num_tokens += padded_tokens(group.count);
  const int64_t bytes = value_bytes(call), places = num_places(job);
  const int64_t num_activations =
      job.num_rows * blocks.wide + num_tokens * (blocks.wide + blocks.down);
  char* memory = static_cast<char*>(
      scratch().reserve(num_activations * static_cast<int64_t>(sizeof(Activation)) +
                        places * (2 * call.middle + call.width) * bytes));
  if (memory == nullptr) return false;
  job.row_tokens = reinterpret_cast<Activation*>(memory);
  Activation* wide_tokens = job.row_tokens + job.num_rows * blocks.wide;
  Activation* down_tokens = wide_tokens + num_tokens * blocks.wide;
  job.wide = reinterpret_cast<char*>(down_tokens + num_tokens * blocks.down);
  job.terms = job.wide + places * 2 * call.middle * bytes;
  job.products.reserve(2 * job.groups.size());
  for (const Group& group : job.groups) {
    const RealmExpert& expert = call.experts[group.expert];
    job.products.push_back(product_of(call, *expert.gate_up, call.width, 2 * call.middle,
                                      group.count,
                                      job.wide + group.first * 2 * call.middle * bytes));
    // The tile of a single row lies as the row itself does.
    Activation* own = group.count > 1 ? wide_tokens
                                      : job.row_tokens + job.row_ids[group.first] * blocks.wide;
    job.wides.push_back({job.products.back(), job.set, blocks.wide, 1, own, 0, group.count});
    job.products.push_back(product_of(call, *expert.down, call.middle, call.width, group.count,
                                      job.terms + group.first * call.width * bytes));
    const RealmProduct& down = job.products.back();
    job.downs.push_back({down, job.set, blocks.down, 1, down_tokens, 0, group.count});
    wide_tokens += padded_tokens(group.count) * blocks.wide;
    down_tokens += padded_tokens(group.count) * blocks.down;
  }
  return true;
}

void quantize_row(void* context, int64_t row) {
  const Job& job = *static_cast<const Job*>(context);
  const ProductCall& any = job.wides.front();
  const ProductCall alone = {any.product, any.set, any.blocks, 1,
                             job.row_tokens + row * any.blocks, 0, 1};
  quantize_values(alone, job.call.x, (job.first_row + row) * job.call.width, job.call.type, 0);
}

// Brings the rows of a group into its tiles.
void gather_group(void* context, int64_t index) {
  const Job& job = *static_cast<const Job*>(context);
  const Group& group = job.groups[index];
  clear_padding(job.downs[index]);
  if (group.count == 1) return;
  const ProductCall& wide = job.wides[index];
  clear_padding(wide);
  for (int64_t token = 0; token < group.count; ++token) {
    const int64_t first = token / kMaxTile * kMaxTile;
    const int size = tile_size(group.count - first);
    Activation* out = wide.tokens + first * wide.blocks + token % kMaxTile;
    const Activation* row = job.row_tokens + job.row_ids[group.first + token] * wide.blocks;
    for (int64_t b = 0; b < wide.blocks; ++b) out[b * size] = row[b];
  }
}

void gate_place(void* context, int64_t place) {
  const Job& job = *static_cast<const Job*>(context);
  const RealmExperts& call = job.call;
  char* values = job.wide + place * 2 * call.middle * value_bytes(call);
  RealmGate gate = *call.gate;
  gate.gate_up = gate.y = values;
  gate.num_rows = 1;
  gate.width = call.middle;
  gate.is_gated = 1;
  job.rows.gate[call.type](gate, 0, 1);
  const int64_t group = job.group_ids[place];
  quantize_values(job.downs[group], values, 0, call.type, place - job.groups[group].first);
}

void sum_row(void* context, int64_t row) {
  const Job& job = *static_cast<const Job*>(context);
  const RealmExperts& call = job.call;
  const int64_t own = job.first_row + row;
  const float* weights = call.weights + own * (call.num_chosen + 1);
  for (int64_t i = 0; i < call.width; i += kPiece) {
    const int64_t count = std::min(kPiece, call.width - i);
    float total[kPiece] = {}, term[kPiece];
    for (int32_t j = 0; j < call.num_chosen; ++j) {
      const int64_t place = job.places[row * call.num_chosen + j];
      read_floats(job.terms, place * call.width + i, count, call.type, term);
      for (int64_t c = 0; c < count; ++c) total[c] += term[c] * weights[j];
    }
    if (call.shared != nullptr) {
      read_floats(call.shared, own * call.width + i, count, call.type, term);
      for (int64_t c = 0; c < count; ++c) total[c] += term[c] * weights[call.num_chosen];
    }
    write_floats(total, count, call.y, own * call.width + i, call.type);
  }
}

struct Chunks {
  const std::vector<ProductCall>& calls;
  const std::vector<int64_t>& ends;
};

void multiply_task(void* context, int64_t index) {
  const Chunks& chunks = *static_cast<const Chunks*>(context);
  const auto end = std::upper_bound(chunks.ends.begin(), chunks.ends.end(), index);
  const size_t group = static_cast<size_t>(end - chunks.ends.begin());
  multiply_chunk(chunks.calls[group], group == 0 ? index : index - chunks.ends[group - 1]);
}

// All products of one kind.
void multiply(Job& job, std::vector<ProductCall>& calls) {
  int64_t panels = 0, chunks = 0;
  for (const ProductCall& call : calls) panels += total_panels(call.product);
  const int64_t chunk = chunk_of(panels, job.num_threads);
  job.ends.clear();
  for (ProductCall& call : calls) {
    call.chunk = chunk;
    chunks += total_chunks(call);
    job.ends.push_back(chunks);
  }
  Chunks context = {calls, job.ends};
  shared_pool().run(chunks, job.num_threads, multiply_task, &context);
}

// Tasks between the products, on several threads if there is enough to do.
void share(Job& job, int64_t num_tasks, int64_t values_per_task, ThreadPool::Task task) {
  const bool is_small = num_tasks * values_per_task < kValuesAlone;
  shared_pool().run(num_tasks, is_small ? 1 : job.num_threads, task, &job);
}

int32_t run_rows(Job& job) {
  const RealmExperts& call = job.call;
  group_places(job);
  const Blocks blocks = blocks_of(job);
  if (blocks.wide == 0) return REALM_BAD_ARGUMENT;
  split_groups(job, most_tokens(std::max(blocks.wide, blocks.down)));
  if (!lay_out(job, blocks)) return REALM_OUT_OF_MEMORY;
  int64_t bytes = 0;
  for (const RealmProduct& product : job.products) bytes += product_bytes(product);
  job.num_threads = useful_threads(bytes, job.num_rows, call.num_threads);
  share(job, job.num_rows, 4 * call.width, quantize_row);
  share(job, static_cast<int64_t>(job.groups.size()), call.width, gather_group);
  multiply(job, job.wides);
  share(job, num_places(job), 4 * call.middle, gate_place);
  multiply(job, job.downs);
  share(job, job.num_rows, call.num_chosen * call.width, sum_row);
  return REALM_OK;
}

bool can_run(const RealmExperts& call) {
  if (call.experts == nullptr || call.gate == nullptr || call.x == nullptr || call.y == nullptr ||
      call.ids == nullptr || call.weights == nullptr || call.num_rows < 1 ||
      call.num_rows > kMaxRows || call.width < 1 || call.width > kMaxColumns || call.middle < 1 ||
      call.middle > kMaxColumns || call.num_experts < 1 || call.num_chosen < 1 ||
      call.num_chosen > call.num_experts || (call.type | 1) != 1 || call.num_threads < 1 ||
      call.num_threads > kMaxThreads || !works_here(call.instruction_set) || !is_gate(*call.gate))
    return false;
  for (int64_t i = 0; i < call.num_rows * call.num_chosen; ++i)
    if (call.ids[i] < 0 || call.ids[i] >= call.num_experts) return false;
  return true;
}

// Of a block whose values take about kScratchBytes.
int64_t rows_at_once(const RealmExperts& call) {
  const int64_t activations = 2 * (call.width + call.middle);
  const int64_t values = (2 * call.middle + call.width) * value_bytes(call);
  return std::max<int64_t>(kMaxTile, kScratchBytes / ((activations + values) * call.num_chosen));
}

}  // namespace
}  // namespace realm

using namespace realm;

int32_t realm_experts(const RealmExperts* call) {
  if (call == nullptr || !can_run(*call)) return REALM_BAD_ARGUMENT;
  const InstructionSet& set = *instruction_set(call->instruction_set);
  const RowOperations& rows = *row_operations(call->instruction_set);
  const int64_t at_once = rows_at_once(*call);
  const std::lock_guard<std::mutex> lock(call_mutex());
  try {
    for (int64_t first = 0; first < call->num_rows; first += at_once) {
      Job job{*call, set, rows, first, std::min(at_once, call->num_rows - first)};
      const int32_t status = run_rows(job);
      if (status != REALM_OK) return status;
    }
  } catch (const std::bad_alloc&) {
    return REALM_OUT_OF_MEMORY;
  }
  return REALM_OK;
}
