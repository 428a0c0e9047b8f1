// Entities on real threads, as in a service: several threads bring commands and run them, entities
// come and go, and the store fails now and then. Nothing may be lost, doubled or out of order.

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <semaphore>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "test/actors/service_on_threads.hpp"

using namespace std::chrono_literals;
using perdure::status_code;

namespace {

constexpr std::size_t entities = 20;
constexpr std::size_t callers_count = 4;
constexpr int commands_each = 5'000;

// What is known of one counter.
struct counter_facts {
  std::atomic<std::int64_t> acknowledged{0};
  std::array<std::atomic<std::int64_t>, callers_count> last{};  // value that a thread was answered
};

struct running : test::service_on_threads {
  running() : service_on_threads(entities / 2) {}
};

perdure::actors::command add_one(std::size_t entity) {
  auto request = std::make_unique<test::counter::AddRequest>();
  request->set_counter_id(std::to_string(entity));
  request->set_amount(1);
  perdure::actors::command c;
  c.target = {"counter", request->counter_id()};
  c.method = test::counter::counter::model().service->FindMethodByName("Add");
  c.request_bytes = request->ByteSizeLong();
  c.request = std::move(request);
  return c;
}

// A message for desk x, sent by a desk or by a label in the other store.
perdure::actors::command pass_on(std::size_t sender, const std::string& text) {
  perdure::actors::command c;
  c.way = perdure::actors::delivery::sent;
  c.command_id = text;
  if (sender % 2 == 0) {
    auto request = std::make_unique<test::desk::PassRequest>();
    request->set_desk_id("sender" + std::to_string(sender));
    request->set_to("x");
    request->add_texts(text);
    request->set_silently(true);
    c.target = {"desk", request->desk_id()};
    c.method = test::desk::desk::model().service->FindMethodByName("Pass");
    c.request = std::move(request);
  } else {
    auto request = std::make_unique<test::desk::PutRequest>();
    request->set_label_id("sender" + std::to_string(sender));
    request->set_text(text);
    request->set_pass_to("x");
    c.target = {"label", request->label_id()};
    c.method = test::desk::label::model().service->FindMethodByName("Put");
    c.request = std::move(request);
  }
  c.request_bytes = c.request->ByteSizeLong();
  return c;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(many_threads)

BOOST_AUTO_TEST_CASE(nothing_is_lost_doubled_or_out_of_order) {
  std::array<counter_facts, entities> facts;
  std::atomic<int> out_of_order = 0, unknown = 0, otherwise = 0;
  running service;
  std::counting_semaphore<> slots(256);
  std::vector<std::jthread> callers;
  for (std::size_t t = 0; t < callers_count; ++t) {
    callers.emplace_back([&, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      for (int i = 0; i < commands_each; ++i) {
        slots.acquire();
        auto entity = random() % entities;
        auto c = add_one(entity);
        c.reply = [&, t, &about = facts[entity]](perdure::actors::outcome o) {
          test::counter::Value value;
          if (o.result.ok() && value.ParseFromString(o.reply)) {
            ++about.acknowledged;
            if (about.last[t].exchange(value.value()) >= value.value()) ++out_of_order;
          } else {
            ++(o.result.code() == status_code::unavailable ? unknown : otherwise);
          }
          slots.release();
        };
        service.router->submit(std::move(c));
      }
    });
  }
  callers.clear();
  BOOST_REQUIRE(service.router->drain(60s));
  BOOST_TEST(out_of_order == 0);
  BOOST_TEST(otherwise == 0);
  BOOST_TEST(unknown > 0);

  for (std::size_t entity = 0; entity < entities; ++entity) {
    auto stored = service.store.load({"counter", std::to_string(entity)});
    BOOST_REQUIRE(stored.ok());
    auto last = !stored->events.empty() ? value(stored->events.back().sequence)
                : stored->snapshot      ? value(stored->snapshot->sequence)
                                        : 0;
    BOOST_TEST(last == static_cast<std::uint64_t>(facts[entity].acknowledged));
  }
}

// The committer's thread, which brings the mail, lives longer than the actor system.
BOOST_AUTO_TEST_CASE(what_mail_has_made_resident_lets_the_service_end) {
  std::binary_semaphore handled(0);
  running service;
  auto c = add_one(1);
  c.way = perdure::actors::delivery::mailbox;
  c.reply = [&](const perdure::actors::outcome& o) {
    BOOST_TEST(o.result.ok());
    handled.release();
  };
  service.router->submit(std::move(c));
  handled.acquire();
}

// Each caller's messages pass an entity of its own, of one store or the other, on their way to the
// same desk.
BOOST_AUTO_TEST_CASE(mail_arrives_once_and_in_order_from_each_sender) {
  constexpr int messages_each = 300;
  running service;
  std::counting_semaphore<> slots(32);
  std::mutex mutex;
  std::set<std::string> accepted;
  std::vector<std::jthread> callers;
  for (std::size_t t = 0; t < callers_count; ++t) {
    callers.emplace_back([&, t] {
      for (int i = 0; i < messages_each; ++i) {
        slots.acquire();
        auto text = std::to_string(t) + "-" + std::to_string(1000 + i);
        auto c = pass_on(t, text);
        c.reply = [&, text](perdure::actors::outcome o) {
          {
            std::lock_guard lock(mutex);
            if (o.result.ok()) accepted.insert(text);
          }
          slots.release();
        };
        service.router->submit(std::move(c));
        if (i % 40 == 0) {
          service.store_elsewhere.next_commit = test::memory_outbox_store::fault::stored_but_failed;
        }
      }
    });
  }
  callers.clear();
  for (int i = 0; i < 32; ++i) slots.acquire();
  while (!service.store.entities_with_mail().empty() || service.store_elsewhere.waiting() > 0) {
    std::this_thread::sleep_for(1ms);
  }
  BOOST_REQUIRE(service.router->drain(60s));

  std::multiset<std::string> came;
  std::map<char, std::string> last;
  auto log = service.store.read_log(perdure::shard_of("x", service.store.shard_count()),
                                    perdure::log_offset{0}, 64 << 20);
  for (const auto& event : *log) {
    test::desk::Noted noted;
    BOOST_REQUIRE(noted.ParseFromString(event.payload));
    BOOST_TEST(last[noted.text().front()] < noted.text());
    last[noted.text().front()] = noted.text();
    came.insert(noted.text());
  }
  BOOST_TEST(came.size() == accepted.size());
  BOOST_TEST(std::ranges::equal(came, accepted));
}

BOOST_AUTO_TEST_SUITE_END()
