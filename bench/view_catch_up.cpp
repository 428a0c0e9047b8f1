// A store, the log of its items and a view that reads it: no entities, no gateway.

#include "bench/view_catch_up.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "bench/stored_carts.hpp"
#include "persistence/rocksdb_step_store.hpp"
#include "pubsub/entity_log.hpp"
#include "views/view_home.hpp"

namespace perdure::bench {
namespace {

using clock = std::chrono::steady_clock;
using seconds = std::chrono::duration<double>;

// What RocksDB has to put in order of what was stored is not the view's.
constexpr std::chrono::seconds quiet_within{5};

std::unique_ptr<persistence::rocksdb_step_store> open_store(const std::filesystem::path& folder,
                                                            const perdure::clock& time) {
  auto opened = persistence::rocksdb_step_store::open({.folder = folder, .clock = time});
  if (!opened.ok()) throw std::runtime_error(opened.error().message());
  return *std::move(opened);
}

}  // namespace

class view_catch_up::running {
 public:
  explicit running(const settings& how)
      : how_(how),
        store_(open_store(how.folder, time_)),
        log_(*store_, items_.service_name, grown_,
             [this](std::function<void()> what) { boost::asio::post(reads_, std::move(what)); }) {
    count_up_to(how_.items.count);
    open();
    view_->start();
    await_serving();
  }

  ~running() {
    view_.reset();
    grown_.stop();
    reads_.join();
  }

  seconds catch_up() {
    view_.reset();
    count_up_to(counts_ + how_.events);
    await_quiet(quiet_within);
    open();
    auto begun = clock::now();
    view_->start();
    await_seen();
    return clock::now() - begun;
  }

  seconds rebuild() {
    await_quiet(quiet_within);
    auto begun = clock::now();
    if (auto s = view_->rebuild(); !s.ok()) throw std::runtime_error(to_string(s));
    await_serving();
    return clock::now() - begun;
  }

  void count_up_to(std::uint64_t counts) {
    if (counts <= counts_) return;
    store_steps(*store_, times_, counts - counts_,
                [&](std::size_t i) { return how_.items.count_step(counts_ + i); });
    counts_ = counts;
    grown_.grown();
  }

  const settings& how() const { return how_; }

  std::filesystem::path file() const {
    auto rows = view_->serving();
    if (!rows.ok()) throw std::runtime_error(to_string(rows.error()));
    return (*rows)->path();
  }

 private:
  void open() {
    auto opened = views::view_home::open(stock_view_model(), {.folder = how_.folder / "views",
                                                              .logs = {{&log_, items_.entity_type}},
                                                              .clock = time_,
                                                              .bounds = {}});
    if (!opened.ok()) throw std::runtime_error(to_string(opened.error()));
    view_ = *std::move(opened);
  }

  // Looks often enough for what takes many times as long.
  void await_serving() const {
    constexpr std::chrono::milliseconds look{2};
    while (view_->status_now().next || !view_->serving().ok()) {
      auto now = view_->status_now();
      auto problem = now.next ? now.next->progress.problem : now.serving.problem;
      if (!problem.empty()) throw std::runtime_error(now.service + ": " + problem);
      std::this_thread::sleep_for(look);
    }
  }

  void await_seen() {
    std::promise<status> seen;
    view_->when_seen(log_ends(*store_, items_.entity_type), timestamp::max(),
                     [&](status s) { seen.set_value(std::move(s)); });
    if (auto s = seen.get_future().get(); !s.ok()) throw std::runtime_error(to_string(s));
  }

  const settings how_;
  const entity_model items_ = item_model();
  system_clock time_;
  hybrid_clock times_{time_};
  std::unique_ptr<persistence::rocksdb_step_store> store_;
  std::uint64_t counts_ = 0;  // that are stored
  pubsub::growth grown_;
  boost::asio::thread_pool reads_{4};
  pubsub::entity_log log_;
  std::unique_ptr<views::view_home> view_;
};

view_catch_up::view_catch_up(const settings& how) : running_(std::make_unique<running>(how)) {}

view_catch_up::~view_catch_up() = default;

void view_catch_up::run(std::chrono::milliseconds, std::chrono::milliseconds time, measured& into) {
  seconds spent{};
  double events = 0;
  do {
    spent += running_->catch_up();
    events += static_cast<double>(running_->how().events);
  } while (spent < time);
  into.rates.push_back(events / spent.count());
}

void view_catch_up::count_up_to(std::uint64_t counts) { running_->count_up_to(counts); }

std::chrono::duration<double> view_catch_up::rebuild() { return running_->rebuild(); }

std::filesystem::path view_catch_up::file() const { return running_->file(); }

}  // namespace perdure::bench
