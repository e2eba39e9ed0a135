// Norms, rotation and the gate of a layer, row by row; compiled once for each instruction set.
//
// Everything is computed in float32, 16 values at a time, and rounded once at the end. Sixteen lanes
// whatever the processor's own width: so all sets sum in the same order and give the same bits.
// No standard library here, for the reason that product.cpp gives.
#include "rows.h"

#include <cstddef>

namespace realm {
namespace {

constexpr int kWidth = 16;

// Vectors of the compiler, which splits them where the processor has narrower ones.
using Floats = float __attribute__((vector_size(kWidth * sizeof(float))));
using Words = uint32_t __attribute__((vector_size(kWidth * sizeof(uint32_t))));
using Halves = uint16_t __attribute__((vector_size(kWidth * sizeof(uint16_t))));

constexpr float kKvLimit = 1e9f;  // as in kv_cache.py

// Such a cast takes the bits as they are.
inline Words bits_of(const Floats& values) { return (Words)values; }
inline Floats floats_of(const Words& bits) { return (Floats)bits; }

// The values of one type. `count` of 1 to 16 are read, the rest of the lanes is 0.
struct Float32 {
  using Value = float;

  static Floats load(const Value* p, int64_t count) {
    Floats values = {};
    if (count >= kWidth)
      __builtin_memcpy(&values, p, sizeof values);
    else
      for (int64_t i = 0; i < count; ++i) values[i] = p[i];
    return values;
  }
  static void store(Value* p, const Floats& values, int64_t count) {
    if (count >= kWidth)
      __builtin_memcpy(p, &values, sizeof values);
    else
      for (int64_t i = 0; i < count; ++i) p[i] = values[i];
  }
  static Floats rounded(const Floats& values) { return values; }
};

struct BFloat16 {
  using Value = uint16_t;

  static Floats load(const Value* p, int64_t count) {
    Halves halves = {};
    if (count >= kWidth)
      __builtin_memcpy(&halves, p, sizeof halves);
    else
      for (int64_t i = 0; i < count; ++i) halves[i] = p[i];
    return floats_of(__builtin_convertvector(halves, Words) << 16);
  }
  static void store(Value* p, const Floats& values, int64_t count) {
    const Halves halves = __builtin_convertvector(rounded_bits(values) >> 16, Halves);
    if (count >= kWidth)
      __builtin_memcpy(p, &halves, sizeof halves);
    else
      for (int64_t i = 0; i < count; ++i) p[i] = halves[i];
  }
  static Floats rounded(const Floats& values) {
    return floats_of(rounded_bits(values) & 0xffff0000u);
  }
  // To nearest, to even, as torch rounds; the carry would turn a NaN into something else.
  static Words rounded_bits(const Floats& values) {
    const Words bits = bits_of(values);
    const Words nearest = bits + 0x7fffu + ((bits >> 16) & 1u);
    return values != values ? Words{} + 0x7fc00000u : nearest;
  }
};

inline int64_t count_at(int64_t i, int64_t width) {
  return width - i < kWidth ? width - i : kWidth;
}

// The lanes in pairs of ever nearer ones.
inline float sum_of(const Floats& lanes) {
  float sums[kWidth];
  __builtin_memcpy(sums, &lanes, sizeof sums);
  for (int half = kWidth / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) sums[i] += sums[i + half];
  return sums[0];
}

inline float inverse_root(const Floats& squares, int64_t width, float eps) {
  return 1.0f / __builtin_sqrtf(sum_of(squares) / static_cast<float>(width) + eps);
}

// e to the power of each value; relative error below 3e-7, infinity from 88.4 on.
inline Floats exponential(const Floats& values) {
  constexpr float kLowest = -87.3f, kHighest = 89.0f;
  constexpr float kRounder = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  Floats x = values < kLowest ? Floats{} + kLowest : values;
  x = x > kHighest ? Floats{} + kHighest : x;
  const Floats shifted = x * 1.44269504f + kRounder;
  const Floats n = shifted - kRounder;
  // ln 2 in two parts, the first with zeros at its end, so that its product with n is exact.
  const Floats r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  Floats power = r * (1.0f / 5040) + 1.0f / 720;
  power = power * r + 1.0f / 120;
  power = power * r + 1.0f / 24;
  power = power * r + 1.0f / 6;
  power = power * r + 0.5f;
  power = power * r + 1.0f;
  power = power * r + 1.0f;
  const Words exponent = bits_of(shifted) - 0x4b400000u + 127u;
  return power * floats_of(exponent << 23);
}

template <class Type>
void add_norm(const RealmNorm& call, int64_t first, int64_t last) {
  using Value = typename Type::Value;
  const int64_t width = call.width;
  for (int64_t row = first; row < last; ++row) {
    Value* hidden = static_cast<Value*>(call.hidden) + row * width;
    const Value* term =
        call.term == nullptr ? nullptr : static_cast<const Value*>(call.term) + row * width;
    Value* y = static_cast<Value*>(call.y) + row * width;
    Floats squares = {};
    for (int64_t i = 0; i < width; i += kWidth) {
      const int64_t count = count_at(i, width);
      Floats x = Type::load(hidden + i, count);
      if (term != nullptr) {
        // What is kept for the next layer is rounded, and the norm is taken of just that.
        x = Type::rounded(x + Type::load(term + i, count));
        Type::store(hidden + i, x, count);
      }
      squares += x * x;
    }
    const float scale = inverse_root(squares, width, call.eps);
    for (int64_t i = 0; i < width; i += kWidth) {
      const int64_t count = count_at(i, width);
      const Floats x = Type::load(hidden + i, count) * scale;
      Type::store(y + i, x * Float32::load(call.weight + i, count), count);
    }
  }
}

// GELU with tanh in place of the error function is x / (1 + exp(-z)) with this z.
inline Floats gelu_exponent(const Floats& x) {
  return x * (1.0f + x * x * 0.044715f) * 1.5957691216f;  // 2 * sqrt(2 / pi)
}

template <class Type, bool kIsGelu>
void gate_rows(const RealmGate& call, int64_t first, int64_t last) {
  using Value = typename Type::Value;
  const int64_t width = call.width;
  for (int64_t row = first; row < last; ++row) {
    const Value* gates = static_cast<const Value*>(call.gate_up) + row * 2 * width;
    Value* y = static_cast<Value*>(call.y) + row * width;
    for (int64_t i = 0; i < width; i += kWidth) {
      const int64_t count = count_at(i, width);
      const Floats x = Type::load(gates + i, count);
      const Floats exponent = kIsGelu ? gelu_exponent(x) : x;
      const Floats active = x / (exponential(-exponent) + 1.0f);
      Type::store(y + i, active * Type::load(gates + width + i, count), count);
    }
  }
}

template <class Type>
void gate(const RealmGate& call, int64_t first, int64_t last) {
  if (call.activation == REALM_GELU_TANH)
    gate_rows<Type, true>(call, first, last);
  else
    gate_rows<Type, false>(call, first, last);
}

inline Floats bounded(const Floats& values) {
  Floats x = values != values ? Floats{} : values;
  x = x > kKvLimit ? Floats{} + kKvLimit : x;
  return x < -kKvLimit ? Floats{} - kKvLimit : x;
}

// One query or key head of one row: its norm if `weight` is there, then its rotation.
template <class Type>
inline void turn_head(const RealmHeads& call, const typename Type::Value* head, const float* weight,
                      int64_t position, bool is_bounded, typename Type::Value* out) {
  const int64_t width = call.head_dim, half = width / 2;
  float scale = 1.0f;
  if (weight != nullptr) {
    Floats squares = {};
    for (int64_t i = 0; i < width; i += kWidth) {
      const Floats x = Type::load(head + i, count_at(i, width));
      squares += x * x;
    }
    scale = inverse_root(squares, width, call.eps);
  }
  const float* cosines = call.cosines + position * width;
  const float* sines = call.sines + position * width;
  for (int64_t i = 0; i < half; i += kWidth) {
    const int64_t count = count_at(i, half);
    Floats low = Type::load(head + i, count), high = Type::load(head + half + i, count);
    if (weight != nullptr) {
      low = low * scale * Float32::load(weight + i, count);
      high = high * scale * Float32::load(weight + half + i, count);
    }
    // The sines of the first half are stored negated.
    Floats turned_low = low * Float32::load(cosines + i, count) +
                        high * Float32::load(sines + i, count);
    Floats turned_high = high * Float32::load(cosines + half + i, count) +
                         low * Float32::load(sines + half + i, count);
    if (is_bounded) {
      turned_low = bounded(turned_low);
      turned_high = bounded(turned_high);
    }
    Type::store(out + i, turned_low, count);
    Type::store(out + half + i, turned_high, count);
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
    for (int64_t head = 0; head < num_heads; ++head)
      turn_head<Type>(call, source + head * width, call.query_weight, position, false,
                      queries + head * width);
    const Value* keys = source + num_heads * width;
    const int64_t slot = call.slots == nullptr ? row : call.slots[row];
    for (int64_t head = 0; head < num_kv; ++head) {
      const int64_t place = slot * call.slot_stride + head * call.head_stride;
      turn_head<Type>(call, keys + head * width, call.key_weight, position, true,
                      static_cast<Value*>(call.keys) + place);
      copy_bounded<Type>(keys + (num_kv + head) * width, width,
                         static_cast<Value*>(call.values) + place);
    }
  }
}

}  // namespace

#define REALM_JOIN_AGAIN(a, b) a##b
#define REALM_JOIN(a, b) REALM_JOIN_AGAIN(a, b)

extern const RowOperations REALM_JOIN(REALM_SET, Rows) = {
    {add_norm<Float32>, add_norm<BFloat16>},
    {gate<Float32>, gate<BFloat16>},
    {heads<Float32>, heads<BFloat16>},
};

}  // namespace realm
