// Items as the service of bench/stock has them, for loads without it.

#include "bench/stock_items.hpp"

#include <memory>
#include <utility>

#include "perdure/service.hpp"
#include "pubsub/message_source.hpp"
#include "stock/stock.hpp"

namespace perdure::bench {
namespace {

constexpr const char* name_of_all = "A tin of blue paint";

const class service& stock_parts() {
  static const auto parts = [] {
    class service made;  // the option (perdure.service) has the same name
    made.add<::bench::stock::item>()
        .add<::bench::stock::stock_view>()
        .add<::bench::stock::live_stock_view>();
    return made;
  }();
  return parts;
}

template <class Model>
Model named(Model model) {
  model.service_name = "stock";
  return model;
}

}  // namespace

entity_model item_model() { return named(stock_parts().entities().front()); }
view_model stock_view_model() { return named(stock_parts().views().front()); }
view_model live_stock_view_model() { return named(stock_parts().views().back()); }

std::string stock_items::id(std::size_t item) { return "item-" + std::to_string(1'000'000 + item); }

std::string stock_items::shelf(std::size_t item) const {
  return "shelf-" + std::to_string(10'000 + item / on_shelf);
}

// By a prime that divides no power of ten.
std::size_t stock_items::counted(std::uint64_t number) const { return number * 7919 % count; }

::bench::stock::api::CountRequest stock_items::count_request(std::uint64_t number) const {
  auto item = counted(number);
  ::bench::stock::api::CountRequest request;
  request.set_item_id(id(item));
  request.set_name(name_of_all);
  request.set_shelf(shelf(item));
  request.set_quantity(static_cast<std::int64_t>(number));
  return request;
}

persistence::step stock_items::count_step(std::uint64_t number) const {
  static const auto type = item_model().entity_type;
  auto request = count_request(number);
  ::bench::stock::domain::ItemCounted event;
  event.set_name(request.name());
  event.set_shelf(request.shelf());
  event.set_quantity(request.quantity());
  persistence::step s;
  s.entity = {type, request.item_id()};
  s.expected = sequence_nr{number / count};
  s.events.push_back({event.GetDescriptor()->full_name(), event.SerializeAsString()});
  return s;
}

::bench::stock::api::StockRow stock_items::row(std::uint64_t number) const {
  auto request = count_request(number);
  ::bench::stock::api::StockRow made;
  made.set_item_id(request.item_id());
  made.set_name(request.name());
  made.set_shelf(request.shelf());
  made.set_quantity(request.quantity());
  return made;
}

actors::command stock_items::count_command(std::uint64_t number) const {
  static const auto items = item_model();
  auto request = std::make_unique<::bench::stock::api::CountRequest>(count_request(number));
  actors::command c;
  c.target = {items.entity_type, request->item_id()};
  c.method = items.service->method(0);
  c.request_bytes = request->ByteSizeLong();
  c.request = std::move(request);
  return c;
}

std::vector<log_position> log_ends(const persistence::topic_store& store,
                                   const std::string& entity_type) {
  using pubsub::message_source;
  auto log = message_source{message_source::kind::event_sourced_entity, entity_type}.path();
  std::vector<log_position> ends;
  for (std::uint32_t shard = 0; shard < store.shard_count(); ++shard) {
    ends.push_back({log, shard, value(store.log_end(shard_id{shard}))});
  }
  return ends;
}

}  // namespace perdure::bench
