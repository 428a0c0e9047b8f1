// The file that names the store in Redis that belongs to a data folder.

#include "apps/runtime/redis_pairing.hpp"

#include "apps/runtime/folder_file.hpp"
#include "base/uuid.hpp"

namespace perdure::runtime {
namespace {

constexpr auto name = "REDIS.perdure";
constexpr std::string_view new_mark = "new ";

}  // namespace

result<std::optional<redis_pairing>> read_redis_pairing(const std::filesystem::path& data) {
  auto path = data / name;
  auto line = read_line(path);
  if (!line.ok()) return line.error();
  if (!*line) return std::optional<redis_pairing>{};
  redis_pairing found;
  found.is_new = (*line)->starts_with(new_mark);
  found.id = found.is_new ? (*line)->substr(new_mark.size()) : **line;
  if (!parse_uuid(found.id)) {
    return status(status_code::data_loss,
                  path.string() + " names no store in a Redis; restore it from a backup");
  }
  return std::optional{std::move(found)};
}

status write_redis_pairing(const std::filesystem::path& data, const redis_pairing& what) {
  return write_line(data / name, (what.is_new ? std::string(new_mark) : "") + what.id);
}

}  // namespace perdure::runtime
