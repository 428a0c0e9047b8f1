#pragma once

#include <string>

#include "perdure/admin.pb.h"
#include "persistence/topic.hpp"
#include "pubsub/subscription.hpp"

// What an administrator is shown, in the words of admin.proto.

namespace perdure::runtime {

admin::v1::Subscription shown(const pubsub::subscription_status& now);

admin::v1::HeldMessage shown(const persistence::stored_held_message& held);

// A key as text, and back: what is no UTF-8 is "hex:" and its bytes in hex.
std::string shown_key(const std::string& key);
std::string key_shown_as(const std::string& text);

}  // namespace perdure::runtime
