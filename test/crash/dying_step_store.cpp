// Stores in which the process may die. Above everything else, so that what they let pass goes
// straight to the replies.

#include "test/crash/dying_step_store.hpp"

#include <algorithm>

#include "test/crash/activity.hpp"

namespace perdure::test {
namespace {

using persistence::step;

// Whether a group has a step whose mail is such.
template <class Predicate>
bool has_mail(std::span<const step> group, Predicate is_such) {
  return std::ranges::any_of(group, [&](const step& s) { return s.mail && is_such(s, *s.mail); });
}

bool moves(const step&, const persistence::mail_effects& e) { return !e.topics.cursors.empty(); }
bool sends(const step&, const persistence::mail_effects& e) { return !e.mail.empty(); }
bool fires(const step&, const persistence::mail_effects& e) { return e.fired.has_value(); }
bool relays(const step&, const persistence::mail_effects& e) { return e.relayed.has_value(); }
bool handles(const step& s, const persistence::mail_effects& e) {
  return e.handled && s.kind != persistence::step_kind::mail_only;
}
bool takes_out(const step& s, const persistence::mail_effects& e) {
  return e.handled && s.kind == persistence::step_kind::mail_only;
}

}  // namespace

std::vector<status> dying_step_store::commit(std::span<const step> group) {
  auto passes_if = [&](bool has, point p) {
    if (has) dies_.passes(p);
  };
  passes_if(has_mail(group, fires), point::timer_due);
  passes_if(has_mail(group, relays), point::relay_begin);
  passes_if(has_mail(group, takes_out), point::take_out);
  passes_if(has_mail(group, moves), point::cursor_moves);
  dies_.passes(point::before_commit);
  bool has_snapshot =
      std::ranges::any_of(group, [](const auto& s) { return s.snapshot.has_value(); });
  current_activity = has_snapshot ? activity::snapshot_commit : activity::commit;
  auto statuses = inner().commit(group);
  current_activity = activity::other;
  dies_.passes(point::after_commit);
  passes_if(has_mail(group, moves), point::cursor_moved);
  passes_if(has_mail(group, sends), point::mail_durable);
  passes_if(has_mail(group, handles), point::mail_handled);
  passes_if(has_mail(group, fires), point::timer_fired);
  passes_if(has_mail(group, relays), point::relay_end);
  return statuses;
}

result<persistence::history> dying_step_store::load(const entity_key& entity) {
  auto loaded = inner().load(entity);
  dies_.passes(point::load);
  return loaded;
}

result<std::vector<persistence::stored_event>> dying_step_store::read_log(shard_id shard,
                                                                          log_offset from,
                                                                          std::size_t bytes_max) {
  auto page = inner().read_log(shard, from, bytes_max);
  if (page.ok() && !page->empty()) dies_.passes(point::page_read);
  return page;
}

result<std::vector<persistence::stored_message>> dying_step_store::read_topic(
    const std::string& topic, std::uint32_t partition, topic_offset from, std::size_t bytes_max) {
  auto page = inner().read_topic(topic, partition, from, bytes_max);
  if (page.ok() && !page->empty()) dies_.passes(point::page_read);
  return page;
}

status dying_step_store::trim_topic(const std::string& topic, std::uint32_t partition,
                                    topic_offset first) {
  auto trimmed = inner().trim_topic(topic, partition, first);
  dies_.passes(point::topic_trimmed);
  return trimmed;
}

std::vector<status> dying_outbox_store::commit(std::span<const step> group) {
  dies_.passes(point::redis_before);
  auto statuses = inner().commit(group);
  dies_.passes(point::redis_after);
  return statuses;
}

result<persistence::history> dying_outbox_store::load(const entity_key& entity) {
  auto loaded = inner().load(entity);
  dies_.passes(point::load);
  return loaded;
}

status dying_outbox_store::trim_outbox(shard_id shard, outbox_offset last) {
  dies_.passes(point::outbox_trim);
  return inner().trim_outbox(shard, last);
}

}  // namespace perdure::test
