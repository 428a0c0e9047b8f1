// Evaluates a live query, for all its streams. Before: views/live_queries.cpp. Next:
// views/live_stream.cpp.
//
// A query over one table is asked for the rows that have changed only; any other is run again.

#include "views/live_group.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>

#include "base/uuid.hpp"
#include "views/result_making.hpp"
#include "views/row_values.hpp"

namespace perdure::views {
namespace {

constexpr std::chrono::milliseconds rerun_every{100};
constexpr int steps_between_looks = 100'000;
constexpr std::chrono::seconds evaluation_max{30};

std::string fingerprint_of(const view_query& query, const std::vector<sql_value>& parameters) {
  return uuid_of({"live", query.plan.sql, pack(parameters)});
}

// Cuts what takes too long, for as long as it lives.
class time_limit {
 public:
  explicit time_limit(sqlite_connection& of) : of_(of) {
    of_.go_on(steps_between_looks, [end = std::chrono::steady_clock::now() + evaluation_max] {
      return std::chrono::steady_clock::now() < end;
    });
  }
  ~time_limit() { of_.go_on(0, {}); }

 private:
  sqlite_connection& of_;
};

std::string text_of(const sql_value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&value)) return std::to_string(*number);
  if (const auto* blob = std::get_if<sql_blob>(&value)) return uuid_of({"blob", blob->bytes});
  return {};
}

std::string name_of(const sqlite_view_file& file) {
  return std::filesystem::path(file.path()).stem().string();
}

// A part of a key of several, such that different keys never look the same.
void append_part(std::string_view part, std::string& to) {
  for (char c : part) {
    if (c == '|' || c == '\\') to.push_back('\\');
    to.push_back(c);
  }
}

status too_much(const query_limits& bounds) {
  return {status_code::resource_exhausted,
          "the results have more than " + std::to_string(bounds.rows_max) + " rows or " +
              std::to_string(bounds.bytes_max) + " bytes; narrow the query"};
}

}  // namespace

live_group::live_group(const view_query& query, std::vector<sql_value> parameters,
                       std::shared_ptr<const surroundings> around)
    : query_(query),
      parameters_(std::move(parameters)),
      around_(std::move(around)),
      prototype_(google::protobuf::MessageFactory::generated_factory()->GetPrototype(
          query.rpc->output_type())),
      fingerprint_(fingerprint_of(query, parameters_)) {}

void live_group::join(std::shared_ptr<live_stream> stream, std::string resume_token) {
  std::unique_lock lock(mutex_);
  if (stopped_) {
    lock.unlock();
    return stream->end({status_code::unavailable, "the service is shutting down; resume later"});
  }
  joining_.push_back({std::move(stream), std::move(resume_token)});
  schedule(lock);
}

void live_group::changed(changed_keys which) {
  std::unique_lock lock(mutex_);
  if (stopped_) return;
  changes_.push_back(std::move(which));
  schedule(lock);
}

void live_group::stop(const status& why) {
  std::unique_lock lock(mutex_);
  stopped_ = true;
  changes_.clear();
  lock.unlock();
  take_joining();
  fail(why);
}

std::size_t live_group::size() const {
  std::lock_guard lock(mutex_);
  auto there = std::ranges::count_if(streams_, [](const auto& weak) {
    auto stream = weak.lock();
    return stream && !stream->is_over();
  });
  return static_cast<std::size_t>(there) + joining_.size();
}

void live_group::schedule(std::unique_lock<std::mutex>&) {
  if (std::exchange(scheduled_, true)) return;
  auto run = [self = shared_from_this()] { self->run(); };
  auto pause =
      std::chrono::ceil<std::chrono::milliseconds>(not_before_ - std::chrono::steady_clock::now());
  if (joining_.empty() && !query_.plan.live && pause.count() > 0) {
    around_->later(pause, std::move(run));
  } else {
    around_->elsewhere(std::move(run));
  }
}

// One evaluation of what has come together; `scheduled_` keeps another away meanwhile.
void live_group::run() {
  if (auto changes = take_changes(); !changes.empty()) follow(changes);
  if (auto joiners = take_joining(); !joiners.empty()) admit(joiners);
  std::unique_lock lock(mutex_);
  scheduled_ = false;
  if (!changes_.empty() || !joining_.empty()) schedule(lock);
}

std::vector<live_group::changed_keys> live_group::take_changes() {
  std::lock_guard lock(mutex_);
  std::erase_if(streams_, [](const auto& weak) {
    auto stream = weak.lock();
    return !stream || stream->is_over();
  });
  return std::exchange(changes_, {});
}

// They count as streams of the group from now on: one that joins keeps the group.
std::vector<live_group::joining> live_group::take_joining() {
  std::lock_guard lock(mutex_);
  for (const auto& one : joining_) streams_.push_back(one.stream);
  return std::exchange(joining_, {});
}

void live_group::follow(const std::vector<changed_keys>& changes) {
  auto told = streams();
  if (told.empty()) return;
  auto file = around_->view.serving();
  if (!file.ok()) return fail(file.error());
  bool all = !query_.plan.live;
  std::set<std::string> some;
  for (const auto& which : changes) {
    all |= which == nullptr;
    if (!all) some.insert(which->begin(), which->end());
  }
  auto found = all ? all_rows(**file) : rows_of(**file, some);
  if (!found.ok()) return fail(found.error());
  for (const auto& stream : told) {
    all ? stream->all(found->rows, found->token, false) : stream->some(found->rows, found->token);
  }
}

void live_group::admit(const std::vector<joining>& all) {
  auto begin = [&](sqlite_view_file& file) -> status {
    auto found = all_rows(file);
    if (!found.ok()) return found.error();
    for (const auto& one : all) {
      if (one.resume_token.empty()) {
        one.stream->all(found->rows, found->token, false);
        continue;
      }
      auto changed = changed_behind(file, one.resume_token);
      if (!changed.ok()) return changed.error();
      if (*changed) {
        one.stream->resume(found->rows, **changed, found->token);
      } else {
        one.stream->all(found->rows, found->token, true);
      }
    }
    return {};
  };
  auto file = around_->view.serving();
  auto begun = file.ok() ? begin(**file) : file.error();
  if (begun.ok()) return;
  for (const auto& one : all) one.stream->end(begun);
}

void live_group::fail(const status& why) {
  for (const auto& stream : streams()) stream->end(why);
}

std::vector<std::shared_ptr<live_stream>> live_group::streams() const {
  std::vector<std::shared_ptr<live_stream>> there;
  std::lock_guard lock(mutex_);
  for (const auto& weak : streams_) {
    if (auto stream = weak.lock()) there.push_back(std::move(stream));
  }
  return there;
}

// The token is of before the snapshot: whoever resumes there misses nothing.
result<live_group::evaluation> live_group::all_rows(sqlite_view_file& file) {
  evaluation made{{}, token_of(file)};
  auto lent = file.lend();
  if (!lent.ok()) return lent.error();
  auto statement = lent->statement(query_.plan.sql);
  if (!statement.ok()) return statement.error();
  time_limit limit(lent->connection());
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    (*statement)->bind(static_cast<int>(i) + 1, parameters_[i]);
  }
  std::size_t bytes = 0;
  auto added = add_rows(**statement, made.rows, bytes);
  not_before_ = std::chrono::steady_clock::now() + rerun_every;
  if (!added.ok()) return added;
  return made;
}

result<live_group::evaluation> live_group::rows_of(sqlite_view_file& file,
                                                   const std::set<std::string>& keys) {
  evaluation made{{}, token_of(file)};
  auto lent = file.lend();
  if (!lent.ok()) return lent.error();
  auto statement = lent->statement(query_.plan.live->sql);
  if (!statement.ok()) return statement.error();
  time_limit limit(lent->connection());
  auto key_parameter = static_cast<int>(parameters_.size()) + 1;
  std::size_t bytes = 0;
  for (const auto& key : keys) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      (*statement)->bind(static_cast<int>(i) + 1, parameters_[i]);
    }
    (*statement)->bind_text(key_parameter, key);
    auto before = made.rows.size();
    if (auto added = add_rows(**statement, made.rows, bytes); !added.ok()) return added;
    if (made.rows.size() == before) made.rows.push_back({key, nullptr});
  }
  return made;
}

status live_group::add_rows(sqlite_statement& statement, std::vector<live_row>& rows,
                            std::size_t& bytes) const {
  while (true) {
    auto there = statement.step();
    if (!there.ok()) return there.error();
    if (!*there) break;
    auto encoded = encode_row(query_.plan, *prototype_, statement);
    if (!encoded.ok()) {
      statement.reset();
      return encoded.error();
    }
    bytes += encoded->size();
    auto key = key_of(statement, *encoded);
    rows.push_back({std::move(key), std::make_shared<const std::string>(*std::move(encoded))});
    if (rows.size() > around_->bounds.rows_max || bytes > around_->bounds.bytes_max) {
      statement.reset();
      return too_much(around_->bounds);
    }
  }
  statement.reset();
  return {};
}

std::string live_group::key_of(const sqlite_statement& row, const std::string& encoded) const {
  const auto& plan = query_.plan;
  auto column = static_cast<int>(plan.first_key_column);
  if (plan.key_columns.empty()) return uuid_of({"row", encoded});
  if (plan.key_columns.size() == 1) return text_of(row.column(column));
  std::string key;
  for (std::size_t i = 0; i < plan.key_columns.size(); ++i) {
    if (i > 0) key.push_back('|');
    append_part(text_of(row.column(column + static_cast<int>(i))), key);
  }
  return key;
}

// "<number of the file>.<last change>.<fingerprint>"; empty where changes cannot be told by rows.
std::string live_group::token_of(const sqlite_view_file& file) const {
  if (!query_.plan.live) return {};
  return name_of(file) + "." + std::to_string(file.last_change()) + "." + fingerprint_;
}

result<std::optional<std::vector<std::string>>> live_group::changed_behind(
    sqlite_view_file& file, const std::string& token) const {
  std::optional<std::vector<std::string>> unknown;
  auto begin = name_of(file) + ".";
  auto end = "." + fingerprint_;
  if (!query_.plan.live || !token.starts_with(begin) || !token.ends_with(end)) return unknown;
  if (token.size() < begin.size() + end.size()) return unknown;
  auto digits = token.substr(begin.size(), token.size() - begin.size() - end.size());
  std::uint64_t number = 0;
  auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || stop != digits.data() + digits.size()) return unknown;
  if (number > file.last_change()) return unknown;
  auto changes = file.changes_since(number);
  if (!changes.ok()) return changes.error();
  if (!*changes || (**changes).too_many) return unknown;
  std::vector<std::string> keys;
  for (const auto& row : (**changes).rows) {
    if (around_->view.plan().reads(query_, row.table)) keys.push_back(row.key);
  }
  return std::optional(std::move(keys));
}

}  // namespace perdure::views
