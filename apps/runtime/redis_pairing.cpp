// The file that names the store in Redis that belongs to a data folder.

#include "apps/runtime/redis_pairing.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "base/uuid.hpp"

namespace perdure::runtime {
namespace {

constexpr auto name = "REDIS.perdure";
constexpr std::string_view new_mark = "new ";

status failed(const std::string& what, const std::filesystem::path& path) {
  return {status_code::unavailable,
          what + " " + path.string() + ": " + std::generic_category().message(errno)};
}

bool sync(const std::filesystem::path& path, int flags) {
  auto descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) return false;
  bool done = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return done;
}

}  // namespace

result<std::optional<redis_pairing>> read_redis_pairing(const std::filesystem::path& data) {
  auto path = data / name;
  std::error_code unknown;
  if (!std::filesystem::exists(path, unknown) && !unknown) return std::optional<redis_pairing>{};
  std::string line;
  if (std::ifstream file(path); !std::getline(file, line)) return failed("cannot read", path);
  redis_pairing found;
  found.is_new = line.starts_with(new_mark);
  found.id = found.is_new ? line.substr(new_mark.size()) : line;
  if (!parse_uuid(found.id)) {
    return status(status_code::data_loss,
                  path.string() + " names no store in a Redis; restore it from a backup");
  }
  return std::optional{std::move(found)};
}

status write_redis_pairing(const std::filesystem::path& data, const redis_pairing& what) {
  auto path = data / name;
  auto written = path;
  written += ".tmp";
  {
    std::ofstream file(written, std::ios::trunc);
    file << (what.is_new ? new_mark : std::string_view()) << what.id << "\n";
    if (!file.flush()) return failed("cannot write", written);
  }
  if (!sync(written, O_WRONLY)) return failed("cannot write", written);
  if (::rename(written.c_str(), path.c_str()) != 0) return failed("cannot write", path);
  if (!sync(data, O_RDONLY | O_DIRECTORY)) return failed("cannot write", path);
  return {};
}

}  // namespace perdure::runtime
