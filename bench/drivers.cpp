// wrk, redis-benchmark and ghz: what they are told on the command line, and what they tell at the
// end.

#include "bench/drivers.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace perdure::bench {
namespace {

void write_file(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream out(file, std::ios::binary);
  if (!(out << bytes << std::flush)) throw std::runtime_error("cannot write " + file.string());
}

// "answers 12\n..." as {"answers": 12, ...}; other lines are passed over.
std::map<std::string, double> figures_of(const std::string& output) {
  std::map<std::string, double> figures;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    double value = 0;
    if (words >> name >> value) figures[name] = value;
  }
  return figures;
}

}  // namespace

void told_latencies::add(double p50_us, double p99_us) {
  p50s_.push_back(p50_us);
  p99s_.push_back(p99_us);
}

// -------------------------------------------------------------------------------------------- wrk

wrk::wrk(const settings& how) : how_(how), file_(how.folder / "wrk_requests") {
  std::string bytes;
  for (const auto& request : how_.requests) {
    bytes += std::to_string(request.size()) + "\n" + request;
  }
  write_file(file_, bytes);
}

void wrk::run(std::chrono::milliseconds, std::chrono::milliseconds time, measured& into) {
  auto seconds = std::max<std::int64_t>(time / std::chrono::seconds{1}, 1);
  auto printed = figures_of(
      output_of({"wrk", "--threads", "1", "--connections", std::to_string(how_.connections),
                 "--duration", std::to_string(seconds) + "s", "--script",
                 PERDURE_BENCH_SOURCES "/wrk.lua", "http://127.0.0.1:" + std::to_string(how_.port),
                 "--", file_, std::to_string(++runs_), how_.idempotent ? "keyed" : "plain"}));
  if (printed.at("failed") > 0) {
    throw std::runtime_error("wrk: " + std::to_string(printed["failed"]) + " requests failed");
  }
  into.rates.push_back(printed.at("answers") / printed.at("microseconds") * 1e6);
  told_.add(printed.at("p50_us"), printed.at("p99_us"));
}

// -------------------------------------------------------------------------------- redis-benchmark

void redis_benchmark::run(std::chrono::milliseconds, std::chrono::milliseconds time,
                          measured& into) {
  auto requests =
      static_cast<std::uint64_t>(last_rate_ * std::chrono::duration<double>(time).count()) + 1;
  auto output = output_of({"redis-benchmark", "-p", std::to_string(how_.port), "-c",
                           std::to_string(how_.connections), "-P", std::to_string(how_.pipelined),
                           "-n", std::to_string(requests), "-r", std::to_string(how_.keys), "-d",
                           std::to_string(how_.value_bytes), "-t", "set", "--csv"});
  // "SET","rps","avg_ms","min_ms","p50_ms","p95_ms","p99_ms","max_ms", below a line of names.
  double rate = 0, mean = 0, least = 0, p50 = 0, p95 = 0, p99 = 0;
  auto line = output.find("\n\"SET\"");
  constexpr const char* columns = "\n\"SET\",\"%lf\",\"%lf\",\"%lf\",\"%lf\",\"%lf\",\"%lf\"";
  if (line == output.npos ||
      std::sscanf(output.c_str() + line, columns, &rate, &mean, &least, &p50, &p95, &p99) != 6) {
    throw std::runtime_error("redis-benchmark: " + output);
  }
  last_rate_ = rate;
  into.rates.push_back(rate);
  told_.add(p50 * 1000, p99 * 1000);
}

// -------------------------------------------------------------------------------------------- ghz

ghz::ghz(const settings& how) : how_(how), file_(how.folder / "ghz_requests") {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    for (const auto& request : how_.requests) {
      coded.WriteVarint32(static_cast<std::uint32_t>(request.size()));
      coded.WriteString(request);
    }
  }
  write_file(file_, bytes);
}

void ghz::run(std::chrono::milliseconds, std::chrono::milliseconds time, measured& into) {
  const std::string top = PERDURE_BENCH_SOURCES "/..";
  auto output = output_of({how_.executable,
                           "--insecure",
                           "--call",
                           "cart.api.ShoppingCart.AddItem",
                           "--proto",
                           top + "/apps/shopping_cart/proto/cart_api.proto",
                           "--import-paths",
                           top + "/apps/shopping_cart/proto," + top + "/proto",
                           "--concurrency",
                           std::to_string(how_.in_flight),
                           "--connections",
                           "1",
                           "--duration",
                           std::to_string(time.count()) + "ms",
                           "--duration-stop",
                           "wait",
                           "--binary-file",
                           file_,
                           "--disable-template-data",
                           "--disable-template-functions",
                           "127.0.0.1:" + std::to_string(how_.port)});
  // "  [OK]   66812 responses"; a line for every other code, and a list of errors.
  if (output.find("[OK]") == output.npos || output.find("Error distribution") != output.npos) {
    throw std::runtime_error("ghz: " + output);
  }
  into.rates.push_back(figures_of(output).at("Requests/sec:"));
}

}  // namespace perdure::bench
