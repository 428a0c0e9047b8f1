// The token of the admin port.

#include "apps/runtime/admin_token.hpp"

#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "apps/runtime/folder_file.hpp"

namespace perdure::runtime {
namespace {

constexpr auto name = "admin-token";
constexpr std::size_t random_bytes = 32;

status unavailable(const std::string& what) {
  return {status_code::unavailable, what + ": " + std::generic_category().message(errno)};
}

result<std::string> new_token() {
  std::array<unsigned char, random_bytes> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return unavailable("no random numbers for the admin token");
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string token;
  for (auto byte : bytes) {
    token += digits[byte >> 4];
    token += digits[byte & 15];
  }
  return token;
}

// Of what may stand there already, before it is read. Nobody is to have read it who could not have
// made it.
status check_file(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) {
    return errno == ENOENT ? status() : unavailable("cannot look at " + path);
  }
  if (!S_ISREG(found.st_mode)) {
    return {status_code::failed_precondition, path +
                                                  " must be a file, and nothing else: remove it "
                                                  "and start again, which makes a new token"};
  }
  if (found.st_uid != ::geteuid()) {
    return {status_code::failed_precondition,
            path +
                " belongs to another user, who could administer this process: remove it and "
                "start again, which makes a new token"};
  }
  if ((found.st_mode & 0077) == 0) return {};
  constexpr std::string_view digits = "01234567";
  std::string mode;
  for (int shift : {6, 3, 0}) mode += digits[(found.st_mode >> shift) & 7];
  return {status_code::failed_precondition,
          path + " may be read or written by others than its owner (mode " + mode +
              "), who could administer this process. If nobody has, chmod 600 " + path +
              "; else remove it and start again, which makes a new token"};
}

// In a time that depends on the lengths only.
bool is_same(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  volatile unsigned char differs = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    differs = differs | static_cast<unsigned char>(one[i] ^ other[i]);
  }
  return differs == 0;
}

// What stands behind "Bearer ", whose case does not matter; empty when it is another scheme.
std::string_view bearer(std::string_view header) {
  constexpr std::string_view scheme = "bearer ";
  bool fits = header.size() > scheme.size() &&
              std::ranges::equal(header.substr(0, scheme.size()), scheme, [](char c, char lower) {
                return (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) == lower;
              });
  return fits ? header.substr(scheme.size()) : std::string_view();
}

}  // namespace

result<admin_token> admin_token::open(const std::filesystem::path& data) {
  auto path = data / name;
  if (auto s = check_file(path.string()); !s.ok()) return s;
  auto line = read_line(path);
  if (!line.ok()) return line.error();
  if (!*line) {
    auto made = new_token();
    if (!made.ok()) return made.error();
    if (auto s = write_line(path, *made, 0600); !s.ok()) return s;
    return admin_token(*std::move(made), path.string());
  }
  bool is_token = (*line)->size() == 2 * random_bytes &&
                  (*line)->find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!is_token) {
    return status(status_code::failed_precondition,
                  path.string() +
                      " holds no token, which is 64 hex digits in one line: remove it "
                      "and start again, which makes a new one");
  }
  return admin_token(**std::move(line), path.string());
}

status admin_token::check(const perdure::metadata& call) const {
  auto [first, last] = call.equal_range("authorization");
  bool is_one = first != last && std::next(first) == last;
  if (is_one && is_same(bearer(first->second), token_)) return {};
  return {status_code::unauthenticated,
          std::string(first == last ? "the admin port asks for its token: "
                                    : "this is not the token of this process: ") +
              "send the header authorization: Bearer <what stands in " + place_ + ">"};
}

}  // namespace perdure::runtime
