// Servers and drivers as processes of their own, so that each is measured as a user would run it.

#include "bench/service_process.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace perdure::bench {
namespace {

[[noreturn]] void throw_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct child {
  pid_t pid;
  std::FILE* output;  // its standard output
};

child start(const std::vector<std::string>& command) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("pipe");
  std::vector<char*> arguments;
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);

  auto parent = ::getpid();
  auto pid = ::fork();
  if (pid < 0) throw_errno("fork");
  if (pid == 0) {
    // Only what is allowed between fork and exec of a process with threads.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    ::dup2(ends[1], STDOUT_FILENO);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  return {pid, ::fdopen(ends[0], "r")};
}

std::string end_of(int wait_status) {
  if (WIFSIGNALED(wait_status)) return "ended by signal " + std::to_string(WTERMSIG(wait_status));
  if (WEXITSTATUS(wait_status) == 127) return "could not be run";
  return "ended with code " + std::to_string(WEXITSTATUS(wait_status));
}

// Free now; whoever wants it had better be quick.
int free_port() {
  auto socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) throw_errno("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  bool is_bound = ::bind(socket, any, size) == 0 && ::getsockname(socket, any, &size) == 0;
  ::close(socket);
  if (!is_bound) throw_errno("bind");
  return ntohs(address.sin_port);
}

}  // namespace

service_process::service_process(const std::vector<std::string>& command, const std::string& ready)
    : name_(command.front()) {
  auto started = start(command);
  pid_ = started.pid;
  char line[256];
  bool is_ready = false;
  while (!is_ready && std::fgets(line, sizeof line, started.output) != nullptr) {
    std::string text(line, std::strcspn(line, "\n"));
    is_ready = text.find(ready) != text.npos;
    if (!is_ready && ready == "ready") {
      ports_[text.substr(0, text.find(' '))] = std::stoi(text.substr(text.rfind(':') + 1));
    }
  }
  std::fclose(started.output);
  if (!is_ready) throw std::runtime_error(name_ + " " + end_of(wait()) + " before it was ready");
}

service_process::~service_process() {
  if (pid_ > 0) kill();
}

int service_process::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  return status;
}

void service_process::stop() {
  ::kill(pid_, SIGTERM);
  auto status = wait();
  if (status != 0) throw std::runtime_error(name_ + " was to stop and " + end_of(status));
}

void service_process::kill() {
  ::kill(pid_, SIGKILL);
  wait();
}

std::size_t service_process::resident_bytes() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/statm");
  std::size_t all_pages = 0;
  std::size_t resident_pages = 0;
  if (!(file >> all_pages >> resident_pages)) throw std::runtime_error(name_ + " has gone");
  return resident_pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::vector<std::string> service_command(const std::filesystem::path& executable,
                                         const std::filesystem::path& data,
                                         const std::vector<std::string>& flags) {
  std::vector<std::string> command{executable, "--data",      data / "data", "--grpc-port",
                                   "0",        "--http-port", "0",           "--admin-port",
                                   "0",        "--log-level", "warning"};
  command.insert(command.end(), flags.begin(), flags.end());
  return command;
}

redis_process::redis_process(const std::filesystem::path& folder)
    : port_(free_port()),
      server_({"redis-server", "--port", std::to_string(port_), "--bind", "127.0.0.1", "--dir",
               folder, "--appendonly", "yes", "--appendfsync", "always", "--save", ""},
              "Ready to accept connections") {}

std::string output_of(const std::vector<std::string>& command) {
  auto started = start(command);
  std::string output;
  char part[4096];
  while (auto size = std::fread(part, 1, sizeof part, started.output)) output.append(part, size);
  std::fclose(started.output);
  int status = 0;
  while (::waitpid(started.pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) throw std::runtime_error(command.front() + " " + end_of(status) + ": " + output);
  return output;
}

scratch_folder::scratch_folder(const std::filesystem::path& parent) {
  std::filesystem::create_directories(parent);
  struct statfs there {};
  if (::statfs(parent.c_str(), &there) != 0) throw_errno(parent.string());
  if (there.f_type == TMPFS_MAGIC || there.f_type == RAMFS_MAGIC) {
    throw std::runtime_error(parent.string() +
                             " lies in memory: nothing is synced there. Choose a "
                             "folder on a disk with --data");
  }
  auto name = (parent / "bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw_errno(name);
  path_ = name;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace perdure::bench
