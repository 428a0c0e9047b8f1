// Readings on their way from a sensor's command to the reader's handler. What is committed is seen
// on the committer's thread, as in send_load.cpp.

#include "bench/topic_load.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <semaphore>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "bench/first_failure.hpp"
#include "bench/in_process_runtime.hpp"
#include "bench/readings.hpp"

namespace perdure::bench {
namespace {

using clock = std::chrono::steady_clock;

// Nothing on its way takes so long; what is lost must not be waited for.
constexpr std::chrono::seconds patience{30};

std::vector<action_model> readers_of(topic_load::kind what) {
  if (what == topic_load::kind::quiet) return {};
  return {reader_model()};
}

}  // namespace

// --------------------------------------------------------------------------------------- as fast

class topic_load::running {
 public:
  explicit running(const settings& how)
      : what_(how.what),
        sensors_(what_ == kind::published ? sensor_model() : quiet_sensor_model()),
        in_flight_(static_cast<std::ptrdiff_t>(how.in_flight)),
        slots_(in_flight_),
        runtime_({.folder = how.folder,
                  .entities = {sensors_},
                  .told = [this](auto group, auto statuses) { committed(group, statuses); },
                  .actions = readers_of(what_)}) {}

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time, measured& into) {
    submit_until(clock::now() + lead_in);
    auto before = counted_.load();
    auto counted_from = clock::now();
    submit_until(counted_from + time);
    auto counted = counted_.load() - before;
    auto spent = clock::now() - counted_from;
    for (auto i = in_flight_; i > 0; --i) acquire_slot();  // all count
    slots_.release(in_flight_);
    failure_.check();
    into.rates.push_back(static_cast<double>(counted) /
                         std::chrono::duration<double>(spent).count());
  }

 private:
  void submit_until(clock::time_point end) {
    while (clock::now() < end) {
      acquire_slot();
      auto c = add_reading(sensors_, added_++);
      c.reply = [this](const actors::outcome& done) { answered(done.result); };
      runtime_.submit(std::move(c));
    }
  }

  void acquire_slot() {
    if (slots_.try_acquire_for(patience)) return;
    throw std::runtime_error("of " + std::to_string(added_) + " readings " +
                             std::to_string(counted_.load()) + " were handled, and no more");
  }

  void answered(const status& result) {
    if (!result.ok()) {
      failure_.note(result);
      count(1);
    } else if (what_ == kind::quiet) {
      count(1);
    }
  }

  void committed(std::span<const persistence::step> group, std::span<const status> statuses) {
    std::uint64_t passed = 0;
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (statuses[i].ok()) passed += messages_passed(group[i]);
    }
    if (passed > 0) count(passed);
  }

  void count(std::uint64_t readings) {
    counted_.fetch_add(readings, std::memory_order_relaxed);
    slots_.release(static_cast<std::ptrdiff_t>(readings));
  }

  const kind what_;
  const entity_model sensors_;
  const std::ptrdiff_t in_flight_;
  std::counting_semaphore<> slots_;  // of readings that need not count yet
  std::uint64_t added_ = 0;
  std::atomic<std::uint64_t> counted_{0};
  first_failure failure_{"Add"};

  in_process_runtime runtime_;  // uses all of the above until it ends
};

topic_load::topic_load(const settings& how) : running_(std::make_unique<running>(how)) {}

topic_load::~topic_load() = default;

void topic_load::run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
                     measured& into) {
  running_->run(lead_in, time, into);
}

// --------------------------------------------------------------------------------------- steadily

class topic_latency::running {
 public:
  explicit running(const settings& how)
      : interval_(std::chrono::nanoseconds{std::chrono::seconds{1}} / how.per_second),
        sensors_(sensor_model()),
        runtime_({.folder = how.folder,
                  .entities = {sensors_},
                  .told = [this](auto group, auto statuses) { committed(group, statuses); },
                  .actions = {reader_model([this](const ReadingAdded& r) { handled(r); })},
                  .kafka = how.kafka}) {}

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time, measured& into) {
    spent_ = &into.spent;
    auto next = clock::now();
    auto counted_from = next + lead_in;
    auto end = counted_from + time;
    while (next < end) {
      std::this_thread::sleep_until(next);
      if (next < counted_from) first_counted_ = added_ + 1;
      auto c = add_reading(sensors_, added_++);
      c.reply = [this](const actors::outcome& done) {
        if (!done.result.ok()) failure_.note(done.result);
      };
      runtime_.submit(std::move(c));
      next += interval_;
    }
    std::unique_lock lock(mutex_);
    auto all = changed_.wait_for(lock, patience, [&] { return handled_ >= added_; });
    failure_.check();
    if (!all) {
      throw std::runtime_error("of " + std::to_string(added_) + " readings " +
                               std::to_string(handled_) + " were handled, and no more");
    }
  }

 private:
  void committed(std::span<const persistence::step> group, std::span<const status> statuses) {
    auto now = clock::now();
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (!statuses[i].ok() || group[i].events.empty()) continue;
      ReadingAdded added;
      added.ParseFromString(group[i].events.front().payload);
      committed_at(added.number()) = now;
    }
  }

  // The reader sees only what is committed, and is woken after committed().
  void handled(const ReadingAdded& reading) {
    auto now = clock::now();
    if (reading.number() >= first_counted_) {
      spent_->record(now - committed_at(reading.number()).load());
    }
    std::lock_guard lock(mutex_);
    ++handled_;
    changed_.notify_one();
  }

  std::atomic<clock::time_point>& committed_at(std::uint64_t number) {
    return committed_at_[number % committed_at_.size()];
  }

  const clock::duration interval_;
  const entity_model sensors_;
  std::uint64_t added_ = 0;
  std::atomic<std::uint64_t> first_counted_{0};
  latencies* spent_ = nullptr;
  // Of the last readings; more are never on their way.
  std::array<std::atomic<clock::time_point>, 1 << 16> committed_at_{};
  first_failure failure_{"Add"};
  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::uint64_t handled_ = 0;

  in_process_runtime runtime_;  // uses all of the above until it ends
};

topic_latency::topic_latency(const settings& how) : running_(std::make_unique<running>(how)) {}

topic_latency::~topic_latency() = default;

void topic_latency::run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
                        measured& into) {
  running_->run(lead_in, time, into);
}

// --------------------------------------------------------------------------------------- catching
// up

std::chrono::duration<double> catch_up(const std::filesystem::path& folder,
                                       std::uint64_t readings) {
  {
    system_clock time;
    hybrid_clock times(time);
    auto store = persistence::rocksdb_step_store::open({.folder = folder, .clock = time});
    if (!store.ok()) throw std::runtime_error(store.error().message());
    store_readings(**store, times, 0, readings);
    await_quiet(std::chrono::seconds{5});  // RocksDB puts what is new in order
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::uint64_t passed = 0;
  auto begun = clock::now();
  in_process_runtime runtime({.folder = folder,
                              .entities = {sensor_model()},
                              .told =
                                  [&](auto group, auto statuses) {
                                    std::lock_guard lock(mutex);
                                    for (std::size_t i = 0; i < group.size(); ++i) {
                                      if (statuses[i].ok()) passed += messages_passed(group[i]);
                                    }
                                    if (passed >= readings) changed.notify_one();
                                  },
                              .actions = {reader_model()}});
  std::unique_lock lock(mutex);
  if (!changed.wait_for(lock, 4 * patience, [&] { return passed >= readings; })) {
    throw std::runtime_error("of " + std::to_string(readings) + " readings only " +
                             std::to_string(passed) + " were handled");
  }
  return clock::now() - begun;
}

}  // namespace perdure::bench
