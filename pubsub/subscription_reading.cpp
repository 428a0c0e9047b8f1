// A subscription reads: which partitions there are, page after page of each, and what to do when
// the source says something else. Before: subscription.cpp. Next: subscription_handling.cpp.

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "pubsub/log_errors.hpp"
#include "pubsub/subscription_engine.hpp"

namespace perdure::pubsub {
namespace {

// How often it asks for new partitions, and where they end.
constexpr std::chrono::milliseconds look_every{5000};
constexpr std::chrono::milliseconds source_backoff_min{100};
constexpr std::chrono::milliseconds source_backoff_max{10'000};
constexpr std::chrono::milliseconds report_every{1000};

std::size_t bytes_of(const topic_record& record) {
  std::size_t bytes = 64 + (record.payload ? record.payload->size() : 0);
  const auto& headers = record.attributes ? record.attributes->metadata : record.headers;
  for (const auto& [name, text] : headers) bytes += name.size() + text.size();
  return bytes;
}

}  // namespace

// -------------------------------------------------------------------------------------- partitions

void subscription::engine::discover(turn& t) {
  run_elsewhere(t, [this, era = era_] {
    auto* log = source_.log;
    auto count = log->partitions(source_.topic);
    std::vector<found_partition> all;
    // Who does not answer is not waited for partition by partition.
    bool is_away = false;
    for (std::uint32_t n = 0; count.ok() && n < *count && !is_away; ++n) {
      all.push_back({n, log->bounds(source_.topic, n)});
      is_away = all.back().bounds.error().code() == status_code::unavailable;
    }
    turn then(*this);
    if (!count) return found(then, era, count.error());
    found(then, era, std::move(all));
  });
}

void subscription::engine::found(turn& t, std::uint64_t era,
                                 result<std::vector<found_partition>> all) {
  if (era != era_ || is_stopping_) return;
  auto problem = all.ok() ? status() : all.error();
  for (std::size_t i = 0; all.ok() && i < all->size(); ++i) {
    const auto& [number, bounds] = (*all)[i];
    if (bounds.ok() && number < partitions_.size()) partitions_[number]->end = bounds->end;
    // What is new is begun with when all of it is known.
    if (!bounds.ok() && number >= partitions_.size()) problem = bounds.error();
  }
  if (problem.ok()) {
    source_problem_.clear();
    add_partitions(t, *all);
  } else {
    is_topic_new_ |= partitions_.empty() && problem.code() == status_code::not_found;
    auto text = description_ + " cannot be read: " + to_string(problem);
    if (std::exchange(source_problem_, text) != text) {
      log_warning("subscription \"" + name_ + "\": " + text + "; trying again");
    }
  }
  run_later(t, problem.ok() ? look_every : look_every / 5, [this, era](turn& later) {
    if (era == era_) discover(later);
  });
}

void subscription::engine::add_partitions(turn& t, const std::vector<found_partition>& found) {
  bool is_new_reader = partitions_.empty() && cursors_.empty();
  bool begins_at_end = source_.from_end && is_new_reader && !is_topic_new_;
  auto effects = std::make_shared<persistence::mail_effects>();
  for (auto number = partitions_.size(); number < found.size(); ++number) {
    const auto& there = *found[number].bounds;
    auto p = std::make_unique<partition>();
    p->number = static_cast<std::uint32_t>(number);
    p->epoch = ++epochs_;
    p->end = there.end;
    p->read = begins_at_end ? there.end : there.first;
    if (auto cursor = cursors_.find(p->number); cursor != cursors_.end()) {
      p->read = p->given = p->stored = cursor->second;
    } else if (begins_at_end) {
      // At once, so that a restart does not move it.
      p->given = there.end;
      effects->topics.cursors.push_back({name_, p->number, topic_offset{}, there.end});
    } else {
      p->stored = there.first;
    }
    if (source_.may_repeat) p->seen = std::make_shared<seen_subjects>(around_.store, name_);
    mark(*p);
    partitions_.push_back(std::move(p));
  }
  if (effects->topics.cursors.empty()) return;
  submit(t, effects, [this, effects](turn&) {
    for (const auto& c : effects->topics.cursors) partitions_[c.partition]->stored = c.next;
  });
}

subscription::engine::partition* subscription::engine::find(std::uint64_t era,
                                                            std::uint32_t number) {
  return era == era_ && number < partitions_.size() ? partitions_[number].get() : nullptr;
}

// ------------------------------------------------------------------------------------------- pages

void subscription::engine::read_on(turn& t, partition& p) {
  bool has_room = p.ahead_bytes < bounds_.page_bytes / 2;
  if (p.is_reading || p.moves > 0 || !has_room || !may_take()) return;
  p.is_reading = true;
  ++readings_;
  under_way_ += 2;  // the page, and our asking for it
  auto self = shared_from_this();
  t.after([this, self, era = era_, number = p.number, epoch = p.epoch, from = p.read] {
    source_.log->read(name_, source_.topic, number, from, bounds_.page_bytes,
                      [this, self, era, number, epoch](result<topic_page> page) {
                        page_came(era, number, epoch, std::move(page));
                      });
    asked(era, number, epoch);
  });
}

// Who has stopped the source's readings meanwhile has not met this one.
void subscription::engine::asked(std::uint64_t era, std::uint32_t number, std::uint64_t epoch) {
  turn t(*this);
  --under_way_;
  auto* p = find(era, number);
  bool counts = p && p->epoch == epoch && !is_stopping_;
  if (!counts) stop_readings(t);
}

// What they were to bring counts for nothing any more; they are told so.
void subscription::engine::stop_readings(turn& t) {
  run_elsewhere(t, [this] { source_.log->stop(name_); });
}

// Any thread. Taking the records apart, and looking up duplicates, is done elsewhere.
void subscription::engine::page_came(std::uint64_t era, std::uint32_t number, std::uint64_t epoch,
                                     result<topic_page> page) {
  turn t(*this);
  --under_way_;
  auto* p = find(era, number);
  bool counts = p && p->epoch == epoch && !is_stopping_;
  if (!counts || !page.ok()) {
    --readings_;
    if (!p) return;
    p->is_reading = false;
    mark(*p);
    if (counts) reading_failed(t, *p, page.error());
    return;
  }
  if (p->resume && !go_on_behind_last(*p, *page)) {
    --readings_;
    p->is_anew = true;
    return look_where_it_is(t, *p);
  }
  if (p->seen) p->seen->tidy(p->stored, p->read);
  auto read = std::make_shared<topic_page>(*std::move(page));
  std::optional<partition::record_mark> last;
  if (!read->records.empty()) last = {read->records.back().offset, read->records.back().time};
  run_elsewhere(t, [this, era, number, epoch, read, last, seen = p->seen] {
    auto messages = messages_of(era, number, seen.get(), std::move(read->records));
    turn then(*this);
    --readings_;
    auto* to = find(era, number);
    if (!to) return;
    to->is_reading = false;
    mark(*to);
    if (to->epoch != epoch) return;
    if (!messages) return fail(then, messages.error());
    to->problem.clear();
    to->backoff = {};
    to->read = read->next;
    if (last) to->last = last;
    to->end = std::max(to->end, read->next);
    for (auto& m : *messages) {
      to->ahead_bytes += m->bytes;
      to->ahead.push_back(std::move(m));
    }
  });
}

result<std::deque<subscription::engine::message_ptr>> subscription::engine::messages_of(
    std::uint64_t era, std::uint32_t number, seen_subjects* seen,
    std::vector<topic_record> records) {
  std::deque<message_ptr> messages;
  for (auto& record : records) {
    auto m = std::make_shared<message>();
    m->era = era;
    m->partition = number;
    m->offset = record.offset;
    m->bytes = bytes_of(record);
    if (record.key) m->key = *record.key;
    if (auto event = read_cloud_event(std::move(record)); event.ok()) {
      m->event = *std::move(event);
    } else {
      m->outcome.result = event.error();
      m->outcome.is_permanent = true;
      m->event = unread_event(std::move(record));
    }
    if (m->key.empty()) m->key = m->event.subject;
    // Without a key there is no order to be kept.
    if (m->key.empty()) {
      m->key = std::to_string(number) + "@" + std::to_string(value(m->offset));
    }
    if (seen) m->subject = subject_of(m->event);
    if (!m->subject.empty()) {
      auto repeated = seen->was_seen(m->subject, *m->event.sequence);
      if (!repeated) return repeated.error();
      if (*repeated) m->state = message::is_duplicate;
    }
    messages.push_back(std::move(m));
  }
  return messages;
}

// ------------------------------------------------------------------------------------------ errors

void subscription::engine::reading_failed(turn& t, partition& p, const status& why) {
  if (why.code() == status_code::cancelled) return;  // another partition was rewound
  if (why.code() == status_code::out_of_range) return look_where_it_is(t, p);
  auto text = place_in(source_.topic, p.number) + " cannot be read from offset " +
              std::to_string(value(p.read)) + ": " + to_string(why);
  p.is_gone |= why.code() == status_code::not_found;
  if (std::exchange(p.problem, text) != text) {
    log_warning("subscription \"" + name_ + "\": " + text + "; trying again, others go on");
  }
  p.backoff = std::clamp(p.backoff * 2, source_backoff_min, source_backoff_max);
  p.is_reading = true;  // so none is begun until then
  run_later(t, p.backoff, [this, era = era_, number = p.number](turn& later) {
    auto* again = find(era, number);
    if (!again) return;
    if (again->is_gone || again->is_anew) return look_where_it_is(later, *again);
    again->is_reading = false;
    mark(*again);
  });
}

// Where we want to read is not there (any more), or was not for a while.
void subscription::engine::look_where_it_is(turn& t, partition& p) {
  p.is_reading = true;
  ++readings_;
  run_elsewhere(t, [this, era = era_, number = p.number, epoch = p.epoch] {
    auto there = source_.log->bounds(source_.topic, number);
    turn then(*this);
    --readings_;
    auto* moved = find(era, number);
    if (!moved) return;
    moved->is_reading = false;
    mark(*moved);
    if (moved->epoch != epoch || is_stopping_) return;
    bool is_back = there.ok() && std::exchange(moved->is_gone, false);
    if (is_back) came_back(*moved, *there);
    // Its retention has gone on, so it is old.
    if (there.ok() && moved->resume && there->first > moved->last->offset) {
      moved->read = *std::exchange(moved->resume, std::nullopt);
    }
    if (there.ok() && (moved->is_anew || moved->read < there->first || moved->read > there->end)) {
      return reposition(*moved, *there);
    }
    if (is_back) return;
    auto why = there.ok() ? status(status_code::unavailable, "its bounds are not known for sure")
                          : there.error();
    reading_failed(then, *moved, why);
  });
}

// A topic that was deleted and made again has other messages at the same places, and a broker that
// starts may say for a moment that it has none of its topics. What was read last tells which it is.
void subscription::engine::came_back(partition& p, const partition_bounds& there) {
  p.problem.clear();
  p.backoff = {};
  if (!p.last || there.first > p.last->offset) return;
  p.is_anew = there.end <= p.last->offset;
  // Rewound before the last record, it is read again anyway.
  if (p.is_anew || p.read < p.last->offset) return;
  if (!p.resume) p.resume = p.read;
  p.read = p.last->offset;
}

// False: the partition has something else where the last record was.
bool subscription::engine::go_on_behind_last(partition& p, topic_page& page) {
  auto resume = *std::exchange(p.resume, std::nullopt);
  p.read = resume;
  if (page.records.empty() || page.records.front().offset != p.last->offset ||
      page.records.front().time != p.last->time) {
    return false;
  }
  std::erase_if(page.records, [&](const topic_record& r) { return r.offset < resume; });
  page.next = std::max(page.next, resume);
  return true;
}

void subscription::engine::reposition(partition& p, const partition_bounds& there) {
  auto what = "subscription \"" + name_ + "\": " + place_in(source_.topic, p.number);
  if (p.is_anew) {
    log_warning(what +
                " has other messages than it had: it was created anew, and is read from its " +
                "first offset");
  } else if (p.read < there.first) {
    log_warning(what + " begins at offset " + std::to_string(value(there.first)) +
                " now: " + std::to_string(value(there.first) - value(p.read)) +
                " offsets were dropped there before they were read, and are lost to it");
  } else {
    log_warning(what + " ends at offset " + std::to_string(value(there.end)) +
                ", but was read up to " + std::to_string(value(p.read)) +
                ": it was created anew, and is read from its first offset");
  }
  p.read = there.first;
  p.end = there.end;
  p.last.reset();
  p.resume.reset();
  p.is_anew = false;
  p.problem.clear();
  p.must_move = true;
}

// What tools for the source's own consumer groups show; now and then.
void subscription::engine::report_consumed(turn& t) {
  if (std::exchange(is_report_due_, true)) return;
  run_later(t, report_every, [this](turn& later) {
    is_report_due_ = false;
    auto positions = std::make_shared<std::vector<position>>();
    for (const auto& p : partitions_) positions->push_back({p->number, p->stored});
    run_elsewhere(later, [this, positions] {
      for (const auto& [number, next] : *positions) {
        source_.log->consumed(name_, source_.topic, number, next);
      }
    });
  });
}

}  // namespace perdure::pubsub
