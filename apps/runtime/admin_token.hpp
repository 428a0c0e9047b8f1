#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "perdure/metadata.hpp"
#include "perdure/status.hpp"

// Who may administer a process: who can read the file "admin-token" in its data folder.

namespace perdure::runtime {

// Immutable; any thread.
class admin_token {
 public:
  // Reads the file, or makes it at the first start: 32 random bytes in hex, for its owner only.
  //   FAILED_PRECONDITION  others may read the file, or it holds no such token
  //   UNAVAILABLE          it cannot be read or made
  static result<admin_token> open(const std::filesystem::path& data);

  // Whether the call has it, as "authorization: Bearer <token>". How long this takes says nothing
  // of how much of it was right.
  //   UNAUTHENTICATED  it has none, or another
  status check(const perdure::metadata& call) const;

 private:
  admin_token(std::string token, std::string place)
      : token_(std::move(token)), place_(std::move(place)) {}

  std::string token_;
  std::string place_;
};

}  // namespace perdure::runtime
