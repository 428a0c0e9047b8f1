#pragma once

#include <functional>
#include <string>

// What code writes to standard error, and how its process ends.

namespace perdure::test {

struct ended_child {
  int how = 0;       // as waitpid() tells it
  std::string text;  // what it wrote to standard error
};

// Runs `work` in a process of its own, which then ends with _exit(0): without destructors, so that
// what is written shows only if it was written at once.
ended_child standard_error_of(const std::function<void()>& work);

}  // namespace perdure::test
