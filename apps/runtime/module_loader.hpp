#pragma once

#include <string>

#include "perdure/module.hpp"
#include "perdure/status.hpp"

namespace perdure::runtime {

// Loads an actor module and checks that it was built for this host. It stays loaded until the
// process ends: its code may be running on any thread.
//   INVALID_ARGUMENT     the file is no shared object, or no actor module
//   FAILED_PRECONDITION  built with another version; the text names both sides
// A .proto that another module has too leaves protobuf no way back: then the process ends here,
// with a message. From one thread.
result<const module_v1*> load_module(const std::string& path);

// Whether a module may be used by this host. Reads only the plain C fields.
status check_module(const module_v1& module, const std::string& path);

}  // namespace perdure::runtime
