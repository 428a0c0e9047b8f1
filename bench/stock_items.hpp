#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "actors/command.hpp"
#include "base/log_position.hpp"
#include "perdure/entity.hpp"
#include "perdure/view.hpp"
#include "persistence/step.hpp"
#include "persistence/topic_store.hpp"
#include "stock_api.pb.h"
#include "stock_views.pb.h"

// The items of bench/stock: how many, on which shelves, and the counts of them. A count has a
// number of its own, which is also the quantity that it tells.

namespace perdure::bench {

struct stock_items {
  std::size_t count;  // a power of ten
  std::size_t on_shelf;

  static std::string id(std::size_t item);
  std::string shelf(std::size_t item) const;

  // Each item in turn, in an order that is no order.
  std::size_t counted(std::uint64_t number) const;
  ::bench::stock::api::CountRequest count_request(std::uint64_t number) const;

  // The step by which an item stores it, when all counts before it are stored.
  persistence::step count_step(std::uint64_t number) const;
  // The row that a view makes of it.
  ::bench::stock::api::StockRow row(std::uint64_t number) const;
  actors::command count_command(std::uint64_t number) const;
};

entity_model item_model();
view_model stock_view_model();
view_model live_stock_view_model();

// Where the logs of these event sourced entities end now.
std::vector<log_position> log_ends(const persistence::topic_store& store,
                                   const std::string& entity_type);

}  // namespace perdure::bench
