// The file that says that a data folder's topics are in a Kafka.

#include "apps/runtime/kafka_pairing.hpp"

#include "apps/runtime/folder_file.hpp"
#include "base/uuid.hpp"

namespace perdure::runtime {
namespace {

constexpr auto name = "KAFKA.perdure";

}  // namespace

result<std::optional<std::string>> read_kafka_pairing(const std::filesystem::path& data) {
  auto path = data / name;
  auto line = read_line(path);
  if (line.ok() && *line && !parse_uuid(**line)) {
    return status(status_code::data_loss,
                  path.string() + " names no writer of topics; restore it from a backup");
  }
  return line;
}

status write_kafka_pairing(const std::filesystem::path& data, const std::string& writer_id) {
  return write_line(data / name, writer_id);
}

}  // namespace perdure::runtime
