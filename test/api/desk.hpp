#pragma once

#include "desk.perdure.hpp"
#include "shop.perdure.hpp"
#include "stock.perdure.hpp"

namespace shop {

using google::protobuf::Empty;
using perdure::action_effect;
using perdure::replies;
using perdure::requests;
using perdure::task;

// Where customers ask, and what is told them.
class desk final : public desk_base {
 public:
  task<action_effect<Notice>> on_placed(const Placed& request) override;
  task<action_effect<Empty>> on_cancelled(const Cancelled& request) override;
  task<action_effect<Shelf>> buy(const PlaceRequest& request) override;
  task<action_effect<Shelf>> find(const stock::FindRequest& request) override;
  task<action_effect<Shelf>> count(requests<stock::FindRequest> requests) override;
  replies<Shelf> watch(const stock::FindRequest& request) override;
  replies<Shelf> find_each(requests<stock::FindRequest> requests) override;
  task<action_effect<Empty>> open(const Empty& request) override;
};

}  // namespace shop
