// The rules of transfers. Each stage waits for one outcome; whatever else comes has been overtaken
// by what happened since, and changes nothing.
//
// What one transfer sends to one account arrives in its order. So a release is handled after the
// hold that it takes back, and once its outcome is here nothing is held.

#include "transfers.hpp"

#include <chrono>

#include "accounts_api.perdure.hpp"

namespace bank {
namespace {

using api::accounts_calls;
using api::transfers_calls;
using perdure::status_code;
using stage = domain::TransferState;

constexpr auto expiry = std::chrono::minutes{1};
constexpr auto timer = "expiry";

api::TransferPart part(const std::string& transfer_id, const std::string& account_id,
                       std::int64_t cents = 0) {
  api::TransferPart sent;
  sent.set_account_id(account_id);
  sent.set_transfer_id(transfer_id);
  sent.set_cents(cents);
  return sent;
}

domain::Abandoned abandoned(const std::string& reason) {
  domain::Abandoned event;
  event.set_reason(reason);
  return event;
}

bool is_same(const domain::TransferState& now, const api::TransferRequest& command) {
  return now.from_account() == command.from_account() && now.to_account() == command.to_account() &&
         now.cents() == command.cents();
}

}  // namespace

effect<Empty> transfers::transfer(const state& now, const api::TransferRequest& command) {
  if (now.stage() != stage::NONE) {
    if (is_same(now, command)) return effects().reply(Empty{});
    return effects().reject(status_code::already_exists, "there is another transfer of that id");
  }
  if (command.cents() < 1)
    return effects().reject(status_code::invalid_argument, "cents must be at least 1");
  if (command.from_account().empty() || command.to_account().empty())
    return effects().reject(status_code::invalid_argument,
                            "from_account and to_account must not be empty");
  if (command.from_account() == command.to_account())
    return effects().reject(status_code::invalid_argument,
                            "from_account and to_account must be two");

  domain::Requested requested;
  requested.set_from_account(command.from_account());
  requested.set_to_account(command.to_account());
  requested.set_cents(command.cents());
  api::ExpireRequest expired;
  expired.set_transfer_id(command.transfer_id());
  return effects()
      .emit(std::move(requested))
      .send(accounts_calls::hold(
          part(command.transfer_id(), command.from_account(), command.cents())))
      .start_timer(timer, expiry, transfers_calls::expire(expired))
      .then_reply(Empty{});
}

effect<api::TransferStatus> transfers::get_transfer(const state& now,
                                                    const api::GetTransferRequest& command) {
  if (now.stage() == stage::NONE)
    return effects().reject(status_code::not_found, "there is no such transfer");
  api::TransferStatus reply;
  reply.set_transfer_id(command.transfer_id());
  reply.set_state(now.stage() == stage::DONE     ? api::TransferStatus::DONE
                  : now.stage() == stage::FAILED ? api::TransferStatus::FAILED
                                                 : api::TransferStatus::PENDING);
  reply.set_reason(now.reason());
  return effects().reply(std::move(reply));
}

effect<Empty> transfers::hold_taken(const state& now, const api::Outcome& command) {
  // It may have expired; then the release is on its way behind the hold.
  if (now.stage() != stage::HOLDING) return effects().reply(Empty{});
  return effects()
      .emit(domain::Held{})
      .cancel_timer(timer)
      .send(accounts_calls::credit(part(command.transfer_id(), now.to_account(), now.cents())))
      .then_reply(Empty{});
}

effect<Empty> transfers::hold_refused(const state& now, const api::Outcome& command) {
  if (now.stage() != stage::HOLDING) return effects().reply(Empty{});
  domain::Refused refused;
  refused.set_reason(command.reason());
  return effects().emit(std::move(refused)).cancel_timer(timer).then_reply(Empty{});
}

effect<Empty> transfers::credit_taken(const state& now, const api::Outcome& command) {
  if (now.stage() != stage::CREDITING) return effects().reply(Empty{});
  return effects()
      .emit(domain::Credited{})
      .send(accounts_calls::capture(part(command.transfer_id(), now.from_account())))
      .send(accounts_calls::forget_credit(part(command.transfer_id(), now.to_account())))
      .then_reply(Empty{});
}

effect<Empty> transfers::credit_refused(const state& now, const api::Outcome& command) {
  if (now.stage() != stage::CREDITING) return effects().reply(Empty{});
  return effects()
      .emit(abandoned(command.reason()))
      .send(accounts_calls::release(part(command.transfer_id(), now.from_account())))
      .then_reply(Empty{});
}

effect<Empty> transfers::hold_captured(const state& now, const api::Outcome&) {
  if (now.stage() != stage::SETTLING) return effects().reply(Empty{});
  return effects().emit(domain::Settled{}).then_reply(Empty{});
}

effect<Empty> transfers::hold_released(const state& now, const api::Outcome&) {
  if (now.stage() != stage::RELEASING) return effects().reply(Empty{});
  return effects().emit(domain::Released{}).then_reply(Empty{});
}

effect<Empty> transfers::expire(const state& now, const api::ExpireRequest& command) {
  // Once the target was asked, it may have taken the money, and only it can tell.
  if (now.stage() != stage::HOLDING) return effects().reply(Empty{});
  return effects()
      .emit(abandoned("expired"))
      .send(accounts_calls::release(part(command.transfer_id(), now.from_account())))
      .then_reply(Empty{});
}

transfers::state transfers::on_requested(state now, const domain::Requested& event) {
  now.set_stage(stage::HOLDING);
  now.set_from_account(event.from_account());
  now.set_to_account(event.to_account());
  now.set_cents(event.cents());
  return now;
}

transfers::state transfers::on_held(state now, const domain::Held&) {
  now.set_stage(stage::CREDITING);
  return now;
}

transfers::state transfers::on_credited(state now, const domain::Credited&) {
  now.set_stage(stage::SETTLING);
  return now;
}

transfers::state transfers::on_settled(state now, const domain::Settled&) {
  now.set_stage(stage::DONE);
  return now;
}

transfers::state transfers::on_abandoned(state now, const domain::Abandoned& event) {
  now.set_stage(stage::RELEASING);
  now.set_reason(event.reason());
  return now;
}

transfers::state transfers::on_released(state now, const domain::Released&) {
  now.set_stage(stage::FAILED);
  return now;
}

transfers::state transfers::on_refused(state now, const domain::Refused& event) {
  now.set_stage(stage::FAILED);
  now.set_reason(event.reason());
  return now;
}

}  // namespace bank
