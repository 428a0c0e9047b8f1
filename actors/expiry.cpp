// The rpc by which states expire; handled in actors/entity_ready.cpp.

#include "actors/expiry.hpp"

#include "base/check.hpp"
#include "perdure/internal.pb.h"

namespace perdure::actors {

const google::protobuf::MethodDescriptor& expire_method() {
  static const auto* method = [] {
    const auto* service = internal::Nothing::descriptor()->file()->FindServiceByName("KeyValue");
    PERDURE_CHECK(service != nullptr);
    return service->FindMethodByName("Expire");
  }();
  return *method;
}

}  // namespace perdure::actors
