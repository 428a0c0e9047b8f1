// What a group of steps sets off: mail, timers, command records and what they relay, in the bytes
// of rocksdb_keys and rocksdb_mail_records.

#include "persistence/rocksdb_staged_mail.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "persistence/mail_check.hpp"
#include "persistence/rocksdb_keys.hpp"
#include "persistence/rocksdb_mail_records.hpp"

namespace perdure::persistence {

void staged_mail::begin() {
  topics_.begin();
  timers_.clear();
  handled_.clear();
  accepted_.clear();
  added_.clear();
  removed_.clear();
  first_due_ = timestamp::max();
  has_numbers_ = false;
  has_timers_ = false;
}

status staged_mail::check(const rocksdb_database& database, const mailbox_table& mailboxes,
                          store_counters& counters, shard_id shard, const step& s) {
  const auto& mail = *s.mail;
  if (mail.relayed) {
    auto last = counters.relayed[value(shard)];
    if (auto fits = check_relayed(s, last); !fits.ok()) return fits;
  }
  if (handles_what_stands(s)) {
    bool is_there = mailboxes.contains(s.entity, *mail.handled);
    if (!is_there || is_handled(s.entity, *mail.handled)) return already_handled(s);
  }
  for (const auto& change : mail.timers) {
    auto timer = look_up(database, timer_key(owner_of_timers(s), change.name));
    if (!timer) return timer.error();
  }
  if (mail.fired) {
    const auto& fired = mail.fired->timer;
    auto timer = look_up(database, timer_key(fired.owner, fired.name));
    if (!timer) return timer.error();
    if (!(*timer)->is_set || (*timer)->last.version != fired.version) {
      return timer_has_changed(fired);
    }
  }
  return topics_.check(database, counters, s);
}

bool staged_mail::is_handled(const entity_key& target, mail_position position) const {
  auto same = [&](const auto& r) { return r.position == position && *r.target == target; };
  return handled_.contains(position) && std::ranges::any_of(removed_, same);
}

// What the timer is after the staged steps. Where there is none, bloom filters nearly always say
// so.
result<staged_mail::known_timer*> staged_mail::look_up(const rocksdb_database& database,
                                                       const std::string& key) {
  auto known = timers_.find(key);
  if (known == timers_.end()) {
    auto read = read_timer_version(database, key);
    if (!read) return read.error();
    known_timer timer;
    if (*read) timer = {true, **read};
    known = timers_.emplace(key, timer).first;
  }
  return &known->second;
}

void staged_mail::stage(const rocksdb_database& database, const step& s, shard_id shard,
                        store_counters& counters) {
  auto& mail = *s.mail;
  if (mail.relayed) {
    counters.relayed[value(shard)] = *mail.relayed;
    auto key = relayed_key(shard);
    value_ = encode_number(record_kind::relayed, key, value(*mail.relayed), std::move(value_));
    put(database.db().DefaultColumnFamily(), key);
  }
  if (mail.handled) {
    remove(database.mailbox(), mailbox_key(s.entity, *mail.handled));
    handled_.insert(*mail.handled);
    removed_.push_back({&s.entity, *mail.handled});
  }
  for (auto& m : mail.mail) stage_mail(database, m, s.time, counters);
  for (const auto& change : mail.timers) {
    auto key = timer_key(owner_of_timers(s), change.name);
    if (change.set) {
      set_timer(database, key, within_bounds(*change.set), counters);
    } else {
      cancel_timer(database, key);
    }
  }
  if (mail.fired) stage_fired(database, s, counters);
  if (mail.outcome) stage_outcome(database, s);
  topics_.stage(database, s, counters);
}

void staged_mail::stage_mail(const rocksdb_database& database, new_mail& mail, hybrid_time time,
                             store_counters& counters) {
  mail.position = mail_position{++counters.last_number};
  has_numbers_ = true;
  auto key = mailbox_key(mail.target, mail.position);
  value_ = encode_mail(key, mail, time, std::move(value_));
  put(database.mailbox(), key);
  added_.push_back({&mail.target, {mail.position, bytes_of(mail)}});
  if (mail.command_id.empty()) return;
  value_ = encode_command(mail.command_id, {mail.target, mail.method, time, false, {}, {}},
                          std::move(value_));
  put(database.commands(), mail.command_id);
  accepted_[mail.command_id] = mail.method;
}

void staged_mail::set_timer(const rocksdb_database& database, const std::string& key,
                            const timer_change::timer& timer, store_counters& counters) {
  auto& known = timers_.at(key);
  if (known.is_set) remove(database.due(), due_key(known.last.due, key));
  known = {true, {++counters.last_number, timer.due}};
  has_numbers_ = true;
  value_ = encode_timer(key, known.last.version, timer, std::move(value_));
  put(database.timers(), key);
  auto in_due = due_key(timer.due, key);
  value_ = encode_number(record_kind::due, in_due, known.last.version, std::move(value_));
  put(database.due(), in_due);
  first_due_ = std::min(first_due_, timer.due);
  has_timers_ = true;
}

void staged_mail::cancel_timer(const rocksdb_database& database, const std::string& key) {
  auto& known = timers_.at(key);
  if (!known.is_set) return;
  remove(database.due(), due_key(known.last.due, key));
  remove(database.timers(), key);
  known.is_set = false;
}

void staged_mail::stage_fired(const rocksdb_database& database, const step& s,
                              store_counters& counters) {
  auto& [timer, now] = *s.mail->fired;
  auto key = timer_key(timer.owner, timer.name);
  stage_mail(database, timer.timer.what, s.time, counters);
  if (timer.timer.period > std::chrono::milliseconds{}) {
    auto again = timer.timer;
    again.due = due_again(timer.timer, now);
    set_timer(database, key, again, counters);
  } else {
    cancel_timer(database, key);
  }
}

// What the command was is known since it was accepted; should that be damaged, its outcome is worth
// more.
void staged_mail::stage_outcome(const rocksdb_database& database, const step& s) {
  const auto& [command_id, result, reply] = *s.mail->outcome;
  command_record record{s.entity, {}, s.time, true, result, reply};
  if (auto staged = accepted_.find(command_id); staged != accepted_.end()) {
    record.method = staged->second;
  } else if (auto stored = read_command(database, command_id); stored && *stored) {
    record.method = std::move((*stored)->method);
  }
  value_ = encode_command(command_id, record, std::move(value_));
  put(database.commands(), command_id);
}

void staged_mail::stage_last_number(const rocksdb_database& database,
                                    const store_counters& counters) {
  if (!has_numbers_) return;
  value_ =
      encode_number(record_kind::number, last_number_key, counters.last_number, std::move(value_));
  put(database.db().DefaultColumnFamily(), std::string(last_number_key));
}

void staged_mail::show(mailbox_table& mailboxes, due_timers& timers, topic_table& topics) const {
  if (!added_.empty() || !removed_.empty()) mailboxes.change(added_, removed_);
  if (has_timers_) timers.added(first_due_);
  topics_.show(topics);
}

void staged_mail::put(rocksdb::ColumnFamilyHandle* family, const std::string& key) {
  PERDURE_CHECK(batch_.Put(family, key, value_).ok());
}

void staged_mail::remove(rocksdb::ColumnFamilyHandle* family, const std::string& key) {
  PERDURE_CHECK(batch_.Delete(family, key).ok());
}

}  // namespace perdure::persistence
