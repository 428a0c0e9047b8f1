// The lock that keeps a data folder to one process. Taken before anything in the folder is read.

#include "persistence/data_folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace perdure::persistence {
namespace {

status refused(const std::filesystem::path& folder, const std::string& why,
               const std::string& what_to_do = "") {
  return {status_code::failed_precondition,
          folder.string() + " " + why + "; " + what_to_do + "choose another folder with --data"};
}

std::string reason(int error) { return std::generic_category().message(error); }

// Who holds the lock, as far as the file tells: its owner writes it just after locking.
std::string owner_of(int fd) {
  char text[24] = {};
  auto size = ::pread(fd, text, sizeof text - 1, 0);
  auto pid = std::string(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

result<data_folder_lock> data_folder_lock::acquire(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::exists(folder, error) && !std::filesystem::is_directory(folder, error)) {
    return refused(folder, "is not a folder");
  }
  std::filesystem::create_directories(folder, error);
  if (error) return refused(folder, "cannot be created: " + error.message());

  auto path = folder / "LOCK.perdure";
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return refused(folder, "cannot be written in: " + reason(errno));
  data_folder_lock lock(fd);  // closes it on every way out

  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return refused(folder, "cannot be locked: " + reason(errno));
    return refused(folder, "is in use by " + owner_of(fd), "stop it or ");
  }
  auto pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) != 0 ||
      ::pwrite(fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return refused(folder, "cannot be written in: " + reason(errno));
  }
  return lock;
}

data_folder_lock::~data_folder_lock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace perdure::persistence
