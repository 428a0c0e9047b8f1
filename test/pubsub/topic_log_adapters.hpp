#pragma once

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "persistence/memory_step_store.hpp"
#include "pubsub/embedded_topic_log.hpp"
#include "pubsub/entity_log.hpp"
#include "pubsub/growth.hpp"
#include "test/persistence/topic_samples.hpp"
#include "test/pubsub/worker.hpp"

// What the contract suite of topic_log runs on. An adapter has
//
//   *log                    the log itself
//   create(topic)           makes the topic, with some partitions
//   append(topic, r)        adds a record to the partition of its key, and those who wait are woken
//   trim(topic, n, first)   drops what stands before `first`; false where nobody can

namespace perdure::test {

struct sample_record {
  std::string key;
  std::optional<std::string> payload;
  timestamp time = timestamp{std::chrono::seconds(1000)};
};

// What both logs of a store need.
struct stored_logs {
  static constexpr std::uint32_t partitions = 4;

  persistence::memory_step_store store{partitions};
  pubsub::growth grown;
  worker elsewhere;
  pubsub::run_elsewhere run = [this](auto what) { elsewhere.run(std::move(what)); };

  ~stored_logs() { grown.stop(); }

  void create(const std::string& /*topic*/) {}
  void store_step(persistence::step s, timestamp time) {
    s.time = {static_cast<std::uint64_t>(time.time_since_epoch().count()) << 16};
    BOOST_REQUIRE(commit(store, s) == status());
    grown.grown();
  }
};

struct embedded_log : stored_logs {
  pubsub::embedded_topic_log log{store, grown, run};
  pubsub::topic_log& operator*() { return log; }

  void append(const std::string& topic, const sample_record& r) {
    auto s = mail_only("publisher");
    auto m = message_of(topic, r.key, "");
    m.payload = r.payload;
    topics_of(s).messages = {m};
    store_step(std::move(s), r.time);
  }
  bool trim(const std::string& topic, std::uint32_t partition, topic_offset first) {
    BOOST_REQUIRE(store.trim_topic(topic, partition, first) == status());
    return true;
  }
};

struct events_log : stored_logs {
  pubsub::entity_log log{store, "service", grown, run};
  std::map<entity_key, std::uint64_t> sequences;
  pubsub::topic_log& operator*() { return log; }

  void append(const std::string& topic, const sample_record& r) {
    persistence::step s;
    s.entity = {topic, r.key};
    auto& sequence = sequences[s.entity];
    s.expected = sequence_nr{sequence++};
    s.events = {r.payload ? persistence::new_event{"test.Event", *r.payload}
                          : persistence::new_event::deletion()};
    store_step(std::move(s), r.time);
  }
  bool trim(const std::string&, std::uint32_t, topic_offset) { return false; }
};

using topic_log_adapters = boost::mpl::list<embedded_log, events_log>;

}  // namespace perdure::test
