#pragma once

// PERDURE_CHECK(expr): an assertion about what only our own code can get wrong. On in every build;
// a failure prints the expression and its place and aborts, so that nothing wrong is ever stored.
// Never for what the world can do: that is a status.

namespace perdure {

[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace perdure

#define PERDURE_CHECK(expression)          \
  (static_cast<bool>(expression) ? void(0) \
                                 : ::perdure::check_failed(#expression, __FILE__, __LINE__))
