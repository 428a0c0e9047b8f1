#pragma once

#include "shop.perdure.hpp"
#include "stock.perdure.hpp"

namespace shop {

using google::protobuf::Empty;
using perdure::effect;

// What a customer orders, until it is paid or cancelled.
class order final : public order_base {
 public:
  effect<Empty> place(const OrderState& state, const PlaceRequest& command) override;
  effect<Empty> pay(const OrderState& state, const OrderRequest& command) override;
  effect<Empty> cancel(const OrderState& state, const CancelRequest& command) override;
  effect<Empty> remind(const OrderState& state, const OrderRequest& command) override;
  effect<Shelf> find_product(const OrderState& state, const OrderRequest& command) override;
  effect<OrderState> get(const OrderState& state, const OrderRequest& command) override;

  OrderState on_placed(OrderState state, const Placed& event) override;
  OrderState on_paid(OrderState state, const Paid& event) override;
  OrderState on_cancelled(OrderState state, const Cancelled& event) override;
};

// Who is logged in; ends by itself.
class session final : public session_base {
 public:
  effect<Empty> log_in(const SessionState& state, const LogInRequest& command) override;
  effect<Empty> log_out(const SessionState& state, const SessionRequest& command) override;
  effect<SessionState> get(const SessionState& state, const SessionRequest& command) override;
};

// How much there is of one product, and for which orders it is kept.
class stock_shelf final : public stock::stock_base {
 public:
  effect<Empty> reserve(const stock::StockState& state,
                        const stock::StockRequest& command) override;
  effect<Empty> release(const stock::StockState& state,
                        const stock::StockRequest& command) override;
  effect<Empty> ship(const stock::StockState& state, const stock::StockRequest& command) override;
  effect<Shelf> find(const stock::StockState& state, const stock::FindRequest& command) override;
};

}  // namespace shop
