// Commands, the view that follows them, and those who ask it: all in this process. A query goes to
// the view as the gateway hands it on.

#include "bench/view_load.hpp"

#include <sched.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <condition_variable>
#include <future>
#include <mutex>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/log_position.hpp"
#include "bench/first_failure.hpp"
#include "bench/in_process_runtime.hpp"

namespace perdure::bench {
namespace {

using clock = std::chrono::steady_clock;
using ::bench::stock::api::ItemRequest;
using ::bench::stock::api::ShelfRequest;
using ::bench::stock::api::StockRow;

constexpr std::ptrdiff_t in_flight = 64;
constexpr double asked_per_second = 200;

// Nothing takes so long; what is lost must not be waited for.
constexpr std::chrono::seconds patience{60};
constexpr std::chrono::milliseconds look{1};

void await(const std::function<bool()>& is_so, const std::string& what) {
  auto give_up = clock::now() + patience;
  while (!is_so()) {
    if (clock::now() > give_up) throw std::runtime_error("in vain: " + what);
    std::this_thread::sleep_for(look);
  }
}

void await_serving(runtime::view_homes::one& view) {
  await([&] { return view.home->serving().ok(); }, "a view that serves");
}

views::query_call call_of(const runtime::view_homes::one& view, const std::string& rpc,
                          std::unique_ptr<google::protobuf::Message> request) {
  const auto& all = view.home->plan().queries;
  auto found = std::ranges::find_if(all, [&](const auto& q) { return q.rpc->name() == rpc; });
  views::query_call call;
  call.query = static_cast<std::size_t>(found - all.begin());
  call.request = std::move(request);
  return call;
}

std::chrono::nanoseconds processor_time() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return std::chrono::seconds{spent.tv_sec} + std::chrono::nanoseconds{spent.tv_nsec};
}

// Who watches a shelf: keeps the last count that it was told.
class watcher final : public views::reply_reader {
 public:
  void reply(std::string encoded) override {
    StockRow row;
    if (row.ParseFromString(encoded) && row.quantity() > last_) last_ = row.quantity();
    std::unique_lock lock(mutex_);
    is_owed_ = stream_ == nullptr;
    auto stream = stream_;
    lock.unlock();
    if (stream) stream->next();
  }
  void end(status why) override { failed_.note(why); }

  void attach(std::shared_ptr<views::reply_stream> stream) {
    std::unique_lock lock(mutex_);
    stream_ = stream;
    bool is_owed = std::exchange(is_owed_, false);
    lock.unlock();
    if (is_owed) stream->next();
  }

  void leave() {
    std::unique_lock lock(mutex_);
    auto stream = std::exchange(stream_, nullptr);
    lock.unlock();
    if (stream) stream->cancel();
  }

  std::int64_t last() const {
    failed_.check();
    return last_;
  }

 private:
  std::atomic<std::int64_t> last_{-1};
  first_failure failed_{"Watch"};
  std::mutex mutex_;  // of what follows
  std::shared_ptr<views::reply_stream> stream_;
  bool is_owed_ = false;  // a reply came before there was a stream to take the next of
};

// The calling thread, and those that it makes, on one processor while this lives.
class one_core {
 public:
  one_core() {
    sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0) {
      throw std::runtime_error("cannot keep to one processor");
    }
  }
  ~one_core() { sched_setaffinity(0, sizeof before_, &before_); }
  one_core(const one_core&) = delete;
  one_core& operator=(const one_core&) = delete;

 private:
  cpu_set_t before_{};
};

}  // namespace

// --------------------------------------------------------------------------------------- as fast

class followed_counts::running {
 public:
  explicit running(const settings& how)
      : items_(how.items),
        last_(how.items.count / how.items.on_shelf),
        runtime_({.folder = how.folder, .entities = {item_model()}, .views = {how.view}}) {
    await_serving(view());
    while (counts_ < items_.count) submit();  // so that all have rows
    await_all();
    for (std::size_t i = 0; i < how.live_queries; ++i) watch(i);
    await_told();
  }

  ~running() {
    for (auto& w : watchers_) w->leave();
  }

  void run(std::chrono::milliseconds time, measured& into) {
    auto processor_before = processor_time();
    auto before = counts_;
    auto begun = clock::now();
    while (clock::now() - begun < time) submit();
    await_all();
    auto spent = clock::now() - begun;
    auto processor = processor_time() - processor_before;
    auto counts = static_cast<double>(counts_ - before);
    into.rates.push_back(counts / std::chrono::duration<double>(spent).count());
    into.processor_us.push_back(std::chrono::duration<double, std::micro>(processor).count() /
                                counts);
  }

 private:
  runtime::view_homes::one& view() { return runtime_.view(0); }

  void watch(std::size_t shelf) {
    auto request = std::make_unique<ShelfRequest>();
    request->set_shelf(items_.shelf(shelf * items_.on_shelf));
    auto& w = watchers_.emplace_back(std::make_shared<watcher>());
    w->attach(view().queries->open(call_of(view(), "Watch", std::move(request)), w));
  }

  void submit() {
    if (!slots_.try_acquire_for(patience)) throw std::runtime_error("a count is not answered");
    last_[items_.counted(counts_) / items_.on_shelf] = static_cast<std::int64_t>(counts_);
    auto c = items_.count_command(counts_++);
    c.reply = [this](const actors::outcome& done) {
      if (!done.result.ok()) failure_.note(done.result);
      slots_.release();
    };
    runtime_.submit(std::move(c));
  }

  // They are answered, the view has seen them, and so has who watches.
  void await_all() {
    for (std::ptrdiff_t i = 0; i < in_flight; ++i) slots_.acquire();
    slots_.release(in_flight);
    failure_.check();
    std::promise<status> seen;
    view().home->when_seen(runtime_.ends_of(item_model().entity_type), timestamp::max(),
                           [&](status s) { seen.set_value(std::move(s)); });
    if (auto s = seen.get_future().get(); !s.ok()) throw std::runtime_error(to_string(s));
    await_told();
  }

  void await_told() {
    for (std::size_t i = 0; i < watchers_.size(); ++i) {
      await([&] { return watchers_[i]->last() >= last_[i]; }, "the last count on a shelf");
    }
  }

  const stock_items items_;
  std::counting_semaphore<> slots_{in_flight};  // of counts that may be in flight
  std::uint64_t counts_ = 0;
  std::vector<std::int64_t> last_;  // count on each shelf
  first_failure failure_{"Count"};
  std::vector<std::shared_ptr<watcher>> watchers_;

  in_process_runtime runtime_;  // uses all of the above until it ends
};

followed_counts::followed_counts(const settings& how) : running_(std::make_unique<running>(how)) {}

followed_counts::~followed_counts() = default;

void followed_counts::run(std::chrono::milliseconds, std::chrono::milliseconds time,
                          measured& into) {
  running_->run(time, into);
}

double counts_of_one_core(const std::filesystem::path& folder, const stock_items& items,
                          std::chrono::milliseconds time) {
  one_core pinned;
  followed_counts counts({.folder = folder, .items = items, .view = stock_view_model()});
  measured of_counts;
  counts.run({}, time, of_counts);
  return of_counts.rate();
}

// --------------------------------------------------------------------------------------- steadily

class view_lag::running {
 public:
  explicit running(const settings& how)
      : items_(how.items),
        interval_(std::chrono::duration_cast<std::chrono::nanoseconds>(
            std::chrono::duration<double>(1 / how.per_second))),
        ask_every_(static_cast<std::uint64_t>(std::max(1.0, how.per_second / asked_per_second))),
        runtime_(
            {.folder = how.folder, .entities = {item_model()}, .views = {stock_view_model()}}) {
    await_serving(view());
  }

  ~running() { asking_.join(); }

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time, measured& into) {
    spent_ = &into.spent;
    auto counts_before = counts_;
    auto begun = clock::now();
    auto counted_from = begun + lead_in;
    auto end = counted_from + time;
    for (auto next = begun; next < end; next += interval_) {
      std::this_thread::sleep_until(next);
      if (next < counted_from) first_counted_ = counts_ + 1;
      submit();
    }
    auto spent = clock::now() - begun;
    std::unique_lock lock(mutex_);
    auto all = changed_.wait_for(lock, patience, [&] { return under_way_ == 0; });
    failure_.check();
    if (!all) throw std::runtime_error("not all counts were answered and seen");
    into.rates.push_back(static_cast<double>(counts_ - counts_before) /
                         std::chrono::duration<double>(spent).count());
  }

 private:
  runtime::view_homes::one& view() { return runtime_.view(0); }

  void submit() {
    auto number = counts_++;
    {
      std::lock_guard lock(mutex_);
      ++under_way_;
    }
    auto c = items_.count_command(number);
    c.reply = [this, number](actors::outcome done) {
      if (!done.result.ok()) failure_.note(done.result);
      if (!done.result.ok() || number % ask_every_ != 0) return ended();
      // This thread commits: who asks is another.
      boost::asio::post(asking_,
                        [this, number, now = clock::now(), positions = std::move(done.positions)] {
                          ask(number, positions, now);
                        });
    };
    runtime_.submit(std::move(c));
  }

  void ask(std::uint64_t number, const std::string& positions, clock::time_point replied) {
    auto request = std::make_unique<ItemRequest>();
    request->set_item_id(stock_items::id(items_.counted(number)));
    auto call = call_of(view(), "Get", std::move(request));
    auto decoded = decode_positions(positions);
    if (!decoded.ok() || decoded->empty()) {
      failure_.note({status_code::internal, "the reply of a count tells no position"});
      return ended();
    }
    call.positions = *std::move(decoded);
    view().queries->answer(std::move(call), [this, number, replied](const auto& answer) {
      auto now = clock::now();
      StockRow row;
      if (!answer.ok()) {
        failure_.note(answer.error());
      } else if (!row.ParseFromString(*answer) ||
                 row.quantity() < static_cast<std::int64_t>(number)) {
        failure_.note({status_code::internal, "a row is older than what was waited for"});
      } else if (number >= first_counted_) {
        spent_->record(now - replied);
      }
      ended();
    });
  }

  void ended() {
    std::lock_guard lock(mutex_);
    --under_way_;
    changed_.notify_one();
  }

  const stock_items items_;
  const std::chrono::nanoseconds interval_;
  const std::uint64_t ask_every_;
  std::uint64_t counts_ = 0;
  std::atomic<std::uint64_t> first_counted_{0};
  latencies* spent_ = nullptr;
  first_failure failure_{"a count, or a query for its row,"};
  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::uint64_t under_way_ = 0;  // counts that are not answered, or to be seen

  boost::asio::thread_pool asking_{1};
  in_process_runtime runtime_;  // uses all of the above until it ends
};

view_lag::view_lag(const settings& how) : running_(std::make_unique<running>(how)) {}

view_lag::~view_lag() = default;

void view_lag::run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
                   measured& into) {
  running_->run(lead_in, time, into);
}

}  // namespace perdure::bench
