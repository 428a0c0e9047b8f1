// The disk's own speed, by the calls that RocksDB makes for a synced write.

#include "bench/disk_probe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace perdure::bench {

disk_probe::disk_probe(const std::filesystem::path& folder)
    : file_(folder / "disk_probe"),
      fd_(::open(file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), file_.string());
}

disk_probe::~disk_probe() {
  ::close(fd_);
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

void disk_probe::run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
                     measured& into) {
  using clock = std::chrono::steady_clock;
  std::array<char, 512> bytes;
  bytes.fill('p');
  auto begun = clock::now();
  auto counted_from = begun + lead_in;
  auto end = counted_from + time;
  double answers = 0;
  auto now = begun;
  while (now < end) {
    if (::write(fd_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
        ::fdatasync(fd_) != 0) {
      throw std::system_error(errno, std::generic_category(), file_.string());
    }
    auto then = std::exchange(now, clock::now());
    if (then < counted_from) continue;
    into.spent.record(now - then);
    ++answers;
  }
  into.rates.push_back(answers / std::chrono::duration<double>(now - counted_from).count());
}

}  // namespace perdure::bench
