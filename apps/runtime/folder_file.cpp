// Files of one line, replaced whole: written beside, synced, and then put in their place.

#include "apps/runtime/folder_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

namespace perdure::runtime {
namespace {

status failed(const std::string& what, const std::filesystem::path& path) {
  return {status_code::unavailable,
          what + " " + path.string() + ": " + std::generic_category().message(errno)};
}

class descriptor {
 public:
  descriptor(const std::filesystem::path& path, int flags, mode_t mode = 0)
      : number_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  bool write(const std::string& text) const {
    return number_ >= 0 &&
           ::write(number_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }
  bool sync() const { return number_ >= 0 && ::fsync(number_) == 0; }

 private:
  const int number_;
};

}  // namespace

result<std::optional<std::string>> read_line(const std::filesystem::path& path) {
  std::error_code unknown;
  if (!std::filesystem::exists(path, unknown) && !unknown) return std::optional<std::string>{};
  std::ifstream file(path);
  if (!file) return failed("cannot read", path);
  std::string line;
  // An empty file has an empty line.
  if (!std::getline(file, line) && !file.eof()) return failed("cannot read", path);
  return std::optional{std::move(line)};
}

status write_line(const std::filesystem::path& path, const std::string& line, mode_t mode) {
  auto beside = path;
  beside += ".tmp";
  ::unlink(beside.c_str());  // of a process that died: its mode may be another
  {
    descriptor file(beside, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (!file.write(line + "\n") || !file.sync()) return failed("cannot write", beside);
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return failed("cannot write", path);
  if (!descriptor(path.parent_path(), O_RDONLY | O_DIRECTORY).sync()) {
    return failed("cannot write", path);
  }
  return {};
}

}  // namespace perdure::runtime
