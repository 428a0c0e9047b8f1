#pragma once

#include "transfers_api.perdure.hpp"

namespace bank {

using google::protobuf::Empty;
using perdure::effect;

// A transfer: asks both accounts, one after the other, by sends. proto/transfers_domain.proto has
// its stages.
class transfers final : public domain::transfers_base {
 public:
  using state = domain::TransferState;

  effect<Empty> transfer(const state& now, const api::TransferRequest& command) override;
  effect<api::TransferStatus> get_transfer(const state& now,
                                           const api::GetTransferRequest& command) override;

  effect<Empty> hold_taken(const state& now, const api::Outcome& command) override;
  effect<Empty> hold_refused(const state& now, const api::Outcome& command) override;
  effect<Empty> credit_taken(const state& now, const api::Outcome& command) override;
  effect<Empty> credit_refused(const state& now, const api::Outcome& command) override;
  effect<Empty> hold_captured(const state& now, const api::Outcome& command) override;
  effect<Empty> hold_released(const state& now, const api::Outcome& command) override;
  effect<Empty> expire(const state& now, const api::ExpireRequest& command) override;

  state on_requested(state now, const domain::Requested& event) override;
  state on_held(state now, const domain::Held& event) override;
  state on_credited(state now, const domain::Credited& event) override;
  state on_settled(state now, const domain::Settled& event) override;
  state on_abandoned(state now, const domain::Abandoned& event) override;
  state on_released(state now, const domain::Released& event) override;
  state on_refused(state now, const domain::Refused& event) override;
};

}  // namespace bank
