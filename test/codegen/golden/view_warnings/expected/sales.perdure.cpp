// Written by protoc-gen-perdure from sales.proto. Do not edit: change that file.
#include "sales.perdure.hpp"

#include <cstdlib>
#include <utility>

namespace shop {

::perdure::view_model sales_base::model() {
  return {
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "shop.Sales"),
      .create = {},
  };
}

::perdure::any_view_effect sales_base::handle(
    ::std::size_t method,
    [[maybe_unused]] const ::google::protobuf::Message* row,
    [[maybe_unused]] const ::google::protobuf::Message& message) {
  switch (method) {
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

::perdure::view_table<::shop::Sale> sales_base::sales() const {
  return this->table<::shop::Sale>("sales");
}

}  // namespace shop
