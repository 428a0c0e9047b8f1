// Entities, their timers and their mail, as tables: read from the stores page by page.

#include <algorithm>
#include <tuple>
#include <utility>

#include "apps/runtime/admin_messages.hpp"
#include "apps/runtime/admin_tables.hpp"
#include "base/utf8.hpp"

namespace perdure::runtime {
namespace {

using persistence::entity_place;
using persistence::entity_selection;
using persistence::step_store;
using rows = std::vector<table_row>;
using page = result<std::optional<rows>>;
using conditions = views::foreign_conditions;

constexpr std::size_t entities_per_page = 256;
constexpr std::size_t states_per_page = 8;  // each may have some MiB
constexpr std::size_t mail_page_bytes = 1 << 20;

// Timers that are read at once at first, and at most: a store gives those due first, from the
// first on.
constexpr std::size_t timers_first = 256;
constexpr std::size_t timers_max = 64 * 1024;

// -------------------------------------------------------------------------------------- entities

enum entity_column { type, id, sequence, kind, deleted, state_type, state, expires, problem };

// Of all stores, one after the other.
class entity_pages {
 public:
  entity_pages(std::vector<step_store*> stores, const conditions& asked)
      : stores_(std::move(stores)),
        has_states_(asked.is_used[state_type] || asked.is_used[state] || asked.is_used[expires]) {
    auto wanted = sought_text(asked, type);
    if (!wanted || wanted->empty()) return;
    which_ = {.type = *wanted, .id = sought_text(asked, id)};
  }

  page operator()() {
    if (store_ == stores_.size()) return std::optional<rows>();
    auto& store = *stores_[store_];
    auto read =
        store.list_entities(which_, from_, has_states_ ? states_per_page : entities_per_page);
    if (!read.ok()) return read.error();
    from_ = read->next;
    if (!from_) ++store_;
    rows made;
    for (auto& one : read->entities) made.push_back(row_of(store, std::move(one)));
    return std::optional(std::move(made));
  }

 private:
  table_row row_of(step_store& store, persistence::entity_summary one) const {
    table_row row(problem + 1);
    bool is_known = !one.entity.type.empty();
    row[type] = text_or_null(one.entity.type);
    row[id] = text_or_null(one.entity.id);
    row[problem] = text_or_null(one.problem);
    if (!is_known) return row;
    row[sequence] = number(value(one.sequence));
    if (!one.problem.empty()) return row;
    row[kind] = one.is_key_value ? "key-value" : "event sourced";
    row[deleted] = std::int64_t{one.is_deleted};
    if (has_states_ && one.is_key_value && !one.is_deleted) add_state(store, one, row);
    return row;
  }

  // As it is now, which may be later than what was listed.
  static void add_state(step_store& store, const persistence::entity_summary& one, table_row& row) {
    auto loaded = store.load(one.entity);
    if (!loaded.ok()) {
      row[problem] = readable(loaded.error().message());
      return;
    }
    const auto& now = loaded->snapshot;
    if (!now || now->is_deletion()) return;
    row[sequence] = number(value(now->sequence));
    row[state_type] = readable(now->state_type);
    row[state] = text_or_null(json_of_type(now->state_type, now->payload));
    if (now->expires != timestamp::max()) row[expires] = time_value(now->expires);
  }

  std::vector<step_store*> stores_;
  bool has_states_;
  entity_selection which_;
  std::size_t store_ = 0;
  std::optional<entity_place> from_;
};

// ---------------------------------------------------------------------------------------- timers

class timer_pages {
 public:
  explicit timer_pages(persistence::mail_store& store) : store_(store) {}

  // As many again each time, and of them those behind the last: one may have fired meanwhile.
  page operator()() {
    if (was_last_) return std::optional<rows>();
    if (count_ > timers_max) {
      return status(status_code::resource_exhausted,
                    "there are more than " + std::to_string(timers_max) +
                        " timers; ask for those that are due first, with LIMIT");
    }
    auto read = store_.read_due_timers(timestamp::max(), count_);
    if (!read.ok()) return read.error();
    was_last_ = read->size() < count_;
    count_ *= 2;
    rows made;
    for (const auto& one : *read) {
      place at{one.timer.due, one.owner, one.name};
      if (last_ && at <= *last_) continue;
      last_ = std::move(at);
      made.push_back(row_of(one));
    }
    return std::optional(std::move(made));
  }

 private:
  using place = std::tuple<timestamp, entity_key, std::string>;

  static table_row row_of(const persistence::stored_timer& one) {
    const auto& [due, period, what] = one.timer;
    table_row row{readable(one.owner.type), readable(one.owner.id), readable(one.name),
                  time_value(due)};
    row.push_back(period.count() == 0
                      ? views::sql_value{}
                      : views::sql_value{static_cast<double>(period.count()) / 1000});
    row.insert(row.end(), {what.method, readable(what.target.type), readable(what.target.id),
                           text_or_null(json_of_request(what.method, what.payload))});
    return row;
  }

  persistence::mail_store& store_;
  std::size_t count_ = timers_first;
  bool was_last_ = false;
  std::optional<place> last_;
};

// ------------------------------------------------------------------------------------------ mail

// Whose mailboxes are asked for: those that have mail now, one after the other.
class mailboxes_asked {
 public:
  mailboxes_asked(const persistence::mail_store& store, const conditions& asked) {
    all_ = store.entities_with_mail();
    auto of_type = sought_text(asked, 0), of_id = sought_text(asked, 1);
    std::erase_if(all_, [&](const entity_key& one) {
      return (of_type && one.type != *of_type) || (of_id && one.id != *of_id);
    });
    std::ranges::sort(all_);
  }

  const entity_key* current() const { return at_ < all_.size() ? &all_[at_] : nullptr; }
  void go_on() { ++at_; }

 private:
  std::vector<entity_key> all_;
  std::size_t at_ = 0;
};

// A mailbox each page.
row_pages mailbox_pages(persistence::mail_store& store, const conditions& asked) {
  bool counts = asked.is_used[3] || asked.is_used[4];
  return [&store, boxes = mailboxes_asked(store, asked), counts]() mutable -> page {
    const auto* box = boxes.current();
    if (!box) return std::optional<rows>();
    table_row row{readable(box->type), readable(box->id), number(store.mail_bytes(*box)), {}, {}};
    if (counts) {
      std::uint64_t messages = 0;
      for (mail_position last{};;) {
        auto read = store.read_mail(*box, last, mail_page_bytes);
        if (!read.ok()) return read.error();
        if (read->empty()) break;
        if (messages == 0) row[4] = time_value(read->front().time.wall());
        messages += read->size();
        last = read->back().mail.position;
      }
      row[3] = number(messages);
    }
    boxes.go_on();
    return std::optional(rows{std::move(row)});
  };
}

table_row row_of(const persistence::stored_mail& one) {
  const auto& mail = one.mail;
  return {readable(mail.target.type),
          readable(mail.target.id),
          number(value(mail.position)),
          mail.method,
          time_value(one.time.wall()),
          text_or_null(mail.command_id),
          number(mail.hops),
          number(persistence::bytes_of(mail)),
          text_or_null(json_of_request(mail.method, mail.payload))};
}

row_pages mail_pages(persistence::mail_store& store, const conditions& asked) {
  return [&store, boxes = mailboxes_asked(store, asked), last = mail_position{}]() mutable -> page {
    const auto* box = boxes.current();
    if (!box) return std::optional<rows>();
    auto read = store.read_mail(*box, last, mail_page_bytes);
    if (!read.ok()) return read.error();
    rows made;
    for (const auto& one : *read) made.push_back(row_of(one));
    last = read->empty() ? mail_position{} : read->back().mail.position;
    if (read->empty()) boxes.go_on();
    return std::optional(std::move(made));
  };
}

}  // namespace

void add_entity_tables(const administered& what, std::vector<admin_table>& to) {
  auto add = [&](std::string name, std::vector<views::foreign_column> columns,
                 paged_table::begin_reading begin) {
    to.push_back(
        std::make_shared<paged_table>(std::move(name), std::move(columns), std::move(begin)));
  };
  auto& store = what.store;
  std::vector<step_store*> stores{&store};
  stores.insert(stores.end(), what.other_entities.begin(), what.other_entities.end());
  add("entities",
      {{"type", "TEXT", true},
       {"id", "TEXT", true},
       {"sequence", "INTEGER"},
       {"kind", "TEXT"},
       {"deleted", "INTEGER"},
       {"state_type", "TEXT"},
       {"state", "TEXT"},
       {"expires", "TEXT"},
       {"problem", "TEXT"}},
      [stores](const conditions& asked) { return entity_pages(stores, asked); });
  add("timers",
      {{"type", "TEXT"},
       {"id", "TEXT"},
       {"name", "TEXT"},
       {"due", "TEXT"},
       {"period", "REAL"},
       {"rpc", "TEXT"},
       {"target_type", "TEXT"},
       {"target_id", "TEXT"},
       {"request", "TEXT"}},
      [&store](const conditions&) { return timer_pages(store); });
  add("mailboxes",
      {{"type", "TEXT", true},
       {"id", "TEXT", true},
       {"bytes", "INTEGER"},
       {"messages", "INTEGER"},
       {"oldest", "TEXT"}},
      [&store](const conditions& asked) { return mailbox_pages(store, asked); });
  add("mail",
      {{"type", "TEXT", true},
       {"id", "TEXT", true},
       {"position", "INTEGER"},
       {"rpc", "TEXT"},
       {"sent_at", "TEXT"},
       {"command_id", "TEXT"},
       {"hops", "INTEGER"},
       {"bytes", "INTEGER"},
       {"request", "TEXT"}},
      [&store](const conditions& asked) { return mail_pages(store, asked); });
}

}  // namespace perdure::runtime
