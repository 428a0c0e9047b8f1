// Service tests: tellers and boards publish what happens to them, listeners of each kind of source
// tell ears what came, and a text makes those who hear it slow or fail. topics_test.py and
// topics_kafka_test.py look at the ears.

#include "listener.perdure.hpp"

#include <chrono>
#include <stdexcept>
#include <string>

#include "listener_heard.perdure.hpp"
#include "listener_said.perdure.hpp"
#include "perdure/module.hpp"

namespace listener {
namespace {

using google::protobuf::BytesValue;
using google::protobuf::Empty;
using google::protobuf::StringValue;
using perdure::action_effect;
using perdure::effect;
using perdure::status;
using perdure::status_code;
using perdure::task;

// ------------------------------------------------------------------------------------- entities

class teller final : public teller_base {
 public:
  effect<Said> say(const Told& told, const SayRequest& command) override {
    Said said;
    said.set_number(told.times() + 1);
    said.set_text(command.text() + std::string(command.filling(), 'x'));
    return effects().emit(said).then_reply(said);
  }
  effect<Empty> cough(const Told&, const TellerRequest&) override {
    return effects().emit(Coughed()).then_reply(Empty{});
  }
  effect<Empty> hush(const Told&, const TellerRequest&) override {
    return effects().erase().then_reply(Empty{});
  }

  Told on_said(Told told, const Said&) override {
    told.set_times(told.times() + 1);
    return told;
  }
  Told on_coughed(Told told, const Coughed&) override { return told; }
};

class board final : public board_base {
 public:
  effect<Empty> write(const Note&, const WriteRequest& command) override {
    Note note;
    note.set_text(command.text());
    return effects().update(std::move(note)).then_reply(Empty{});
  }
  effect<Empty> wipe(const Note&, const BoardRequest&) override {
    return effects().erase().then_reply(Empty{});
  }
};

class ear final : public ear_base {
 public:
  effect<Empty> hear(const Heard&, const HearRequest& command) override {
    Sound sound;
    sound.set_text(command.text());
    return effects().emit(std::move(sound)).then_reply(Empty{});
  }
  effect<Heard> get(const Heard& heard, const EarRequest&) override {
    return effects().reply(heard);
  }

  Heard on_sound(Heard heard, const Sound& sound) override {
    heard.add_texts(sound.text());
    return heard;
  }
};

class fault final : public fault_base {
 public:
  effect<Empty> mend(const Mending&, const FaultRequest&) override {
    Mending mending;
    mending.set_is_mended(true);
    return effects().update(std::move(mending)).then_reply(Empty{});
  }
  effect<Mending> get(const Mending& mending, const FaultRequest&) override {
    return effects().reply(mending);
  }
};

// ------------------------------------------------------------------------------------ listeners

perdure::call<Empty> hear(const std::string& kind, const std::string& subject, std::string text) {
  HearRequest request;
  request.set_ear_id(kind + "." + subject);
  request.set_text(std::move(text));
  return ears_calls::hear(std::move(request));
}

// What a text does to who hears it: "poison ..." fails until that fault is mended, "slow ..." takes
// its time, "bomb ..." throws.
task<status> suffer(std::string text) {
  if (text.starts_with("slow")) co_await perdure::pause_for{std::chrono::milliseconds{300}};
  if (text.starts_with("bomb")) throw std::runtime_error("this text explodes");
  if (!text.starts_with("poison")) co_return status();
  FaultRequest request;
  request.set_fault_id(text);
  auto mending = co_await faults_calls::get(std::move(request));
  if (!mending.ok()) co_return mending.error();
  if (mending->is_mended()) co_return status();
  co_return status(status_code::failed_precondition, "\"" + text + "\" is not mended");
}

class of_events final : public of_events_base {
 public:
  task<action_effect<Echo>> on_said(const Said& said) override {
    if (auto suffered = co_await suffer(said.text()); !suffered.ok()) {
      co_return effects().reject(suffered);
    }
    Echo echo;
    echo.set_number(said.number());
    echo.set_text(said.text());
    co_return effects()
        .send(hear("event", context().subject(), std::to_string(said.number())))
        .reply(std::move(echo));
  }
  task<action_effect<Empty>> on_hushed(const Empty&) override {
    return effects().send(hear("event", context().subject(), "deleted")).no_reply();
  }
};

class of_boards final : public of_boards_base {
 public:
  task<action_effect<Note>> on_note(const Note& note) override {
    auto heard = co_await hear("board", context().subject(), note.text());
    if (!heard.ok()) co_return effects().reject(heard.error());
    co_return effects().reply(note);
  }
  task<action_effect<Empty>> on_wiped(const Empty&) override {
    return effects().send(hear("board", context().subject(), "deleted")).no_reply();
  }
};

class of_topics final : public of_topics_base {
 public:
  task<action_effect<Empty>> on_said(const Said& said) override {
    return effects()
        .send(hear("said", context().subject(), std::to_string(said.number())))
        .no_reply();
  }
  task<action_effect<Empty>> on_hushed(const Empty&) override {
    return effects().send(hear("said", context().subject(), "deleted")).no_reply();
  }
  task<action_effect<Empty>> on_echo(const Echo& echo) override {
    auto heard = co_await hear("echo", context().subject(), std::to_string(echo.number()));
    if (!heard.ok()) co_return effects().reject(heard.error());
    co_return effects().no_reply();
  }
  task<action_effect<Empty>> on_note(const Note& note) override {
    return effects().send(hear("note", context().subject(), note.text())).no_reply();
  }
  task<action_effect<Empty>> on_streamed(const Note& note) override {
    return effects().send(hear("stream", context().subject(), note.text())).no_reply();
  }
};

class of_words final : public of_words_base {
 public:
  // Awaits the ear; the others send to it.
  task<action_effect<Empty>> on_word(const Word& word) override {
    if (auto suffered = co_await suffer(word.text()); !suffered.ok()) {
      co_return effects().reject(suffered);
    }
    auto heard = co_await hear("word", context().subject(), "word " + word.text());
    if (!heard.ok()) co_return effects().reject(heard.error());
    co_return effects().no_reply();
  }
  task<action_effect<Empty>> on_text(const StringValue& text) override {
    if (auto suffered = co_await suffer(text.value()); !suffered.ok()) {
      co_return effects().reject(suffered);
    }
    co_return tell("text " + text.value());
  }
  task<action_effect<Empty>> on_bytes(const BytesValue& bytes) override {
    return tell("bytes " + std::to_string(bytes.value().size()));
  }
  task<action_effect<Empty>> on_gone(const Empty&) override { return tell("deleted"); }

 private:
  perdure::unanswered tell(std::string heard) const {
    return effects().send(hear("word", context().subject(), std::move(heard))).no_reply();
  }
};

class desk final : public desk_base {
 public:
  task<action_effect<Word>> publish_word(const PublishRequest& request) override {
    Word word;
    word.set_text(request.text());
    auto published = effects().reply(std::move(word)).with_subject(request.key());
    if (request.content_type().empty()) return published;
    return std::move(published).with_metadata("ce-datacontenttype", request.content_type());
  }
  task<action_effect<StringValue>> publish_text(const PublishRequest& request) override {
    StringValue text;
    text.set_value(request.text());
    return effects().reply(std::move(text)).with_subject(request.key());
  }
  task<action_effect<BytesValue>> publish_bytes(const PublishRequest& request) override {
    BytesValue bytes;
    bytes.set_value(request.text());
    return effects().reply(std::move(bytes)).with_subject(request.key());
  }

  perdure::replies<Number> count(const CountRequest& request) override {
    for (int value = 1; value <= request.to(); ++value) {
      Number number;
      number.set_value(value);
      co_yield number;
    }
  }

  task<action_effect<Empty>> open(const Empty&) override {
    return effects().send(hear("desk", "open", "opened")).no_reply();
  }
};

}  // namespace
}  // namespace listener

PERDURE_SERVICE(service) {
  using namespace listener;
  service.name("listener").add<teller>().add<board>().add<ear>().add<fault>();
  service.add<of_events>().add<of_boards>().add<of_topics>().add<of_words>().add<desk>();
}
