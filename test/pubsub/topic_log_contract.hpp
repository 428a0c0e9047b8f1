#pragma once

#include <boost/test/unit_test.hpp>

#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "test/pubsub/topic_log_adapters.hpp"

// How the contract suites of topic_log read.

namespace perdure::test {

using page_result = result<pubsub::topic_page>;

template <class Adapter>
std::uint32_t partition_of(Adapter& a, const std::string& topic, const std::string& key) {
  auto count = (*a).partitions(topic);
  BOOST_REQUIRE_MESSAGE(count.ok(), count.error());
  return partition_of_key(key, *count);
}

inline std::future<page_result> begin_reading(pubsub::topic_log& log, const std::string& topic,
                                              std::uint32_t partition, topic_offset from,
                                              std::size_t bytes = everything,
                                              const std::string& reader = "reader") {
  auto told = std::make_shared<std::promise<page_result>>();
  log.read(reader, topic, partition, from, bytes,
           [told](page_result page) { told->set_value(std::move(page)); });
  return told->get_future();
}

inline page_result wait_for(std::future<page_result> page) {
  BOOST_REQUIRE(page.wait_for(std::chrono::seconds{30}) == std::future_status::ready);
  return page.get();
}

inline pubsub::topic_page read(pubsub::topic_log& log, const std::string& topic,
                               std::uint32_t partition, topic_offset from,
                               std::size_t bytes = everything) {
  auto page = wait_for(begin_reading(log, topic, partition, from, bytes));
  BOOST_REQUIRE_MESSAGE(page.ok(), page.error());
  return *std::move(page);
}

inline pubsub::partition_bounds bounds(pubsub::topic_log& log, const std::string& topic,
                                       std::uint32_t partition) {
  auto there = log.bounds(topic, partition);
  BOOST_REQUIRE_MESSAGE(there.ok(), there.error());
  return *there;
}

// So many records, read page by page.
inline std::vector<pubsub::topic_record> read_all(pubsub::topic_log& log, const std::string& topic,
                                                  std::uint32_t partition, std::size_t count,
                                                  std::size_t bytes = everything) {
  std::vector<pubsub::topic_record> all;
  auto from = bounds(log, topic, partition).first;
  while (all.size() < count) {
    auto page = read(log, topic, partition, from, bytes);
    BOOST_TEST((page.next > from));
    for (auto& r : page.records) {
      BOOST_TEST((r.offset >= from && r.offset < page.next));
      all.push_back(std::move(r));
    }
    from = page.next;
  }
  return all;
}

inline texts payloads_of(const std::vector<pubsub::topic_record>& records) {
  texts payloads;
  for (const auto& r : records) payloads.push_back(r.payload.value_or("(deleted)"));
  return payloads;
}

}  // namespace perdure::test
