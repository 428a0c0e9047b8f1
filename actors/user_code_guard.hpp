#pragma once

#include <concepts>
#include <exception>
#include <string_view>

#include "base/ids.hpp"
#include "perdure/status.hpp"

// The one place where user code is called from. Whatever it throws ends here: the caller gets
// INTERNAL with a correlation id, the log gets the id with the detail, which may hold what clients
// must not see.

namespace perdure::actors {

// The status of a call of user code that threw `detail`. Logs it.
status user_code_failed(const entity_key& entity, std::string_view doing, std::string_view what,
                        std::string_view detail);

// Runs `user_code`, a call into the class of `entity`. `doing` and `what` name it in the log:
// "handling", "cart.api.ShoppingCart.AddItem".
status guarded(const entity_key& entity, std::string_view doing, std::string_view what,
               std::invocable auto&& user_code) {
  try {
    user_code();
    return {};
  } catch (const std::exception& e) {
    return user_code_failed(entity, doing, what, e.what());
  } catch (...) {
    return user_code_failed(entity, doing, what, "something that is no std::exception");
  }
}

}  // namespace perdure::actors
