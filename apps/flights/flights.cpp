// What the service consists of.

#include "aircraft.hpp"
#include "alerts.hpp"
#include "flight_views.hpp"
#include "perdure/module.hpp"
#include "reference.hpp"

PERDURE_SERVICE(service) {
  service.name("flights")
      .add<flights::aircraft>()
      .add<flights::alerts>()
      .add<flights::airlines>()
      .add<flights::airports>()
      .add<flights::planes>()
      .add<flights::weather>()
      .add<flights::flight_views>();
}
