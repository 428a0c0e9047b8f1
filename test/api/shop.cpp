// Handlers with every effect there is. docs/reference/effects.md shows parts of them, so they are
// as short as such a handler can be.

#include "shop.hpp"

namespace shop {

using perdure::first_value;
using perdure::metadata;
using perdure::status_code;
using stock::stock_calls;
using namespace std::chrono_literals;

namespace {

stock::StockRequest of_order(const std::string& order_id, const OrderState& state) {
  stock::StockRequest request;
  request.set_product(state.product());
  request.set_order_id(order_id);
  request.set_quantity(state.quantity());
  return request;
}

}  // namespace

effect<Empty> order::place(const OrderState& state, const PlaceRequest& command) {
  if (!state.product().empty()) return effects().reply(Empty{});
  if (command.quantity() < 1) {
    // [reject]
    return effects().reject(status_code::invalid_argument, "quantity must be at least 1");
    // [/reject]
  }
  Placed placed;
  placed.set_product(command.product());
  placed.set_quantity(command.quantity());
  stock::StockRequest wanted;
  wanted.set_product(command.product());
  wanted.set_order_id(command.order_id());
  wanted.set_quantity(command.quantity());
  CancelRequest unpaid;
  unpaid.set_order_id(command.order_id());
  unpaid.set_why("not paid in time");
  // [emit]
  metadata beside{{"placed-by", std::string(first_value(context().metadata(), "user"))}};
  return effects()
      .emit(placed, beside)
      .send(stock_calls::reserve(wanted))
      .start_timer("unpaid", 15min, orders_calls::cancel(unpaid))
      .then_reply(Empty{});
  // [/emit]
}

effect<Empty> order::pay(const OrderState& state, const OrderRequest& command) {
  if (state.product().empty()) return effects().reject(status_code::not_found, "no such order");
  if (state.paid()) return effects().reply(Empty{});
  // [send_and_wait]
  return effects()
      .emit(Paid{})
      .cancel_timer("unpaid")
      .cancel_timer("reminder")
      .send_and_wait(stock_calls::ship(of_order(command.order_id(), state)))
      .then_reply(Empty{});
  // [/send_and_wait]
}

effect<Empty> order::cancel(const OrderState& state, const CancelRequest& command) {
  // The timer may have fired just before the order was paid or cancelled.
  if (state.product().empty() || state.paid()) return effects().reply(Empty{});
  Cancelled cancelled;
  cancelled.set_why(command.why());
  // [erase]
  return effects()
      .emit(cancelled)
      .erase()
      .cancel_timer("reminder")
      .send(stock_calls::release(of_order(command.order_id(), state)))
      .then_reply(Empty{});
  // [/erase]
}

effect<Empty> order::remind(const OrderState&, const OrderRequest& command) {
  // [periodic]
  return effects()
      .start_periodic_timer("reminder", 1h, 24h, orders_calls::remind(command))
      .then_reply(Empty{});
  // [/periodic]
}

effect<Shelf> order::find_product(const OrderState& state, const OrderRequest&) {
  stock::FindRequest find;
  find.set_product(state.product());
  // [forward]
  return effects().forward(stock_calls::find(find));
  // [/forward]
}

effect<OrderState> order::get(const OrderState& state, const OrderRequest&) {
  // [reply]
  return effects().reply(state);
  // [/reply]
}

// [event_metadata]
OrderState order::on_placed(OrderState state, const Placed& event) {
  state.set_product(event.product());
  state.set_quantity(event.quantity());
  state.set_placed_by(std::string(first_value(context().metadata(), "placed-by")));
  return state;
}
// [/event_metadata]

OrderState order::on_paid(OrderState state, const Paid&) {
  state.set_paid(true);
  return state;
}

OrderState order::on_cancelled(OrderState, const Cancelled&) { return {}; }

effect<Empty> session::log_in(const SessionState&, const LogInRequest& command) {
  // [update]
  SessionState begun;
  begun.set_user(command.user());
  return effects().update(begun).expire_after(30min).then_reply(Empty{});
  // [/update]
}

effect<Empty> session::log_out(const SessionState&, const SessionRequest&) {
  // [erase_state]
  return effects().erase().then_reply(Empty{});
  // [/erase_state]
}

effect<SessionState> session::get(const SessionState& state, const SessionRequest&) {
  if (state.user().empty()) return effects().reject(status_code::not_found, "not logged in");
  return effects().reply(state);
}

// [answer_by_send]
effect<Empty> stock_shelf::reserve(const stock::StockState& state,
                                   const stock::StockRequest& command) {
  if (command.quantity() > state.free()) {
    CancelRequest refused;
    refused.set_order_id(command.order_id());
    refused.set_why("sold out");
    return effects().send(orders_calls::cancel(refused)).then_reply(Empty{});
  }
  auto after = state;
  after.set_free(state.free() - command.quantity());
  (*after.mutable_reserved())[command.order_id()] = command.quantity();
  return effects().update(after).then_reply(Empty{});
}
// [/answer_by_send]

effect<Empty> stock_shelf::release(const stock::StockState& state,
                                   const stock::StockRequest& command) {
  auto kept = state.reserved().find(command.order_id());
  if (kept == state.reserved().end()) return effects().reply(Empty{});
  auto after = state;
  after.set_free(state.free() + kept->second);
  after.mutable_reserved()->erase(command.order_id());
  return effects().update(after).then_reply(Empty{});
}

effect<Empty> stock_shelf::ship(const stock::StockState& state,
                                const stock::StockRequest& command) {
  auto after = state;
  after.mutable_reserved()->erase(command.order_id());
  return effects().update(after).then_reply(Empty{});
}

effect<Shelf> stock_shelf::find(const stock::StockState& state, const stock::FindRequest&) {
  Shelf reply;
  reply.set_free(state.free());
  return effects().reply(std::move(reply));
}

}  // namespace shop
