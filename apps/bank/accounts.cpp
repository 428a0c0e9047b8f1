// The rules of accounts. What a transfer asks for is sent, so nobody would hear of a rejection: the
// outcome is sent back, in the step that makes it true. Rejected is only what no transfer asks for.

#include "accounts.hpp"

#include <limits>

#include "transfers_api.perdure.hpp"

namespace bank {
namespace {

using api::transfers_calls;
using perdure::rejection;
using perdure::status;
using perdure::status_code;

constexpr auto cents_max = std::numeric_limits<std::int64_t>::max();

std::int64_t held_cents(const domain::AccountState& account) {
  std::int64_t sum = 0;
  for (const auto& [transfer, cents] : account.holds()) sum += cents;
  return sum;
}

// What is held may come back, so it counts.
bool has_room(const domain::AccountState& account, std::int64_t cents) {
  return cents <= cents_max - account.balance_cents() - held_cents(account);
}

// What every change of an account by its owner needs.
status check(const domain::AccountState& account, const api::AmountRequest& command) {
  if (!account.is_open()) return {status_code::not_found, "there is no such account"};
  if (command.cents() < 1) return {status_code::invalid_argument, "cents must be at least 1"};
  return {};
}

status check(const api::TransferPart& command) {
  if (command.transfer_id().empty())
    return {status_code::invalid_argument, "transfer_id must not be empty"};
  if (command.cents() < 1) return {status_code::invalid_argument, "cents must be at least 1"};
  return {};
}

api::Outcome outcome(const api::TransferPart& command, std::string reason = {}) {
  api::Outcome sent;
  sent.set_transfer_id(command.transfer_id());
  sent.set_reason(std::move(reason));
  return sent;
}

// The event of a part of a transfer.
template <class Event>
Event part(const api::TransferPart& command) {
  Event event;
  event.set_transfer_id(command.transfer_id());
  if constexpr (requires { event.set_cents(1); }) event.set_cents(command.cents());
  return event;
}

}  // namespace

effect<Empty> accounts::open(const state& account, const api::OpenRequest& command) {
  if (account.is_open())
    return effects().reject(status_code::already_exists, "there is such an account already");
  if (command.opening_cents() < 0)
    return effects().reject(status_code::invalid_argument, "opening_cents must not be negative");
  domain::Opened opened;
  opened.set_customer_id(command.customer_id());
  opened.set_opening_cents(command.opening_cents());
  return effects().emit(std::move(opened)).then_reply(Empty{});
}

effect<Empty> accounts::deposit(const state& account, const api::AmountRequest& command) {
  if (auto checked = check(account, command); !checked.ok()) return rejection{checked};
  if (!has_room(account, command.cents()))
    return effects().reject(status_code::out_of_range, "no account holds that much");
  domain::Deposited deposited;
  deposited.set_cents(command.cents());
  return effects().emit(std::move(deposited)).then_reply(Empty{});
}

effect<Empty> accounts::withdraw(const state& account, const api::AmountRequest& command) {
  if (auto checked = check(account, command); !checked.ok()) return rejection{checked};
  if (command.cents() > account.balance_cents())
    return effects().reject(status_code::failed_precondition, "the account is short of money");
  domain::Withdrawn withdrawn;
  withdrawn.set_cents(command.cents());
  return effects().emit(std::move(withdrawn)).then_reply(Empty{});
}

effect<Empty> accounts::close(const state& account, const api::CloseRequest&) {
  if (!account.is_open())
    return effects().reject(status_code::not_found, "there is no such account");
  if (account.balance_cents() != 0 || !account.holds().empty())
    return effects().reject(status_code::failed_precondition, "the account is not empty");
  return effects().emit(domain::Closed{}).erase().then_reply(Empty{});
}

effect<api::Account> accounts::get_account(const state& account, const api::GetAccountRequest&) {
  if (!account.is_open())
    return effects().reject(status_code::not_found, "there is no such account");
  api::Account reply;
  reply.set_account_id(context().entity_id());
  reply.set_customer_id(account.customer_id());
  reply.set_balance_cents(account.balance_cents());
  reply.set_held_cents(held_cents(account));
  return effects().reply(std::move(reply));
}

effect<Empty> accounts::hold(const state& account, const api::TransferPart& command) {
  if (auto checked = check(command); !checked.ok()) return rejection{checked};
  if (account.holds().contains(command.transfer_id()))
    return effects().send(transfers_calls::hold_taken(outcome(command))).then_reply(Empty{});
  auto refuse = [&](std::string why) {
    auto refused = outcome(command, "from_account: " + std::move(why));
    return effects().send(transfers_calls::hold_refused(refused)).then_reply(Empty{});
  };
  if (!account.is_open()) return refuse("there is no such account");
  if (command.cents() > account.balance_cents()) return refuse("the account is short of money");
  return effects()
      .emit(part<domain::HoldTaken>(command))
      .send(transfers_calls::hold_taken(outcome(command)))
      .then_reply(Empty{});
}

effect<Empty> accounts::capture(const state& account, const api::TransferPart& command) {
  auto captured = effects();
  if (account.holds().contains(command.transfer_id()))
    captured.emit(part<domain::HoldCaptured>(command));
  return std::move(captured)
      .send(transfers_calls::hold_captured(outcome(command)))
      .then_reply(Empty{});
}

effect<Empty> accounts::release(const state& account, const api::TransferPart& command) {
  auto released = effects();
  if (account.holds().contains(command.transfer_id()))
    released.emit(part<domain::HoldReleased>(command));
  return std::move(released)
      .send(transfers_calls::hold_released(outcome(command)))
      .then_reply(Empty{});
}

effect<Empty> accounts::credit(const state& account, const api::TransferPart& command) {
  if (auto checked = check(command); !checked.ok()) return rejection{checked};
  if (account.credits().contains(command.transfer_id()))
    return effects().send(transfers_calls::credit_taken(outcome(command))).then_reply(Empty{});
  auto refuse = [&](std::string why) {
    auto refused = outcome(command, "to_account: " + std::move(why));
    return effects().send(transfers_calls::credit_refused(refused)).then_reply(Empty{});
  };
  if (!account.is_open()) return refuse("there is no such account");
  if (!has_room(account, command.cents())) return refuse("no account holds that much");
  return effects()
      .emit(part<domain::TransferCredited>(command))
      .send(transfers_calls::credit_taken(outcome(command)))
      .then_reply(Empty{});
}

effect<Empty> accounts::forget_credit(const state& account, const api::TransferPart& command) {
  // The account may have been closed since.
  if (!account.credits().contains(command.transfer_id())) return effects().reply(Empty{});
  return effects().emit(part<domain::CreditForgotten>(command)).then_reply(Empty{});
}

accounts::state accounts::on_opened(state account, const domain::Opened& event) {
  account.set_is_open(true);
  account.set_customer_id(event.customer_id());
  account.set_balance_cents(event.opening_cents());
  return account;
}

accounts::state accounts::on_deposited(state account, const domain::Deposited& event) {
  account.set_balance_cents(account.balance_cents() + event.cents());
  return account;
}

accounts::state accounts::on_withdrawn(state account, const domain::Withdrawn& event) {
  account.set_balance_cents(account.balance_cents() - event.cents());
  return account;
}

accounts::state accounts::on_hold_taken(state account, const domain::HoldTaken& event) {
  account.set_balance_cents(account.balance_cents() - event.cents());
  (*account.mutable_holds())[event.transfer_id()] = event.cents();
  return account;
}

accounts::state accounts::on_hold_captured(state account, const domain::HoldCaptured& event) {
  account.mutable_holds()->erase(event.transfer_id());
  return account;
}

accounts::state accounts::on_hold_released(state account, const domain::HoldReleased& event) {
  auto& cents = (*account.mutable_holds())[event.transfer_id()];
  account.set_balance_cents(account.balance_cents() + cents);
  account.mutable_holds()->erase(event.transfer_id());
  return account;
}

accounts::state accounts::on_transfer_credited(state account,
                                               const domain::TransferCredited& event) {
  account.set_balance_cents(account.balance_cents() + event.cents());
  (*account.mutable_credits())[event.transfer_id()] = event.cents();
  return account;
}

accounts::state accounts::on_credit_forgotten(state account, const domain::CreditForgotten& event) {
  account.mutable_credits()->erase(event.transfer_id());
  return account;
}

accounts::state accounts::on_closed(state, const domain::Closed&) { return {}; }

}  // namespace bank
