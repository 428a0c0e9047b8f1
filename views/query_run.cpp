// From a query's parameters to its encoded answer. Before: views/queries.cpp,
// views/query_stream.cpp. Next: views/result_making.cpp.

#include "views/query_run.hpp"

#include <limits>
#include <optional>
#include <utility>

#include "views/page_tokens.hpp"
#include "views/result_making.hpp"

namespace perdure::views {
namespace {

// A statement that others use after this.
class used_statement {
 public:
  explicit used_statement(sqlite_statement* used) : used_(used) {}
  used_statement(used_statement&& other) noexcept : used_(std::exchange(other.used_, nullptr)) {}
  ~used_statement() {
    if (used_) used_->reset();
  }
  sqlite_statement* operator->() const { return used_; }
  const sqlite_statement& operator*() const { return *used_; }

 private:
  sqlite_statement* used_;
};

// Statements that are to agree with each other; ended with the reader's, at the latest.
class snapshot {
 public:
  static result<snapshot> begin(sqlite_connection& on) {
    if (auto s = on.run("BEGIN"); !s.ok()) return s;
    return snapshot(&on);
  }
  snapshot(snapshot&& other) noexcept : on_(std::exchange(other.on_, nullptr)) {}
  ~snapshot() {
    // Where it was cut SQLite may have ended it itself; what is left open the reader ends.
    if (on_) static_cast<void>(on_->run("COMMIT").ok());
  }

 private:
  explicit snapshot(sqlite_connection* on) : on_(on) {}
  sqlite_connection* on_;
};

// Not all statements of a query use all of its parameters.
result<sqlite_statement*> bound(sqlite_view_file::reader& on, const std::string& sql,
                                const std::vector<sql_value>& values) {
  auto prepared = on.statement(sql);
  if (!prepared.ok()) {
    auto code = prepared.error().code();
    bool is_refused =
        code == status_code::invalid_argument || code == status_code::permission_denied;
    return is_refused ? status(status_code::failed_precondition, prepared.error().message())
                      : prepared.error();
  }
  auto& statement = **prepared;
  statement.reset();
  auto used = std::min<std::size_t>(values.size(), statement.parameter_count());
  for (std::size_t i = 0; i < used; ++i) statement.bind(static_cast<int>(i) + 1, values[i]);
  return &statement;
}

// Of a statement that has one row and one column; nullopt where that is NULL.
result<std::optional<std::int64_t>> number_from(sqlite_view_file::reader& on,
                                                const std::string& sql,
                                                const std::vector<sql_value>& values) {
  auto statement = bound(on, sql, values);
  if (!statement.ok()) return statement.error();
  used_statement used(*statement);
  auto row = used->step();
  if (!row.ok()) return row.error();
  if (!*row || used->is_null(0)) return std::optional<std::int64_t>{};
  return std::optional(used->integer(0));
}

std::vector<sql_value> place_of(const page_plan& pages, const sqlite_statement& row) {
  std::vector<sql_value> place;
  for (std::size_t i = 0; i < pages.key_count; ++i) {
    place.push_back(row.column(static_cast<int>(pages.first_key + i)));
  }
  return place;
}

status too_many_rows(const query_limits& bounds) {
  return {status_code::resource_exhausted, "the answer has more than " +
                                               std::to_string(bounds.rows_max) +
                                               " rows; ask for fewer, as by LIMIT and pages"};
}

status too_large(const query_limits& bounds) {
  return {status_code::resource_exhausted,
          "the answer has more than " + std::to_string(bounds.message_bytes_max) +
              " bytes; ask for fewer rows, as by LIMIT and pages, or let the rpc stream"};
}

status no_row() { return {status_code::not_found, "no row is what the query asks for"}; }

result<std::string> one_row(const asked_query& what, sqlite_view_file::reader& on) {
  auto statement = bound(on, what.plan->sql, what.values);
  if (!statement.ok()) return statement.error();
  used_statement row(*statement);
  auto there = row->step();
  if (!there.ok()) return there.error();
  if (!*there) return no_row();
  return encode_row(*what.plan, *what.prototype, *row);
}

class all_rows {
 public:
  all_rows(const asked_query& what, sqlite_view_file::reader& on, const query_limits& bounds)
      : what_(what), on_(on), bounds_(bounds), made_(*what.plan, *what.prototype) {}

  result<std::string> run() {
    const auto& plan = *what_.plan;
    // One statement is a snapshot by itself.
    std::optional<snapshot> whole;
    if (plan.count_sql || plan.limit_sql) {
      auto begun = snapshot::begin(on_.connection());
      if (!begun.ok()) return begun.error();
      whole.emplace(*std::move(begun));
    }
    if (auto s = read_rows(); !s.ok()) return s;
    if (plan.count_sql) {
      auto count = number_from(on_, *plan.count_sql, what_.values);
      if (!count.ok()) return count.error();
      beside_.total_count = count->value_or(0);
    }
    auto encoded = std::move(made_).encode(beside_);
    if (encoded.ok() && encoded->size() > bounds_.message_bytes_max) return too_large(bounds_);
    return encoded;
  }

 private:
  status read_rows() {
    const auto& plan = *what_.plan;
    std::int64_t limit = -1;
    if (plan.limit_sql) {
      auto read = number_from(on_, *plan.limit_sql, what_.values);
      if (!read.ok()) return read.error();
      limit = read->value_or(-1);
    }
    auto statement = bound(on_, plan.sql, what_.values);
    if (!statement.ok()) return statement.error();
    used_statement row(*statement);
    std::vector<sql_value> last_place;
    for (std::size_t rows = 0;; ++rows) {
      auto there = row->step();
      if (!there.ok()) return there.error();
      if (!*there) break;
      if (plan.looks_behind_limit && limit >= 0 && static_cast<std::int64_t>(rows) == limit) {
        beside_.has_more = true;
        break;
      }
      if (rows == bounds_.rows_max) return too_many_rows(bounds_);
      if (auto s = made_.add(*row); !s.ok()) return s;
      if (made_.bytes() > bounds_.message_bytes_max) return too_large(bounds_);
      if (plan.pages) last_place = place_of(*plan.pages, *row);
    }
    if (plan.pages && beside_.has_more && !last_place.empty()) {
      beside_.next_page_token = encode_page_token(plan, last_place);
    }
    return {};
  }

  const asked_query& what_;
  sqlite_view_file::reader& on_;
  const query_limits& bounds_;
  many_rows made_;
  result_surroundings beside_;
};

}  // namespace

result<asked_query> ask(const query_plan& plan, const google::protobuf::Message& prototype,
                        const google::protobuf::Message& request) {
  auto values = parameters_of(plan, request);
  if (!values.ok()) return values.error();
  asked_query made{&plan, &prototype, *std::move(values)};
  if (!plan.pages) return made;

  const auto* token = std::get_if<std::string>(&made.values[plan.pages->token_parameter]);
  std::vector<sql_value> place(plan.pages->key_count);
  bool has_token = token != nullptr && !token->empty();
  if (has_token) {
    auto decoded = decode_page_token(plan, *token);
    if (!decoded.ok()) return decoded.error();
    place = *std::move(decoded);
  }
  made.values.resize(plan.pages->bound_from - 2);
  made.values.emplace_back(std::int64_t{has_token});
  made.values.insert(made.values.end(), place.begin(), place.end());
  return made;
}

result<std::string> run(const asked_query& what, sqlite_view_file::reader& on,
                        const query_limits& bounds) {
  if (what.plan->answers_many) return all_rows(what, on, bounds).run();
  auto encoded = one_row(what, on);
  if (encoded.ok() && encoded->size() > bounds.message_bytes_max) return too_large(bounds);
  return encoded;
}

// ------------------------------------------------------------------------------------------ rows

row_run::row_run(asked_query what, sqlite_view_file::reader on)
    : what_(std::move(what)), on_(std::move(on)) {}

row_run::row_run(row_run&& other) noexcept
    : what_(std::move(other.what_)),
      on_(std::move(other.on_)),
      statement_(std::exchange(other.statement_, nullptr)),
      is_over_(other.is_over_) {}

row_run::~row_run() {
  if (statement_) statement_->reset();
}

status row_run::begin() {
  auto prepared = bound(on_, what_.plan->sql, what_.values);
  if (!prepared.ok()) return prepared.error();
  statement_ = *prepared;
  return {};
}

result<std::vector<std::string>> row_run::read(std::size_t bytes) {
  if (!statement_) {
    if (auto s = begin(); !s.ok()) return s;
  }
  std::vector<std::string> messages;
  for (std::size_t sum = 0; sum < bytes && !is_over_;) {
    auto there = statement_->step();
    if (!there.ok()) return there.error();
    if (!*there) {
      is_over_ = true;
      break;
    }
    auto encoded = encode_row(*what_.plan, *what_.prototype, *statement_);
    if (!encoded.ok()) return encoded.error();
    sum += encoded->size() + 1;
    messages.push_back(*std::move(encoded));
  }
  return messages;
}

}  // namespace perdure::views
