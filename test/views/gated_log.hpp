#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pubsub/topic_log.hpp"

namespace perdure::test {

// What some readers are given of a log ends where the test says.
class gated_log final : public pubsub::topic_log {
 public:
  explicit gated_log(pubsub::topic_log& log) : log_(log) {}

  // Readers whose name has `part` in it get nothing.
  void close(const std::string& part) {
    std::lock_guard lock(mutex_);
    part_ = part;
  }
  void let_through(std::uint32_t partition) {
    std::unique_lock lock(mutex_);
    open_ = partition;
    auto all = std::exchange(waiting_, {});
    lock.unlock();
    for (auto& [number, read] : all) read();
  }
  void open() {
    close("");
    let_through(0);
  }

  result<std::uint32_t> partitions(const std::string& topic) override {
    return log_.partitions(topic);
  }
  result<pubsub::partition_bounds> bounds(const std::string& topic, std::uint32_t n) override {
    auto there = log_.bounds(topic, n);
    ++looks;
    return there;
  }
  result<topic_offset> offset_at(const std::string& topic, std::uint32_t n, timestamp t) override {
    return log_.offset_at(topic, n, t);
  }
  void read(const std::string& reader, const std::string& topic, std::uint32_t n, topic_offset from,
            std::size_t bytes, on_page tell) override {
    std::unique_lock lock(mutex_);
    if (!part_.empty() && open_ != n && reader.find(part_) != std::string::npos) {
      waiting_.emplace_back(n, [=, this] { read(reader, topic, n, from, bytes, tell); });
      return;
    }
    lock.unlock();
    log_.read(reader, topic, n, from, bytes, std::move(tell));
  }
  void stop(const std::string& reader) override {
    log_.stop(reader);
    ++stops;
  }

  std::atomic<int> looks{0};
  std::atomic<int> stops{0};

 private:
  pubsub::topic_log& log_;
  std::mutex mutex_;
  std::string part_;
  std::optional<std::uint32_t> open_;
  std::vector<std::pair<std::uint32_t, std::function<void()>>> waiting_;
};

}  // namespace perdure::test
