#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

// UUIDs (RFC 4122) as text: "9b2d61c4-3f0e-4a7b-8d15-60c2f7a1e934", in lower case. They name
// commands, and entities whose id nobody chose. Any thread.

namespace perdure {

// A version 4 UUID: 122 bits of the system's source of randomness, so that nobody guesses one. Most
// calls make no system call.
std::string random_uuid();

// The same for the same parts, in every process and on every machine, and of the shape of a version
// 4 UUID. Stored ids depend on it, so it can never change. Not a secret: who knows the parts knows
// the UUID.
std::string uuid_of(std::initializer_list<std::string_view> parts);

// The UUID in lower case; nullopt when `text` is none. Of any version; without braces or prefix.
std::optional<std::string> parse_uuid(std::string_view text);

}  // namespace perdure
