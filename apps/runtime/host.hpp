#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/runtime/settings.hpp"
#include "perdure/module.hpp"
#include "perdure/status.hpp"

// The composition root: the only place that names adapters and joins the parts of a process.

namespace perdure::runtime {

// A running process: its store, its entities, its ports.
class host {
 public:
  // Opens the store and serves these modules. Returns once all ports are open.
  //   INVALID_ARGUMENT     what the modules ask for cannot be served: an entity type twice, a wrong
  //                        HTTP mapping
  //   FAILED_PRECONDITION  the data folder is in use or unusable
  //   UNAVAILABLE          a port is taken, or the store cannot be read now
  static result<std::unique_ptr<host>> start(const std::vector<const module_v1*>& modules,
                                             const settings& with);

  // As stop().
  ~host();

  // "grpc 127.0.0.1:9000" and so on, a line per port.
  std::string addresses() const;

  // Accepts nothing new, answers what was accepted, closes the store. False when something was
  // still unanswered after drain_max; the process should then end without further ado.
  bool stop();

 private:
  class parts;
  explicit host(std::unique_ptr<parts> running);
  std::unique_ptr<parts> running_;
};

}  // namespace perdure::runtime
