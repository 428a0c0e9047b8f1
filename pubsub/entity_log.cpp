// The shards' logs, of one type of entity. Who reads waits in waiting_reads.

#include "pubsub/entity_log.hpp"

#include <utility>

#include "pubsub/cloud_event.hpp"
#include "pubsub/log_errors.hpp"

namespace perdure::pubsub {
namespace {

using persistence::step_store;

// So much of other types is passed over before the reader is told how far it got.
constexpr std::size_t scanned_bytes_max = 8 << 20;

// Whether there is something at this place of the log.
result<bool> is_there(step_store& store, shard_id shard, log_offset at) {
  auto page = store.read_log(shard, at, 1);
  if (!page) return page.error();
  return !page->empty();
}

// The first place from `low` on, below `high`, where `is_behind` says so; it does from there on.
template <class Behind>
result<std::uint64_t> first_behind(std::uint64_t low, std::uint64_t high, Behind is_behind) {
  while (low < high) {
    auto middle = low + (high - low) / 2;
    result<bool> behind = is_behind(log_offset{middle});
    if (!behind) return behind.error();
    if (*behind) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

// The end of a log by reading: from where it was last, in steps that grow, then by halves.
result<log_offset> end_by_reading(step_store& store, shard_id shard, std::uint64_t last_known) {
  auto low = last_known;
  if (low > 0) {
    auto still_there = is_there(store, shard, log_offset{low - 1});
    if (!still_there) return still_there.error();
    if (!*still_there) low = 0;
  }
  std::uint64_t stride = 1;
  while (true) {
    auto there = is_there(store, shard, log_offset{low + stride - 1});
    if (!there) return there.error();
    if (!*there) break;
    low += stride;
    stride *= 2;
  }
  auto end = first_behind(low, low + stride - 1, [&](log_offset at) -> result<bool> {
    auto there = is_there(store, shard, at);
    if (!there) return there.error();
    return !*there;
  });
  if (!end) return end.error();
  return log_offset{*end};
}

struct scan {
  step_store& store;
  std::string entity_type;
  std::string source;
  shard_id shard;
  topic_offset from;
  std::size_t bytes_max;
};

// Reads on until there is something of the type, or nothing at all.
result<std::optional<topic_page>> page_of(const scan& what) {
  topic_page page;
  page.next = what.from;
  std::size_t scanned = 0;
  while (page.records.empty() && scanned < scanned_bytes_max) {
    auto events = what.store.read_log(what.shard, log_offset{value(page.next)}, what.bytes_max);
    if (!events) {
      if (page.next != what.from) break;  // told first: how far it got
      return events.error();
    }
    if (events->empty()) break;
    page.next = topic_offset{value(events->back().offset)} + 1;
    for (auto& event : *events) {
      scanned += bytes_of(event);
      if (event.entity.type != what.entity_type || event.superseded) continue;
      page.records.push_back(record_of(std::move(event), what.source));
    }
  }
  if (page.next == what.from) return std::optional<topic_page>{};
  return std::optional(std::move(page));
}

}  // namespace

entity_log::entity_log(step_store& store, std::string source, growth& grown,
                       run_elsewhere elsewhere)
    : store_(store),
      with_ends_(dynamic_cast<const persistence::topic_store*>(&store)),
      source_(std::move(source)),
      known_ends_(store.shard_count()),
      reads_(grown, std::move(elsewhere)) {}

result<std::uint32_t> entity_log::partitions(const std::string& /*entity_type*/) {
  return store_.shard_count();
}

result<log_offset> entity_log::end_of(shard_id shard) {
  if (with_ends_) return with_ends_->log_end(shard);
  auto& known = known_ends_[value(shard)];
  auto end = end_by_reading(store_, shard, known);
  if (end.ok()) known = value(*end);
  return end;
}

result<partition_bounds> entity_log::bounds(const std::string& entity_type, std::uint32_t shard) {
  if (shard >= store_.shard_count()) return no_such_partition(entity_type, shard);
  auto end = end_of(shard_id{shard});
  if (!end) return end.error();
  return partition_bounds{topic_offset{}, topic_offset{value(*end)}};
}

result<topic_offset> entity_log::offset_at(const std::string& entity_type, std::uint32_t shard,
                                           timestamp time) {
  auto there = bounds(entity_type, shard);
  if (!there) return there.error();
  auto found = first_behind(0, value(there->end), [&](log_offset at) -> result<bool> {
    auto page = store_.read_log(shard_id{shard}, at, 1);
    if (!page) return page.error();
    return page->empty() || page->front().time.wall() >= time;
  });
  if (!found) return found.error();
  return topic_offset{*found};
}

void entity_log::read(const std::string& reader, const std::string& entity_type,
                      std::uint32_t shard, topic_offset from, std::size_t bytes_max, on_page tell) {
  if (shard >= store_.shard_count()) return tell(no_such_partition(entity_type, shard));
  scan what{store_, entity_type, source_, shard_id{shard}, from, bytes_max};
  waiting_reads::reading reading;
  reading.reader = reader;
  reading.tell = std::move(tell);
  if (with_ends_) {
    auto end = [ends = with_ends_, shard] { return value(ends->log_end(shard_id{shard})); };
    reading.is_ready = [end, from] { return end() != value(from); };
    reading.read = [what, end, shard]() -> result<std::optional<topic_page>> {
      if (auto last = end(); value(what.from) > last) {
        return out_of_range(what.entity_type, shard, what.from, {}, topic_offset{last});
      }
      return page_of(what);
    };
  } else {
    reading.read = [what, shard]() -> result<std::optional<topic_page>> {
      auto page = page_of(what);
      if (!page || *page || value(what.from) == 0) return page;
      // Nothing there: it waits at the end, or stands behind it.
      auto before = is_there(what.store, what.shard, log_offset{value(what.from) - 1});
      if (!before) return before.error();
      if (*before) return page;
      auto end = end_by_reading(what.store, what.shard, 0);
      if (!end) return end.error();
      return out_of_range(what.entity_type, shard, what.from, {}, topic_offset{value(*end)});
    };
  }
  reads_.start(std::move(reading));
}

void entity_log::stop(const std::string& reader) { reads_.stop(reader); }

}  // namespace perdure::pubsub
