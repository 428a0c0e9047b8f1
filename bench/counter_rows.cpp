// A durable counter over HTTP/JSON, driven by wrk, beside what a peer on the JVM does.

#include <algorithm>
#include <functional>
#include <random>
#include <string_view>

#include "bench/disk_probe.hpp"
#include "bench/drivers.hpp"
#include "bench/rows.hpp"
#include "bench/service_process.hpp"

namespace perdure::bench {
namespace {

// Pekko persistence on LevelDB with fsync behind pekko-http, a keyed counter, measured on a machine
// with 2 cores that were shared with the driver and a disk that syncs in 0.08 ms.
constexpr double peer_rate_at_64 = 8'000;
constexpr double peer_p50_us_at_1 = 370;
constexpr const char* peer =
    "wrk, 10,000 counters; ceiling: Pekko persistence on a machine like this";

// One increment for each of 10,000 counters.
std::vector<std::string> increments() {
  constexpr std::string_view body = R"({"by":1})";
  std::vector<std::string> requests;
  for (int i = 0; i < 10'000; ++i) {
    requests.push_back("POST /counters/counter-" + std::to_string(1'000'000 + i) +
                       "/increment HTTP/1.1\r\nHost: localhost\r\n"
                       "Content-Type: application/json\r\nContent-Length: " +
                       std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
  }
  std::ranges::shuffle(requests, std::mt19937(1));
  return requests;
}

// `made_of` makes the row's figure of the median rate and what wrk tells of latencies.
std::vector<Figure> drive(
    const surroundings& with, std::size_t connections, bool idempotent,
    const std::function<Figure(double rate, const told_latencies& told)>& made_of) {
  scratch_folder folder(with.data);
  service_process counter(service_command(with.counter, folder.path()));
  auto requests = increments();
  wrk driver({counter.port("http"), connections, requests, idempotent, folder.path()});
  disk_probe to_disk(folder.path());

  measured of_driver, of_disk;
  by_turns({{driver, of_driver}, {to_disk, of_disk, disk_share}}, with.how);
  auto made = made_of(of_driver.rate(), driver.told());
  made.set_ours_p50_us(driver.told().p50_us());
  made.set_ours_p99_us(driver.told().p99_us());
  set_disk(made, of_disk);
  return {made};
}

std::vector<Figure> at_64(const surroundings& with) {
  return drive(with, 64, false, [](double rate, const told_latencies&) {
    return figure("http_counter_64", rate, peer_rate_at_64, {goal_kind::at_least, 3}, "calls/s",
                  peer);
  });
}

std::vector<Figure> at_1(const surroundings& with) {
  return drive(with, 1, false, [](double, const told_latencies& told) {
    return figure("http_counter_1", told.p50_us(), peer_p50_us_at_1, {goal_kind::at_most, 1}, "us",
                  peer);
  });
}

std::vector<Figure> idempotent_at_64(const surroundings& with) {
  return drive(with, 64, true, [](double rate, const told_latencies&) {
    return figure_without_goal("http_counter_64_idempotent", rate, "calls/s",
                               "as http_counter_64, each with an idempotency key of its own");
  });
}

}  // namespace

std::vector<row> counter_rows() {
  return {{"http_counter_64", at_64},
          {"http_counter_1", at_1},
          {"http_counter_64_idempotent", idempotent_at_64}};
}

}  // namespace perdure::bench
