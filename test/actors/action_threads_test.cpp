// Actions on real threads, as in a service: callers, mail, streams, and a store that fails now and
// then. Each command of a handler takes effect once, and nothing is left behind.

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <semaphore>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "actors/action_type.hpp"
#include "test/actors/service_on_threads.hpp"

using namespace std::chrono_literals;
using perdure::status_code;
using test::desk::Answer;
using test::desk::Ask;
using test::desk::clerk;

namespace {

constexpr std::size_t callers_count = 4;

struct running : test::service_on_threads {
  running() : service_on_threads(4) {}
};

perdure::actors::command to_clerk(const std::string& rpc, const std::string& desk,
                                  const std::string& text, std::int64_t number,
                                  std::string key = {}) {
  auto request = std::make_unique<Ask>();
  request->set_desk_id(desk);
  request->set_text(text);
  request->set_number(number);
  perdure::actors::command c{};
  c.target = {"perdure.action/test.desk.Clerks", "-"};
  c.method = clerk::model().service->FindMethodByName(rpc);
  c.request_bytes = request->ByteSizeLong();
  c.request = std::move(request);
  c.idempotency_key = std::move(key);
  return c;
}

perdure::actors::outcome call(running& service, perdure::actors::command c) {
  std::binary_semaphore ended(0);
  perdure::actors::outcome came;
  c.reply = [&](perdure::actors::outcome o) {
    came = std::move(o);
    ended.release();
  };
  service.router->submit(std::move(c));
  ended.acquire();
  return came;
}

// The notes of all desks, as they stand in the store.
std::vector<std::string> all_notes(running& service) {
  std::vector<std::string> notes;
  for (std::uint32_t shard = 0; shard < service.store.shard_count(); ++shard) {
    auto log = service.store.read_log(perdure::shard_id{shard}, perdure::log_offset{0}, 64 << 20);
    for (const auto& event : *log) {
      test::desk::Noted noted;
      BOOST_REQUIRE(noted.ParseFromString(event.payload));
      notes.push_back(noted.text());
    }
  }
  return notes;
}

// A client that reads `replies_max` replies and then goes, or until the end.
struct reader final : perdure::actors::stream_caller, std::enable_shared_from_this<reader> {
  explicit reader(int max) : replies_max(max) {}

  void want_request() override {
    std::lock_guard lock(mutex);
    if (requests++ < 10) {
      auto request = std::make_unique<Ask>();
      request->set_number(1);
      stream->received(std::move(request));
    } else {
      stream->received(nullptr);
    }
  }
  void reply(std::string encoded) override {
    Answer answer;
    std::lock_guard lock(mutex);
    if (!answer.ParseFromString(encoded) || answer.number() != ++replies) is_wrong = true;
    if (replies < replies_max) return stream->written();
    stream->cancel();
    over.release();
  }
  void end(perdure::status why) override {
    if (!why.ok()) is_wrong = true;
    over.release();
  }

  void open(running& service, const std::string& rpc, std::int64_t number) {
    perdure::actors::stream_request what;
    what.method = clerk::model().service->FindMethodByName(rpc);
    if (!what.method->client_streaming()) {
      auto request = std::make_unique<Ask>();
      request->set_number(number);
      what.request = std::move(request);
    }
    std::lock_guard lock(mutex);  // nobody calls back before `stream` is there
    stream = service.router->open_stream(std::move(what), shared_from_this());
  }

  const int replies_max;
  std::mutex mutex;
  std::shared_ptr<perdure::actors::action_stream> stream;
  int requests = 0;
  int replies = 0;
  std::atomic<bool> is_wrong{false};
  std::counting_semaphore<> over{0};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(action_threads)

BOOST_AUTO_TEST_CASE(calls_with_a_key_that_are_retried_take_effect_once) {
  constexpr int calls_each = 200;
  running service;
  std::atomic<int> retries = 0, otherwise = 0;
  {
    std::vector<std::jthread> callers;
    for (std::size_t t = 0; t < callers_count; ++t) {
      callers.emplace_back([&, t] {
        for (int i = 0; i < calls_each; ++i) {
          auto text = std::to_string(t) + "-" + std::to_string(i) + "-";
          const auto* rpc = i % 2 == 0 ? "NoteAll" : "NoteThrough";
          while (true) {
            auto came = call(service, to_clerk(rpc, std::to_string(i % 10), text, 3, text));
            if (came.result.ok()) break;
            if (came.result.code() != status_code::unavailable) ++otherwise;
            ++retries;
          }
        }
      });
    }
  }
  BOOST_REQUIRE(service.router->drain(60s));
  BOOST_TEST(otherwise == 0);
  BOOST_TEST(retries > 0);
  auto notes = all_notes(service);
  std::set<std::string> different(notes.begin(), notes.end());
  BOOST_TEST(notes.size() == callers_count * calls_each * 3);
  BOOST_TEST(different.size() == notes.size());
  BOOST_TEST(service.router->in_flight_bytes() == 0);
}

BOOST_AUTO_TEST_CASE(mail_between_actions_and_entities_arrives_once_and_in_order) {
  constexpr int tells_each = 40;
  constexpr int texts_each = 5;
  running service;
  std::mutex mutex;
  std::set<std::string> accepted;
  {
    std::vector<std::jthread> callers;
    for (std::size_t t = 0; t < callers_count; ++t) {
      callers.emplace_back([&, t] {
        for (int i = 0; i < tells_each; ++i) {
          auto text = std::to_string(t) + "-" + std::to_string(i) + "-";
          auto came = call(service, to_clerk("Tell", "x", text, texts_each));
          std::lock_guard lock(mutex);
          if (came.result.ok()) accepted.insert(text);
        }
      });
    }
  }
  while (!service.store.entities_with_mail().empty()) std::this_thread::sleep_for(1ms);
  BOOST_REQUIRE(service.router->drain(60s));

  std::map<std::string, std::string> came;  // of each effect what it sent, in the order it came
  for (const auto& note : all_notes(service)) {
    auto end = note.rfind('-') + 1;
    came[note.substr(0, end)] += note.substr(end);
  }
  BOOST_TEST(came.size() == accepted.size());
  for (const auto& text : accepted) BOOST_TEST(came[text] == "12345");
}

BOOST_AUTO_TEST_CASE(streams_end_or_are_left_and_leave_nothing) {
  constexpr int streams_each = 200;
  running service;
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> callers;
    for (std::size_t t = 0; t < callers_count; ++t) {
      callers.emplace_back([&, t] {
        std::mt19937 random(static_cast<unsigned>(t));
        for (int i = 0; i < streams_each; ++i) {
          auto client = std::make_shared<reader>(1 + static_cast<int>(random() % 30));
          client->open(service, i % 2 == 0 ? "Count" : "Running", 20);
          client->over.acquire();
          if (client->is_wrong) ++wrong;
        }
      });
    }
  }
  BOOST_TEST(wrong == 0);
  BOOST_REQUIRE(service.router->drain(60s));
  BOOST_TEST(service.router->in_flight_bytes() == 0);
}

BOOST_AUTO_TEST_CASE(what_waits_when_the_service_ends_is_ended) {
  std::counting_semaphore<> ended(0);
  {
    running service;
    for (int i = 0; i < 20; ++i) {
      auto c = to_clerk("Describe", "", "", 600'000);
      c.reply = [&](const perdure::actors::outcome& o) {
        BOOST_TEST((o.result.code() == status_code::unavailable));
        ended.release();
      };
      service.router->submit(std::move(c));
    }
    service.router->drain(1s);
  }
  for (int i = 0; i < 20; ++i) BOOST_TEST(ended.try_acquire());
}

BOOST_AUTO_TEST_SUITE_END()
