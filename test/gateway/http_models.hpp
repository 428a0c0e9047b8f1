#pragma once

#include <boost/test/unit_test.hpp>
#include <string>

#include "gateway/http_routes.hpp"
#include "http_test.pb.h"
#include "perdure/entity.hpp"

// Catalogs of the services of http_test.proto.

namespace perdure::gateway::testing {

inline service_catalog http_catalog(const std::string& service) {
  entity_model model;
  model.component = "http_test.components." + service;
  model.entity_type = service;
  model.service = http_test::Book::descriptor()->file()->FindServiceByName(service);
  BOOST_REQUIRE_MESSAGE(model.service, service);
  auto catalog = service_catalog::of({&model, 1});
  BOOST_REQUIRE_MESSAGE(catalog.ok(), to_string(catalog.error()));
  return *catalog;
}

}  // namespace perdure::gateway::testing
