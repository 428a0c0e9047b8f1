// The step store on Redis: the verbs, and what happens when the connection is lost.
//
// Writing: persistence/redis_group.cpp. Reading: persistence/redis_reads.cpp. What is found out
// before either: persistence/redis_opening.cpp.

#include "persistence/redis_step_store.hpp"

#include <atomic>
#include <condition_variable>
#include <iomanip>
#include <mutex>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <utility>

#include "base/check.hpp"
#include "base/log.hpp"
#include "persistence/redis_entity_reads.hpp"
#include "persistence/redis_group.hpp"
#include "persistence/redis_opening.hpp"
#include "persistence/redis_readers.hpp"
#include "persistence/redis_reads.hpp"
#include "persistence/redis_scripts.hpp"

namespace perdure::persistence {
namespace {

constexpr std::chrono::milliseconds pause_first{20};
constexpr std::chrono::milliseconds pause_max{2000};

// 32 hexadecimal digits that nobody else has.
std::string random_id() {
  std::random_device random;
  std::ostringstream text;
  text << std::hex << std::setfill('0');
  for (int i = 0; i < 4; ++i) text << std::setw(8) << random();
  return text.str();
}

bool has_expired(hybrid_time written, timestamp now, std::chrono::milliseconds retention) {
  return now - written.wall() > retention;
}

status not_ready() {
  return {status_code::unavailable, "Redis is not reachable now; the store heals by itself"};
}

}  // namespace

class redis_step_store::implementation {
 public:
  implementation(const settings& how, redis_opening opened)
      : how_(how),
        shards_(redis_keys_of(opened.store.shard_count)),
        readers_(how.server),
        opening_(std::move(opened)) {}
  ~implementation();

  // Once, before any verb: makes ready to write over the connection that has opened the store.
  status start(std::unique_ptr<redis_connection> redis);

  std::uint32_t shard_count() const { return static_cast<std::uint32_t>(shards_.size()); }
  std::uint64_t generation() const { return generation_; }
  std::chrono::milliseconds retention() const { return how_.idempotency_retention; }
  timestamp now() const { return how_.clock.now(); }
  const redis_keys& keys_of(shard_id shard) const {
    PERDURE_CHECK(value(shard) < shards_.size());
    return shards_[value(shard)];
  }
  const redis_keys& keys_of(const entity_key& entity) const {
    return keys_of(shard_of(entity.id, shard_count()));
  }

  std::vector<status> commit(std::span<const step> group);

  // Runs `read(connection, fence)`, which gives a status or result. What was read while the store
  // was lost does not count: it may show a step that had failed.
  template <class Read>
  auto reading(Read read)
      -> decltype(read(std::declval<redis_connection&>(), std::declval<const std::string&>())) {
    auto fence = current_fence();
    if (fence.empty()) return not_ready();
    bool is_lost = true;
    auto done = readers_.with([&](redis_connection& redis) {
      auto result = read(redis, fence);
      is_lost = redis.is_lost();
      return result;
    });
    if (is_lost) {
      lose(fence, {status_code::unavailable, "a read was not answered"});
      return not_ready();
    }
    if (current_fence() != fence) return not_ready();
    return done;
  }

  // Nothing more is written or read under `fence`, or that it was, until the store has healed.
  void lose(const std::string& fence, status why);

  redis_durability durability() const {
    std::lock_guard lock(mutex_);
    return opening_.durability;
  }
  status health() const {
    std::lock_guard lock(mutex_);
    return lost_;
  }

 private:
  std::string current_fence() const;  // empty while the store is lost
  void heal_until_ended();
  status heal();
  result<std::unique_ptr<redis_group_writer>> writer_over(std::unique_ptr<redis_connection> redis,
                                                          const redis_opening& opened) const;

  const settings how_;
  const std::vector<redis_keys> shards_;
  redis_readers readers_;
  std::atomic<std::uint64_t> generation_{0};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  redis_opening opening_;
  std::unique_ptr<redis_group_writer> writer_;  // null while the committer has it, or it is lost
  status lost_;                                 // why, while the store is lost
  bool ended_ = false;
  std::thread healer_;
};

// ---------------------------------------------------------------------------------------- writing

std::vector<status> redis_step_store::implementation::commit(std::span<const step> group) {
  if (group.empty()) return {};
  std::unique_ptr<redis_group_writer> writer;
  std::string fence;
  {
    std::lock_guard lock(mutex_);
    writer = std::move(writer_);
    fence = opening_.fence.text();
  }
  if (!writer) return std::vector(group.size(), not_ready());
  auto statuses = writer->commit(group, generation_);
  if (!writer->lost().ok()) {
    lose(fence, writer->lost());
    return statuses;
  }
  std::lock_guard lock(mutex_);
  // A reader may have lost the store meanwhile; then it has, or will get, another writer.
  if (lost_.ok() && opening_.fence.text() == fence) writer_ = std::move(writer);
  return statuses;
}

void redis_step_store::implementation::lose(const std::string& fence, status why) {
  std::lock_guard lock(mutex_);
  if (!lost_.ok() || opening_.fence.text() != fence) return;  // somebody else was first
  log_error("Redis at " + to_string(how_.server) + " is lost: " + why.message() +
            "; what needs it is answered UNAVAILABLE until it is back");
  lost_ = std::move(why);
  writer_.reset();
  changed_.notify_all();
}

std::string redis_step_store::implementation::current_fence() const {
  std::lock_guard lock(mutex_);
  return lost_.ok() ? opening_.fence.text() : std::string();
}

// ---------------------------------------------------------------------------------------- healing

status redis_step_store::implementation::start(std::unique_ptr<redis_connection> redis) {
  auto writer = writer_over(std::move(redis), opening_);
  if (!writer) return writer.error();
  writer_ = *std::move(writer);
  healer_ = std::thread([this] { heal_until_ended(); });
  return {};
}

redis_step_store::implementation::~implementation() {
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  if (healer_.joinable()) healer_.join();
}

void redis_step_store::implementation::heal_until_ended() {
  auto pause = std::chrono::milliseconds(0);
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return ended_ || !lost_.ok(); });
    if (changed_.wait_for(lock, pause, [&] { return ended_; })) return;
    lock.unlock();
    auto healed = heal();
    lock.lock();
    pause = healed.ok() ? pause_first : std::min(pause_max, std::max(pause_first, 2 * pause));
    if (healed.ok()) continue;
    if (healed.message() != lost_.message()) {
      log_warning("Redis at " + to_string(how_.server) + ": " + healed.message());
    }
    lost_ = healed;
    if (healed.code() != status_code::aborted) continue;
    // Were it to take the store back, the two would go on fencing each other off.
    changed_.wait(lock, [&] { return ended_; });
    return;
  }
}

// Fences the lost connection off, and only then lets anything be read again: until the fence holds
// in every shard, a command on its way may still take effect.
status redis_step_store::implementation::heal() {
  readers_.forget_all();
  redis_opening before;
  {
    std::lock_guard lock(mutex_);
    before = opening_;
  }
  auto redis = redis_connection::open(how_.server);
  if (!redis) return redis.error();
  auto opened = reopen_redis_data(**redis, before);
  if (!opened) return opened.error();
  auto writer = writer_over(*std::move(redis), *opened);
  if (!writer) return writer.error();

  std::lock_guard lock(mutex_);
  ++generation_;
  opening_ = *std::move(opened);
  writer_ = *std::move(writer);
  lost_ = {};
  log_info("Redis at " + to_string(how_.server) + " is back");
  if (auto& warning = opening_.durability.warning; !warning.empty()) {
    log_warning("Redis at " + to_string(how_.server) + ": " + warning);
  }
  return {};
}

result<std::unique_ptr<redis_group_writer>> redis_step_store::implementation::writer_over(
    std::unique_ptr<redis_connection> redis, const redis_opening& opened) const {
  return redis_group_writer::open(std::move(redis),
                                  {opened.fence.text(), shards_, how_.idempotency_retention});
}

// ---------------------------------------------------------------------------------------- opening

result<std::unique_ptr<redis_step_store>> redis_step_store::open(const settings& how) {
  PERDURE_CHECK(how.shard_count > 0 && how.idempotency_retention.count() > 0);
  auto at_server = [&](const status& what) {
    return status(what.code(), "Redis at " + to_string(how.server) + ": " + what.message());
  };
  auto redis = redis_connection::open(how.server);
  if (!redis) {
    if (redis.error().code() != status_code::unavailable) return at_server(redis.error());
    return at_server({status_code::unavailable, "it is not reachable: " + redis.error().message() +
                                                    "; start it, or look at host and port"});
  }
  redis_store_choice choice{
      {how.shard_count, how.clock.now(), how.id.empty() ? random_id() : how.id},
      !how.id.empty(),
      how.may_create};
  auto opened = open_redis_data(**redis, choice, random_id());
  if (!opened) return at_server(opened.error());
  if (auto kept = opened->store.shard_count; kept != how.shard_count) {
    log_warning("the store in Redis at " + to_string(how.server) + " keeps the " +
                std::to_string(kept) + " shards it was created with, not " +
                std::to_string(how.shard_count));
  }
  if (!opened->durability.warning.empty()) {
    log_warning("Redis at " + to_string(how.server) + ": " + opened->durability.warning);
  }
  auto opening = std::make_unique<implementation>(how, *std::move(opened));
  if (auto started = opening->start(*std::move(redis)); !started.ok()) return at_server(started);
  return std::make_unique<redis_step_store>(std::move(opening));
}

redis_step_store::redis_step_store(std::unique_ptr<implementation> opened)
    : opened_(std::move(opened)) {}

redis_step_store::~redis_step_store() = default;

// ------------------------------------------------------------------------------------------ verbs

std::uint32_t redis_step_store::shard_count() const { return opened_->shard_count(); }

std::vector<status> redis_step_store::commit(std::span<const step> group) {
  return opened_->commit(group);
}

std::uint64_t redis_step_store::generation() const { return opened_->generation(); }

redis_durability redis_step_store::durability() const { return opened_->durability(); }

status redis_step_store::health() const { return opened_->health(); }

result<history> redis_step_store::load(const entity_key& entity) {
  return opened_->reading([&](redis_connection& redis, const std::string&) {
    return read_redis_history(redis, opened_->keys_of(entity), entity);
  });
}

result<std::optional<recorded_reply>> redis_step_store::find_reply(const entity_key& entity,
                                                                   const idempotency_key& key,
                                                                   timestamp now) {
  auto found = opened_->reading([&](redis_connection& redis, const std::string&) {
    return read_redis_reply(redis, opened_->keys_of(entity), entity, key);
  });
  if (!found) return found.error();
  if (!*found || has_expired((*found)->time, now, opened_->retention())) {
    return std::optional<recorded_reply>{};
  }
  return std::optional{std::move((*found)->reply)};
}

result<std::vector<stored_event>> redis_step_store::read_log(shard_id shard, log_offset from,
                                                             std::size_t bytes_max) {
  return opened_->reading([&](redis_connection& redis, const std::string&) {
    return read_redis_log(redis, opened_->keys_of(shard), from, bytes_max);
  });
}

result<entity_page> redis_step_store::list_entities(const entity_selection& which,
                                                    const std::optional<entity_place>& from,
                                                    std::size_t max) {
  PERDURE_CHECK(max > 0);
  return opened_->reading([&](redis_connection& redis, const std::string&) -> result<entity_page> {
    if (which.id) {
      entity_key one{which.type, *which.id};
      return read_redis_entity(redis, opened_->keys_of(one), one);
    }
    auto at = from.value_or(entity_place{});
    return read_redis_entities(redis, opened_->keys_of(at.shard), shard_count(), which.type, at,
                               max);
  });
}

result<std::vector<outbox_entry>> redis_step_store::read_outbox(shard_id shard, outbox_offset after,
                                                                std::size_t bytes_max) {
  return opened_->reading([&](redis_connection& redis, const std::string&) {
    return read_redis_outbox(redis, opened_->keys_of(shard), after, bytes_max);
  });
}

status redis_step_store::trim_outbox(shard_id shard, outbox_offset last) {
  const auto& keys = opened_->keys_of(shard);
  return opened_->reading([&](redis_connection& redis, const std::string& fence) -> status {
    auto answer = redis.call({"EVAL", redis_scripts::trim, "2", keys.shard(), keys.outbox(), fence,
                              std::to_string(value(last)), redis_stream_id(value(last) + 1)});
    if (!answer) return answer.error();
    if (answer->is_integer()) return {};
    if (answer->is_error()) {
      return {status_code::unavailable, status_of_error("trimming", *answer).message()};
    }
    opened_->lose(fence, {status_code::unavailable, "somebody else has written " + keys.shard()});
    return not_ready();
  });
}

result<std::optional<command_outcome>> redis_step_store::find_outcome(
    const entity_key& target, const std::string& command_id) {
  auto found = opened_->reading([&](redis_connection& redis, const std::string&) {
    return read_redis_outcome(redis, opened_->keys_of(target), target, command_id);
  });
  if (!found) return found.error();
  if (!*found || has_expired((*found)->time, opened_->now(), opened_->retention())) {
    return std::optional<command_outcome>{};
  }
  return std::optional{std::move((*found)->outcome)};
}

}  // namespace perdure::persistence
