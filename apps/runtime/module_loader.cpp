// Loads actor modules: shared objects that export perdure_module (include/perdure/module.hpp).

#include "apps/runtime/module_loader.hpp"

#include <dlfcn.h>
#include <google/protobuf/stubs/logging.h>

#include <cstdio>
#include <cstdlib>

#include "base/log.hpp"

namespace perdure::runtime {
namespace {

// The module that is being loaded, for protobuf's log handler, which takes no argument.
const std::string* loading = nullptr;

// A .proto that two modules bring along makes protobuf end the process while the second is being
// loaded, with a message that does not say what to do. Ours does, and ends it first.
void explain_conflict(google::protobuf::LogLevel level, const char*, int,
                      const std::string& message) {
  if (level != google::protobuf::LOGLEVEL_FATAL) return log_error("protobuf: " + message);
  std::fprintf(stderr,
               "cannot start: %s brings along a .proto with the name or with messages of one that "
               "another module has; give each its own names, or build the shared .proto into one "
               "shared library that both link\n",
               loading->c_str());
  std::_Exit(EXIT_FAILURE);
}

status built_with_other(const std::string& path, const std::string& what, std::uint32_t theirs,
                        std::uint32_t ours) {
  return {status_code::failed_precondition,
          path + " was built with " + what + " " + std::to_string(theirs) + ", this host with " +
              std::to_string(ours) + "; build both with the same version"};
}

}  // namespace

status check_module(const module_v1& module, const std::string& path) {
  if (module.magic != module_magic) {
    return {status_code::invalid_argument,
            path + " exports perdure_module, but it is none: its first bytes are wrong"};
  }
  if (module.abi != PERDURE_MODULE_ABI) {
    auto why = built_with_other(path, "module ABI", module.abi, PERDURE_MODULE_ABI);
    return {why.code(), why.message() + " (the module's Perdure is " + module.perdure_version +
                            ", the host's " PERDURE_VERSION ")"};
  }
  if (module.protobuf != GOOGLE_PROTOBUF_VERSION) {
    return built_with_other(path, "protobuf", module.protobuf, GOOGLE_PROTOBUF_VERSION);
  }
  if (module.cxx_abi != __GXX_ABI_VERSION) {
    return built_with_other(path, "C++ ABI", module.cxx_abi, __GXX_ABI_VERSION);
  }
  return {};
}

result<const module_v1*> load_module(const std::string& path) {
  // A name without '/' would be searched for in the system's library folders.
  auto file = path.find('/') == path.npos ? "./" + path : path;
  loading = &path;
  auto* previous = google::protobuf::SetLogHandler(&explain_conflict);
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  google::protobuf::SetLogHandler(previous);
  if (library == nullptr) {
    return status(status_code::invalid_argument,
                  "cannot load " + path + " as an actor module: " + dlerror());
  }
  using entry_point = const module_v1* (*)();
  auto entry = reinterpret_cast<entry_point>(dlsym(library, module_symbol));
  if (entry == nullptr) {
    return status(status_code::invalid_argument,
                  path + " is no actor module: it exports no " + module_symbol +
                      " (PERDURE_SERVICE stands in one of a module's sources)");
  }
  const auto* module = entry();
  if (auto s = check_module(*module, path); !s.ok()) return s;
  return module;
}

}  // namespace perdure::runtime
