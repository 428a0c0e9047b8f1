#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

// Other programs, run as a user runs them.

namespace perdure::bench {

// A server that prints a line per port ("grpc 127.0.0.1:9000") and then "ready". It is killed with
// the object, and by the kernel should this process die.
class service_process {
 public:
  // Returns when it is ready. Throws std::runtime_error when it ends before that. Of a server that
  // prints something else, `ready` is in the line that tells; it has no ports here.
  explicit service_process(const std::vector<std::string>& command,
                           const std::string& ready = "ready");
  ~service_process();

  service_process(const service_process&) = delete;
  service_process& operator=(const service_process&) = delete;

  int port(const std::string& name) const { return ports_.at(name); }

  // Resident memory now.
  std::size_t resident_bytes() const;

  // SIGTERM, and waits for its end. Throws when it did not end well.
  void stop();

  // SIGKILL, and waits for its end.
  void kill();

 private:
  int wait();

  std::string name_;
  pid_t pid_;
  std::map<std::string, int> ports_;
};

// A service of Perdure on free ports, with `flags` beside.
std::vector<std::string> service_command(const std::filesystem::path& executable,
                                         const std::filesystem::path& data,
                                         const std::vector<std::string>& flags = {});

// A Redis that keeps what it acknowledges: it appends to a file in `folder` and syncs that always.
class redis_process {
 public:
  explicit redis_process(const std::filesystem::path& folder);

  int port() const { return port_; }

 private:
  int port_;
  service_process server_;
};

// Runs a program to its end and gives what it printed. Throws when it fails.
std::string output_of(const std::vector<std::string>& command);

// A folder of its own that is removed with the object. On a disk: throws when `parent` lies in
// memory, where nothing is ever synced.
class scratch_folder {
 public:
  explicit scratch_folder(const std::filesystem::path& parent);
  ~scratch_folder();

  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace perdure::bench
