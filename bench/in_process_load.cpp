// The runtime without its gateways. One thread submits; whoever answers lets it submit the next,
// and does no more.

#include "bench/in_process_load.hpp"

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <mutex>
#include <semaphore>
#include <stdexcept>
#include <utility>

#include "actors/actor_runtime.hpp"
#include "actors/entity_router.hpp"
#include "bench/cart_steps.hpp"
#include "persistence/group_commit.hpp"
#include "persistence/rocksdb_step_store.hpp"

namespace perdure::bench {
namespace {

using clock = std::chrono::steady_clock;
using commands = std::vector<cart::api::AddItemRequest>;

std::unique_ptr<persistence::rocksdb_step_store> open_store(const std::filesystem::path& folder,
                                                            const perdure::clock& time) {
  auto opened = persistence::rocksdb_step_store::open({.folder = folder, .clock = time});
  if (!opened.ok()) throw std::runtime_error(opened.error().message());
  return std::move(*opened);
}

}  // namespace

class in_process_load::running {
 public:
  running(const std::filesystem::path& folder, const commands& given, std::size_t in_flight)
      : commands_(given),
        models_(cart_models()),
        add_item_(models_.front().service->FindMethodByName("AddItem")),
        store_(open_store(folder, time_)),
        commits_(*store_),
        router_(actors_.system(), models_,
                {*store_, commits_, time_, step_times_,
                 [this](std::function<void()> read) { boost::asio::post(reads_, std::move(read)); },
                 limits{}, true}),
        in_flight_(static_cast<std::ptrdiff_t>(in_flight)),
        slots_(in_flight_) {
    commits_.start();
  }

  ~running() {
    router_.drain(std::chrono::seconds{20});
    reads_.join();
  }

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time, measured& into) {
    spent_ = &into.spent;
    answers_ = 0;
    auto now = clock::now();
    auto counted_from = now + lead_in;
    submit_until(counted_from);
    counting_ = true;
    submit_until(counted_from + time);
    counting_ = false;
    auto counted = clock::now() - counted_from;
    for (auto i = in_flight_; i > 0; --i) slots_.acquire();  // all are answered
    slots_.release(in_flight_);
    if (!failure_.ok()) throw std::runtime_error("AddItem was answered " + to_string(failure_));
    into.rates.push_back(static_cast<double>(answers_) /
                         std::chrono::duration<double>(counted).count());
  }

 private:
  void submit_until(clock::time_point end) {
    for (;;) {
      slots_.acquire();
      auto now = clock::now();
      if (now >= end) return slots_.release();
      const auto& next = commands_[next_++ % commands_.size()];
      actors::command c;
      c.target = {models_.front().entity_type, next.cart_id()};
      c.method = add_item_;
      c.request = std::make_unique<cart::api::AddItemRequest>(next);
      c.request_bytes = next.ByteSizeLong();
      c.reply = [this, now](actors::outcome done) { answered(done, now); };
      router_.submit(std::move(c));
    }
  }

  void answered(const actors::outcome& done, clock::time_point begun) {
    if (!done.result.ok()) {
      std::lock_guard lock(mutex_);
      failure_ = done.result;
    } else if (counting_.load(std::memory_order_relaxed)) {
      answers_.fetch_add(1, std::memory_order_relaxed);
      spent_->record(clock::now() - begun);
    }
    slots_.release();
  }

  const commands& commands_;
  const std::vector<entity_model> models_;
  const google::protobuf::MethodDescriptor* add_item_;

  // In the order of apps/runtime/host.cpp.
  system_clock time_;
  hybrid_clock step_times_{time_};
  std::unique_ptr<persistence::rocksdb_step_store> store_;
  persistence::group_commit commits_;
  boost::asio::thread_pool reads_{4};
  actors::actor_runtime actors_;
  actors::entity_router router_;

  const std::ptrdiff_t in_flight_;
  std::counting_semaphore<> slots_;  // of those that may be in flight
  std::size_t next_ = 0;
  latencies* spent_ = nullptr;
  std::atomic<bool> counting_{false};
  std::atomic<std::uint64_t> answers_{0};
  std::mutex mutex_;  // of failure_
  status failure_;
};

in_process_load::in_process_load(const std::filesystem::path& folder, const commands& given,
                                 std::size_t in_flight)
    : running_(std::make_unique<running>(folder, given, in_flight)) {}

in_process_load::~in_process_load() = default;

void in_process_load::run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
                          measured& into) {
  running_->run(lead_in, time, into);
}

}  // namespace perdure::bench
