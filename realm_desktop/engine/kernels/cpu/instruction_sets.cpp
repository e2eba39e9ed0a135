#include "instruction_sets.h"

#if defined(REALM_X86) && defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif
#if defined(REALM_ARM64) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace realm {
namespace {

#if defined(REALM_X86)

// Each asks for all that its source was compiled with; the compiler's own function also asks
// whether the system saves the wide registers.
bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("f16c");
}
bool has_avx_vnni() { return has_avx2() && __builtin_cpu_supports("avxvnni"); }
bool has_avx512_vnni() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vnni");
}

#elif defined(REALM_ARM64)

bool has_neon_dot() {
#if defined(__APPLE__)
  return true;  // every processor that macOS for ARM runs on
#elif defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#else
  return false;
#endif
}

#endif

bool always() { return true; }

struct Choice {
  const InstructionSet* set;
  const RowOperations* rows;
  const RouterOperations* router;
  const AdapterSums* adapters;
  const AttentionSet* attention;
  bool (*works)();
};

#define REALM_CHOICE(set, works) \
  {&set, &set##Rows, &set##Router, &set##Adapters, &set##Attention, works}

constexpr Choice kChoices[] = {
#if defined(REALM_X86)
    REALM_CHOICE(kAvx512VnniSet, has_avx512_vnni),
    REALM_CHOICE(kAvxVnniSet, has_avx_vnni),
    REALM_CHOICE(kAvx2Set, has_avx2),
#elif defined(REALM_ARM64)
    REALM_CHOICE(kNeonSet, has_neon_dot),
#endif
    REALM_CHOICE(kPortableSet, always),
};
constexpr int32_t kNumChoices = sizeof(kChoices) / sizeof(kChoices[0]);

}  // namespace

const InstructionSet* instruction_set(int32_t index) {
  return index >= 0 && index < kNumChoices ? kChoices[index].set : nullptr;
}

const RowOperations* row_operations(int32_t index) {
  return index >= 0 && index < kNumChoices ? kChoices[index].rows : nullptr;
}

const RouterOperations* router_operations(int32_t index) {
  return index >= 0 && index < kNumChoices ? kChoices[index].router : nullptr;
}

const AdapterSums* adapter_sums(int32_t index) {
  return index >= 0 && index < kNumChoices ? kChoices[index].adapters : nullptr;
}

const AttentionSet* attention_set(int32_t index) {
  return index >= 0 && index < kNumChoices ? kChoices[index].attention : nullptr;
}

bool works_here(int32_t index) {
  return index >= 0 && index < kNumChoices && kChoices[index].works();
}

}  // namespace realm
