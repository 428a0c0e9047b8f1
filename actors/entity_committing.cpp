// Command path: the step is on its way to the disk; once durable, reply, and let go of what
// waited on it. Before: persistence/group_commit.cpp. Next: gateway/command_endpoint.cpp.

#include "actors/entity_committing.hpp"

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
  flight(std::shared_ptr<std::atomic<std::size_t>> all,
         std::shared_ptr<const entity_positions> told)
      : all_waiting_bytes(std::move(all)), positions(std::move(told)) {}

  std::atomic<std::uint64_t> settled{0};  // steps whose fate is known
  std::atomic<bool> failed{false};        // set before the failed step counts as settled
  std::atomic<std::size_t> waiting_bytes{0};
  const std::shared_ptr<std::atomic<std::size_t>> all_waiting_bytes;
  const std::shared_ptr<const entity_positions> positions;

  void begin_waiting(std::size_t bytes) {
    waiting_bytes += bytes;
    *all_waiting_bytes += bytes;
  }
  void end_waiting(std::size_t bytes) {
    waiting_bytes -= bytes;
    *all_waiting_bytes -= bytes;
  }

  // What a reply that depends on everything settled so far may say.
  outcome verdict(outcome answer) const {
    if (failed) return unknown_outcome();
    if (answer.result.ok()) answer.positions = positions->now();
    return answer;
  }
};

entity_committing::entity_committing(persistence::group_commit& commits, entity_kind kind,
                                     entity_positions positions, std::shared_ptr<dispatcher> others,
                                     std::shared_ptr<std::atomic<std::size_t>> all_waiting_bytes)
    : commits_(commits),
      kind_(kind),
      positions_(std::make_shared<const entity_positions>(std::move(positions))),
      others_(std::move(others)),
      all_waiting_bytes_(std::move(all_waiting_bytes)),
      flight_(std::make_shared<flight>(all_waiting_bytes_, positions_)) {}

void entity_committing::submit(persistence::step s, outcome answer, reply_to reply) {
  ++submitted_;
  forget_durable_keys();
  if (s.key) {
    keyed_.push_back({submitted_, flat(*s.key)});
    replies_[keyed_.back().key] = s.reply;
  }
  auto bytes = persistence::bytes_of(s) + answer.reply.size();
  flight_->begin_waiting(bytes);
  auto tell = teller_of(s);
  s.is_void = {flight_, &flight_->failed};
  commits_.submit(std::move(s),
                  [flight = flight_, bytes, answer = std::move(answer), reply = std::move(reply),
                   tell = std::move(tell)](const status& stored) mutable {
                    bool first_failure = !stored.ok() && !flight->failed.exchange(!stored.ok());
                    ++flight->settled;
                    // Nothing is unknown about a step that was refused because the entity is
                    // damaged.
                    bool damaged = first_failure && stored.code() == status_code::data_loss;
                    reply(damaged ? outcome{stored, {}} : flight->verdict(std::move(answer)));
                    flight->end_waiting(bytes);
                    if (tell) tell(stored.ok());
                  });
}

// Tells the others of what the step sends, once it is durable or has failed; null when there is
// nothing.
std::function<void(bool)> entity_committing::teller_of(const persistence::step& s) const {
  if (!s.mail || !persistence::sends_something(*s.mail)) return nullptr;
  return [others = others_, kind = kind_, entity = s.entity, time = s.time,
          effects = s.mail](bool is_durable) {
    is_durable ? others->committed(kind, entity, time, effects) : others->failed(kind, entity);
  };
}

void entity_committing::release(outcome answer, reply_to reply) {
  if (flight_->settled == submitted_) {
    reply(flight_->verdict(std::move(answer)));
    return;
  }
  auto bytes = answer.reply.size();
  flight_->begin_waiting(bytes);
  commits_.submit_barrier([flight = flight_, bytes, answer = std::move(answer),
                           reply = std::move(reply)](const status&) mutable {
    reply(flight->verdict(std::move(answer)));
    flight->end_waiting(bytes);
  });
}

const persistence::recorded_reply* entity_committing::find_reply(
    const persistence::idempotency_key& key) {
  forget_durable_keys();
  auto found = replies_.find(flat(key));
  return found == replies_.end() ? nullptr : &found->second;
}

bool entity_committing::failed() const { return flight_->failed; }

std::size_t entity_committing::waiting_bytes() const { return flight_->waiting_bytes; }

void entity_committing::reset() {
  PERDURE_CHECK(flight_->settled == submitted_);
  flight_ = std::make_shared<flight>(all_waiting_bytes_, positions_);
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
