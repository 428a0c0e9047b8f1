#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// How an operation ended, as a value.
///
/// Codes and their numbers are gRPC's (grpc.io, "Status codes and their use in gRPC"), so that a
/// code means the same in a handler, on the wire and in a log line. Nothing here throws and every
/// type may be used from any thread, one object by one thread at a time.
namespace perdure {

enum class status_code : int {
  ok = 0,
  cancelled = 1,
  unknown = 2,
  invalid_argument = 3,
  deadline_exceeded = 4,
  not_found = 5,
  already_exists = 6,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  aborted = 10,
  out_of_range = 11,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  data_loss = 15,
  unauthenticated = 16,
};

/// The code's name as gRPC spells it: "NOT_FOUND". A number outside the enumeration is "UNKNOWN".
constexpr std::string_view to_string(status_code code) {
  constexpr std::string_view names[] = {"OK",
                                        "CANCELLED",
                                        "UNKNOWN",
                                        "INVALID_ARGUMENT",
                                        "DEADLINE_EXCEEDED",
                                        "NOT_FOUND",
                                        "ALREADY_EXISTS",
                                        "PERMISSION_DENIED",
                                        "RESOURCE_EXHAUSTED",
                                        "FAILED_PRECONDITION",
                                        "ABORTED",
                                        "OUT_OF_RANGE",
                                        "UNIMPLEMENTED",
                                        "INTERNAL",
                                        "UNAVAILABLE",
                                        "DATA_LOSS",
                                        "UNAUTHENTICATED"};
  auto index = static_cast<unsigned>(code);
  return index < std::size(names) ? names[index] : "UNKNOWN";
}

/// Success, or a code with a text for the person who reads it.
class [[nodiscard]] status {
 public:
  /// Success.
  status() = default;

  /// `message` says what was expected, what came, and what to do. It is sent to clients, so it
  /// holds nothing they must not see. Empty when `code` is ok.
  status(status_code code, std::string message) : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == status_code::ok; }
  status_code code() const { return code_; }
  const std::string& message() const { return message_; }

  friend bool operator==(const status&, const status&) = default;

 private:
  status_code code_ = status_code::ok;
  std::string message_;
};

/// "NOT_FOUND: no such cart", or "OK".
inline std::string to_string(const status& s) {
  return s.ok() ? "OK" : std::string(to_string(s.code())) + ": " + s.message();
}

/// A value, or why there is none.
template <class T>
class [[nodiscard]] result {
 public:
  result(T value) : value_(std::move(value)) {}
  /// `why` must not be ok.
  result(status why) : error_(std::move(why)) {}

  bool ok() const { return value_.has_value(); }
  explicit operator bool() const { return ok(); }

  /// The reason; ok when there is a value.
  const status& error() const { return error_; }

  /// The value; only when ok().
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return std::move(*value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  status error_;
  std::optional<T> value_;
};

}  // namespace perdure
