#pragma once

#include <hiredis/hiredis.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "perdure/status.hpp"
#include "persistence/redis_endpoint.hpp"
#include "persistence/redis_socket.hpp"

// One connection to a Redis: commands out, many at once, answers in, in their order. For redis_*
// only.

namespace perdure::persistence {

// An answer, or an element of one; what it looks at belongs to a redis_reply.
class redis_value {
 public:
  explicit redis_value(const ::redisReply* seen) : seen_(seen) {}

  bool is_error() const { return seen_->type == REDIS_REPLY_ERROR; }
  bool is_nil() const { return seen_->type == REDIS_REPLY_NIL; }
  bool is_integer() const { return seen_->type == REDIS_REPLY_INTEGER; }
  bool is_array() const { return seen_->type == REDIS_REPLY_ARRAY; }

  // Of a string, a status or an error; else empty.
  std::string_view text() const {
    return seen_->str == nullptr ? std::string_view{} : std::string_view{seen_->str, seen_->len};
  }
  std::int64_t integer() const { return is_integer() ? seen_->integer : 0; }
  // The number that the text is in decimal digits; nullopt when it is none.
  std::optional<std::uint64_t> number() const;

  // Of an array; else 0. An element that is not there reads as nil.
  std::size_t size() const { return is_array() ? seen_->elements : 0; }
  redis_value operator[](std::size_t i) const;

 private:
  const ::redisReply* seen_;
};

class redis_reply : public redis_value {
 public:
  explicit redis_reply(::redisReply* owned) : redis_value(owned), owned_(owned, freeReplyObject) {}

 private:
  std::unique_ptr<::redisReply, void (*)(void*)> owned_;
};

using redis_arguments = std::span<const std::string_view>;

class redis_connection {
 public:
  // Connects, says who we are, and chooses the database.
  //   FAILED_PRECONDITION  it wants another password, has no such database, or is no Redis
  //   UNAVAILABLE          it is not reachable or still loading
  static result<std::unique_ptr<redis_connection>> open(const redis_endpoint& where);

  // Adds a command to those that send() will send.
  void add(redis_arguments command);
  void add(std::initializer_list<std::string_view> command) {
    add(redis_arguments(command.begin(), command.size()));
  }

  // By when what begins now has to be answered.
  redis_socket::time_point deadline() const {
    return std::chrono::steady_clock::now() + command_timeout_;
  }

  // Sends what was added; then receive() gives one answer after the other. UNAVAILABLE with the
  // reason, and the connection is worth nothing any more.
  status send(redis_socket::time_point until);
  result<redis_reply> receive(redis_socket::time_point until);

  // One command and its answer, which may be an error of Redis'.
  result<redis_reply> call(std::initializer_list<std::string_view> command);

  bool is_lost() const { return lost_; }

 private:
  redis_connection(std::unique_ptr<redis_socket> socket, std::chrono::milliseconds command_timeout);
  status greet(const redis_endpoint& where);

  std::unique_ptr<redis_socket> socket_;
  const std::chrono::milliseconds command_timeout_;
  std::unique_ptr<::redisReader, void (*)(::redisReader*)> reader_;
  std::string unsent_;
  std::string received_;  // the memory that bytes are read into
  bool lost_ = false;
};

// The code with which an error of Redis' begins ("NOAUTH"), also where a script met it.
bool has_code(const redis_value& error, std::string_view code);

// What an error of Redis' means that any command may meet: FAILED_PRECONDITION where somebody has
// to set something right, else UNAVAILABLE. The text begins with what was refused: "PING: ...".
status status_of_error(std::string_view what, const redis_value& error);

}  // namespace perdure::persistence
