// Entities of the crash test beside those of the bank: they send across the stores that key-value
// and event sourced entities are kept in, in both directions, and set timers.

#include "post.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace post {
namespace {

using api::couriers_calls;
using api::desks_calls;
using perdure::status_code;

api::Letter letter(const std::string& from, const std::string& to, std::int64_t number) {
  api::Letter sent;
  sent.set_id(to);
  sent.set_from(from);
  sent.set_number(number);
  return sent;
}

void note_received(domain::Box& box, const std::string& from, std::int64_t number) {
  auto& last = (*box.mutable_received())[from];
  if (number != last + 1)
    box.add_misplaced(from + " " + std::to_string(number) + " after " + std::to_string(last));
  last = number;
}

// What a command to write comes to: `receive` makes the call that brings a letter to its receiver.
template <class Builder, class Receive>
effect<api::WriteReply> send_letters(Builder builder, const domain::Box& box,
                                     const std::string& from, const api::WriteRequest& command,
                                     Receive receive) {
  auto found = box.sent().find(command.to());
  auto last = found == box.sent().end() ? 0 : found->second;
  for (int left = command.letters(); left > 0; --left) {
    auto sent = letter(from, command.to(), ++last);
    sent.set_answer(command.answer());
    sent.set_padding(command.padding());
    if (command.wait() && left == 1) {
      builder.send_and_wait(receive(sent));
    } else {
      builder.send(receive(sent));
    }
  }
  api::WriteReply reply;
  reply.set_last(last);
  return std::move(builder).then_reply(std::move(reply));
}

}  // namespace

effect<api::WriteReply> couriers::write(const domain::Courier& state,
                                        const api::WriteRequest& command) {
  if (command.letters() < 1)
    return effects().reject(status_code::failed_precondition, "there is nothing to write");
  auto after = state;
  (*after.mutable_box()->mutable_sent())[command.to()] += command.letters();
  return send_letters(effects().update(std::move(after)), state.box(), context().entity_id(),
                      command, desks_calls::receive);
}

effect<Empty> couriers::set_alarm(const domain::Courier&, const api::AlarmRequest& command) {
  return effects()
      .start_timer(command.name(), std::chrono::milliseconds(command.after_ms()),
                   couriers_calls::ring(command))
      .then_reply(Empty{});
}

effect<domain::Box> couriers::get(const domain::Courier& state, const api::GetRequest&) {
  return effects().reply(state.box());
}

effect<Empty> couriers::receive(const domain::Courier& state, const api::Letter& command) {
  auto after = state;
  note_received(*after.mutable_box(), command.from(), command.number());
  if (!command.answer()) return effects().update(std::move(after)).then_reply(Empty{});
  auto number = ++(*after.mutable_box()->mutable_sent())[command.from()];
  return effects()
      .update(std::move(after))
      .send(desks_calls::receive(letter(context().entity_id(), command.from(), number)))
      .then_reply(Empty{});
}

effect<Empty> couriers::ring(const domain::Courier& state, const api::AlarmRequest& command) {
  auto after = state;
  ++(*after.mutable_box()->mutable_rang())[command.name()];
  return effects().update(std::move(after)).then_reply(Empty{});
}

effect<api::WriteReply> desks::write(const domain::Box& box, const api::WriteRequest& command) {
  if (command.letters() < 1)
    return effects().reject(status_code::failed_precondition, "there is nothing to write");
  auto builder = effects();
  domain::LetterSent sent;
  sent.set_to(command.to());
  for (int letters = command.letters(); letters > 0; --letters) builder.emit(sent);
  return send_letters(std::move(builder), box, context().entity_id(), command,
                      couriers_calls::receive);
}

effect<Empty> desks::set_alarm(const domain::Box&, const api::AlarmRequest& command) {
  return effects()
      .start_timer(command.name(), std::chrono::milliseconds(command.after_ms()),
                   desks_calls::ring(command))
      .then_reply(Empty{});
}

effect<domain::Box> desks::get(const domain::Box& box, const api::GetRequest&) {
  return effects().reply(box);
}

effect<Empty> desks::receive(const domain::Box& box, const api::Letter& command) {
  domain::LetterReceived received;
  received.set_from(command.from());
  received.set_number(command.number());
  if (!command.answer()) return effects().emit(std::move(received)).then_reply(Empty{});
  domain::LetterSent sent;
  sent.set_to(command.from());
  auto found = box.sent().find(command.from());
  auto number = found == box.sent().end() ? 1 : found->second + 1;
  return effects()
      .emit(std::move(received))
      .emit(std::move(sent))
      .send(couriers_calls::receive(letter(context().entity_id(), command.from(), number)))
      .then_reply(Empty{});
}

effect<Empty> desks::ring(const domain::Box&, const api::AlarmRequest& command) {
  domain::AlarmRang rang;
  rang.set_name(command.name());
  return effects().emit(std::move(rang)).then_reply(Empty{});
}

domain::Box desks::on_letter_sent(domain::Box box, const domain::LetterSent& event) {
  ++(*box.mutable_sent())[event.to()];
  return box;
}

domain::Box desks::on_letter_received(domain::Box box, const domain::LetterReceived& event) {
  note_received(box, event.from(), event.number());
  return box;
}

domain::Box desks::on_alarm_rang(domain::Box box, const domain::AlarmRang& event) {
  ++(*box.mutable_rang())[event.name()];
  return box;
}

}  // namespace post
