#pragma once

#include <concepts>
#include <exception>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "perdure/status.hpp"

// The one place where user code is called from. Whatever it throws ends here: the caller gets
// INTERNAL with a correlation id, the log gets the id with the detail, which may hold what clients
// must not see.

namespace perdure::actors {

// The status of a call of user code that threw `detail`. Logs it. `component` for people: which
// entity, or which action.
status user_code_failed(std::string_view component, std::string_view doing, std::string_view what,
                        std::string_view detail);
inline status user_code_failed(const entity_key& entity, std::string_view doing,
                               std::string_view what, std::string_view detail) {
  return user_code_failed(to_string(entity), doing, what, detail);
}

// Runs `user_code`, a call into the class of `component`: an entity's key or the name of an action.
// `doing` and `what` name it in the log: "handling", "cart.api.ShoppingCart.AddItem".
status guarded(const auto& component, std::string_view doing, std::string_view what,
               std::invocable auto&& user_code) {
  try {
    user_code();
    return {};
  } catch (const std::exception& e) {
    return user_code_failed(component, doing, what, e.what());
  } catch (...) {
    return user_code_failed(component, doing, what, "something that is no std::exception");
  }
}

}  // namespace perdure::actors
