#pragma once

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "gateway/http_routes.hpp"
#include "http_test.pb.h"
#include "perdure/entity.hpp"

// Catalogs of the services of http_test.proto.

namespace perdure::gateway::testing {

template <class... Names>
service_catalog http_catalog(const Names&... services) {
  std::vector<entity_model> models;
  for (const std::string& service : {std::string(services)...}) {
    entity_model model;
    model.component = "http_test.components." + service;
    model.entity_type = service;
    model.service = http_test::Book::descriptor()->file()->FindServiceByName(service);
    BOOST_REQUIRE_MESSAGE(model.service, service);
    models.push_back(std::move(model));
  }
  auto catalog = service_catalog::of(models);
  BOOST_REQUIRE_MESSAGE(catalog.ok(), to_string(catalog.error()));
  return *catalog;
}

}  // namespace perdure::gateway::testing
