// Command path: the step is on its way to the disk; once durable, reply, and let go of what
// waited on it. Before: persistence/group_commit.cpp. Next: gateway/command_endpoint.cpp.

#include "actors/entity_committing.hpp"

#include <atomic>

#include "base/check.hpp"

namespace perdure::actors {
namespace {

outcome unknown_outcome() {
  return {{status_code::unavailable,
           "unknown outcome: the store failed while the command was being stored; retry it with "
           "an idempotency key, or look at the entity first"},
          {}};
}

std::string flat(const persistence::idempotency_key& key) { return key.method + '\0' + key.key; }

}  // namespace

struct entity_committing::flight {
  std::atomic<std::uint64_t> settled{0};  // steps whose fate is known
  std::atomic<bool> failed{false};        // set before the failed step counts as settled

  // What a reply that depends on everything settled so far may say.
  outcome verdict(outcome answer) const {
    if (failed && answer.result.code() != status_code::data_loss) return unknown_outcome();
    return answer;
  }
};

entity_committing::entity_committing(persistence::group_commit& commits)
    : commits_(commits), flight_(std::make_shared<flight>()) {}

void entity_committing::submit(persistence::step s, outcome answer, reply_to reply) {
  ++submitted_;
  forget_durable_keys();
  if (s.key) {
    keyed_.push_back({submitted_, flat(*s.key)});
    replies_[keyed_.back().key] = s.reply;
  }
  commits_.submit(std::move(s), [flight = flight_, answer = std::move(answer),
                                 reply = std::move(reply)](const status& stored) mutable {
    if (stored.code() == status_code::data_loss) answer = {stored, {}};
    if (!stored.ok()) flight->failed = true;
    ++flight->settled;
    reply(flight->verdict(std::move(answer)));
  });
}

void entity_committing::release(outcome answer, reply_to reply) {
  if (flight_->settled == submitted_) {
    reply(flight_->verdict(std::move(answer)));
    return;
  }
  commits_.submit_barrier([flight = flight_, answer = std::move(answer),
                           reply = std::move(reply)](const status&) mutable {
    reply(flight->verdict(std::move(answer)));
  });
}

const persistence::recorded_reply* entity_committing::find_reply(
    const persistence::idempotency_key& key) {
  forget_durable_keys();
  auto found = replies_.find(flat(key));
  return found == replies_.end() ? nullptr : &found->second;
}

bool entity_committing::failed() const { return flight_->failed; }

void entity_committing::reset() {
  PERDURE_CHECK(flight_->settled == submitted_);
  flight_ = std::make_shared<flight>();
  submitted_ = 0;
  keyed_.clear();
  replies_.clear();
}

void entity_committing::forget_durable_keys() {
  auto settled = flight_->settled.load();
  while (!keyed_.empty() && keyed_.front().number <= settled) {
    replies_.erase(keyed_.front().key);
    keyed_.pop_front();
  }
}

}  // namespace perdure::actors
