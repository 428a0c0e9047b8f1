// Handlers of every shape. docs/reference/actions.md shows parts of them, so they are as short as
// such a handler can be.

#include "desk.hpp"

namespace shop {

using perdure::status_code;
using stock::stock_calls;
using namespace std::chrono_literals;

// [message]
task<action_effect<Notice>> desk::on_placed(const Placed& request) {
  if (request.quantity() < 10) return effects().ignore();
  Notice notice;
  notice.set_order_id(context().subject());
  notice.set_text("much " + request.product());
  return effects().reply(notice).with_metadata("urgent", "yes");
}
// [/message]

task<action_effect<Empty>> desk::on_cancelled(const Cancelled&) {
  OrderRequest order;
  order.set_order_id(context().subject());
  // [timer]
  return effects().start_timer(context().subject(), 24h, orders_calls::remind(order)).no_reply();
  // [/timer]
}

// [await]
task<action_effect<Shelf>> desk::buy(const PlaceRequest& request) {
  stock::FindRequest wanted;
  wanted.set_product(request.product());
  auto shelf = co_await stock_calls::find(wanted);
  if (!shelf.ok()) co_return effects().reject(shelf.error());
  if (shelf->free() < request.quantity()) {
    co_return effects().reject(status_code::failed_precondition, "there is not enough");
  }
  co_return effects().send_and_wait(orders_calls::place(request)).reply(*shelf);
}
// [/await]

task<action_effect<Shelf>> desk::find(const stock::FindRequest& request) {
  // [forward]
  return effects().forward(stock_calls::find(request));
  // [/forward]
}

// [streamed_in]
task<action_effect<Shelf>> desk::count(requests<stock::FindRequest> requests) {
  std::vector<perdure::call<Shelf>> calls;
  while (auto request = co_await requests.next()) calls.push_back(stock_calls::find(*request));
  Shelf all;
  for (const auto& shelf : co_await calls) {
    if (!shelf.ok()) co_return effects().reject(shelf.error());
    all.set_free(all.free() + shelf->free());
  }
  co_return effects().reply(all);
}
// [/streamed_in]

// [streamed_out]
replies<Shelf> desk::watch(const stock::FindRequest& request) {
  while (true) {
    auto shelf = co_await stock_calls::find(request);
    if (!shelf.ok()) {
      co_yield effects().reject(shelf.error());
      co_return;
    }
    co_yield *shelf;
    co_await perdure::pause_for{1s};
  }
}
// [/streamed_out]

// [streamed_both]
replies<Shelf> desk::find_each(requests<stock::FindRequest> requests) {
  while (auto request = co_await requests.next()) {
    co_yield effects().forward(stock_calls::find(*request));
  }
}
// [/streamed_both]

task<action_effect<Empty>> desk::open(const Empty&) {
  stock::FindRequest tea;
  tea.set_product("tea");
  return effects().send(stock_calls::find(tea)).reply(Empty{});
}

}  // namespace shop
