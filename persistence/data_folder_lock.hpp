#pragma once

#include <filesystem>
#include <utility>

#include "perdure/status.hpp"

// Keeps a data folder to one process.
//
// A lock of the kernel (flock) on the file LOCK.perdure, which holds the owner's process id as
// text, for people. The kernel lets go of it when the process ends, however it ends, so a file
// that was left behind is no obstacle.

namespace perdure::persistence {

class data_folder_lock {
 public:
  // Creates the folder if need be and takes its lock.
  //   FAILED_PRECONDITION  it is in use, by another process or by this one; or it cannot be
  //                        created or written in. The text says which, and what to do
  static result<data_folder_lock> acquire(const std::filesystem::path& folder);

  data_folder_lock(data_folder_lock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  data_folder_lock& operator=(data_folder_lock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~data_folder_lock();  // lets go; the file stays

 private:
  explicit data_folder_lock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace perdure::persistence
