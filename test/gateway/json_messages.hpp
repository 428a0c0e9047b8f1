#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>

#include "gateway/http_json.hpp"
#include "json_test.pb.h"

// What the JSON tests share.

namespace perdure::gateway::testing {

// Equal messages have equal bytes, also with NaN in them.
inline std::string bytes_of(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream out(&bytes);
  google::protobuf::io::CodedOutputStream coded(&out);
  coded.SetSerializationDeterministic(true);
  BOOST_REQUIRE(message.SerializeToCodedStream(&coded));
  coded.Trim();
  return bytes;
}

inline json_test::Everything parsed(std::string_view json) {
  json_test::Everything message;
  auto done = parse_json(json, message);
  BOOST_REQUIRE_MESSAGE(done.ok(), json << " " << to_string(done));
  return message;
}

}  // namespace perdure::gateway::testing
