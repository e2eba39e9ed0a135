// Runs calls that were noted before, one after the other.
#include "library.h"

namespace {

int32_t run(const RealmCall& call) {
  switch (call.function) {
    case REALM_CALL_MULTIPLY:
      return realm_multiply(static_cast<const RealmProduct*>(call.arguments));
    case REALM_CALL_ADD_NORM:
      return realm_add_norm(static_cast<const RealmNorm*>(call.arguments));
    case REALM_CALL_GATE:
      return realm_gate(static_cast<const RealmGate*>(call.arguments));
    case REALM_CALL_HEADS:
      return realm_heads(static_cast<const RealmHeads*>(call.arguments));
    case REALM_CALL_ATTEND:
      return realm_attend(static_cast<const RealmAttention*>(call.arguments));
    case REALM_CALL_ROUTE:
      return realm_route(static_cast<const RealmRouter*>(call.arguments));
    case REALM_CALL_EXPERTS:
      return realm_experts(static_cast<const RealmExperts*>(call.arguments));
    default:
      return REALM_BAD_ARGUMENT;
  }
}

}  // namespace

int32_t realm_run_calls(const RealmCall* calls, int64_t num_calls) {
  if (calls == nullptr || num_calls < 0) return REALM_BAD_ARGUMENT;
  for (int64_t i = 0; i < num_calls; ++i) {
    const int32_t status = run(calls[i]);
    if (status != REALM_OK) return status;
  }
  return REALM_OK;
}
