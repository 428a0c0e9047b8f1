#pragma once

#include <optional>

#include "customers_by_city.perdure.hpp"

namespace bank {

// Customers as they are stored, and accounts as their own event handlers make them.
class customers_by_city final : public api::customers_by_city_base {
 public:
  using account = domain::AccountState;
  using effect = perdure::view_effect<account>;

  effect on_opened(std::optional<account> row, const domain::Opened& event) override;
  effect on_deposited(std::optional<account> row, const domain::Deposited& event) override;
  effect on_withdrawn(std::optional<account> row, const domain::Withdrawn& event) override;
  effect on_hold_taken(std::optional<account> row, const domain::HoldTaken& event) override;
  effect on_hold_captured(std::optional<account> row, const domain::HoldCaptured& event) override;
  effect on_hold_released(std::optional<account> row, const domain::HoldReleased& event) override;
  effect on_transfer_credited(std::optional<account> row,
                              const domain::TransferCredited& event) override;
  effect on_credit_forgotten(std::optional<account> row,
                             const domain::CreditForgotten& event) override;
  effect on_closed(std::optional<account> row, const domain::Closed& event) override;
};

}  // namespace bank
