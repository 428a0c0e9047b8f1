// A class over the output of golden/value_entity. As it is it compiles; with one of the macros it
// must not (test/codegen/CMakeLists.txt).

#include "shop_api.perdure.hpp"

namespace {

namespace domain = shop::domain;
namespace api = shop::api;
using google::protobuf::Empty;

struct customer final : domain::customer_base {
  perdure::effect<Empty> put(const domain::CustomerState&, const api::PutRequest&) override {
#ifdef FOREIGN_STATE
    return effects().update(api::Customer{}).then_reply(Empty{});
#elif defined(EVENT)
    return effects().emit(domain::CustomerState{}).then_reply(Empty{});
#else
    return effects().update(domain::CustomerState{}).then_reply(Empty{});
#endif
  }
  perdure::effect<api::Customer> get(const domain::CustomerState&,
                                     const api::GetRequest& command) override {
#ifdef OTHER_REPLY
    return effects().forward(api::customers_calls::delete_(api::DeleteRequest{}));
#else
    return effects().forward(api::customers_calls::get(command));
#endif
  }
  perdure::effect<Empty> delete_(const domain::CustomerState&, const api::DeleteRequest&) override {
    return effects().erase().then_reply(Empty{});
  }
#ifdef APPLY
  void apply(std::size_t, google::protobuf::Message&, const google::protobuf::Message&) override {}
#endif
};

[[maybe_unused]] void make() { customer made; }

}  // namespace
