// A million timers that wait: how fast they are set, what they take of memory, and how late those
// come that are due meanwhile.

#include <google/protobuf/util/json_util.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "alarms_api.pb.h"
#include "bench/grpc_load.hpp"
#include "bench/http_load.hpp"
#include "bench/rows.hpp"
#include "bench/service_process.hpp"
#include "notes_api.pb.h"

namespace perdure::bench {
namespace {

using std::chrono::milliseconds;

constexpr const char* set_path = "/bench.notes.api.Alarms/Set";
constexpr std::size_t alarms = 1'000;
constexpr std::size_t timers_of_each = 1'000;
constexpr std::size_t timers = alarms * timers_of_each;
constexpr std::size_t set_singly = 100'000;  // by a command of its own each
constexpr std::size_t set_together = 100;    // by one command, of the others
constexpr double bytes_max = 300;

constexpr std::size_t due_timers = 20'000;
constexpr milliseconds due_after{1'000};
constexpr milliseconds due_within{10'000};
constexpr std::size_t load_in_flight = 64;

std::string alarm_id(std::size_t number) { return "alarm-" + std::to_string(1'000'000 + number); }

// Commands that set timers number `from` to `to - 1` of each alarm, so many at a time.
std::vector<std::string> set_commands(std::size_t from, std::size_t to, std::size_t at_a_time) {
  std::vector<std::string> encoded;
  ::bench::notes::api::SetRequest command;
  command.set_delay_ms(milliseconds{std::chrono::hours{24}}.count());
  command.set_count(static_cast<std::int64_t>(at_a_time));
  for (auto first = from; first < to; first += at_a_time) {
    for (std::size_t i = 0; i < alarms; ++i) {
      command.set_alarm_id(alarm_id(i));
      command.set_first(static_cast<std::int64_t>(first));
      encoded.push_back(command.SerializeAsString());
    }
  }
  return encoded;
}

// Each of them sets one; they are due evenly over `due_within`.
std::vector<std::string> due_commands() {
  std::vector<std::string> encoded;
  ::bench::notes::api::SetRequest command;
  command.set_count(1);
  for (std::size_t i = 0; i < due_timers; ++i) {
    command.set_alarm_id(alarm_id(i % alarms));
    command.set_first(static_cast<std::int64_t>(2 * timers_of_each + i));
    command.set_delay_ms(
        (due_after + due_within * static_cast<std::int64_t>(i) / due_timers).count());
    encoded.push_back(command.SerializeAsString());
  }
  return encoded;
}

std::vector<std::string> put_commands() {
  std::vector<std::string> encoded;
  ::bench::notes::api::Note command;
  command.set_text(std::string(100, 't'));
  for (std::size_t i = 0; i < 10'000; ++i) {
    command.set_note_id("note-" + std::to_string(1'000'000 + i));
    encoded.push_back(command.SerializeAsString());
  }
  return encoded;
}

// Per second.
double set(const service_process& in, const std::vector<std::string>& commands) {
  grpc_load load({in.port("grpc"), set_path, commands, 256});
  auto begun = std::chrono::steady_clock::now();
  load.send_each_once();
  auto spent = std::chrono::steady_clock::now() - begun;
  return static_cast<double>(commands.size()) / std::chrono::duration<double>(spent).count();
}

// When it has not changed for a while: flushes and merges are done.
double settled_bytes(const service_process& of) {
  constexpr std::size_t same = 64 << 10;
  auto last = of.resident_bytes();
  for (int quiet = 0, looks = 0; quiet < 5 && looks < 100; ++looks) {
    std::this_thread::sleep_for(milliseconds{200});
    auto now = of.resident_bytes();
    quiet = now < last + same && last < now + same ? quiet + 1 : 0;
    last = now;
  }
  return static_cast<double>(last);
}

::bench::notes::api::Lateness lateness(const service_process& of) {
  auto response = send_http(of.port("http"), "GET /alarms/" + alarm_id(0) +
                                                 "/lateness HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ::bench::notes::api::Lateness told;
  auto body = response.substr(response.find("\r\n\r\n") + 4);
  if (!google::protobuf::util::JsonStringToMessage(body, &told).ok()) {
    throw std::runtime_error("no lateness: " + response);
  }
  return told;
}

// The load must not end before the last is due.
Figure lateness_under_load(const service_process& of) {
  auto puts = put_commands();
  grpc_load load({of.port("grpc"), "/bench.notes.api.Notes/Put", puts, load_in_flight});
  set(of, due_commands());
  measured of_load;
  load.run(milliseconds{0}, due_after + due_within, of_load);
  auto told = lateness(of);
  auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (told.rung() < static_cast<std::int64_t>(due_timers)) {
    if (std::chrono::steady_clock::now() > give_up) throw std::runtime_error("timers are missing");
    std::this_thread::sleep_for(milliseconds{50});
    told = lateness(of);
  }
  auto made = figure_without_goal(
      "timer_lateness_p99", told.p99_us() / 1000, "ms",
      "from when it is due to its handler; 2,000 timers a second, beside a million that wait, and "
      "key-value updates over gRPC, 64 in flight, of which " +
          std::to_string(static_cast<int>(of_load.rate())) + "/s were answered");
  made.set_ours_p50_us(told.p50_us());
  made.set_ours_p99_us(told.p99_us());
  return made;
}

std::vector<Figure> a_million(const surroundings& with) {
  scratch_folder folder(with.data);
  service_process notes(service_command(with.notes, folder.path()));
  // Threads, buffers, code and the entities that the first commands bring in are not the timers'.
  set(notes, set_commands(0, 20, 1));
  auto before = settled_bytes(notes);
  auto singly = set(notes, set_commands(20, 20 + set_singly / alarms, 1));
  auto together =
      set(notes, set_commands(20 + set_singly / alarms, timers_of_each + 20, set_together)) *
      set_together;
  auto after = settled_bytes(notes);

  std::vector made{
      figure_without_goal("timers_set", singly, "timers/s",
                          "over gRPC, 256 in flight, a command for each timer"),
      figure_without_goal("timers_set_100", together, "timers/s",
                          "the same, a command for 100 timers of an entity"),
      figure("timer_memory", (after - before) / timers, bytes_max, {goal_kind::at_most, 1}, "bytes",
             "growth of resident memory by 1,000,000 timers of 1,000 entities; RocksDB's buffers "
             "and caches, which are bounded, are counted too"),
      lateness_under_load(notes)};
  return made;
}

}  // namespace

std::vector<row> timer_rows() { return {{"timers_1m", a_million}}; }

}  // namespace perdure::bench
