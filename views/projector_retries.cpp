// What a view holds back: by subject, whose first message is tried again when it is due, and those
// behind it as soon as it is gone. Before: projector_batch.cpp. Next: projector_completion.cpp.

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "base/utf8.hpp"
#include "views/projector_worker.hpp"

namespace perdure::views {
namespace {

constexpr std::chrono::milliseconds warn_every{1000};

std::size_t bytes_of(const held_message& m) {
  std::size_t bytes = sizeof m + m.subject.size() + m.error.size();
  bytes +=
      (m.record.payload ? m.record.payload->size() : 0) + (m.record.key ? m.record.key->size() : 0);
  for (const auto& [name, text] : m.record.headers) bytes += 64 + name.size() + text.size();
  return bytes;
}

std::uint64_t microseconds_now() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

}  // namespace

status projector::worker::load_held() {
  auto all = file_->held();
  if (!all) return all.error();
  auto before = std::exchange(held_, {});
  due_.clear();
  held_bytes_ = 0;
  held_messages_ = all->size();
  // Of the clock, so that a number never comes again: it names the message to people.
  next_number_ = std::max(next_number_, microseconds_now());
  for (auto& m : *all) {
    auto source = std::ranges::find_if(
        plan_.sources, [&](const view_source& s) { return s.from.path() == m.source; });
    if (source == plan_.sources.end()) continue;
    next_number_ = std::max(next_number_, m.number + 1);
    held_bytes_ += bytes_of(m);
    held_key key{static_cast<std::size_t>(source - plan_.sources.begin()), m.subject};
    held_[key].messages.push_back(std::move(m));
  }
  for (auto& [key, queue] : held_) {
    bool is_parked = queue.messages.front().is_parked;
    auto known = before.find(key);
    bool is_asked_for = known != before.end() && known->second.retry_at != timestamp::max();
    if (is_asked_for) {
      set_due(key, queue, known->second.retry_at);
    } else {
      set_due(key, queue, is_parked ? timestamp::max() : around_.clock.now());
    }
  }
  return {};
}

// `failed`: null where it only waits behind another.
status projector::worker::hold(held_key key, std::uint32_t partition, const source_message& what,
                               const made_rows* failed) {
  held_message m;
  m.source = plan_.sources[key.first].from.path();
  m.subject = key.second;
  m.number = next_number_++;
  m.record = what.as_written();
  m.partition = partition;
  if (failed != nullptr) {
    m.attempts = 1;
    m.error = to_string(failed->result);
    m.is_parked = failed->is_permanent || bounds_.attempts_max <= 1;
  }
  if (auto s = file_->hold(m); !s.ok()) return s;
  held_bytes_ += bytes_of(m);
  ++held_messages_;
  auto& queue = held_[key];
  if (failed != nullptr) {
    if (m.is_parked) warn_parked(m);
    set_due(key, queue, retry_time(m.attempts, m.is_parked));
  }
  queue.messages.push_back(std::move(m));
  return {};
}

timestamp projector::worker::retry_time(std::uint32_t attempts, bool is_parked) const {
  if (is_parked) return timestamp::max();
  auto pause = bounds_.backoff_min;
  for (auto n = attempts; n > 1 && pause < bounds_.backoff_max; --n) pause *= 2;
  return around_.clock.now() + std::min(pause, bounds_.backoff_max);
}

void projector::worker::set_due(const held_key& key, held_queue& queue, timestamp at) {
  due_.erase({queue.retry_at, key});
  queue.retry_at = at;
  if (at != timestamp::max()) due_.insert({at, key});
}

status projector::worker::retry_due() {
  auto now = around_.clock.now();
  while (!due_.empty() && due_.begin()->first <= now) {
    if (in_batch_ >= bounds_.batch_messages_max || is_stopping_) return {};
    auto key = due_.begin()->second;
    auto found = held_.find(key);
    bool is_empty = false;
    if (auto s = retry_queue(key, found->second, is_empty); !s.ok()) return s;
    if (is_empty) {
      set_due(key, found->second, timestamp::max());
      held_.erase(found);
    }
  }
  return {};
}

// All that can be done of it.
status projector::worker::retry_queue(const held_key& key, held_queue& queue, bool& is_empty) {
  while (in_batch_ < bounds_.batch_messages_max) {
    auto& first = queue.messages.front();
    ++in_batch_;
    auto what = source_message::of(first.record, first.partition);
    auto made = make(key.first, what);
    if (!rows_->unread().ok()) return rows_->unread();
    auto bytes = bytes_of(first);
    if (!made.result.ok()) {
      ++first.attempts;
      first.error = to_string(made.result);
      first.is_parked = made.is_permanent || first.attempts >= bounds_.attempts_max;
      held_bytes_ += bytes_of(first) - bytes;
      if (first.is_parked) warn_parked(first);
      set_due(key, queue, retry_time(first.attempts, first.is_parked));
      return file_->change_held(first);
    }
    if (auto s = apply(made); !s.ok()) return s;
    if (auto s = file_->release(first); !s.ok()) return s;
    held_bytes_ -= bytes;
    --held_messages_;
    queue.messages.pop_front();
    is_empty = queue.messages.empty();
    if (is_empty) return {};
    // Those behind it follow at once.
    set_due(key, queue, around_.clock.now());
  }
  return {};
}

// One of a second, and how many others: whole topics may be parked.
void projector::worker::warn_parked(const held_message& message) {
  auto now = around_.clock.now();
  if (now >= warned_ && now - warned_ < warn_every) {
    ++parked_since_;
    return;
  }
  auto others = parked_since_ == 0
                    ? std::string()
                    : "; so were " + std::to_string(parked_since_) + " others meanwhile";
  log_warning(name_ + ": the message at offset " + std::to_string(value(message.record.offset)) +
              " of partition " + std::to_string(message.partition) + " of " + message.source +
              " is parked after " + std::to_string(message.attempts) +
              (message.attempts == 1 ? " attempt" : " attempts") + "; those of its subject \"" +
              readable(message.subject) + "\" wait behind it: " + message.error + others);
  warned_ = now;
  parked_since_ = 0;
}

// --------------------------------------------------------------------------------- what others ask

projector::worker::held_queues::iterator projector::worker::find_held(const std::string& source,
                                                                      const std::string& subject) {
  for (std::size_t i = 0; i < plan_.sources.size(); ++i) {
    const auto& from = plan_.sources[i].from;
    if (from.path() != source && from.description() != source) continue;
    if (auto found = held_.find({i, subject}); found != held_.end()) return found;
  }
  return held_.end();
}

status projector::worker::retry(const std::string& source, const std::string& subject) {
  return ask([this, source, subject]() -> status {
    auto found = find_held(source, subject);
    if (found == held_.end()) {
      return {status_code::not_found, "nothing of \"" + subject + "\" is held back"};
    }
    set_due(found->first, found->second, timestamp{});
    return {};
  });
}

void projector::worker::retry_all() {
  static_cast<void>(ask([this]() -> status {
    for (auto& [key, queue] : held_) set_due(key, queue, timestamp{});
    return {};
  }));
}

status projector::worker::skip(const std::string& source, const std::string& subject,
                               std::uint64_t number) {
  return ask([=, this] { return skip_now(source, subject, number); });
}

status projector::worker::skip_now(const std::string& source, const std::string& subject,
                                   std::uint64_t number) {
  auto found = find_held(source, subject);
  if (found == held_.end() || found->second.messages.front().number != number) {
    return {status_code::not_found, "message " + std::to_string(number) + " of \"" + subject +
                                        "\" is not the first that is held back"};
  }
  auto taken_out = file_->begin();
  if (taken_out.ok()) taken_out = file_->release(found->second.messages.front());
  if (taken_out.ok()) taken_out = file_->commit().error();
  if (!taken_out.ok()) {
    file_->roll_back();
    return {status_code::unavailable, to_string(taken_out)};
  }
  auto& [key, queue] = *found;
  held_bytes_ -= bytes_of(queue.messages.front());
  --held_messages_;
  queue.messages.pop_front();
  set_due(key, queue, queue.messages.empty() ? timestamp::max() : timestamp{});
  if (queue.messages.empty()) held_.erase(found);
  return {};
}

}  // namespace perdure::views
