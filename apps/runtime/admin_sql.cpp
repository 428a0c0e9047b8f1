// SQL of an administrator: each question a stream of pages of rows, pulled as they leave, so that
// an answer of any size takes the memory of one page.

#include "apps/runtime/admin_sql.hpp"

#include <google/protobuf/util/time_util.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <string>
#include <utility>
#include <variant>

#include "apps/runtime/admin_tables.hpp"
#include "base/utf8.hpp"
#include "gateway/http_scalar.hpp"
#include "perdure/admin.pb.h"
#include "views/ad_hoc.hpp"

namespace perdure::runtime {
namespace {

using namespace admin::v1;
using google::protobuf::Value;
using google::protobuf::util::TimeUtil;
using views::ad_hoc_question;

// How many questions run at a time; each may hold a file of its view at the state of its start.
constexpr int running_max = 8;

constexpr std::chrono::seconds timeout{30};
constexpr std::chrono::minutes timeout_max{10};
constexpr int rows_max = 100'000;

// Of one message, about.
constexpr std::size_t page_bytes = 64 << 10;

// Beyond it a number of JSON is no exact one.
constexpr std::int64_t exact_max = std::int64_t{1} << 53;

status invalid(std::string why) { return {status_code::invalid_argument, std::move(why)}; }

void set(Value& to, const views::sql_value& from) {
  if (const auto* integer = std::get_if<std::int64_t>(&from)) {
    bool is_exact = *integer >= -exact_max && *integer <= exact_max;
    if (is_exact) {
      to.set_number_value(static_cast<double>(*integer));
    } else {
      to.set_string_value(std::to_string(*integer));
    }
  } else if (const auto* real = std::get_if<double>(&from)) {
    if (std::isfinite(*real)) {
      to.set_number_value(*real);
    } else {
      to.set_string_value(*real > 0 ? "Infinity" : "-Infinity");
    }
  } else if (const auto* text = std::get_if<std::string>(&from)) {
    to.set_string_value(readable(*text));
  } else if (const auto* blob = std::get_if<views::sql_blob>(&from)) {
    to.set_string_value(gateway::base64_encoded(blob->bytes));
  } else {
    to.set_null_value(google::protobuf::NULL_VALUE);
  }
}

// Counts the questions under way.
class turn {
 public:
  using counter = std::shared_ptr<std::atomic<int>>;

  // Null: there are too many.
  static std::shared_ptr<turn> take(const counter& running) {
    auto taken = std::make_shared<turn>(running);
    return taken->number_ < running_max ? taken : nullptr;
  }
  explicit turn(counter running) : running_(std::move(running)), number_(running_->fetch_add(1)) {}
  ~turn() { running_->fetch_sub(1); }
  turn(const turn&) = delete;
  turn& operator=(const turn&) = delete;

 private:
  counter running_;
  int number_;
};

status too_many() {
  return {status_code::resource_exhausted,
          std::to_string(running_max) + " questions run already; try again when one has ended"};
}

class sql_service {
 public:
  explicit sql_service(const administered& what) : tables_(admin_tables(what)) {
    for (const auto* view : what.views) {
      views::asked_view one{
          view->plan().service->full_name(), {}, [view] { return view->serving(); }};
      for (const auto& table : view->plan().tables) one.tables.push_back(table.schema.name);
      views_.push_back(std::move(one));
    }
  }

  std::shared_ptr<turn> take_turn() const { return turn::take(running_); }

  // INVALID_ARGUMENT: a bound that cannot be.
  result<views::ad_hoc_surroundings> around(const SqlRequest& asked) const {
    std::chrono::milliseconds takes = timeout;
    if (asked.has_timeout()) {
      auto longest = std::chrono::duration_cast<std::chrono::seconds>(timeout_max).count();
      if (asked.timeout().seconds() < 0 || asked.timeout().nanos() < 0 ||
          asked.timeout().seconds() > longest) {
        return invalid("timeout must be between 0 and " + std::to_string(longest) + " seconds");
      }
      takes = std::chrono::milliseconds(TimeUtil::DurationToMilliseconds(asked.timeout()));
    }
    if (asked.rows_max() < 0) return invalid("rows_max must not be negative");
    return views::ad_hoc_surroundings{
        .views = views_,
        .tables = tables_,
        .until = std::chrono::steady_clock::now() + takes,
        .rows_max = static_cast<std::size_t>(asked.rows_max() == 0 ? rows_max : asked.rows_max())};
  }

 private:
  std::vector<admin_table> tables_;
  std::vector<views::asked_view> views_;
  turn::counter running_ = std::make_shared<std::atomic<int>>(0);
};

// The pages of one answer.
class answer_pages {
 public:
  answer_pages(std::string sql, views::ad_hoc_surroundings around, std::shared_ptr<turn> held)
      : sql_(std::move(sql)), around_(std::move(around)), turn_(std::move(held)) {}

  result<std::optional<SqlRows>> next() {
    if (is_at_end_) return std::optional<SqlRows>();
    SqlRows page;
    if (!question_) {
      auto asked = ad_hoc_question::ask(std::move(sql_), std::move(around_));
      if (!asked.ok()) return asked.error();
      question_ = *std::move(asked);
      for (const auto& one : question_->columns()) {
        auto& column = *page.add_columns();
        column.set_name(readable(one.name));
        column.set_type(readable(one.type));
      }
    }
    for (std::size_t bytes = 0; bytes < page_bytes;) {
      auto row = question_->next();
      if (!row.ok()) return row.error();
      if (!*row) {
        is_at_end_ = true;
        break;
      }
      auto& made = *page.add_rows();
      for (const auto& value : **row) set(*made.add_values(), value);
      bytes += made.ByteSizeLong();
    }
    // The first message says which columns there are, though there are no rows.
    if (page.columns().empty() && page.rows().empty()) return std::optional<SqlRows>();
    return std::optional(std::move(page));
  }

 private:
  std::string sql_;
  views::ad_hoc_surroundings around_;
  const std::shared_ptr<turn> turn_;
  std::unique_ptr<ad_hoc_question> question_;
  bool is_at_end_ = false;
};

}  // namespace

void add_sql_rpcs(const administered& what, gateway::rpc_service& to) {
  auto service = std::make_shared<const sql_service>(what);
  to.add_stream<SqlRequest, SqlRows>(
      "perdure.admin.v1.Sql.Query",
      [service](const auto& asked,
                const auto& cancelled) -> result<gateway::rpc_service::source<SqlRows>> {
        auto around = service->around(asked);
        if (!around.ok()) return around.error();
        around->cancelled = cancelled;
        auto turn = service->take_turn();
        if (!turn) return too_many();
        auto pages =
            std::make_shared<answer_pages>(asked.sql(), *std::move(around), std::move(turn));
        return gateway::rpc_service::source<SqlRows>([pages] { return pages->next(); });
      });
  to.add<SqlRequest, SqlPlan>(
      "perdure.admin.v1.Sql.Explain",
      [service, elsewhere = what.elsewhere](const auto& asked,
                                            gateway::rpc_service::answer<SqlPlan> reply) {
        auto around = service->around(asked);
        if (!around.ok()) return reply(around.error());
        auto turn = service->take_turn();
        if (!turn) return reply(too_many());
        elsewhere([sql = asked.sql(), around = *std::move(around), turn, reply = std::move(reply)] {
          auto lines = ad_hoc_question::plan(sql, around);
          if (!lines.ok()) return reply(lines.error());
          SqlPlan plan;
          for (auto& line : *lines) plan.add_lines(readable(std::move(line)));
          reply(std::move(plan));
        });
      });
}

}  // namespace perdure::runtime
