// The runtime without its gateways. One thread submits; whoever answers lets it submit the next,
// and does no more.

#include "bench/in_process_load.hpp"

#include <atomic>
#include <mutex>
#include <semaphore>
#include <stdexcept>
#include <utility>

#include "bench/cart_steps.hpp"
#include "bench/in_process_runtime.hpp"

namespace perdure::bench {
namespace {

using clock = std::chrono::steady_clock;
using commands = std::vector<cart::api::AddItemRequest>;

}  // namespace

class in_process_load::running {
 public:
  running(const std::filesystem::path& folder, const commands& given, std::size_t in_flight)
      : commands_(given),
        add_item_(cart_models().front().service->FindMethodByName("AddItem")),
        in_flight_(static_cast<std::ptrdiff_t>(in_flight)),
        slots_(in_flight_),
        runtime_({folder, cart_models()}) {}

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
      c.target = {cart_models().front().entity_type, next.cart_id()};
      c.method = add_item_;
      c.request = std::make_unique<cart::api::AddItemRequest>(next);
      c.request_bytes = next.ByteSizeLong();
      c.reply = [this, now](actors::outcome done) { answered(done, now); };
      runtime_.submit(std::move(c));
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
  const google::protobuf::MethodDescriptor* add_item_;

  const std::ptrdiff_t in_flight_;
  std::counting_semaphore<> slots_;  // of those that may be in flight
  std::size_t next_ = 0;
  latencies* spent_ = nullptr;
  std::atomic<bool> counting_{false};
  std::atomic<std::uint64_t> answers_{0};
  std::mutex mutex_;  // of failure_
  status failure_;

  in_process_runtime runtime_;  // uses all of the above until it ends
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
