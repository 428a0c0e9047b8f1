// Written by protoc-gen-perdure from sales.proto. Do not edit: change that file.
#pragma once

#include <cstddef>
#include <optional>

#include "perdure/view.hpp"

#include "sales.pb.h"

namespace shop {

/// The view shop.Sales.
/// It has no handlers, and can be added to a service as it is.
class sales_base : public ::perdure::view {
 public:
  /// What the runtime knows of this view; it adds `create` itself.
  static ::perdure::view_model model();

  // For the runtime: calls the function of an rpc by its index.

  ::perdure::any_view_effect handle(
      ::std::size_t method,
      const ::google::protobuf::Message* row,
      const ::google::protobuf::Message& message) final;

 protected:
  /// The table "sales".
  ::perdure::view_table<::shop::Sale> sales() const;
};

}  // namespace shop
