// Service tests: entities that send, forward, set timers and grow as their commands say.
// relay_test.py goes to the bounds of each, disk_full_test.py lets them wait for a full disk.

#include <chrono>
#include <string>
#include <thread>

#include "nowhere.perdure.hpp"
#include "perdure/module.hpp"
#include "relay.perdure.hpp"

namespace relay {
namespace {

using google::protobuf::Empty;
using perdure::effect;
using std::chrono::milliseconds;

NoteRequest note_for(const std::string& relay_id, const std::string& text, int filling) {
  NoteRequest note;
  note.set_relay_id(relay_id);
  note.set_text(text);
  note.set_filling(std::string(filling, 'x'));
  return note;
}

class relay final : public relay_base {
 public:
  effect<Empty> note(const Noted&, const NoteRequest& command) override {
    std::this_thread::sleep_for(milliseconds{command.milliseconds()});
    NoteTaken taken;
    taken.set_text(command.text());
    return effects().emit(std::move(taken)).then_reply(Empty{});
  }

  effect<Empty> keep(const Noted& noted, const NoteRequest& command) override {
    return note(noted, command);
  }

  effect<Noted> get(const Noted& noted, const GetRequest&) override {
    return effects().reply(noted);
  }

  effect<Empty> send(const Noted&, const PassRequest& command) override {
    return effects()
        .send(relay_calls::note(note_for(command.next(), command.text(), command.filling())))
        .then_reply(Empty{});
  }

  effect<Empty> send_nowhere(const Noted&, const PassRequest& command) override {
    NoteTaken taken;
    taken.set_text("sent nowhere");
    ArriveRequest arrive;
    arrive.set_nowhere_id(command.next());
    return effects().emit(std::move(taken)).send(nowhere_calls::arrive(arrive)).then_reply(Empty{});
  }

  effect<Empty> pass(const Noted&, const PassRequest& command) override {
    PassRequest next;
    next.set_relay_id(command.next());
    next.set_next(command.relay_id());
    return effects().forward(relay_calls::pass(next));
  }

  effect<Empty> start(const Noted&, const TimerRequest& command) override {
    auto what = relay_calls::note(note_for(command.relay_id(), command.text(), command.filling()));
    return effects()
        .start_periodic_timer(command.name(), milliseconds{command.delay()},
                              milliseconds{command.period()}, std::move(what))
        .then_reply(Empty{});
  }

  effect<Empty> cancel(const Noted&, const TimerRequest& command) override {
    return effects().cancel_timer(command.name()).then_reply(Empty{});
  }

  Noted on_note_taken(Noted noted, const NoteTaken& event) override {
    noted.add_texts(event.text());
    return noted;
  }
};

class box final : public box_base {
 public:
  effect<Empty> fill(const Content&, const FillRequest& command) override {
    Content content;
    content.set_filling(std::string(command.bytes(), 'x'));
    return effects().update(std::move(content)).then_reply(Empty{});
  }

  effect<FilledReply> filled(const Content& content, const FillRequest&) override {
    FilledReply reply;
    reply.set_bytes(static_cast<int>(content.filling().size()));
    return effects().reply(std::move(reply));
  }
};

}  // namespace
}  // namespace relay

PERDURE_SERVICE(service) { service.name("relay").add<relay::relay>().add<relay::box>(); }
