// What steps set off beside their own entity's state, in the fewest words: each verb of the port
// mail_store on plain containers.

#include "persistence/memory_mail.hpp"

#include "base/check.hpp"
#include "persistence/mail_check.hpp"

namespace perdure::persistence {

memory_mail::memory_mail(std::uint32_t shard_count, std::chrono::milliseconds retention)
    : retention_(retention), relayed_(shard_count) {}

outbox_offset& memory_mail::relayed_of(const step& s) {
  return relayed_[value(shard_of(s.entity.id, static_cast<std::uint32_t>(relayed_.size())))];
}

bool memory_mail::is_relayed(const step& s) const {
  auto shard = shard_of(s.entity.id, static_cast<std::uint32_t>(relayed_.size()));
  return s.mail->relayed && *s.mail->relayed <= relayed(shard);
}

status memory_mail::check(const step& s) const {
  const auto& mail = *s.mail;
  if (mail.relayed) {
    auto shard = shard_of(s.entity.id, static_cast<std::uint32_t>(relayed_.size()));
    if (auto fits = check_relayed(s, relayed(shard)); !fits.ok()) return fits;
  }
  if (handles_what_stands(s)) {
    auto found = mailboxes_.find(s.entity);
    if (found == mailboxes_.end() || !found->second.entries.contains(*mail.handled)) {
      return already_handled(s);
    }
  }
  if (mail.fired) {
    const auto& timer = mail.fired->timer;
    auto found = timers_.find({timer.owner, timer.name});
    if (found == timers_.end() || found->second.version != timer.version) {
      return timer_has_changed(timer);
    }
  }
  return {};
}

void memory_mail::apply(const step& s) {
  auto& mail = *s.mail;
  if (mail.relayed) relayed_of(s) = *mail.relayed;
  if (mail.handled) remove(s.entity, *mail.handled);
  for (auto& m : mail.mail) put(m, s.time);
  for (const auto& change : mail.timers) {
    timer_name name{owner_of_timers(s), change.name};
    cancel(name);
    if (change.set) set(name, within_bounds(*change.set));
  }
  if (mail.fired) {
    auto& fired = mail.fired->timer;
    put(fired.timer.what, s.time);
    cancel({fired.owner, fired.name});
    if (fired.timer.period > std::chrono::milliseconds{}) {
      auto again = fired.timer;
      again.what.position = {};
      again.due = due_again(fired.timer, mail.fired->now);
      set({fired.owner, fired.name}, again);
    }
  }
  if (mail.outcome) {
    auto& record = commands_[mail.outcome->command_id];
    record.target = s.entity;
    record.time = s.time;
    record.done = true;
    record.result = mail.outcome->result;
    record.reply = mail.outcome->reply;
  }
}

void memory_mail::put(new_mail& mail, hybrid_time time) {
  mail.position = mail_position{++last_number_};
  auto& to = mailboxes_[mail.target];
  to.entries[mail.position] = {mail, time};
  to.bytes += bytes_of(mail);
  if (!mail.command_id.empty()) {
    commands_[mail.command_id] = {mail.target, mail.method, time, false, {}, {}};
  }
}

void memory_mail::remove(const entity_key& target, mail_position position) {
  auto found = mailboxes_.find(target);
  if (found == mailboxes_.end()) return;
  auto& [entries, bytes] = found->second;
  auto entry = entries.find(position);
  if (entry == entries.end()) return;
  bytes -= bytes_of(entry->second.mail);
  entries.erase(entry);
  if (entries.empty()) mailboxes_.erase(found);
}

void memory_mail::set(const timer_name& name, const timer_change::timer& timer) {
  timers_[name] = {name.first, name.second, ++last_number_, timer};
  due_.insert({timer.due, name});
}

void memory_mail::cancel(const timer_name& name) {
  auto found = timers_.find(name);
  if (found == timers_.end()) return;
  due_.erase({found->second.timer.due, name});
  timers_.erase(found);
}

std::size_t memory_mail::mail_bytes(const entity_key& target) const {
  auto found = mailboxes_.find(target);
  return found == mailboxes_.end() ? 0 : found->second.bytes;
}

std::vector<entity_key> memory_mail::entities_with_mail() const {
  std::vector<entity_key> entities;
  for (const auto& [entity, box] : mailboxes_) entities.push_back(entity);
  return entities;
}

std::vector<stored_mail> memory_mail::read_mail(const entity_key& target, mail_position after,
                                                std::size_t bytes_max) const {
  std::vector<stored_mail> page;
  auto found = mailboxes_.find(target);
  if (found == mailboxes_.end()) return page;
  const auto& entries = found->second.entries;
  std::size_t bytes = 0;
  for (auto it = entries.upper_bound(after); it != entries.end(); ++it) {
    bytes += bytes_of(it->second.mail);
    if (!page.empty() && bytes > bytes_max) break;
    page.push_back(it->second);
  }
  return page;
}

std::vector<stored_timer> memory_mail::read_due_timers(timestamp now, std::size_t max) const {
  std::vector<stored_timer> timers;
  for (const auto& [due, name] : due_) {
    if (due > now || timers.size() == max) break;
    timers.push_back(timers_.at(name));
  }
  return timers;
}

std::optional<timestamp> memory_mail::next_due() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

std::optional<command_record> memory_mail::find_command(const std::string& command_id,
                                                        timestamp now) const {
  auto found = commands_.find(command_id);
  if (found == commands_.end()) return std::nullopt;
  const auto& record = found->second;
  if (record.done && now - record.time.wall() > retention_) return std::nullopt;
  return record;
}

}  // namespace perdure::persistence
