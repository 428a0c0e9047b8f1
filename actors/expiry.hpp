#pragma once

#include <google/protobuf/descriptor.h>

#include <string_view>

// How the state of a key-value entity expires: an update that says so starts a timer of the
// entity's, whose mail erases the state, as a step of its own that subscribers see. A state that is
// past its time counts as erased even before that.

namespace perdure::actors {

// The name of that timer, and what names of the user's timers must not begin with.
inline constexpr std::string_view reserved_timer_names = "perdure.";
inline constexpr std::string_view expiry_timer = "perdure.expiry";

// The rpc of what it sends.
const google::protobuf::MethodDescriptor& expire_method();

}  // namespace perdure::actors
