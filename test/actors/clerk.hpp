#pragma once

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "clerk.perdure.hpp"
#include "test/actors/desk.hpp"

namespace test::desk {

using google::protobuf::BytesValue;
using google::protobuf::StringValue;
using perdure::action_effect;
using perdure::status_code;
using perdure::task;

class clerk final : public clerk_base {
 public:
  // What tests look at, or set.
  static inline std::atomic<bool> fails = false;
  static inline std::atomic<int> prepared = 0;
  static inline std::atomic<int> alive = 0;  // coroutines that hold a `witness`

  task<action_effect<Answer>> echo(const Ask& ask) override {
    if (ask.how() == "throw") throw std::runtime_error("secret detail");
    if (ask.how() == "throw later") return throw_later();
    if (ask.how() == "reject") return effects().reject(status_code::not_found, ask.text());
    if (ask.how() == "nothing") return effects().no_reply();
    return effects().reply(answer(ask.text()));
  }

  task<action_effect<Answer>> describe(const Ask& ask) override {
    auto before = tag();
    witness here;
    co_await perdure::pause_for{std::chrono::milliseconds{ask.number()}};
    co_return effects().reply(answer(before + "/" + tag()));
  }

  task<action_effect<Answer>> read(const Ask& ask) override {
    if (ask.how() == "astray") {
      AstrayRequest request;
      request.set_id("a");
      const auto* method = AstrayRequest::descriptor()->file()->FindServiceByName("Astray");
      auto reply = co_await perdure::call<Empty>(method->method(0), request);
      co_return effects().reject(reply.error());
    }
    std::vector<perdure::call<Notes>> calls;
    for (char desk : ask.desk_id()) {
      DeskRequest request;
      request.set_desk_id(std::string(1, desk));
      calls.push_back(desks_calls::read(request));
    }
    auto all = co_await calls;
    std::string text;
    for (const auto& notes : all) {
      if (!notes.ok()) co_return effects().reject(notes.error());
      text += joined(*notes) + ";";
    }
    co_return effects().reply(answer(text));
  }

  task<action_effect<Answer>> note_all(const Ask& ask) override {
    for (int i = 1; i <= ask.number(); ++i) {
      auto noted = co_await note_one(ask.desk_id(), ask.text() + std::to_string(i));
      if (!noted.ok()) co_return effects().reject(noted);
    }
    if (fails) throw std::runtime_error("secret detail");
    co_return effects().reply(answer("done"));
  }

  task<action_effect<Answer>> note_through(const Ask& ask) override {
    auto done = co_await clerks_calls::note_all(ask);
    if (!done.ok()) co_return effects().reject(done.error());
    co_return effects().reply(*done);
  }

  task<action_effect<Answer>> send(const Ask& ask) override {
    auto call = desks_calls::note(test::desk::note(ask.desk_id(), ask.text()));
    auto builder = effects();
    ask.how() == "wait" ? builder.send_and_wait(call) : builder.send(call);
    return std::move(builder).reply(answer("sent"));
  }

  task<action_effect<Answer>> remind(const Ask& ask) override {
    bool is_for_clerks = ask.how() == "slow" || ask.how() == "quick";
    auto what = is_for_clerks ? perdure::any_call(clerks_calls::hear(ask))
                              : desks_calls::note(test::desk::note(ask.desk_id(), ask.text()));
    return effects()
        .start_timer(ask.how(), std::chrono::milliseconds{ask.number()}, what)
        .reply(answer("set"));
  }

  task<action_effect<Answer>> forget(const Ask& ask) override {
    return effects().cancel_timer(ask.how()).no_reply();
  }

  task<action_effect<Answer>> tell(const Ask& ask) override {
    auto builder = effects();
    for (int i = 1; i <= ask.number(); ++i) {
      auto told = ask;
      told.set_text(ask.text() + std::to_string(i));
      // The later it was sent, the quicker it is handled, if they are not handled in order.
      told.set_number(100 - i);
      builder.send(clerks_calls::hear(told));
    }
    return std::move(builder).no_reply();
  }

  task<action_effect<Answer>> hear(const Ask& ask) override {
    if (fails && ask.text() != "two") throw std::runtime_error("secret detail");
    witness here;
    if (ask.how() == "slow") co_await perdure::pause_for{std::chrono::seconds{5}};
    if (ask.how() == "reject") co_return effects().reject(status_code::not_found, "no such thing");
    co_await perdure::pause_for{std::chrono::milliseconds{ask.number()}};
    co_return effects()
        .send(desks_calls::note(test::desk::note(ask.desk_id(), ask.text())))
        .reply(answer("heard"));
  }

  task<action_effect<Notes>> forward(const Ask& ask) override {
    DeskRequest request;
    request.set_desk_id(ask.desk_id());
    return effects().forward(desks_calls::read(request));
  }

  task<action_effect<Answer>> circle(const Ask& ask) override {
    return effects().forward(clerks_calls::circle(ask));
  }

  task<action_effect<Answer>> announce(const Ask& ask) override {
    auto effect = effects().reply(answer(ask.text()));
    if (ask.how() == "json") {
      return std::move(effect).with_metadata("ce-datacontenttype", "application/json");
    }
    if (ask.how().find('/') != std::string::npos) {
      return std::move(effect).with_metadata("ce-datacontenttype", ask.how());
    }
    if (ask.how() == "bad name") return std::move(effect).with_metadata("ce-id", "mine");
    if (ask.how() == "unreadable") return effects().reply(answer("\xff"));
    if (ask.how() == "subject") return std::move(effect).with_subject(ask.desk_id());
    return std::move(effect).with_metadata("mood", "good");
  }

  task<action_effect<StringValue>> announce_text(const Ask& ask) override {
    StringValue text;
    text.set_value(ask.text());
    if (ask.how().empty()) return effects().reply(text);
    return effects().reply(text).with_metadata("ce-datacontenttype", ask.how());
  }

  task<action_effect<BytesValue>> announce_bytes(const Ask& ask) override {
    BytesValue bytes;
    bytes.set_value(ask.text());
    if (ask.how().empty()) return effects().reply(bytes);
    return effects().reply(bytes).with_metadata("ce-datacontenttype", ask.how());
  }

  task<action_effect<Empty>> prepare(const Empty&) override {
    ++prepared;
    if (fails) throw std::runtime_error("not yet");
    return effects().no_reply();
  }

  perdure::replies<Answer> count(const Ask& ask) override {
    witness here;
    for (int i = 1; i <= ask.number(); ++i) {
      auto reply = answer("n", i);
      if (ask.how() == "send") {
        co_yield effects()
            .send(desks_calls::note(test::desk::note(ask.desk_id(), std::to_string(i))))
            .reply(reply);
      } else if (ask.how() == "silent" && i < ask.number()) {
        co_yield effects().no_reply();
      } else {
        co_yield reply;
      }
    }
    if (ask.how() == "reject") co_yield effects().reject(status_code::out_of_range, "no more");
    if (ask.how() == "throw") throw std::runtime_error("secret detail");
  }

  task<action_effect<Answer>> sum(perdure::requests<Ask> requests) override {
    std::int64_t sum = 0;
    while (auto ask = co_await requests.next()) {
      if (ask->how() == "reject") co_return effects().reject(status_code::out_of_range, "no more");
      sum += ask->number();
    }
    co_return effects().reply(answer("sum", sum));
  }

  perdure::replies<Answer> running(perdure::requests<Ask> requests) override {
    witness here;
    std::int64_t sum = 0;
    while (auto ask = co_await requests.next()) {
      sum += ask->number();
      co_yield answer("so far", sum);
    }
  }

 private:
  struct witness {
    witness() { ++alive; }
    witness(const witness&) = delete;
    witness& operator=(const witness&) = delete;
    ~witness() { --alive; }
  };

  static Answer answer(const std::string& text, std::int64_t number = 0) {
    Answer made;
    made.set_text(text);
    made.set_number(number);
    return made;
  }

  static std::string joined(const Notes& notes) {
    std::string text;
    for (const auto& note : notes.notes()) text += (text.empty() ? "" : ",") + note;
    return text;
  }

  std::string tag() const { return std::string(perdure::first_value(context().metadata(), "tag")); }

  task<perdure::status> note_one(std::string desk, std::string text) {
    auto noted = co_await desks_calls::note(test::desk::note(desk, text));
    co_return noted.ok() ? perdure::status() : noted.error();
  }

  task<action_effect<Answer>> throw_later() {
    co_await perdure::pause_for{std::chrono::milliseconds{1}};
    throw std::runtime_error("secret detail");
    co_return effects().no_reply();
  }
};

}  // namespace test::desk
