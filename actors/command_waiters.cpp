// Who waits for commands that are handled elsewhere. Used by actors/entity_ready.cpp for what it
// forwards and awaits, by actors/exchange.cpp for calls that go by the mailbox, and told of
// outcomes by actors/mail_delivery.cpp.

#include "actors/command_waiters.hpp"

#include <utility>

#include "base/log_position.hpp"

namespace perdure::actors {
namespace {

outcome not_ended() {
  return {{status_code::deadline_exceeded,
           "the command was accepted, but had not ended by the deadline; it will be handled"},
          {}};
}

}  // namespace

void command_waiters::add(const std::string& command_id, timestamp deadline, reply_to reply) {
  std::lock_guard lock(mutex_);
  waiting_.emplace(command_id, waiter{deadline, std::move(reply)});
}

void command_waiters::settle(const std::string& command_id, const outcome& ended) {
  for (const auto& [deadline, reply] : take(command_id)) reply(ended);
}

std::vector<command_waiters::waiter> command_waiters::take(const std::string& command_id) {
  std::vector<waiter> taken;
  std::lock_guard lock(mutex_);
  if (waiting_.empty()) return taken;
  auto [first, last] = waiting_.equal_range(command_id);
  for (auto it = first; it != last; ++it) taken.push_back(std::move(it->second));
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
  for (const auto& reply : expired) reply(not_ended());
}

void reply_when_ended(command_waiters& waiters, const std::vector<std::string>& command_ids,
                      timestamp deadline, outcome answer, reply_to reply) {
  struct awaiting {
    std::atomic<std::size_t> left;
    std::atomic<bool> is_late{false};
    outcome answer;
    reply_to reply;
    std::mutex mutex = {};  // of answer.positions

    void add(const std::string& positions) {
      if (positions.empty()) return;
      std::lock_guard lock(mutex);
      answer.positions = merged_positions(answer.positions, positions);
    }
  };
  auto all =
      std::make_shared<awaiting>(command_ids.size(), false, std::move(answer), std::move(reply));
  for (const auto& id : command_ids) {
    waiters.add(id, deadline, [all](const outcome& ended) {
      if (!ended.left_mailbox) all->is_late = true;
      all->add(ended.positions);
      if (--all->left == 0) all->reply(all->is_late ? not_ended() : std::move(all->answer));
    });
  }
}

namespace {

// Tells beside what it is told where another step has got to before.
reply_to with_positions(std::string before, reply_to reply) {
  if (before.empty()) return reply;
  return [before = std::move(before), reply = std::move(reply)](outcome o) {
    if (o.result.ok()) o.positions = merged_positions(before, o.positions);
    reply(std::move(o));
  };
}

// Of a command that goes on from here by mail, under the same id.
reply_to telling_of_forwarder(command_waiters& waiters, const std::string& id, reply_to reply) {
  return [&waiters, id, reply = std::move(reply)](outcome o) {
    if (!o.positions.empty()) {
      for (auto& [deadline, caller] : waiters.take(id)) {
        waiters.add(id, deadline, with_positions(o.positions, std::move(caller)));
      }
    }
    reply(std::move(o));
  };
}

}  // namespace

reply_to reply_after(command_waiters& waiters, command& c, sent_by_step sent) {
  auto reply = std::exchange(c.reply, nullptr);
  if (c.mail) {
    if (c.command_id.empty()) return reply;
    if (sent.forwarded) return telling_of_forwarder(waiters, c.command_id, std::move(reply));
    if (sent.awaited.empty()) return reply;
    // Not the mailbox waits, but who has called.
    return [&waiters, id = c.command_id, awaited = std::move(sent.awaited), reply](outcome o) {
      if (o.left_mailbox && !o.was_forwarded) {
        for (auto& [deadline, caller] : waiters.take(id)) {
          reply_when_ended(waiters, awaited, deadline, o, std::move(caller));
        }
      }
      reply(std::move(o));
    };
  }
  if (sent.forwarded) {
    return [&waiters, id = *sent.forwarded, deadline = c.deadline, reply](outcome o) {
      if (!o.result.ok()) return reply(std::move(o));
      waiters.add(id, deadline, with_positions(std::move(o.positions), reply));
    };
  }
  if (sent.awaited.empty()) return reply;
  return [&waiters, awaited = std::move(sent.awaited), deadline = c.deadline, reply](outcome o) {
    if (!o.result.ok()) return reply(std::move(o));
    reply_when_ended(waiters, awaited, deadline, std::move(o), reply);
  };
}

}  // namespace perdure::actors
