#pragma once

#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "shop.pb.h"
#include "test/persistence/samples.hpp"
#include "test/pubsub/topic_log_adapters.hpp"
#include "views/queries.hpp"

// The view of shop.proto over a topic in memory, and its queries.

namespace perdure::test {

// Longer than anything takes.
inline constexpr std::chrono::seconds patience{60};

// Waits for a condition that another thread makes true.
inline bool eventually(const std::function<bool()>& condition) {
  auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

// A view without handlers.
struct plain_view final : view {
  any_view_effect handle(std::size_t, const google::protobuf::Message*,
                         const google::protobuf::Message&) override {
    throw std::logic_error("nothing to handle");
  }
};

inline shop::Item item(const std::string& name, std::int64_t price, const std::string& text = {}) {
  shop::Item made;
  made.set_name(name);
  made.set_price(price);
  made.set_text(text);
  return made;
}

// What comes some time.
template <class T>
class awaited {
 public:
  void came(T value) {
    std::lock_guard lock(mutex_);
    BOOST_REQUIRE(!value_);
    value_.emplace(std::move(value));
    changed_.notify_all();
  }
  bool is_there() const {
    std::lock_guard lock(mutex_);
    return value_.has_value();
  }
  T get() {
    std::unique_lock lock(mutex_);
    BOOST_REQUIRE(changed_.wait_for(lock, patience, [&] { return value_.has_value(); }));
    return *value_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<T> value_;
};

// Reads a stream when the test says so, or, with `greedy`, at once.
class stream_client final : public views::reply_reader {
 public:
  explicit stream_client(bool greedy = false) : is_greedy_(greedy) {}

  void reply(std::string encoded) override {
    std::unique_lock lock(mutex_);
    BOOST_REQUIRE(!end_);
    replies_.push_back(std::move(encoded));
    changed_.notify_all();
    auto stream = stream_;
    lock.unlock();
    if (is_greedy_ && stream) stream->next();
  }
  void end(status why) override {
    std::unique_lock lock(mutex_);
    BOOST_REQUIRE(!end_);
    end_ = std::move(why);
    changed_.notify_all();
    auto over = std::exchange(stream_, nullptr);
    lock.unlock();
  }

  void attach(std::shared_ptr<views::reply_stream> stream) {
    std::unique_lock lock(mutex_);
    if (end_) return;
    stream_ = stream;
    bool has_one = !replies_.empty();
    lock.unlock();
    if (is_greedy_ && has_one) stream->next();
  }

  void next() {
    std::unique_lock lock(mutex_);
    auto stream = stream_;
    lock.unlock();
    if (stream) stream->next();
  }
  void cancel() {
    std::unique_lock lock(mutex_);
    auto stream = stream_;
    lock.unlock();
    if (stream) stream->cancel();
  }

  // Client and stream have each other until then.
  void let_go() {
    std::unique_lock lock(mutex_);
    auto stream = std::exchange(stream_, nullptr);
    lock.unlock();
    if (stream) stream->cancel();
  }

  std::string reply_at(std::size_t n) {
    std::unique_lock lock(mutex_);
    BOOST_REQUIRE(changed_.wait_for(lock, patience, [&] { return replies_.size() > n || end_; }));
    BOOST_REQUIRE(replies_.size() > n);
    return replies_[n];
  }
  std::size_t count() const {
    std::lock_guard lock(mutex_);
    return replies_.size();
  }
  status ended() {
    std::unique_lock lock(mutex_);
    BOOST_REQUIRE(changed_.wait_for(lock, patience, [&] { return end_.has_value(); }));
    return *end_;
  }
  bool has_ended() const {
    std::lock_guard lock(mutex_);
    return end_.has_value();
  }

 private:
  const bool is_greedy_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<views::reply_stream> stream_;
  std::vector<std::string> replies_;
  std::optional<status> end_;
};

struct shop_fixture {
  explicit shop_fixture(views::query_limits with = {}) : bounds(with) { open_home(); }
  ~shop_fixture() {
    for (const auto& client : all_clients) client->let_go();
    queries.reset();
    home.reset();
  }

  // As a new process does.
  void open_home() {
    auto opened =
        views::view_home::open({service(), [] { return std::make_unique<plain_view>(); }, "shop"},
                               {folder.path(), {{&*logs, "items"}}, clock, {}});
    BOOST_REQUIRE_MESSAGE(opened.ok(), opened.error());
    home = *std::move(opened);
    home->start();
    start();
  }
  void start() {
    queries.emplace(*home, clock, bounds, [this](auto what) { threads.run(std::move(what)); });
  }

  static const google::protobuf::ServiceDescriptor* service() {
    return shop::Item::descriptor()->file()->service(0);
  }

  void add(const shop::Item& item) {
    auto s = mail_only("publisher");
    auto m = message_of("items", item.name(), "");
    m.type = item.GetTypeName();
    m.payload = item.SerializeAsString();
    topics_of(s).messages = {m};
    logs.store_step(std::move(s), timestamp{std::chrono::seconds(1000)});
  }
  void remove(const std::string& name) {
    auto s = mail_only("publisher");
    auto m = message_of("items", name, "");
    m.type = "google.protobuf.Empty";
    m.payload = std::nullopt;
    topics_of(s).messages = {m};
    logs.store_step(std::move(s), timestamp{std::chrono::seconds(1000)});
  }
  // Where the log is with all that was added.
  std::vector<log_position> here() {
    std::vector<log_position> all;
    for (std::uint32_t n = 0; n < logs.store.shard_count(); ++n) {
      all.push_back({"topic/items", n, value(logs.store.bounds("items", n).end)});
    }
    return all;
  }
  // And all that was added is in the view.
  void settle() {
    awaited<status> seen;
    home->when_seen(here(), clock.now() + patience, [&](status s) { seen.came(std::move(s)); });
    BOOST_REQUIRE_MESSAGE(seen.get().ok(), to_string(seen.get()));
    BOOST_REQUIRE(home->serving().ok());
  }

  template <class Request>
  views::query_call call(const std::string& rpc, const Request& request) {
    views::query_call made;
    const auto& all = home->plan().queries;
    auto found = std::ranges::find_if(all, [&](const auto& q) { return q.rpc->name() == rpc; });
    BOOST_REQUIRE(found != all.end());
    made.query = static_cast<std::size_t>(found - all.begin());
    made.request = std::make_unique<Request>(request);
    made.deadline = clock.now() + patience;
    return made;
  }

  using answer_slot = std::shared_ptr<awaited<result<std::string>>>;
  answer_slot ask_later(views::query_call c) {
    auto slot = std::make_shared<awaited<result<std::string>>>();
    queries->answer(std::move(c), [slot](result<std::string> r) { slot->came(std::move(r)); });
    return slot;
  }
  result<std::string> ask(views::query_call c) { return ask_later(std::move(c))->get(); }

  template <class Response, class Request>
  Response ask(const std::string& rpc, const Request& request) {
    auto made = ask(call(rpc, request));
    BOOST_REQUIRE_MESSAGE(made.ok(), rpc << ": " << to_string(made.error()));
    Response response;
    BOOST_REQUIRE(response.ParseFromString(*made));
    return response;
  }
  template <class Request>
  status_code code(const std::string& rpc, const Request& request) {
    return ask(call(rpc, request)).error().code();
  }

  std::shared_ptr<stream_client> open(views::query_call c, bool greedy = true) {
    auto client = std::make_shared<stream_client>(greedy);
    {
      std::lock_guard lock(clients_mutex);
      all_clients.push_back(client);
    }
    client->attach(queries->open(std::move(c), client));
    return client;
  }

  views::query_limits bounds;
  system_clock clock;
  temporary_folder folder;
  embedded_log logs;
  worker threads{2};
  std::unique_ptr<views::view_home> home;
  std::optional<views::queries> queries;
  std::mutex clients_mutex;
  std::vector<std::shared_ptr<stream_client>> all_clients;
};

}  // namespace perdure::test
