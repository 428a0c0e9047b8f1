// The relay's way: read a group, write it, note in a step how far we are; and while one is being
// written the next is read. Next: relay_topics.cpp, what is done before a topic is written to.

#include "pubsub/event_relay.hpp"

#include <algorithm>
#include <future>
#include <utility>

#include "base/log.hpp"
#include "pubsub/relay_worker.hpp"

namespace perdure::pubsub {
namespace {

using namespace std::chrono_literals;

// Steps that say how far we are, and are not yet durable.
constexpr std::size_t in_flight_max = 4;

constexpr auto trim_every = 1s;

// How long a write that is under way has to end by itself.
constexpr auto stop_grace = 2s;

}  // namespace

event_relay::event_relay(surroundings around, settings with)
    : worker_(std::make_unique<worker>(around, with)) {}

event_relay::~event_relay() { stop(); }

void event_relay::start() { worker_->start(); }

void event_relay::stop() { worker_->stop(); }

relay_status event_relay::status_now() const { return worker_->status_now(); }

// ---------------------------------------------------------------------------------- start and stop

void event_relay::worker::start() {
  has_ended_ = false;
  thread_ = std::thread([this] { run(); });
}

void event_relay::worker::stop() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(bell_->mutex);
    bell_->is_over = true;
  }
  bell_->rung.notify_all();
  {
    std::unique_lock lock(mutex_);
    settled_.wait_for(lock, stop_grace, [&] { return has_ended_; });
  }
  around_.writer.interrupt();
  thread_.join();
}

relay_status event_relay::worker::status_now() const {
  relay_places durable;
  relay_status now;
  {
    std::lock_guard lock(mutex_);
    now = status_;
    durable = durable_;
    if (now.problem.empty() && !held_.empty()) now.problem = held_.begin()->second;
    if (now.problem.empty() && now.refused > 0) {
      now.problem = std::to_string(now.refused) + " messages were refused, and stand in topic \"" +
                    refused_topic + "\"";
    }
  }
  for (const auto& topic : around_.store.topics()) {
    if (topic == refused_topic) continue;
    auto cursors = durable.find(topic);
    for (std::uint32_t shard = 0; shard < shards_; ++shard) {
      auto [first, end] = around_.store.bounds(topic, shard);
      if (cursors != durable.end()) first = std::max(first, cursors->second[shard]);
      if (first < end) now.backlog += value(end) - value(first);
    }
  }
  return now;
}

void event_relay::worker::set_problem(std::string text) {
  std::lock_guard lock(mutex_);
  if (!text.empty() && status_.problem != text) {
    log_warning("what is published waits here: " + text + "; trying again");
  }
  status_.problem = std::move(text);
}

// -------------------------------------------------------------------------------------- the thread

void event_relay::worker::run() {
  while (!bell_->is_over_now()) {
    if (!recover()) {
      pause();
      continue;
    }
    make_ready();
    forget_passed();
    if (!put_refused_aside()) continue;
    auto group = next();
    for (const auto& s : group.stalled) stall(s.line, s.at, s.why);
    if (group.messages.empty()) {
      trim(true);
      wait_for_more();
    } else {
      write(std::move(group));
      trim(false);
    }
  }
  if (prefetched_.valid()) prefetched_.wait();
  static_cast<void>(settle());
  trim(true);
  std::lock_guard lock(mutex_);
  has_ended_ = true;
  settled_.notify_all();
}

relay_group event_relay::worker::next() {
  if (prefetched_.valid()) {
    auto group = prefetched_.get();
    if (is_next(group)) return group;
  }
  return next_group(around_.store, places(), stops(),
                    {with_.group_bytes_max, with_.group_messages_max}, turn_++);
}

// What was read ahead is the next only if all before it was written, and no step failed meanwhile.
bool event_relay::worker::is_next(const relay_group& group) const {
  auto now = places();
  return std::ranges::all_of(group.from, [&](const auto& t) {
    auto place = now.find(t.first);
    return place != now.end() && place->second == t.second;
  });
}

// Only where there is more already: a thread is not worth it else.
void event_relay::worker::prefetch(const relay_group& after) {
  if (!refused_.empty()) return;
  auto behind = places();
  for (const auto& [topic, to] : after.to) behind[topic] = to;
  auto stops_now = stops();
  bool has_more = std::ranges::any_of(behind, [&](const auto& t) {
    for (std::uint32_t shard = 0; shard < shards_; ++shard) {
      auto end = readable_end(around_.store, stops_now, {t.first, shard});
      if (end > t.second[shard]) return true;
    }
    return false;
  });
  if (!has_more) return;
  prefetched_ = std::async(std::launch::async, [this, behind, stops_now, first = turn_++] {
    return next_group(around_.store, behind, stops_now,
                      {with_.group_bytes_max, with_.group_messages_max}, first);
  });
}

void event_relay::worker::write(relay_group group) {
  prefetch(group);
  auto outcome = around_.writer.write(group.messages);
  if (auto* done = std::get_if<topic_writer::written>(&outcome)) {
    return written(group, *done);
  }
  not_written(group, std::get<topic_writer::failure>(outcome));
}

void event_relay::worker::written(const relay_group& group, const topic_writer::written& done) {
  backoff_ = {};
  set_problem("");
  persistence::topic_effects moves;
  for (const auto& [topic, to] : group.to) {
    auto& t = topics_[topic];
    t.retry_at = {};
    t.backoff = {};
    move_cursors(topic, t, to, moves);
  }
  for (const auto& [topic, tails] : done.tails) move_tails(topic, topics_[topic], tails, moves);
  {
    std::unique_lock lock(mutex_);
    status_.relayed += group.messages.size();
    for (const auto& [topic, to] : group.to) held_.erase(called(topic));
    settled_.wait(lock, [&] { return in_flight_ < in_flight_max; });
  }
  submit(std::move(moves));
}

void event_relay::worker::not_written(const relay_group& group, const topic_writer::failure& why) {
  has_taken_over_ = false;
  if (!why.refused) {
    set_problem(to_string(why.why));
    return pause();
  }
  const auto& message = group.messages[*why.refused];
  const auto& topic = message.message->message.topic;
  if (why.why.code() == status_code::invalid_argument) {
    refused_[{topic, message.shard}] = message.message->offset;
    reasons_[{topic, message.shard}] = why.why.message();
  } else {
    hold(topic, topics_[topic], why.why);
  }
}

// ---------------------------------------------------------------------------------------- waiting

void event_relay::worker::bell::ring() {
  {
    std::lock_guard lock(mutex);
    has_rung = true;
  }
  rung.notify_all();
}

bool event_relay::worker::bell::is_over_now() {
  std::lock_guard lock(mutex);
  return is_over;
}

bool event_relay::worker::bell::is_waited_for(std::uint64_t wait) {
  std::lock_guard lock(mutex);
  return !is_over && wait == waits;
}

// Until something is published, or what is held is due again.
void event_relay::worker::wait_for_more() {
  relay_places seen;
  auto until = steady_clock::time_point::max();
  for (const auto& [topic, t] : topics_) {
    // Of one that is held, what is there now is nothing new.
    if (!t.is_ready && t.retry_at != steady_clock::time_point{})
      until = std::min(until, t.retry_at);
    auto& upto = seen[topic] = t.cursors;
    for (std::uint32_t shard = 0; !t.is_ready && shard < shards_; ++shard) {
      upto[shard] = around_.store.bounds(topic, shard).end;
    }
  }
  for (const auto& [line, s] : stalled_) {
    const auto& [topic, shard] = line;
    const auto& t = topics_[topic];
    if (!t.is_ready || t.cursors[shard] != s.at) continue;
    until = std::min(until, s.retry_at);
    seen[topic][shard] = around_.store.bounds(topic, shard).end;
  }
  std::uint64_t wait = 0;
  {
    std::lock_guard lock(bell_->mutex);
    bell_->has_rung = false;
    wait = ++bell_->waits;
  }
  around_.grown.wait([bell = bell_, &store = around_.store, shards = shards_, seen, wait] {
    if (!bell->is_waited_for(wait)) return true;
    for (const auto& topic : store.topics()) {
      auto upto = seen.find(topic);
      if (topic == refused_topic) continue;
      for (std::uint32_t shard = 0; shard < shards; ++shard) {
        auto known = upto == seen.end() ? topic_offset{} : upto->second[shard];
        if (store.bounds(topic, shard).end <= known) continue;
        bell->ring();
        return true;
      }
    }
    return false;
  });
  std::unique_lock lock(bell_->mutex);
  auto is_woken = [&] { return bell_->has_rung || bell_->is_over; };
  if (until == steady_clock::time_point::max()) {
    bell_->rung.wait(lock, is_woken);
  } else {
    bell_->rung.wait_until(lock, until, is_woken);
  }
}

// After a failure: longer each time, until something has been written.
void event_relay::worker::pause() {
  backoff_ = std::clamp(backoff_ * 2, with_.backoff_min, with_.backoff_max);
  std::unique_lock lock(bell_->mutex);
  bell_->rung.wait_for(lock, backoff_, [&] { return bell_->is_over; });
}

// What is durable is not needed here any more.
void event_relay::worker::trim(bool is_idle) {
  auto now = steady_clock::now();
  if (!is_idle && now - trimmed_at_ < trim_every) return;
  trimmed_at_ = now;
  relay_places durable;
  {
    std::unique_lock lock(mutex_);
    // So that nothing is left when nothing comes any more.
    if (is_idle) settled_.wait(lock, [&] { return in_flight_ == 0; });
    durable = durable_;
  }
  for (const auto& [topic, cursors] : durable) {
    auto& last = trimmed_.try_emplace(topic, shards_).first->second;
    for (std::uint32_t shard = 0; shard < shards_; ++shard) {
      if (cursors[shard] <= last[shard]) continue;
      auto done = around_.store.trim_topic(topic, shard, cursors[shard]);
      if (done.ok()) last[shard] = cursors[shard];
    }
  }
}

}  // namespace perdure::pubsub
