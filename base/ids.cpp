// Sharding by entity id. The hash is MurmurHash2 (Austin Appleby, public domain) with the seed and
// the sign handling of Apache Kafka's Java client (org.apache.kafka.common.utils.Utils.murmur2 and
// toPositive): they decide which partition a key goes to, so they can never change.

#include "base/ids.hpp"

#include "base/check.hpp"

namespace perdure {
namespace {

std::uint32_t kafka_murmur2(std::string_view bytes) {
  constexpr std::uint32_t seed = 0x9747b28c;
  constexpr std::uint32_t m = 0x5bd1e995;
  constexpr int r = 24;
  auto byte = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(bytes[i])}; };

  auto length = static_cast<std::uint32_t>(bytes.size());
  std::uint32_t h = seed ^ length;
  std::size_t i = 0;
  for (; i + 4 <= bytes.size(); i += 4) {
    std::uint32_t k = byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24;
    k *= m;
    k ^= k >> r;
    k *= m;
    h = h * m ^ k;
  }
  switch (bytes.size() - i) {
    case 3:
      h ^= byte(i + 2) << 16;
      [[fallthrough]];
    case 2:
      h ^= byte(i + 1) << 8;
      [[fallthrough]];
    case 1:
      h ^= byte(i);
      h *= m;
  }
  h ^= h >> 13;
  h *= m;
  h ^= h >> 15;
  return h;
}

}  // namespace

shard_id shard_of(std::string_view entity_id, std::uint32_t shard_count) {
  PERDURE_CHECK(shard_count > 0);
  return shard_id{(kafka_murmur2(entity_id) & 0x7fffffffu) % shard_count};
}

}  // namespace perdure
