// What the service consists of.

#include "aircraft.hpp"
#include "alerts.hpp"
#include "perdure/module.hpp"

PERDURE_SERVICE(service) {
  service.name("flights").add<flights::aircraft>().add<flights::alerts>();
}
