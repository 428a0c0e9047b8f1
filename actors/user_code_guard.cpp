// What a failure of user code looks like to the client and in the log.

#include "actors/user_code_guard.hpp"

#include <random>
#include <string>

#include "base/log.hpp"

namespace perdure::actors {
namespace {

std::string new_correlation_id() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  constexpr char digits[] = "0123456789abcdef";
  auto bits = random();
  std::string id(12, '0');
  for (auto& c : id) {
    c = digits[bits & 15];
    bits >>= 4;
  }
  return id;
}

}  // namespace

status user_code_failed(std::string_view component, std::string_view doing, std::string_view what,
                        std::string_view detail) {
  auto id = new_correlation_id();
  log_error("[" + id + "] " + std::string(component) + ": " + std::string(doing) + " " +
            std::string(what) + " threw: " + std::string(detail));
  return {status_code::internal, "the service failed; its log has the detail under " + id};
}

}  // namespace perdure::actors
