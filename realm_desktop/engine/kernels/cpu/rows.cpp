// Norms, rotation and the gate of a layer, row by row; compiled once for each instruction set.
//
// Everything is computed in float32, 16 values at a time, and rounded once at the end.
#include "rows.h"

#include "lanes.h"

namespace realm {
namespace {

constexpr float kKvLimit = 1e9f;  // as in kv_cache.py

// What a norm makes of a value: (x - mean) * scale.
struct Scaling {
  float mean, scale;
};

inline Floats without(const Floats& values, float mean, int64_t count) {
  Floats rest = values - mean;
  for (int64_t i = count; i < kWidth; ++i) rest[i] = 0.0f;
  return rest;
}

template <class Type>
inline Scaling scaling_of(const typename Type::Value* values, int64_t width, int32_t kind,
                          float eps) {
  Floats sums = {}, squares = {};
  if (kind == REALM_RMS_NORM) {
    for (int64_t i = 0; i < width; i += kWidth) {
      const Floats x = Type::load(values + i, count_at(i, width));
      squares += x * x;
    }
    return {0.0f, inverse_root(squares, width, eps)};
  }
  for (int64_t i = 0; i < width; i += kWidth) sums += Type::load(values + i, count_at(i, width));
  const float mean = sum_of(sums) / static_cast<float>(width);
  for (int64_t i = 0; i < width; i += kWidth) {
    const int64_t count = count_at(i, width);
    const Floats x = without(Type::load(values + i, count), mean, count);
    squares += x * x;
  }
  return {mean, inverse_root(squares, width, eps)};
}

template <class Type>
inline void add_term(typename Type::Value* hidden, const typename Type::Value* term, int64_t width,
                     float multiplier) {
  for (int64_t i = 0; i < width; i += kWidth) {
    const int64_t count = count_at(i, width);
    const Floats sum = Type::load(hidden + i, count) + Type::load(term + i, count) * multiplier;
    Type::store(hidden + i, sum, count);
  }
}

template <class Type>
void add_norm(const RealmNorm& call, int64_t first, int64_t last) {
  using Value = typename Type::Value;
  const int64_t width = call.width;
  for (int64_t row = first; row < last; ++row) {
    Value* hidden = static_cast<Value*>(call.hidden) + row * width;
    // What is kept for the next layer is rounded, and the norm is taken of just that.
    if (call.term != nullptr)
      add_term<Type>(hidden, static_cast<const Value*>(call.term) + row * width, width,
                     call.multiplier);
    if (call.y == nullptr) continue;
    Value* y = static_cast<Value*>(call.y) + row * width;
    const Scaling scaling = scaling_of<Type>(hidden, width, call.kind, call.eps);
    for (int64_t i = 0; i < width; i += kWidth) {
      const int64_t count = count_at(i, width);
      Floats x = (Type::load(hidden + i, count) - scaling.mean) * scaling.scale;
      x *= Float32::load(call.weight + i, count);
      if (call.bias != nullptr) x += Float32::load(call.bias + i, count);
      Type::store(y + i, x, count);
    }
  }
}

// GELU with tanh in place of the error function is x / (1 + exp(-z)) with this z.
inline Floats gelu_exponent(const Floats& x) {
  return x * (1.0f + x * x * 0.044715f) * 1.5957691216f;  // 2 * sqrt(2 / pi)
}

inline Floats at_most(const Floats& x, float limit) { return x > limit ? Floats{} + limit : x; }

// Of one pair of values; `up` is 1 where nothing is gated.
template <int32_t kActivation>
inline Floats activated(const RealmGate& call, const Floats& x, const Floats& up) {
  if constexpr (kActivation == REALM_CLAMPED_SILU) {
    const Floats gate = at_most(x, call.limit);
    const Floats bounded = -at_most(-at_most(up, call.limit), call.limit);
    // Divided first: twice the least number would be minus infinity, and that times 0 no number.
    return gate / (exponential(-(gate * call.alpha)) + 1.0f) * (bounded + 1.0f);
  } else {
    const Floats exponent = kActivation == REALM_GELU_TANH ? gelu_exponent(x) : x;
    return x / (exponential(-exponent) + 1.0f) * up;
  }
}

template <class Type, int32_t kActivation>
void gate_rows(const RealmGate& call, int64_t first, int64_t last) {
  using Value = typename Type::Value;
  const int64_t width = call.width;
  for (int64_t row = first; row < last; ++row) {
    const int64_t start = row * (call.is_gated + 1) * width;
    const Value* gates = static_cast<const Value*>(call.gate_up) + start;
    Value* y = static_cast<Value*>(call.y) + row * width;
    for (int64_t i = 0; i < width; i += kWidth) {
      const int64_t count = count_at(i, width);
      const Floats up = call.is_gated ? Type::load(gates + width + i, count) : Floats{} + 1.0f;
      Type::store(y + i, activated<kActivation>(call, Type::load(gates + i, count), up), count);
    }
  }
}

template <class Type>
void gate(const RealmGate& call, int64_t first, int64_t last) {
  if (call.activation == REALM_GELU_TANH)
    gate_rows<Type, REALM_GELU_TANH>(call, first, last);
  else if (call.activation == REALM_CLAMPED_SILU)
    gate_rows<Type, REALM_CLAMPED_SILU>(call, first, last);
  else
    gate_rows<Type, REALM_SILU>(call, first, last);
}

inline Floats bounded(const Floats& values) {
  Floats x = values != values ? Floats{} : values;
  x = x > kKvLimit ? Floats{} + kKvLimit : x;
  return x < -kKvLimit ? Floats{} - kKvLimit : x;
}

// What is done with the heads of one row that follow each other.
struct Turning {
  const float* weight;  // of the norm before the rotation, or null
  int64_t weight_stride;
  const float* cosines;  // of the row's position
  const float* sines;
  float factor;
  bool is_bounded;
};

template <class Type>
inline void turn_head(const typename Type::Value* head, int64_t width, const Turning& turning,
                      const float* weight, const Scaling& scaling, typename Type::Value* out) {
  const int64_t half = width / 2;
  const float *cosines = turning.cosines, *sines = turning.sines;
  for (int64_t i = 0; i < half; i += kWidth) {
    const int64_t count = count_at(i, half);
    Floats low = Type::load(head + i, count), high = Type::load(head + half + i, count);
    if (weight != nullptr) {
      low = (low - scaling.mean) * scaling.scale * Float32::load(weight + i, count);
      high = (high - scaling.mean) * scaling.scale * Float32::load(weight + half + i, count);
    }
    // The sines of the first half are stored negated.
    Floats turned_low = low * Float32::load(cosines + i, count) +
                        high * Float32::load(sines + i, count);
    Floats turned_high = high * Float32::load(cosines + half + i, count) +
                         low * Float32::load(sines + half + i, count);
    turned_low *= turning.factor;
    turned_high *= turning.factor;
    if (turning.is_bounded) {
      turned_low = bounded(turned_low);
      turned_high = bounded(turned_high);
    }
    Type::store(out + i, turned_low, count);
    Type::store(out + half + i, turned_high, count);
  }
}

// Heads behind each other; those of the result are `stride` values apart.
template <class Type>
inline void turn_heads(const RealmHeads& call, const typename Type::Value* heads, int64_t count,
                       const Turning& turning, typename Type::Value* out, int64_t stride) {
  const int64_t width = call.head_dim;
  Scaling scaling = {0.0f, 1.0f};
  if (turning.weight != nullptr && call.is_whole)
    scaling = scaling_of<Type>(heads, count * width, call.norm_kind, call.eps);
  for (int64_t head = 0; head < count; ++head, heads += width, out += stride) {
    const float* weight = nullptr;
    if (turning.weight != nullptr) {
      weight = turning.weight + head * turning.weight_stride;
      if (!call.is_whole) scaling = scaling_of<Type>(heads, width, call.norm_kind, call.eps);
    }
    turn_head<Type>(heads, width, turning, weight, scaling, out);
  }
}

template <class Type>
inline void copy_bounded(const typename Type::Value* from, int64_t width,
                         typename Type::Value* to) {
  for (int64_t i = 0; i < width; i += kWidth) {
    const int64_t count = count_at(i, width);
    Type::store(to + i, bounded(Type::load(from + i, count)), count);
  }
}

template <class Type>
void heads(const RealmHeads& call, int64_t first, int64_t last) {
  using Value = typename Type::Value;
  const int64_t width = call.head_dim, num_heads = call.num_heads, num_kv = call.num_kv_heads;
  for (int64_t row = first; row < last; ++row) {
    const Value* source =
        static_cast<const Value*>(call.qkv) + row * (num_heads + 2 * num_kv) * width;
    Value* queries = static_cast<Value*>(call.queries) + row * num_heads * width;
    if (row >= call.num_rows) {  // padding
      __builtin_memset(queries, 0, static_cast<size_t>(num_heads * width) * sizeof(Value));
      continue;
    }
    const int64_t position = call.positions[row];
    const float factor = call.query_factors == nullptr ? 1.0f : call.query_factors[position];
    Turning turning = {call.query_weight, call.weight_stride, call.cosines + position * width,
                       call.sines + position * width, factor, false};
    turn_heads<Type>(call, source, num_heads, turning, queries, width);
    const Value* keys = source + num_heads * width;
    const int64_t slot = call.slots == nullptr ? row : call.slots[row];
    const int64_t place = slot * call.slot_stride;
    turning.weight = call.key_weight;
    turning.factor = 1.0f;
    turning.is_bounded = true;
    turn_heads<Type>(call, keys, num_kv, turning, static_cast<Value*>(call.keys) + place,
                     call.head_stride);
    for (int64_t head = 0; head < num_kv; ++head)
      copy_bounded<Type>(keys + (num_kv + head) * width, width,
                         static_cast<Value*>(call.values) + place + head * call.head_stride);
  }
}

template <class Type>
void write_sums(const float* sums, int64_t tokens, int64_t count, const float* bias, void* y,
                int64_t stride) {
  typename Type::Value* out = static_cast<typename Type::Value*>(y);
  const Floats offsets = bias == nullptr ? Floats{} : Float32::load(bias, count);
  for (int64_t t = 0; t < tokens; ++t, sums += kWidth, out += stride) {
    const Floats values = Float32::load(sums, kWidth);
    // Nothing is added where there is no bias: that would make a 0 of a -0.
    Type::store(out, bias == nullptr ? values : values + offsets, count);
  }
}

}  // namespace

#define REALM_JOIN_AGAIN(a, b) a##b
#define REALM_JOIN(a, b) REALM_JOIN_AGAIN(a, b)

extern const RowOperations REALM_JOIN(REALM_SET, Rows) = {
    {add_norm<Float32>, add_norm<BFloat16>},
    {gate<Float32>, gate<BFloat16>},
    {heads<Float32>, heads<BFloat16>},
    {write_sums<Float32>, write_sums<BFloat16>},
};

}  // namespace realm
