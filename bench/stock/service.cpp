// The service of the rows on queries. Apart from its parts, which perdure_bench runs as well.

#include "perdure/module.hpp"
#include "stock.hpp"

PERDURE_SERVICE(service) {
  service.name("stock").add<bench::stock::item>().add<bench::stock::stock_view>();
}
