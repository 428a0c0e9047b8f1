// Queries of views over gRPC, beside a bare gRPC server and SQLite without Perdure.

#include <stdexcept>
#include <thread>

#include "bench/grpc_load.hpp"
#include "bench/raw_sqlite.hpp"
#include "bench/rows.hpp"
#include "bench/service_process.hpp"
#include "bench/stock_items.hpp"
#include "bench/stored_carts.hpp"
#include "persistence/rocksdb_step_store.hpp"
#include "views/view_plan.hpp"

namespace perdure::bench {
namespace {

using ::bench::stock::api::ItemRequest;
using ::bench::stock::api::ShelfRequest;
using ::bench::stock::api::StockRows;

constexpr std::size_t in_flight = 64;
constexpr stock_items items{10'000, 100};

const google::protobuf::ServiceDescriptor& stock_views() {
  return *ItemRequest::descriptor()->file()->FindServiceByName("Stock");
}

std::string path_of(const std::string& rpc) { return "/" + stock_views().full_name() + "/" + rpc; }

// A service whose items are counted already, once its view has the rows of all of them.
class stocked_service {
 public:
  explicit stocked_service(const surroundings& with) : folder_(with.data) {
    stock();
    service_.emplace(service_command(with.stock, folder_.path()));
    await_rows();
  }

  int port() const { return service_->port("grpc"); }

  // The rows, in a file of SQLite: a copy, as no other process may open the service's own, to which
  // nothing is written any more.
  std::filesystem::path copied_rows() const {
    auto of_service = folder_.path() / "data" / "views" / stock_views().full_name() / "1.db";
    auto copy = folder_.path() / "copy.db";
    for (auto part : {"", "-wal"}) {
      std::filesystem::copy_file(of_service.string() + part, copy.string() + part);
    }
    return copy;
  }

 private:
  void stock() {
    system_clock time;
    hybrid_clock times(time);
    auto store =
        persistence::rocksdb_step_store::open({.folder = folder_.path() / "data", .clock = time});
    if (!store.ok()) throw std::runtime_error(store.error().message());
    store_steps(**store, times, items.count, [](std::size_t i) { return items.count_step(i); });
  }

  // Until then its queries are answered UNAVAILABLE.
  void await_rows() const {
    std::vector<std::string> any{{}};
    auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    for (;;) {
      ItemRequest request;
      request.set_item_id(stock_items::id(0));
      any.front() = request.SerializeAsString();
      try {
        return grpc_load({port(), path_of("Get"), any, 1}).send_each_once();
      } catch (const std::runtime_error&) {
        if (std::chrono::steady_clock::now() > give_up) throw;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
  }

  scratch_folder folder_;
  std::optional<service_process> service_;
};

std::string bytes_option(std::size_t bytes) { return "--reply-bytes=" + std::to_string(bytes); }

std::vector<Figure> key_lookup(const surroundings& with) {
  stocked_service ours(with);
  std::vector<std::string> requests;
  for (std::size_t i = 0; i < items.count; ++i) {
    ItemRequest request;
    request.set_item_id(stock_items::id(items.counted(i)));
    requests.push_back(request.SerializeAsString());
  }
  service_process echo({with.ceilings, bytes_option(items.row(0).ByteSizeLong())});
  grpc_load to_ours({ours.port(), path_of("Get"), requests, in_flight, with.channels});
  grpc_load to_echo({echo.port("grpc"), path_of("Get"), requests, in_flight, with.channels});

  measured of_ours, of_echo;
  by_turns({{to_ours, of_ours}, {to_echo, of_echo}}, with.how);
  return {rate_figure("view_key_lookup", of_ours, of_echo, {goal_kind::at_least, 0.7},
                      "a row of 10,000 by its key, 64 in flight; ceiling: a bare gRPC server on "
                      "the callback API, replies of the same size")};
}

// SQLite's and gRPC's work for one answer, one after the other.
double both_of(const measured& one, const measured& other) {
  return 1 / (1 / one.rate() + 1 / other.rate());
}

std::vector<Figure> index_query(const surroundings& with) {
  stocked_service ours(with);
  std::vector<std::string> shelves, requests;
  StockRows on_first;
  for (std::size_t item = 0; item < items.count; item += items.on_shelf) {
    ShelfRequest request;
    request.set_shelf(shelves.emplace_back(items.shelf(item)));
    requests.push_back(request.SerializeAsString());
  }
  for (std::uint64_t i = 0; i < items.count; ++i) {
    if (auto row = items.row(i); row.shelf() == shelves.front()) *on_first.add_rows() = row;
  }
  auto plan = views::plan_view(stock_views()).plan;
  const auto& query = plan.queries.back();
  service_process echo({with.ceilings, bytes_option(on_first.ByteSizeLong())});
  grpc_load to_ours({ours.port(), path_of(query.rpc->name()), requests, in_flight, with.channels});
  grpc_load to_echo(
      {echo.port("grpc"), path_of(query.rpc->name()), requests, in_flight, with.channels});
  sqlite_query raw(ours.copied_rows(), query.plan.sql, shelves);

  measured of_ours, of_echo, of_raw;
  by_turns({{to_ours, of_ours}, {to_echo, of_echo}, {raw, of_raw}}, with.how);
  auto made = figure("view_index_query", of_ours.rate(), both_of(of_raw, of_echo),
                     {goal_kind::at_least, 0.6}, "calls/s",
                     "100 rows of 10,000 by an index, in one message of " +
                         std::to_string(on_first.ByteSizeLong()) +
                         " bytes, 64 in flight; ceiling: SQLite with the same statement on one "
                         "thread (" +
                         std::to_string(static_cast<int>(of_raw.rate())) +
                         "/s), then a bare gRPC server with replies of that size (" +
                         std::to_string(static_cast<int>(of_echo.rate())) + "/s)");
  made.set_ours_p50_us(of_ours.p50_us());
  made.set_ours_p99_us(of_ours.p99_us());
  made.set_ceiling_p50_us(of_echo.p50_us());
  made.set_ceiling_p99_us(of_echo.p99_us());
  return {made};
}

}  // namespace

std::vector<row> view_query_rows() {
  return {{"view_key_lookup", key_lookup}, {"view_index_query", index_query}};
}

}  // namespace perdure::bench
