#pragma once

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/handler_pace.hpp"
#include "base/ids.hpp"
#include "perdure/action.hpp"

// An action as the actors use it: the user's model with what its descriptors say. Immutable but for
// its pace; any thread.

namespace perdure::actors {

class action_type {
 public:
  explicit action_type(action_model model);

  const action_model& model() const { return model_; }
  const std::string& name() const { return model_.service->full_name(); }

  struct method {
    const google::protobuf::MethodDescriptor* descriptor = nullptr;
    std::string out_topic;  // where its reply is published; empty: nowhere
    // It only says which messages are of no interest: there is no handler.
    bool is_ignored = false;
    // Called once when the process serves, and again when that fails, so often at most.
    bool runs_at_start = false;
    std::uint32_t retries_max = 0;

    bool streams() const {
      return descriptor->client_streaming() || descriptor->server_streaming();
    }
  };
  const std::vector<method>& methods() const { return methods_; }

  // Metadata of these names (lower case) that came with a call go along with the calls and sends of
  // its handler.
  const std::vector<std::string>& forwarded_headers() const { return forwarded_headers_; }

  // The mailbox, and the owner of timers, of this action: mailbox_type() and `id`. What is for the
  // same id is handled in order.
  entity_key key(std::string id) const;

  handler_pace& pace() const { return pace_; }

 private:
  action_model model_;
  std::vector<method> methods_;
  std::vector<std::string> forwarded_headers_;
  mutable handler_pace pace_;
};

// The id of what belongs to an action as a whole: its timers, and commands from outside.
inline constexpr std::string_view no_id = "-";

// The type of an action's mailboxes: "perdure.action/<service>".
std::string mailbox_type(const std::string& service);

// Whether a mailbox of this type is an action's.
bool is_of_action(const std::string& entity_type);

}  // namespace perdure::actors
