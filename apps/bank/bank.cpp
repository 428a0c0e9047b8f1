// What the service consists of.

#include "accounts.hpp"
#include "customers.hpp"
#include "customers_by_city.hpp"
#include "perdure/module.hpp"
#include "transfers.hpp"

PERDURE_SERVICE(service) {
  service.name("bank")
      .add<bank::accounts>()
      .add<bank::transfers>()
      .add<bank::customers>()
      .add<bank::customers_by_city>();
}
