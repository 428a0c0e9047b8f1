#pragma once

#include "accounts_api.perdure.hpp"

namespace bank {

using google::protobuf::Empty;
using perdure::effect;

// An account: money goes in and out, and is set aside for transfers that are under way.
class accounts final : public domain::accounts_base {
 public:
  using state = domain::AccountState;

  effect<Empty> open(const state& account, const api::OpenRequest& command) override;
  effect<Empty> deposit(const state& account, const api::AmountRequest& command) override;
  effect<Empty> withdraw(const state& account, const api::AmountRequest& command) override;
  effect<Empty> close(const state& account, const api::CloseRequest& command) override;
  effect<api::Account> get_account(const state& account,
                                   const api::GetAccountRequest& command) override;

  effect<Empty> hold(const state& account, const api::TransferPart& command) override;
  effect<Empty> capture(const state& account, const api::TransferPart& command) override;
  effect<Empty> release(const state& account, const api::TransferPart& command) override;
  effect<Empty> credit(const state& account, const api::TransferPart& command) override;
  effect<Empty> forget_credit(const state& account, const api::TransferPart& command) override;

  state on_opened(state account, const domain::Opened& event) override;
  state on_deposited(state account, const domain::Deposited& event) override;
  state on_withdrawn(state account, const domain::Withdrawn& event) override;
  state on_hold_taken(state account, const domain::HoldTaken& event) override;
  state on_hold_captured(state account, const domain::HoldCaptured& event) override;
  state on_hold_released(state account, const domain::HoldReleased& event) override;
  state on_transfer_credited(state account, const domain::TransferCredited& event) override;
  state on_credit_forgotten(state account, const domain::CreditForgotten& event) override;
  state on_closed(state account, const domain::Closed& event) override;
};

}  // namespace bank
