#pragma once

#include <google/protobuf/stubs/common.h>

#include <cstdint>

#include "perdure/service.hpp"
#include "perdure/version.hpp"

/// Actor modules: a service as a shared object that `perdure_host` loads beside others.
///
/// A module exports one symbol, `perdure_module`, a function that returns a `perdure::module_v1`.
/// That struct is plain C, so that a host can read it whatever the module was built with, and
/// refuse a module it does not match before any C++ object crosses the border.
namespace perdure {

/// Raised whenever a type of include/perdure/ that crosses the border changes its shape.
#ifndef PERDURE_MODULE_ABI
#define PERDURE_MODULE_ABI 4
#endif

/// First field of every module: "PERDURE1" read as a little-endian number.
inline constexpr std::uint64_t module_magic = 0x3145525544524550;

/// What a module says of itself. Fields are only ever appended.
struct module_v1 {
  std::uint64_t magic;
  std::uint32_t abi;                 ///< PERDURE_MODULE_ABI it was built with
  std::uint32_t protobuf;            ///< GOOGLE_PROTOBUF_VERSION it was built with
  std::uint32_t cxx_abi;             ///< __GXX_ABI_VERSION it was built with
  const char* perdure_version;       ///< "0.1.0", for people
  void (*describe)(class service&);  ///< adds the components
};

inline constexpr const char* module_symbol = "perdure_module";

}  // namespace perdure

/// Defines the service of a module: the block that follows gets a `perdure::service&` of that name.
/// Once per service.
///
/// `class`, because the generated annotations.pb.h, which every service includes, has a variable of
/// the same name: the option `(perdure.service)`.
#define PERDURE_SERVICE(parameter)                                                                 \
  static void perdure_describe_service(class ::perdure::service&);                                 \
  extern "C" __attribute__((visibility("default"))) const ::perdure::module_v1* perdure_module() { \
    static const ::perdure::module_v1 self{::perdure::module_magic, PERDURE_MODULE_ABI,            \
                                           GOOGLE_PROTOBUF_VERSION, __GXX_ABI_VERSION,             \
                                           PERDURE_VERSION,         &perdure_describe_service};    \
    return &self;                                                                                  \
  }                                                                                                \
  static void perdure_describe_service(class ::perdure::service& parameter)
