// A class over the output of golden/simple. As it is it compiles; with one of the macros it must
// not (test/codegen/CMakeLists.txt).

#include "cart_api.perdure.hpp"
#include "perdure/testkit.hpp"

namespace {

namespace domain = cart::domain;
namespace api = cart::api;
using google::protobuf::Empty;

struct shopping_cart final : domain::shopping_cart_base {
  perdure::effect<Empty> add_item(const domain::Cart&, const api::AddItemRequest&) override {
#ifdef FOREIGN_EVENT
    return effects().emit(api::Cart{}).then_reply(Empty{});
#else
    return effects().emit(domain::ItemAdded{}).then_reply(Empty{});
#endif
  }
  perdure::effect<Empty> checkout(const domain::Cart&, const api::CheckoutRequest&) override {
    return effects().reject(perdure::status_code::failed_precondition, "no");
  }
  perdure::effect<api::Cart> get_cart(const domain::Cart&, const api::GetCartRequest&) override {
    return effects().reply(api::Cart{});
  }
  domain::Cart on_item_added(domain::Cart cart, const domain::ItemAdded&) override { return cart; }
#ifndef MISSING_HANDLER
  domain::Cart on_checked_out(domain::Cart cart, const domain::CheckedOut&) override {
    return cart;
  }
#endif
};

[[maybe_unused]] void make() { shopping_cart made; }

[[maybe_unused]] void test() {
#ifdef GIVEN_STATE
  perdure::testkit<shopping_cart>("c1").given_state(domain::Cart{});
#elif defined(FOREIGN_HISTORY)
  perdure::testkit<shopping_cart>("c1").given(domain::Cart{});
#else
  perdure::testkit<shopping_cart>("c1").given(domain::ItemAdded{});
#endif
}

}  // namespace
