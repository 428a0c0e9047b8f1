#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

#include "clerk.perdure.hpp"
#include "desk.perdure.hpp"

namespace test::desk {

using google::protobuf::Empty;

inline NoteRequest note(const std::string& desk, const std::string& text) {
  NoteRequest request;
  request.set_desk_id(desk);
  request.set_text(text);
  return request;
}

class desk final : public desk_base {
 public:
  static inline bool throws = false;

  perdure::effect<Empty> note(const DeskState&, const NoteRequest& command) override {
    if (command.text() == "no") {
      return effects().reject(perdure::status_code::failed_precondition, "no such notes here");
    }
    if (command.text() == "throw" && throws) throw std::runtime_error("secret detail");
    auto text = command.text();
    auto [tag, end] = context().metadata().equal_range("tag");
    for (; tag != end; ++tag) text += " #" + tag->second;
    return effects().emit(noted(text)).then_reply(Empty{});
  }

  perdure::effect<Empty> note_durably(const DeskState& state, const NoteRequest& command) override {
    return note(state, command);
  }

  perdure::effect<Empty> pass(const DeskState&, const PassRequest& command) override {
    auto builder = effects();
    if (!command.silently()) builder.emit(noted("passed to " + command.to()));
    for (const auto& text : command.texts()) {
      auto call = desks_calls::note(test::desk::note(command.to(), text));
      command.wait() ? builder.send_and_wait(call) : builder.send(call);
    }
    return std::move(builder).then_reply(Empty{});
  }

  perdure::effect<Empty> forward(const DeskState&, const ForwardRequest& command) override {
    auto onward = desks_calls::note(test::desk::note(command.to(), command.text()));
    if (!command.note()) return effects().forward(onward);
    return effects().emit(noted("forwarded to " + command.to())).then_forward(onward);
  }

  perdure::effect<Empty> tell(const DeskState&, const PassRequest& command) override {
    auto builder = effects();
    for (const auto& text : command.texts()) {
      Ask ask;
      ask.set_desk_id(command.to());
      ask.set_text(text);
      builder.send(clerks_calls::hear(ask));
    }
    return std::move(builder).then_reply(Empty{});
  }

  perdure::effect<Notes> ask_clerk(const DeskState&, const ForwardRequest& command) override {
    Ask ask;
    ask.set_desk_id(command.to());
    auto onward = clerks_calls::forward(ask);
    if (!command.note()) return effects().forward(onward);
    return effects().emit(noted("asked for " + command.to())).then_forward(onward);
  }

  perdure::effect<Empty> circle(const DeskState&, const CircleRequest& command) override {
    return effects().forward(desks_calls::circle(command));
  }

  perdure::effect<Empty> remind(const DeskState&, const RemindRequest& command) override {
    return effects()
        .start_periodic_timer(
            command.name(), std::chrono::milliseconds{command.delay_ms()},
            std::chrono::milliseconds{command.period_ms()},
            desks_calls::note(test::desk::note(command.desk_id(), command.text())))
        .then_reply(Empty{});
  }

  perdure::effect<Empty> forget(const DeskState&, const DeskRequest& command) override {
    return effects().cancel_timer(command.name()).then_reply(Empty{});
  }

  perdure::effect<Empty> send_astray(const DeskState&, const DeskRequest& command) override {
    AstrayRequest request;
    request.set_id(command.desk_id());
    const auto* method = AstrayRequest::descriptor()->file()->FindServiceByName("Astray");
    return effects()
        .emit(noted("sent astray"))
        .send(perdure::call<Empty>(method->method(0), request))
        .then_reply(Empty{});
  }

  perdure::effect<Empty> close(const DeskState&, const DeskRequest&) override {
    return effects().emit(Closed{}).erase().then_reply(Empty{});
  }

  perdure::effect<Notes> read(const DeskState& state, const DeskRequest&) override {
    Notes reply;
    *reply.mutable_notes() = state.notes();
    reply.set_sequence(context().sequence());
    return effects().reply(reply);
  }

  DeskState on_noted(DeskState state, const Noted& event) override {
    state.add_notes(event.text());
    return state;
  }

  DeskState on_closed(DeskState state, const Closed&) override {
    state.add_notes("closed");
    return state;
  }

 private:
  static Noted noted(const std::string& text) {
    Noted event;
    event.set_text(text);
    return event;
  }
};

class label final : public label_base {
 public:
  perdure::effect<Empty> put(const LabelState&, const PutRequest& command) override {
    LabelState state;
    state.set_text(command.text());
    auto builder = effects();
    if (command.text() != "no update") builder.update(state);
    if (command.expire_ms() != 0) {
      builder.expire_after(std::chrono::milliseconds{command.expire_ms()});
    }
    if (!command.pass_to().empty()) {
      builder.send(desks_calls::note(note(command.pass_to(), command.text())));
    }
    return std::move(builder).then_reply(Empty{});
  }

  perdure::effect<Empty> erase(const LabelState&, const LabelRequest&) override {
    return effects().erase().then_reply(Empty{});
  }

  perdure::effect<Text> get(const LabelState& state, const LabelRequest&) override {
    Text reply;
    reply.set_text(state.text());
    reply.set_sequence(context().sequence());
    return effects().reply(reply);
  }
};

}  // namespace test::desk
