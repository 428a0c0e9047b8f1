// Where a failed PERDURE_CHECK ends the process.

#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace perdure {

void check_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "perdure: %s:%d: check failed: %s\n", file, line, expression);
  std::abort();
}

}  // namespace perdure
