#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "actors/command.hpp"
#include "gateway/command_lookup.hpp"

namespace perdure::gateway::testing {

// Stands where the router would when it is asked what became of a command: knows what a test tells
// it, and answers from another thread, as the router does.
class known_commands {
 public:
  // What is told to those who ask for `id`.
  void tell(const std::string& id, result<std::optional<actors::command_status>> known) {
    std::lock_guard lock(mutex_);
    known_.insert_or_assign(id, std::move(known));
  }

  // What destinations::own is.
  std::function<void(actors::command)> own() {
    return [find = finder()](actors::command c) { look_up(std::move(c), find); };
  }

  find_command finder() {
    return [this](std::string id,
                  std::function<void(result<std::optional<actors::command_status>>)> found) {
      std::lock_guard lock(mutex_);
      result<std::optional<actors::command_status>> answer(std::nullopt);
      if (auto at = known_.find(id); at != known_.end()) answer = at->second;
      answering_.emplace_back(
          [answer = std::move(answer), found = std::move(found)] { found(answer); });
    };
  }

 private:
  std::mutex mutex_;
  std::map<std::string, result<std::optional<actors::command_status>>> known_;
  std::vector<std::jthread> answering_;
};

}  // namespace perdure::gateway::testing
