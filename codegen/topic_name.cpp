// Kafka's rules for the names of topics; embedded topics have the same, so that a service can move.

#include "codegen/topic_name.hpp"

#include <string_view>

#include "codegen/names.hpp"

namespace perdure::codegen {
namespace {

constexpr std::size_t size_max = 249;
constexpr std::string_view own_prefix = "perdure.";
constexpr std::string_view direct_prefix = "direct.";  // pubsub::direct_topic()
constexpr std::string_view characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

}  // namespace

std::string wrong_with_topic(const std::string& name) {
  if (name.starts_with(direct_prefix)) {
    return "begins with \"direct.\", which is kept for streams between services; name a stream by "
           "direct, or choose another";
  }
  return wrong_with_part_of_topic(name);
}

std::string wrong_with_part_of_topic(const std::string& name) {
  if (name.empty()) return "is empty; write a name";
  if (name == "." || name == "..") return "is no name in Kafka; choose another";
  if (name.size() > size_max) {
    return "has " + std::to_string(name.size()) + " characters, at most " +
           std::to_string(size_max) + " are allowed";
  }
  if (name.starts_with(own_prefix)) {
    return "begins with \"perdure.\", which is kept for our own; choose another";
  }
  if (auto bad = name.find_first_not_of(characters); bad != name.npos) {
    return "may hold only a-z, A-Z, 0-9, '-', '_' and '.', not \"" +
           first_character(name.substr(bad)) + "\"";
  }
  return "";
}

}  // namespace perdure::codegen
