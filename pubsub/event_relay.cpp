// From our topics to topics elsewhere. Before: a step that publishes, made durable by
// persistence/group_commit.cpp. Next: kafka_topic_writer.cpp, and readers that are not ours.
//
// While one group is written, the next is read. What was written is noted in the store afterwards,
// without waiting for that: a note that is lost, or late, costs a look into the topics' tails.

#include "pubsub/event_relay.hpp"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <variant>

#include "base/log.hpp"
#include "pubsub/relay_backlog.hpp"

namespace perdure::pubsub {
namespace {

using clock = std::chrono::steady_clock;

// What is relayed is dropped so often at most: each time leaves a mark that readers step over.
constexpr std::chrono::seconds trim_interval{1};

// How long a topic waits that cannot be written to now.
constexpr std::chrono::seconds hold_time{5};

const entity_key relay_entity{"perdure.relay", "relay"};

bool is_of_one_topic(const status& s) {
  return s.code() == status_code::not_found || s.code() == status_code::permission_denied ||
         s.code() == status_code::invalid_argument;
}

}  // namespace

std::string relay_reader(const std::string& topic) { return "perdure.relay/" + topic; }
std::string relay_tails_reader(const std::string& topic) { return "perdure.relay.tails/" + topic; }

class event_relay::worker {
 public:
  worker(surroundings around, settings with)
      : around_(around),
        with_(with),
        backoff_(with.backoff_min),
        shared_(std::make_shared<shared>(around.store)) {}

  ~worker() { stop(); }

  void start() {
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "perdure-relay");
      run();
    });
  }

  void stop() {
    {
      std::lock_guard lock(shared_->mutex);
      shared_->is_stopping = true;
      shared_->changed.notify_all();
    }
    around_.writer.interrupt();
    if (thread_.joinable()) thread_.join();
  }

  relay_status status_now() const {
    std::lock_guard lock(mutex_);
    relay_status now{relayed_, shared_->backlog.size(), problem_};
    for (const auto& [topic, why] : held_) {
      now.problem += (now.problem.empty() ? "" : "; ") + ("topic " + topic + ": " + why);
    }
    if (refused_ > 0) {
      now.problem += (now.problem.empty() ? "" : "; ") + std::to_string(refused_) +
                     " messages can never be written and are in the topic " + refused_topic;
    }
    return now;
  }

 private:
  void run() {
    while (!is_stopping()) {
      auto done = is_ours_ ? relay_some() : take_over();
      if (done.ok()) {
        backoff_ = with_.backoff_min;
        set_problem({});
      } else if (!is_stopping()) {
        set_problem(to_string(done));
        wait(std::exchange(backoff_, std::min(2 * backoff_, with_.backoff_max)));
      }
    }
    trim();
  }

  // ----------------------------------------------------------------------------- taking over

  // Nothing of ours is on its way after this, and the positions are right.
  status take_over() {
    if (auto s = around_.writer.take_over(); !s.ok()) return s;
    if (auto s = shared_->backlog.load(); !s.ok()) return s;
    prepared_.clear();
    for (const auto& topic : shared_->backlog.topics()) {
      if (auto s = find_written(topic); !s.ok()) return s;
    }
    is_ours_ = true;
    return {};
  }

  // A topic whose tails were never noted was never written to.
  status find_written(const std::string& topic) {
    auto tails = around_.store.read_cursors(relay_tails_reader(topic));
    if (!tails.ok()) return tails.error();
    if (tails->empty()) return {};
    known_tails known;
    for (const auto& c : *tails) known[c.partition] = c.next;
    auto found = around_.writer.find_written(topic, known);
    if (!found.ok()) {
      if (!is_of_one_topic(found.error())) return found.error();
      hold(topic, found.error());
      return {};
    }
    for (const auto& [shard, next] : *found) {
      if (shard < around_.store.shard_count()) shared_->backlog.written(topic, shard, next);
    }
    return {};
  }

  // ------------------------------------------------------------------------------- relaying

  // One group, and the next as long as there is one.
  status relay_some() {
    if (auto s = move_refused_aside(); !s.ok()) return s;
    auto group = read_next();
    if (!group.ok()) return group.error();
    if (group->messages.empty()) {
      trim_if_due();
      wait_for_more();
      return {};
    }
    while (!is_stopping()) {
      auto usable = prepare(*group);
      if (!usable.ok()) return failed(usable.error());
      if (!*usable) break;
      std::future<result<relay_group>> ahead;
      if (group->is_full) ahead = std::async(std::launch::async, [this] { return read_next(); });
      auto outcome = around_.writer.write(group->messages);
      result<relay_group> following = ahead.valid() ? ahead.get() : relay_group{};
      auto written = settle(*group, outcome);
      if (!written.ok()) return failed(written.error());
      trim_if_due();
      if (!*written || !following.ok() || following->messages.empty()) break;
      group = std::move(following);
    }
    shared_->backlog.give_again();
    return {};
  }

  result<relay_group> read_next() {
    return shared_->backlog.next(with_.group_bytes_max, with_.group_messages_max);
  }

  // False when one of the messages is the reason that none was written: the group is to be made
  // anew, without it.
  result<bool> settle(const relay_group& group,
                      const std::variant<topic_writer::written, topic_writer::failure>& outcome) {
    if (const auto* done = std::get_if<topic_writer::written>(&outcome)) {
      shared_->backlog.written(group);
      note(group, *done);
      return true;
    }
    const auto& failure = std::get<topic_writer::failure>(outcome);
    if (!failure.refused) return failure.why;
    const auto& refused = group.messages.at(*failure.refused);
    const auto& topic = refused.message->message.topic;
    if (failure.why.code() == status_code::invalid_argument) {
      shared_->backlog.refuse(topic, refused.shard, refused.message->offset, failure.why);
    } else {
      hold(topic, failure.why);
    }
    return false;
  }

  status failed(status why) {
    shared_->backlog.give_again();
    is_ours_ = false;
    return why;
  }

  // Creates the group's topics where they are not yet. False when one of them has to wait: the
  // group is to be made anew, without it.
  result<bool> prepare(const relay_group& group) {
    const std::string* last = nullptr;
    for (const auto& m : group.messages) {
      const auto& topic = m.message->message.topic;
      if (last != nullptr && *last == topic) continue;
      last = &topic;
      if (prepared_.count(topic) > 0) continue;
      auto s = prepare(topic);
      if (s.ok()) {
        prepared_.insert(topic);
        release(topic);
        continue;
      }
      if (!is_of_one_topic(s)) return s;
      hold(topic, s);
      return false;
    }
    return true;
  }

  // Where the topic's tails are is noted before anything is written to it.
  status prepare(const std::string& topic) {
    if (auto s = around_.writer.prepare(topic, around_.store.shard_count()); !s.ok()) return s;
    auto known = around_.store.read_cursors(relay_tails_reader(topic));
    if (!known.ok()) return known.error();
    if (!known->empty()) return {};
    auto ends = around_.writer.ends(topic);
    if (!ends.ok()) return ends.error();
    persistence::topic_effects effects;
    for (const auto& [partition, next] : *ends) {
      effects.cursors.push_back({relay_tails_reader(topic), partition, std::nullopt, next});
    }
    return commit(std::move(effects));
  }

  // --------------------------------------------------------------------------------- noting

  void note(const relay_group& group, const topic_writer::written& done) {
    persistence::topic_effects effects;
    std::map<std::pair<std::string, std::uint32_t>, topic_offset> next;
    for (const auto& m : group.messages) {
      next[{m.message->message.topic, m.shard}] = m.message->offset + 1;
    }
    for (const auto& [place, offset] : next) {
      effects.cursors.push_back({relay_reader(place.first), place.second, std::nullopt, offset});
    }
    for (const auto& [topic, tails] : done.tails) {
      for (const auto& [partition, offset] : tails) {
        effects.cursors.push_back({relay_tails_reader(topic), partition, std::nullopt, offset});
      }
    }
    auto noted = std::make_shared<decltype(next)>(std::move(next));
    submit(std::move(effects), [to_trim = to_trim_, noted](const status& s) {
      if (!s.ok()) return;
      std::lock_guard lock(to_trim->mutex);
      for (auto& [place, offset] : *noted) to_trim->places[place] = offset;
    });
    std::lock_guard lock(mutex_);
    relayed_ += group.messages.size();
  }

  void submit(persistence::topic_effects effects, persistence::on_durable done) {
    persistence::step s;
    s.entity = relay_entity;
    s.kind = persistence::step_kind::mail_only;
    s.time = around_.step_times.next();
    s.mail = std::make_shared<persistence::mail_effects>();
    s.mail->topics = std::move(effects);
    around_.commits.submit(std::move(s), std::move(done));
  }

  status commit(persistence::topic_effects effects) {
    auto stored = std::make_shared<std::promise<status>>();
    auto told = stored->get_future();
    submit(std::move(effects), [stored](const status& s) { stored->set_value(s); });
    return told.get();
  }

  // A message that can never be written is kept in a topic of ours, and those behind it go on.
  status move_refused_aside() {
    for (const auto& refused : shared_->backlog.take_refused()) {
      auto page = around_.store.read_topic(refused.topic, refused.shard, refused.place, 1);
      if (!page.ok()) return page.error();
      persistence::topic_effects effects;
      auto message = page->at(0).message;
      message.metadata.emplace("perdure-refused", to_string(refused.why));
      message.metadata.emplace("perdure-topic", std::exchange(message.topic, refused_topic));
      effects.messages.push_back(std::move(message));
      effects.cursors.push_back(
          {relay_reader(refused.topic), refused.shard, std::nullopt, refused.place + 1});
      if (auto s = commit(std::move(effects)); !s.ok()) {
        shared_->backlog.refuse(refused.topic, refused.shard, refused.place, refused.why);
        return s;
      }
      shared_->backlog.written(refused.topic, refused.shard, refused.place + 1);
      log_error("a message of topic " + refused.topic + " can never be written to it and is in " +
                refused_topic + " now: " + refused.why.message());
      std::lock_guard lock(mutex_);
      ++refused_;
    }
    return {};
  }

  void trim_if_due() {
    if (clock::now() - trimmed_ >= trim_interval) trim();
  }

  void trim() {
    trimmed_ = clock::now();
    decltype(to_trim_->places) places;
    {
      std::lock_guard lock(to_trim_->mutex);
      places.swap(to_trim_->places);
    }
    for (const auto& [place, next] : places) {
      auto s = around_.store.trim_topic(place.first, place.second, next);
      if (!s.ok()) log_warning("what was relayed is kept for now: " + s.message());
    }
  }

  // -------------------------------------------------------------------------------- waiting

  void hold(const std::string& topic, const status& why) {
    shared_->backlog.hold(topic, clock::now() + hold_time);
    prepared_.erase(topic);
    std::lock_guard lock(mutex_);
    if (held_.insert_or_assign(topic, to_string(why)).second) {
      log_warning("topic " + topic + " cannot be written to; others go on: " + to_string(why));
    }
  }

  void release(const std::string& topic) {
    std::lock_guard lock(mutex_);
    held_.erase(topic);
  }

  // Until something was published, or a topic need not be held any more, or it is time to trim.
  void wait_for_more() {
    bool must_look;
    {
      std::lock_guard lock(shared_->mutex);
      shared_->has_more = false;
      must_look = !std::exchange(shared_->is_looking, true);
    }
    if (must_look) {
      around_.grown.wait([shared = shared_] {
        if (!shared->backlog.has_more()) return false;
        std::lock_guard lock(shared->mutex);
        shared->has_more = true;
        shared->is_looking = false;
        shared->changed.notify_all();
        return true;
      });
    }
    std::unique_lock lock(shared_->mutex);
    shared_->changed.wait_for(lock, trim_interval,
                              [&] { return shared_->has_more || shared_->is_stopping; });
  }

  void wait(std::chrono::milliseconds time) {
    std::unique_lock lock(shared_->mutex);
    shared_->changed.wait_for(lock, time, [&] { return shared_->is_stopping; });
  }

  bool is_stopping() const {
    std::lock_guard lock(shared_->mutex);
    return shared_->is_stopping;
  }

  void set_problem(std::string text) {
    std::lock_guard lock(mutex_);
    if (problem_.empty() && !text.empty()) {
      log_warning("what is published waits here for now: " + text);
    }
    if (!problem_.empty() && text.empty()) log_info("what is published leaves again");
    problem_ = std::move(text);
  }

  struct trimming {
    std::mutex mutex;
    std::map<std::pair<std::string, std::uint32_t>, topic_offset> places;  // durably relayed
  };

  // With the look by which the store wakes us, which may outlive us.
  struct shared {
    explicit shared(persistence::topic_store& store) : backlog(store) {}

    relay_backlog backlog;
    std::mutex mutex;
    std::condition_variable changed;
    bool is_stopping = false;
    bool is_looking = false;
    bool has_more = false;
  };

  const surroundings around_;
  const settings with_;

  // Of the thread.
  bool is_ours_ = false;            // nobody else writes in our name, and the positions are right
  std::set<std::string> prepared_;  // topics
  std::chrono::milliseconds backoff_;
  clock::time_point trimmed_{};
  const std::shared_ptr<trimming> to_trim_ = std::make_shared<trimming>();

  const std::shared_ptr<shared> shared_;

  mutable std::mutex mutex_;  // of what status_now() tells
  std::uint64_t relayed_ = 0;
  std::uint64_t refused_ = 0;
  std::string problem_;
  std::map<std::string, std::string> held_;  // topics that cannot be written to, and why
  std::thread thread_;
};

event_relay::event_relay(surroundings around, settings with)
    : worker_(std::make_unique<worker>(around, with)) {}

event_relay::~event_relay() = default;

void event_relay::start() { worker_->start(); }

void event_relay::stop() { worker_->stop(); }

relay_status event_relay::status_now() const { return worker_->status_now(); }

}  // namespace perdure::pubsub
