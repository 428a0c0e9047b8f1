#pragma once

#include <vector>

#include "perdure/module.hpp"

namespace perdure::test {

// main() of a process under the crash test that serves these modules: returns the exit code.
int crash_service(int argc, char** argv, const std::vector<const module_v1*>& modules);

}  // namespace perdure::test
