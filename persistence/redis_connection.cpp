// A connection to a Redis: the protocol, over persistence/redis_socket.cpp. hiredis takes answers
// apart; its own connections know neither TLS nor a time by which a whole group has to be answered.

#include "persistence/redis_connection.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace perdure::persistence {
namespace {

constexpr std::size_t read_bytes = 64 << 10;

const ::redisReply nothing = [] {
  ::redisReply nil{};
  nil.type = REDIS_REPLY_NIL;
  return nil;
}();

// "$5", "*3": how the protocol says how many bytes or arguments follow.
void append_count(std::string& to, char kind, std::size_t count) {
  std::array<char, 24> digits;
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(), count).ptr;
  to += kind;
  to.append(digits.data(), end);
  to += "\r\n";
}

}  // namespace

redis_value redis_value::operator[](std::size_t i) const {
  return redis_value(i < size() ? seen_->element[i] : &nothing);
}

std::optional<std::uint64_t> redis_value::number() const {
  auto digits = text();
  std::uint64_t n = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return n;
}

redis_connection::redis_connection(std::unique_ptr<redis_socket> socket,
                                   std::chrono::milliseconds command_timeout)
    : socket_(std::move(socket)),
      command_timeout_(command_timeout),
      reader_(redisReaderCreate(), redisReaderFree),
      received_(read_bytes, '\0') {}

result<std::unique_ptr<redis_connection>> redis_connection::open(const redis_endpoint& where) {
  auto socket = open_redis_socket(where);
  if (!socket) return socket.error();
  std::unique_ptr<redis_connection> opened(
      new redis_connection(*std::move(socket), where.command_timeout));
  if (auto greeted = opened->greet(where); !greeted.ok()) return greeted;
  return opened;
}

status redis_connection::greet(const redis_endpoint& where) {
  auto refused = [](std::string_view what, const redis_value& error) {
    return status_of_error(what, error);
  };
  if (!where.password.empty()) {
    auto answer = where.user.empty() ? call({"AUTH", where.password})
                                     : call({"AUTH", where.user, where.password});
    if (!answer) return answer.error();
    if (answer->is_error()) {
      if (has_code(*answer, "WRONGPASS") || has_code(*answer, "ERR AUTH")) {
        return {status_code::failed_precondition,
                "it refuses the password: " + std::string(answer->text()) +
                    "; look at the user and password that are set"};
      }
      return refused("AUTH", *answer);
    }
  }
  auto answer = call({"PING"});
  if (!answer) return answer.error();
  if (answer->is_error()) return refused("PING", *answer);
  if (where.database == 0) return {};  // of a cluster's node there is no other
  answer = call({"SELECT", std::to_string(where.database)});
  if (!answer) return answer.error();
  if (!answer->is_error()) return {};
  return {status_code::failed_precondition, "it has no database " + std::to_string(where.database) +
                                                ": " + std::string(answer->text())};
}

void redis_connection::add(redis_arguments command) {
  append_count(unsent_, '*', command.size());
  for (auto argument : command) {
    append_count(unsent_, '$', argument.size());
    unsent_ += argument;
    unsent_ += "\r\n";
  }
}

status redis_connection::send(redis_socket::time_point until) {
  auto sent = socket_->write(unsent_, until);
  unsent_.clear();
  if (!sent.ok()) lost_ = true;
  return sent;
}

result<redis_reply> redis_connection::receive(redis_socket::time_point until) {
  while (true) {
    void* reply = nullptr;
    if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) {
      lost_ = true;
      return status(status_code::failed_precondition,
                    std::string("it does not speak Redis' protocol (") + reader_->errstr +
                        "); look at the port, and at whether it wants TLS");
    }
    if (reply != nullptr) return redis_reply(static_cast<::redisReply*>(reply));
    auto count = socket_->read(received_.data(), received_.size(), until);
    if (!count) {
      lost_ = true;
      return count.error();
    }
    redisReaderFeed(reader_.get(), received_.data(), *count);
  }
}

result<redis_reply> redis_connection::call(std::initializer_list<std::string_view> command) {
  add(command);
  auto until = deadline();
  if (auto sent = send(until); !sent.ok()) return sent;
  return receive(until);
}

bool has_code(const redis_value& error, std::string_view code) {
  auto text = error.text();
  // A Redis before 7 tells what a script met behind what it says of the script.
  if (auto inner = text.find("@user_script: "); inner != std::string_view::npos) {
    if (auto at = text.find(code, inner); at != std::string_view::npos) return true;
  }
  return text.starts_with(code) && (text.size() == code.size() || text[code.size()] == ' ');
}

status status_of_error(std::string_view what, const redis_value& error) {
  struct meaning {
    std::string_view code;
    status_code is;
    std::string_view text;
  };
  using enum status_code;
  static constexpr meaning meanings[] = {
      {"NOAUTH", failed_precondition, "it wants a password; set one"},
      {"WRONGPASS", failed_precondition, "it refuses the password; look at user and password"},
      {"NOPERM", failed_precondition,
       "its access control list does not let us; see docs/formats.md"},
      {"DENIED", failed_precondition,
       "it is in protected mode; give it a password, or connect from its own machine"},
      {"READONLY", failed_precondition, "it is a read-only replica; name its primary"},
      {"MOVED", failed_precondition,
       "it is one node of a cluster and has not all of our keys; name a Redis that has"},
      {"CROSSSLOT", failed_precondition, "it keeps our keys apart; name a Redis that does not"},
      {"OOM", unavailable, "it has no memory left (maxmemory); it takes writes again when it has"},
      {"MISCONF", unavailable, "it cannot write to its disk; look at its log"},
      {"LOADING", unavailable, "it is loading its data"},
      {"BUSY", unavailable, "it is busy with a script"},
      {"MASTERDOWN", unavailable, "it is a replica without its primary"},
      {"CLUSTERDOWN", unavailable, "its cluster is down"},
      {"ERR max number of clients", unavailable,
       "it has all the connections it takes (maxclients)"},
      {"NOREPLICAS", unavailable,
       "it has fewer replicas than it must have (min-replicas-to-write)"},
  };
  auto begin = std::string(what) + ": ";
  for (const auto& m : meanings) {
    if (has_code(error, m.code)) return {m.is, begin + std::string(m.text)};
  }
  return {unavailable, begin + std::string(error.text())};
}

}  // namespace perdure::persistence
