// main() of a service's own executable: serves the one module that is linked in.

#include "apps/runtime/serve.hpp"

extern "C" const perdure::module_v1* perdure_module();

int main(int argc, char** argv) {
  auto parsed = perdure::runtime::parse_settings(argc, argv, false);
  if (!parsed.go_on) return parsed.exit_code;
  return perdure::runtime::serve({perdure_module()}, *parsed.go_on);
}
