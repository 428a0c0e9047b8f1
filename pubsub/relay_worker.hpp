#pragma once

#include <condition_variable>
#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "pubsub/event_relay.hpp"
#include "pubsub/relay_group.hpp"

// The thread of an event_relay, and what it knows. For event_relay.cpp and relay_topics.cpp.

namespace perdure::pubsub {

class event_relay::worker {
 public:
  worker(surroundings around, settings with)
      : around_(around), with_(with), shards_(around.store.shard_count()) {}

  void start();
  void stop();
  relay_status status_now() const;

 private:
  using steady_clock = std::chrono::steady_clock;

  // How a topic is doing.
  struct topic_state {
    std::vector<topic_offset> cursors;  // as the last step that was submitted leaves them
    known_tails tails;                  // likewise
    bool is_ready = false;  // what is decided of what we wrote is known, so more can be written
    steady_clock::time_point retry_at{};
    std::chrono::milliseconds backoff{};
  };

  // How a shard of a topic is doing whose next message cannot be read.
  struct stalled_line {
    topic_offset at;
    steady_clock::time_point retry_at{};
    std::chrono::milliseconds backoff{};
  };

  // What those who wake the thread refer to; it may outlive the worker.
  struct bell {
    std::mutex mutex;
    std::condition_variable rung;
    bool has_rung = false;
    bool is_over = false;
    std::uint64_t waits = 0;  // begun so far: who looks for an earlier one need not any more

    void ring();
    bool is_over_now();
    bool is_waited_for(std::uint64_t wait);
  };

  // ------------------------------------------------------------------------------ event_relay.cpp
  void run();
  void write(relay_group group);
  void written(const relay_group& group, const topic_writer::written& done);
  void not_written(const relay_group& group, const topic_writer::failure& why);
  relay_group next();
  bool is_next(const relay_group& group) const;
  void prefetch(const relay_group& after);
  void wait_for_more();
  void pause();
  void trim(bool is_idle);
  void set_problem(std::string text);

  // ----------------------------------------------------------------------------- relay_topics.cpp
  bool recover();
  status load(const std::string& topic, topic_state& t);
  void make_ready();
  status make_ready(const std::string& topic, topic_state& t);
  void hold(const std::string& topic, topic_state& t, const status& why);
  void stall(const relay_line& line, topic_offset at, const status& why);
  void forget_passed();
  void tell_held(const std::string& what, const status& why);
  bool put_refused_aside();
  void move_cursors(const std::string& topic, topic_state& t, const std::vector<topic_offset>& to,
                    persistence::topic_effects& moves);
  void move_tails(const std::string& topic, topic_state& t, const known_tails& to,
                  persistence::topic_effects& moves);
  void submit(persistence::topic_effects effects);
  status settle();
  static std::string called(const std::string& topic);
  static std::string called(const relay_line& line);
  relay_places places() const;
  relay_stops stops() const;
  bool has_backlog(const std::string& topic, const topic_state& t) const;

  const surroundings around_;
  const settings with_;
  const std::uint32_t shards_;
  const std::shared_ptr<bell> bell_ = std::make_shared<bell>();
  std::thread thread_;

  // Of the thread.
  bool has_taken_over_ = false;
  bool is_loaded_ = false;  // `topics_` are as the store has them
  std::map<std::string, topic_state> topics_;
  relay_stops refused_;                        // not yet put aside
  std::map<relay_line, std::string> reasons_;  // of `refused_`
  std::map<relay_line, stalled_line> stalled_;
  std::future<relay_group> prefetched_;
  std::size_t turn_ = 0;
  std::chrono::milliseconds backoff_{};
  relay_places trimmed_;
  steady_clock::time_point trimmed_at_{};

  mutable std::mutex mutex_;  // of what follows
  std::condition_variable settled_;
  std::size_t in_flight_ = 0;  // steps
  status failed_;              // the first that failed since settle()
  relay_places durable_;       // cursors
  relay_status status_;
  std::map<std::string, std::string> held_;  // topics, or partitions of them, and why they wait
  bool has_ended_ = true;
};

}  // namespace perdure::pubsub
