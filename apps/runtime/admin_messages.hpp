#pragma once

#include <string>

#include "perdure/admin.pb.h"
#include "persistence/topic.hpp"
#include "pubsub/subscription.hpp"
#include "views/view_home.hpp"

// What an administrator is shown, in the words of admin.proto.

namespace perdure::runtime {

admin::v1::Subscription shown(const pubsub::subscription_status& now);

admin::v1::HeldMessage shown(const persistence::stored_held_message& held);

admin::v1::View shown(const views::view_status& now);

admin::v1::HeldByView shown(const views::held_message& held);

// An encoded message of the type of this name, and a request of the rpc of this name, as JSON;
// empty where they are not compiled into the process, larger than 1 MiB, or no such message.
std::string json_of_type(const std::string& type, const std::string& encoded);
std::string json_of_request(const std::string& method, const std::string& encoded);

// A key as text, and back: what is no UTF-8 is "hex:" and its bytes in hex.
std::string shown_key(const std::string& key);
std::string key_shown_as(const std::string& text);

}  // namespace perdure::runtime
