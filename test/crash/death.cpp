// How the process under the crash test dies: by SIGKILL from its own hand, so that nothing more is
// run, flushed or answered by it.

#include "test/crash/death.hpp"

#include <unistd.h>
#include <csignal>

#include <algorithm>
#include <iterator>

#include "base/check.hpp"

namespace perdure::test {
namespace {

// In the order of the enumerations.
constexpr std::string_view ways[] = {"kill", "power", "fail"};
constexpr std::string_view names[] = {
    "before_commit", "after_commit",      "load",        "log_half",      "log_unsynced",
    "snapshot_half", "snapshot_unsynced", "flush_half",  "flush_install", "sweep",
    "sweep_half",    "sweep_install",     "open",        "mail_durable",  "mail_handled",
    "timer_due",     "timer_fired",       "page_read",   "cursor_moves",  "cursor_moved",
    "topic_trimmed", "redis_before",      "redis_after", "relay_begin",   "relay_end",
    "take_out",      "outbox_trim"};

void say(std::string line) {
  line += '\n';
  PERDURE_CHECK(::write(STDOUT_FILENO, line.data(), line.size()) ==
                static_cast<ssize_t>(line.size()));
}

}  // namespace

death::death(std::string_view text) {
  if (text.empty()) return;
  auto first = text.find(':');
  auto last = text.rfind(':');
  PERDURE_CHECK(first != text.npos && first < last);
  const auto* name = std::ranges::find(names, text.substr(0, first));
  PERDURE_CHECK(name != std::end(names));
  const auto* how = std::ranges::find(ways, text.substr(last + 1));
  PERDURE_CHECK(how != std::end(ways));
  appointment_ = {static_cast<point>(name - names),
                  std::stoull(std::string(text.substr(first + 1, last - first - 1))),
                  static_cast<way>(how - ways)};
}

bool death::is_due(point p) {
  if (!appointment_ || appointment_->where != p) return false;
  if (opening_ != (p == point::open)) return false;
  return ++passed_ == appointment_->passing;
}

void death::now() {
  auto where = names[static_cast<std::size_t>(appointment_->where)];
  if (appointment_->how == way::fail) return say("failed " + std::string(where));
  die(where, appointment_->how);
}

void death::of_power_loss() { die("plug", way::power); }

void death::die(std::string_view where, way how) {
  if (last_words_) last_words_();
  say("died " + std::string(where) + " " + std::string(ways[static_cast<std::size_t>(how)]));
  ::kill(::getpid(), SIGKILL);
  while (true) ::pause();
}

}  // namespace perdure::test
