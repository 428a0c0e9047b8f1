// What subscriptions and views hold back, as tables: as ListHeld shows it.

#include <google/protobuf/util/time_util.h>

#include <utility>

#include "apps/runtime/admin_messages.hpp"
#include "apps/runtime/admin_tables.hpp"
#include "gateway/http_json.hpp"
#include "views/held_reading.hpp"

namespace perdure::runtime {
namespace {

using rows = std::vector<table_row>;
using page = result<std::optional<rows>>;
using google::protobuf::util::TimeUtil;

constexpr std::size_t page_bytes = 1 << 20;
constexpr std::size_t page_rows = 256;

views::sql_value time_or_null(bool is_set, const google::protobuf::Timestamp& time) {
  if (!is_set) return std::monostate{};
  return time_value(timestamp{std::chrono::milliseconds{TimeUtil::TimestampToMilliseconds(time)}});
}

template <class Headers>
std::string json_of_headers(const Headers& headers) {
  std::string json;
  for (const auto& [name, text] : headers) {
    json +=
        (json.empty() ? "{" : ",") + gateway::json_quoted(name) + ":" + gateway::json_quoted(text);
  }
  return json.empty() ? json : json + "}";
}

table_row row_of(const std::string& subscription, const admin::v1::HeldMessage& held) {
  return {subscription,
          held.key(),
          number(held.number()),
          std::int64_t{held.parked()},
          std::int64_t{held.attempts()},
          text_or_null(held.error()),
          time_or_null(held.has_failed_at(), held.failed_at()),
          time_or_null(held.has_retry_at(), held.retry_at()),
          held.topic(),
          std::int64_t{held.partition()},
          std::int64_t{held.offset()},
          text_or_null(held.type()),
          text_or_null(held.content_type()),
          text_or_null(held.payload_json()),
          text_or_null(json_of_headers(held.headers())),
          time_or_null(held.has_time(), held.time())};
}

row_pages pages_of(const administered& what, const views::foreign_conditions& asked) {
  std::vector<std::string> readers;
  auto wanted = sought_text(asked, 0);
  for (const auto& one : what.subscriptions) {
    auto name = one->status_now().name;
    if (!wanted || name == *wanted) readers.push_back(std::move(name));
  }
  return [&store = what.store, readers = std::move(readers), at = std::size_t{0},
          last = std::optional<persistence::held_place>()]() mutable -> page {
    if (at == readers.size()) return std::optional<rows>();
    auto read = store.read_held(readers[at], last, page_bytes);
    if (!read.ok()) return read.error();
    rows made;
    for (const auto& one : *read) made.push_back(row_of(readers[at], shown(one)));
    last = read->empty() ? std::nullopt : std::optional(read->back().place);
    if (read->empty()) ++at;
    return std::optional(std::move(made));
  };
}

table_row row_of(const std::string& service, const admin::v1::HeldByView& held) {
  return {service,
          held.source(),
          held.subject(),
          number(held.number()),
          std::int64_t{held.parked()},
          std::int64_t{held.attempts()},
          text_or_null(held.error()),
          std::int64_t{held.partition()},
          std::int64_t{held.offset()},
          text_or_null(held.type()),
          text_or_null(held.content_type()),
          text_or_null(held.payload_json()),
          text_or_null(json_of_headers(held.headers())),
          time_or_null(held.has_time(), held.time())};
}

// A view that has no rows yet holds back nothing that they show.
row_pages pages_of_views(const administered& what, const views::foreign_conditions& asked) {
  std::vector<std::pair<std::string, std::shared_ptr<views::sqlite_view_file>>> files;
  auto wanted = sought_text(asked, 0);
  for (const auto* view : what.views) {
    const auto& service = view->plan().service->full_name();
    if (wanted && service != *wanted) continue;
    if (auto file = view->serving(); file.ok()) files.emplace_back(service, *std::move(file));
  }
  return [files = std::move(files), at = std::size_t{0},
          last = std::optional<views::held_in_view>()]() mutable -> page {
    if (at == files.size()) return std::optional<rows>();
    const auto& [service, file] = files[at];
    auto read = views::read_held(*file, last, page_rows, page_bytes);
    if (!read.ok()) return read.error();
    rows made;
    for (const auto& one : *read) made.push_back(row_of(service, shown(one)));
    last.reset();
    if (read->empty()) {
      ++at;
    } else {
      const auto& end = read->back();
      last = views::held_in_view{end.source, end.subject, end.number};
    }
    return std::optional(std::move(made));
  };
}

}  // namespace

void add_held_tables(const administered& what, std::vector<admin_table>& to) {
  to.push_back(std::make_shared<paged_table>(
      "held_messages",
      std::vector<views::foreign_column>{{"subscription", "TEXT", true},
                                         {"key", "TEXT"},
                                         {"number", "INTEGER"},
                                         {"parked", "INTEGER"},
                                         {"attempts", "INTEGER"},
                                         {"error", "TEXT"},
                                         {"failed_at", "TEXT"},
                                         {"retry_at", "TEXT"},
                                         {"topic", "TEXT"},
                                         {"partition", "INTEGER"},
                                         {"offset", "INTEGER"},
                                         {"type", "TEXT"},
                                         {"content_type", "TEXT"},
                                         {"payload", "TEXT"},
                                         {"headers", "TEXT"},
                                         {"time", "TEXT"}},
      [what](const auto& asked) { return pages_of(what, asked); }));
  to.push_back(std::make_shared<paged_table>(
      "view_held",
      std::vector<views::foreign_column>{{"service", "TEXT", true},
                                         {"source", "TEXT"},
                                         {"subject", "TEXT"},
                                         {"number", "INTEGER"},
                                         {"parked", "INTEGER"},
                                         {"attempts", "INTEGER"},
                                         {"error", "TEXT"},
                                         {"partition", "INTEGER"},
                                         {"offset", "INTEGER"},
                                         {"type", "TEXT"},
                                         {"content_type", "TEXT"},
                                         {"payload", "TEXT"},
                                         {"headers", "TEXT"},
                                         {"time", "TEXT"}},
      [what](const auto& asked) { return pages_of_views(what, asked); }));
}

}  // namespace perdure::runtime
