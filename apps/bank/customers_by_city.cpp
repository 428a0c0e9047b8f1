// Rows of accounts are their states, so the accounts' own rules make them: what an event means is
// written once.

#include "customers_by_city.hpp"

#include <utility>

#include "accounts.hpp"

namespace bank {

customers_by_city::effect customers_by_city::on_opened(std::optional<account> row,
                                                       const domain::Opened& event) {
  return effects().put(bank::accounts().on_opened(row.value_or(account()), event));
}

customers_by_city::effect customers_by_city::on_deposited(std::optional<account> row,
                                                          const domain::Deposited& event) {
  return effects().put(bank::accounts().on_deposited(row.value_or(account()), event));
}

customers_by_city::effect customers_by_city::on_withdrawn(std::optional<account> row,
                                                          const domain::Withdrawn& event) {
  return effects().put(bank::accounts().on_withdrawn(row.value_or(account()), event));
}

customers_by_city::effect customers_by_city::on_hold_taken(std::optional<account> row,
                                                           const domain::HoldTaken& event) {
  return effects().put(bank::accounts().on_hold_taken(row.value_or(account()), event));
}

customers_by_city::effect customers_by_city::on_hold_captured(std::optional<account> row,
                                                              const domain::HoldCaptured& event) {
  return effects().put(bank::accounts().on_hold_captured(row.value_or(account()), event));
}

customers_by_city::effect customers_by_city::on_hold_released(std::optional<account> row,
                                                              const domain::HoldReleased& event) {
  return effects().put(bank::accounts().on_hold_released(row.value_or(account()), event));
}

customers_by_city::effect customers_by_city::on_transfer_credited(
    std::optional<account> row, const domain::TransferCredited& event) {
  return effects().put(bank::accounts().on_transfer_credited(row.value_or(account()), event));
}

customers_by_city::effect customers_by_city::on_credit_forgotten(
    std::optional<account> row, const domain::CreditForgotten& event) {
  return effects().put(bank::accounts().on_credit_forgotten(row.value_or(account()), event));
}

customers_by_city::effect customers_by_city::on_closed(std::optional<account>,
                                                       const domain::Closed&) {
  return effects().remove();
}

}  // namespace bank
