// Fingerprints of requests, stored with the replies to commands that carry an idempotency key, and
// part of their ids.

#include "actors/fingerprint.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <xxhash.h>

#include "base/uuid.hpp"

namespace perdure::actors {

std::uint64_t fingerprint_of(const google::protobuf::Message& request) {
  std::string encoded;
  {
    google::protobuf::io::StringOutputStream bytes(&encoded);
    google::protobuf::io::CodedOutputStream coded(&bytes);
    coded.SetSerializationDeterministic(true);  // map entries in a fixed order
    request.SerializePartialToCodedStream(&coded);
  }
  return XXH3_64bits(encoded.data(), encoded.size());
}

std::string keyed_command_id(const command& c) {
  auto fingerprint = std::to_string(fingerprint_of(*c.request));
  return uuid_of({"command", c.target.type, c.target.id, c.method->full_name(), c.idempotency_key,
                  fingerprint});
}

}  // namespace perdure::actors
