// perdure_host a.so b.so: serves several actor modules from one process.

#include <cstdio>
#include <cstdlib>

#include "apps/runtime/module_loader.hpp"
#include "apps/runtime/serve.hpp"

int main(int argc, char** argv) {
  auto parsed = perdure::runtime::parse_settings(argc, argv, true);
  if (!parsed.go_on) return parsed.exit_code;

  std::vector<const perdure::module_v1*> modules;
  for (const auto& path : parsed.go_on->modules) {
    auto loaded = perdure::runtime::load_module(path);
    if (!loaded.ok()) {
      std::fprintf(stderr, "cannot start: %s\n", loaded.error().message().c_str());
      return EXIT_FAILURE;
    }
    modules.push_back(*loaded);
  }
  return perdure::runtime::serve(modules, *parsed.go_on);
}
