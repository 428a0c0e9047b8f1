#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pubsub/topic_log.hpp"

namespace perdure::test {

// A topic that is as the test says: grows, loses partitions' beginnings, is missing or refused. One
// thread.
class scripted_log final : public pubsub::topic_log {
 public:
  explicit scripted_log(std::uint32_t partitions) : partitions_(partitions) {}

  // -------------------------------------------------------------------------- what the test says

  void add(std::uint32_t partition, pubsub::topic_record record) {
    auto& to = partitions_[partition];
    record.offset = to.end();
    to.records.push_back(std::move(record));
    wake(partition);
  }

  // Drops what stands before; nothing need stand there.
  void trim(std::uint32_t partition, topic_offset first) {
    auto& of = partitions_[partition];
    while (!of.records.empty() && of.first < first) {
      of.records.pop_front();
      of.first = of.first + 1;
    }
    of.first = first;
  }

  void create_anew() {
    for (auto& p : partitions_) p = {};
    for (std::uint32_t n = 0; n < partitions_.size(); ++n) wake(n);
  }

  void grow_to(std::uint32_t partitions) { partitions_.resize(partitions); }

  std::optional<status> is_refused;            // all of the topic
  std::map<std::uint32_t, status> is_damaged;  // by partition: reading it
  std::map<std::uint32_t, topic_offset> consumed_up_to;
  std::function<void()> at_read;  // before a reading is entered
  std::optional<status> bounds_fail_once;
  int readings = 0;
  int stops = 0;

  // ------------------------------------------------------------------------------------ the port

  result<std::uint32_t> partitions(const std::string& /*topic*/) override {
    if (is_refused) return *is_refused;
    return static_cast<std::uint32_t>(partitions_.size());
  }
  result<pubsub::partition_bounds> bounds(const std::string& /*topic*/,
                                          std::uint32_t partition) override {
    if (is_refused) return *is_refused;
    if (auto fails = std::exchange(bounds_fail_once, std::nullopt)) return *fails;
    return pubsub::partition_bounds{partitions_[partition].first, partitions_[partition].end()};
  }
  result<topic_offset> offset_at(const std::string& /*topic*/, std::uint32_t partition,
                                 timestamp time) override {
    if (is_refused) return *is_refused;
    for (const auto& r : partitions_[partition].records) {
      if (r.time >= time) return r.offset;
    }
    return partitions_[partition].end();
  }
  void read(const std::string& /*reader*/, const std::string& /*topic*/, std::uint32_t partition,
            topic_offset from, std::size_t bytes_max, on_page tell) override {
    ++readings;
    if (at_read) std::exchange(at_read, {})();
    waiting_[partition] = {from, bytes_max, std::move(tell)};
    wake(partition);
  }
  void stop(const std::string& /*reader*/) override {
    ++stops;
    for (auto& [partition, r] : std::exchange(waiting_, {})) {
      r.tell(status(status_code::cancelled, "stopped"));
    }
  }
  void consumed(const std::string& /*reader*/, const std::string& /*topic*/,
                std::uint32_t partition, topic_offset next) override {
    consumed_up_to[partition] = next;
  }

 private:
  struct partition_state {
    topic_offset first{};
    std::deque<pubsub::topic_record> records;
    topic_offset end() const { return first + records.size(); }
  };
  struct reading {
    topic_offset from;
    std::size_t bytes_max;
    on_page tell;
  };

  void wake(std::uint32_t partition) {
    auto found = waiting_.find(partition);
    if (found == waiting_.end()) return;
    const auto& of = partitions_[partition];
    auto from = found->second.from;
    auto damaged = is_damaged.find(partition);
    bool is_there = from >= of.first && from <= of.end();
    if (!is_refused && damaged == is_damaged.end() && from == of.end()) return;
    auto r = std::move(found->second);
    waiting_.erase(found);
    if (is_refused) return r.tell(*is_refused);
    if (damaged != is_damaged.end()) return r.tell(damaged->second);
    if (!is_there) return r.tell(status(status_code::out_of_range, "not there"));
    pubsub::topic_page page;
    std::size_t bytes = 0;
    for (auto i = value(from) - value(of.first); i < of.records.size(); ++i) {
      bytes += of.records[i].payload.value_or("").size() + 50;
      if (!page.records.empty() && bytes > r.bytes_max) break;
      page.records.push_back(of.records[i]);
    }
    page.next = page.records.back().offset + 1;
    r.tell(std::move(page));
  }

  std::vector<partition_state> partitions_;
  std::map<std::uint32_t, reading> waiting_;
};

}  // namespace perdure::test
