// Who waits for commands that are handled elsewhere. Used by actors/entity_ready.cpp for what it
// forwards and awaits, by actors/entity_router.cpp for calls that go by the mailbox, and told of
// outcomes by actors/mail_delivery.cpp.

#include "actors/command_waiters.hpp"

#include <utility>

namespace perdure::actors {

void command_waiters::add(const std::string& command_id, timestamp deadline, reply_to reply) {
  std::lock_guard lock(mutex_);
  waiting_.emplace(command_id, waiter{deadline, std::move(reply)});
}

void command_waiters::settle(const std::string& command_id, const outcome& ended) {
  for (const auto& reply : take(command_id)) reply(ended);
}

std::vector<reply_to> command_waiters::take(const std::string& command_id) {
  std::vector<reply_to> taken;
  std::lock_guard lock(mutex_);
  if (waiting_.empty()) return taken;
  auto [first, last] = waiting_.equal_range(command_id);
  for (auto it = first; it != last; ++it) taken.push_back(std::move(it->second.reply));
  waiting_.erase(first, last);
  return taken;
}

void command_waiters::expire(timestamp now) {
  std::vector<reply_to> expired;
  {
    std::lock_guard lock(mutex_);
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      if (it->second.deadline > now) {
        ++it;
        continue;
      }
      expired.push_back(std::move(it->second.reply));
      it = waiting_.erase(it);
    }
  }
  for (const auto& reply : expired) {
    reply({{status_code::deadline_exceeded,
            "the command was accepted, but had not ended by the deadline; it will be handled"},
           {}});
  }
}

void when_all_ended(command_waiters& waiters, const std::vector<std::string>& command_ids,
                    timestamp deadline, std::function<void()> then) {
  auto left = std::make_shared<std::atomic<std::size_t>>(command_ids.size());
  auto shared_then = std::make_shared<std::function<void()>>(std::move(then));
  for (const auto& id : command_ids) {
    waiters.add(id, deadline, [left, shared_then](const outcome&) {
      if (--*left == 0) (*shared_then)();
    });
  }
}

}  // namespace perdure::actors
