// A group of steps on its way into Redis: one script a step, all sent before the first answer is
// read. Before: persistence/redis_step_store.cpp. What runs there: persistence/redis_scripts.hpp.

#include "persistence/redis_group.hpp"

#include <utility>

#include "base/check.hpp"
#include "base/log.hpp"
#include "persistence/redis_records.hpp"
#include "persistence/redis_scripts.hpp"
#include "persistence/sequence_check.hpp"

namespace perdure::persistence {
namespace {

status unknown_outcome(const std::string& why) {
  return {status_code::unavailable,
          "Redis did not answer (" + why + "); the command may or may not have taken effect"};
}

status not_written(const std::string& why) {
  return {status_code::unavailable,
          "Redis could not be written: " + why + ". The command has not taken effect"};
}

status damaged(const std::string& key, const std::string& what) {
  return {status_code::data_loss, "Redis key " + printable(key) + ": " + what};
}

}  // namespace

redis_group_writer::redis_group_writer(std::unique_ptr<redis_connection> redis, settings how)
    : redis_(std::move(redis)),
      how_(std::move(how)),
      retention_(std::to_string(how_.retention.count())) {}

result<std::unique_ptr<redis_group_writer>> redis_group_writer::open(
    std::unique_ptr<redis_connection> redis, settings how) {
  std::unique_ptr<redis_group_writer> opened(
      new redis_group_writer(std::move(redis), std::move(how)));
  if (auto loaded = opened->load_script(); !loaded.ok()) return loaded;
  return opened;
}

status redis_group_writer::load_script() {
  auto answer = redis_->call({"SCRIPT", "LOAD", redis_scripts::step});
  if (!answer) return answer.error();
  if (answer->is_error()) return status_of_error("SCRIPT LOAD", *answer);
  script_ = answer->text();
  return {};
}

std::vector<status> redis_group_writer::commit(std::span<const step> group,
                                               std::uint64_t generation) {
  std::vector<status> statuses(group.size());
  std::vector<sending> steps;
  entities_.clear();
  for (std::size_t i = 0; i < group.size(); ++i) {
    const auto& s = group[i];
    PERDURE_CHECK(s.kind != step_kind::mail_only);
    auto& before = entities_.find_or_add(entities::hash_of(s.entity), s.entity);
    if (before.has_failed) {
      statuses[i] = earlier_step_failed(s);
    } else if (statuses[i] = check_generation(s, generation); !statuses[i].ok()) {
      before.has_failed = true;
    } else {
      auto mark = how_.fence + "." + std::to_string(++steps_);
      steps.push_back({i, mark, std::exchange(before.mark, mark)});
    }
  }
  refusals_ = 0;
  auto unknown_script = exchange(group, std::move(steps), statuses);
  if (!unknown_script.empty()) send_again(group, std::move(unknown_script), statuses);
  if (lost_.ok() && refusals_ == 0 && std::exchange(refused_, false)) {
    log_info("Redis takes writes again");
  }
  return statuses;
}

// Somebody has flushed Redis' scripts, so these steps have not run.
void redis_group_writer::send_again(std::span<const step> group, std::vector<sending> steps,
                                    std::vector<status>& statuses) {
  if (auto loaded = load_script(); !loaded.ok()) {
    lost_ = loaded;
  } else {
    steps = exchange(group, std::move(steps), statuses);
  }
  for (const auto& sent : steps) statuses[sent.at] = not_written("it does not keep our script");
}

// Sends the steps and takes the answers. Gives those that have not run because the script is
// unknown.
std::vector<redis_group_writer::sending> redis_group_writer::exchange(
    std::span<const step> group, std::vector<sending> steps, std::vector<status>& statuses) {
  if (steps.empty()) return {};
  for (const auto& sent : steps) add(group[sent.at], sent);
  auto until = redis_->deadline();
  if (auto sent = redis_->send(until); !sent.ok()) lost_ = sent;
  std::vector<sending> unknown_script;
  for (auto& sent : steps) {
    const auto& s = group[sent.at];
    if (redis_->is_lost()) {
      statuses[sent.at] = unknown_outcome(lost_.message());
      continue;
    }
    auto answer = redis_->receive(until);
    if (!answer) {
      lost_ = answer.error();
      statuses[sent.at] = unknown_outcome(lost_.message());
    } else if (answer->is_error() && has_code(*answer, "NOSCRIPT")) {
      unknown_script.push_back(std::move(sent));
    } else {
      statuses[sent.at] = judge(s, *answer);
    }
  }
  return unknown_script;
}

const redis_keys& redis_group_writer::keys_of(const step& s) const {
  auto count = static_cast<std::uint32_t>(how_.shards.size());
  return how_.shards[value(shard_of(s.entity.id, count))];
}

void redis_group_writer::add(const step& s, const sending& sent) {
  const auto& keys = keys_of(s);
  auto entity = keys.entity(s.entity);
  auto events = keys.events(s.entity);
  std::string reply_key, reply, outcome_key, outcome, outbox, state, handled;
  if (s.key) {
    reply_key = keys.reply(s.entity, *s.key);
    reply = redis_records::encode_reply(reply_key, s.time, s.reply);
  }
  if (s.mail) {
    PERDURE_CHECK(!s.mail->fired && !s.mail->relayed);
    if (s.mail->outcome) {
      outcome_key = keys.outcome(s.entity, s.mail->outcome->command_id);
      outcome = redis_records::encode_outcome(outcome_key, s.time, *s.mail->outcome);
    }
    if (s.mail->handled) handled = std::to_string(value(*s.mail->handled));
    if (sends_something(*s.mail)) outbox = redis_records::encode_outbox(keys.outbox(), s);
  }
  std::vector<std::string> log;
  auto sequence = s.expected;
  for (const auto& event : s.events) {
    sequence = sequence + 1;
    log.push_back(redis_records::encode_event(keys.log(), s, sequence, event));
  }
  if (!s.events.empty() && s.events.back().is_deletion()) {
    state = redis_records::encode_state(entity, {s.last(), {}, {}});
  } else if (s.kind == step_kind::key_value && !s.events.empty()) {
    PERDURE_CHECK(s.events.size() == 1);
    const auto& [type, payload, metadata] = s.events.front();
    state = redis_records::encode_state(entity, {s.last(), type, payload, s.expires});
  } else if (s.snapshot) {
    state = redis_records::encode_state(entity,
                                        {s.last(), s.snapshot->state_type, s.snapshot->payload});
  }

  auto key_count = std::to_string(5 + !reply.empty() + !outcome.empty());
  std::vector<std::string_view> command{"EVALSHA", script_,    key_count, keys.shard(),
                                        entity,    keys.log(), events,    keys.outbox()};
  if (!reply.empty()) command.push_back(reply_key);
  if (!outcome.empty()) command.push_back(outcome_key);
  auto expected = std::to_string(value(s.expected));
  auto last = std::to_string(value(s.last()));
  command.insert(command.end(), {how_.fence, sent.mark, sent.previous, expected, last,
                                 s.kind == step_kind::key_value ? "key_value" : "event_sourced",
                                 handled, state, outbox, reply, outcome, retention_});
  command.insert(command.end(), log.begin(), log.end());
  redis_->add(command);
}

// What the answer to a step says.
status redis_group_writer::judge(const step& s, const redis_value& answer) {
  if (answer.is_error()) return judge_error(s, answer);
  if (answer.is_integer()) {
    if (s.mail) s.mail->posted = outbox_offset{static_cast<std::uint64_t>(answer.integer())};
    return {};
  }
  const auto& keys = keys_of(s);
  auto reason = answer[0].text();
  auto found = std::string(answer[1].text());
  if (reason == "previous") return earlier_step_failed(s);
  if (reason == "sequence") {
    auto last = answer[1].number();
    if (!last) return damaged(keys.entity(s.entity), "its sequence is no number: " + found);
    return check_expected(s, sequence_nr{*last});
  }
  if (reason == "handled") {
    return {status_code::aborted, to_string(s.entity) + " has handled its mail up to " + found +
                                      " already; load the entity again"};
  }
  if (reason == "index") {
    return damaged(keys.events(s.entity), "it holds " + found + " events, but the entity is at " +
                                              std::to_string(value(s.expected)));
  }
  lost_ = {status_code::unavailable, "somebody else has written " + keys.shard()};
  return not_written("the store has to be opened anew, which it does by itself");
}

status redis_group_writer::judge_error(const step& s, const redis_value& error) {
  const auto& keys = keys_of(s);
  if (has_code(error, "WRONGTYPE")) {
    return damaged(keys.entity(s.entity), "other data stands there or where its events should");
  }
  if (error.text().find("specified in XADD") != std::string_view::npos) {
    return damaged(keys.shard(), "what it says of the shard's streams is older than they are");
  }
  auto refused = status_of_error("writing", error);
  ++refusals_;
  if (!std::exchange(refused_, true)) {
    log_error("Redis refuses to be written: " + refused.message() + " (" +
              std::string(error.text()) + "); commands that need it are answered UNAVAILABLE");
  }
  // Such an error says that this is not the server it was, or that we are not who we were.
  if (refused.code() == status_code::failed_precondition) lost_ = refused;
  return not_written(refused.message());
}

}  // namespace perdure::persistence
