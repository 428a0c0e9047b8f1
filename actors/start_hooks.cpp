// What actions do when the process serves. Used by actors/exchange.cpp.

#include "actors/start_hooks.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/uuid.hpp"

namespace perdure::actors {
namespace {

constexpr std::chrono::milliseconds first_pause{200};
constexpr std::chrono::milliseconds longest_pause = std::chrono::seconds{30};

std::chrono::milliseconds pause_after(std::uint32_t failures) {
  auto doubled = first_pause * (1 << std::min<std::uint32_t>(failures - 1, 10));
  return std::min<std::chrono::milliseconds>(doubled, longest_pause);
}

}  // namespace

start_hooks::start_hooks(std::shared_ptr<const entity_directory> directory, surroundings around)
    : directory_(std::move(directory)), around_(std::move(around)) {}

void start_hooks::start() {
  for (const auto& type : directory_->actions()) {
    for (std::size_t i = 0; i < type->methods().size(); ++i) {
      if (type->methods()[i].runs_at_start) call({type, i, random_uuid()});
    }
  }
}

void start_hooks::call(const hook& what) {
  if (stopped_) return;
  const auto& method = *what.type->methods()[what.method].descriptor;
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  command c{};
  c.target = what.type->key(std::string(no_id));
  c.method = &method;
  c.request.reset(factory->GetPrototype(method.input_type())->New());
  c.idempotency_key = what.identity;
  c.reply = [self = shared_from_this(), what](const outcome& o) { self->called(what, o.result); };
  around_.hand_over(std::move(c));
}

void start_hooks::called(hook what, const status& ended) {
  const auto& method = what.type->methods()[what.method];
  const auto& name = method.descriptor->full_name();
  if (ended.ok()) return log_info(name + " has run, as it does at start");
  if (stopped_) return;
  if (what.failures >= method.retries_max) {
    return log_error(name + " has failed at start, and is not called again: " + to_string(ended));
  }
  auto pause = pause_after(++what.failures);
  log_warning(name + " has failed at start, and is called again in " +
              std::to_string(pause.count()) + " ms: " + to_string(ended));
  around_.later(pause, [self = shared_from_this(), what] { self->call(what); });
}

}  // namespace perdure::actors
