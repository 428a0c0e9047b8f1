#pragma once

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ledger.pb.h"
#include "test/persistence/samples.hpp"
#include "test/pubsub/scripted_log.hpp"
#include "test/pubsub/topic_log_adapters.hpp"
#include "views/projector.hpp"
#include "views/sqlite_view_file.hpp"

// The view of ledger.proto, over topics of a store in memory: its plan, its handlers, and what they
// do on request.

namespace perdure::test {

using ::test::ledger::Account;
using ::test::ledger::Entry;
using ::test::ledger::Note;
using views::sqlite_view_file;
using views::view_plan;

// What handlers do beside their work; any thread.
class handler_script {
 public:
  void fail(const std::string& text) {
    change([&] { failing_.insert(text); });
  }
  void mend(const std::string& text) {
    change([&] { failing_.erase(text); });
  }
  bool fails(const std::string& text) const {
    std::lock_guard lock(mutex_);
    return failing_.contains(text);
  }

 private:
  template <class What>
  void change(What what) {
    std::lock_guard lock(mutex_);
    what();
  }
  mutable std::mutex mutex_;
  std::set<std::string> failing_;
};

class ledger_view final : public perdure::view {
 public:
  explicit ledger_view(std::shared_ptr<const handler_script> script) : script_(std::move(script)) {}

  any_view_effect handle(std::size_t method, const google::protobuf::Message* row,
                         const google::protobuf::Message& message) override {
    auto account = row ? static_cast<const Account&>(*row) : Account();
    if (method == 1) {
      account.set_texts(account.texts() + "closed;");
      return view_effect<Account>(effects().put(account)).erase();
    }
    const auto& entry = static_cast<const Entry&>(message);
    if (script_->fails(entry.text())) throw std::runtime_error("no luck with " + entry.text());
    if (entry.text() == "wrong type") return effects().put(Note()).erase();
    if (entry.text() == "no key") return effects().put("", account).erase();
    if (entry.text() == "long key") return effects().put(std::string(5000, 'k'), account).erase();
    if (entry.text() == "other table") {
      Note note;
      note.set_text("from an entry");
      return view_effect<Account>(effects().ignore())
          .put(table<Note>("notes"), context().subject, note)
          .erase();
    }
    if (entry.text() == "unknown table") {
      return view_effect<Account>(effects().ignore())
          .put(table<Note>("nowhere"), "k", Note())
          .erase();
    }
    if (!entry.account().empty()) {
      // Of two rows: one that is named, and the subject's.
      auto other = table<Account>("accounts").find(entry.account()).value_or(Account());
      other.set_balance(other.balance() - entry.amount());
      other.set_entries(other.entries() + 1);
      return effects().put(entry.account(), other).put(added(account, entry)).erase();
    }
    return effects().put(added(account, entry)).erase();
  }

 private:
  static Account added(Account to, const Entry& entry) {
    to.set_balance(to.balance() + entry.amount());
    to.set_entries(to.entries() + 1);
    to.set_texts(to.texts() + entry.text() + ";");
    (*to.mutable_by_text())[entry.text()] += entry.amount();
    return to;
  }

  const std::shared_ptr<const handler_script> script_;
};

inline const google::protobuf::ServiceDescriptor& ledger_service() {
  return *Entry::descriptor()->file()->service(0);
}

// Tables: 0 accounts, 1 notes. Sources: 0 topic entries, 1 topic notes.
inline view_plan ledger_plan(const std::string& definition = "1") {
  const auto& service = ledger_service();
  auto taker = [&](int n, bool deletes) {
    return pubsub::message_takers::taker{static_cast<std::size_t>(n), service.method(n), false,
                                         deletes};
  };
  view_plan plan;
  plan.service = &service;
  plan.definition = definition;
  plan.tables.push_back({views::schema_of("accounts", *Account::descriptor()), {}});
  plan.tables.push_back({views::schema_of("notes", *Note::descriptor()), {}});
  pubsub::message_source entries{pubsub::message_source::kind::topic, "entries"};
  pubsub::message_source notes{pubsub::message_source::kind::topic, "notes"};
  plan.sources.push_back({entries, false, {{0, {entries, false, {taker(0, false)}}, {true}}}});
  plan.sources.push_back({notes, false, {{1, {notes, false, {taker(2, false)}}, {false}}}});
  return plan;
}

// As if a query with stream_updates read the table.
inline void tell_of(view_plan& in, const std::string& table) {
  views::view_query query{in.service->method(2), {}, true, true};
  query.plan.sql = "SELECT _key FROM " + table;
  query.plan.tables = {table};
  in.queries.push_back(std::move(query));
}

// All rows of a table, as they are encoded.
template <class Row>
std::map<std::string, Row> rows_of(sqlite_view_file& file, const std::string& table) {
  auto reader = file.lend();
  BOOST_REQUIRE_MESSAGE(reader.ok(), reader.error());
  auto statement = reader->statement("SELECT _key, _row FROM " + table);
  BOOST_REQUIRE_MESSAGE(statement.ok(), statement.error());
  std::map<std::string, Row> rows;
  auto more = (*statement)->step();
  for (; more.ok() && *more; more = (*statement)->step()) {
    Row row;
    BOOST_REQUIRE(row.ParseFromString(std::string((*statement)->bytes(1))));
    rows.emplace((*statement)->bytes(0), std::move(row));
  }
  BOOST_REQUIRE_MESSAGE(more.ok(), more.error());
  return rows;
}

// Waits, at most as long as a slow machine may need.
inline void wait_until(const std::function<bool()>& is_so, const std::string& what) {
  auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!is_so()) {
    BOOST_REQUIRE_MESSAGE(std::chrono::steady_clock::now() < until, "not in time: " << what);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

// The topics that the view reads.
struct ledger_topics {
  embedded_log logs;
  system_clock clock;

  void entry(const std::string& key, std::int64_t amount, const std::string& text = "e",
             const std::string& account = {}) {
    Entry e;
    e.set_amount(amount);
    e.set_text(text);
    e.set_account(account);
    logs.append("entries", {key, e.SerializeAsString()});
  }
  void note(const std::string& key, const std::string& text) {
    Note n;
    n.set_text(text);
    logs.append("notes", {key, n.SerializeAsString()});
  }
  void close(const std::string& topic, const std::string& key) {
    logs.append(topic, {key, std::nullopt});
  }

  std::vector<views::source_log> sources(bool may_repeat = false) {
    return {{&logs.log, "entries", may_repeat}, {&logs.log, "notes", may_repeat}};
  }

  // Where all of them end now.
  std::vector<log_position> ends() {
    std::vector<log_position> all;
    for (const auto* topic : {"entries", "notes"}) {
      for (std::uint32_t n = 0; n < stored_logs::partitions; ++n) {
        auto there = logs.store.bounds(topic, n);
        all.push_back({"topic/" + std::string(topic), n, value(there.end)});
      }
    }
    return all;
  }
};

// A topic as the test says, for several threads.
class locked_log final : public pubsub::topic_log {
 public:
  explicit locked_log(std::uint32_t partitions) : log_(partitions) {}

  template <class What>
  void change(What what) {
    std::lock_guard lock(mutex_);
    what(log_);
  }
  result<std::uint32_t> partitions(const std::string& topic) override {
    std::lock_guard lock(mutex_);
    return log_.partitions(topic);
  }
  result<pubsub::partition_bounds> bounds(const std::string& topic, std::uint32_t n) override {
    std::lock_guard lock(mutex_);
    return log_.bounds(topic, n);
  }
  result<topic_offset> offset_at(const std::string& topic, std::uint32_t n,
                                 timestamp time) override {
    std::lock_guard lock(mutex_);
    return log_.offset_at(topic, n, time);
  }
  void read(const std::string& reader, const std::string& topic, std::uint32_t n, topic_offset from,
            std::size_t bytes_max, on_page tell) override {
    std::lock_guard lock(mutex_);
    log_.read(reader, topic, n, from, bytes_max, std::move(tell));
  }
  void stop(const std::string& reader) override {
    std::lock_guard lock(mutex_);
    log_.stop(reader);
  }

 private:
  std::mutex mutex_;
  scripted_log log_;
};

// What when_seen() of a projector or a home tells.
template <class Of>
status seen_by(Of& of, const std::vector<log_position>& positions,
               timestamp deadline = timestamp::max()) {
  auto told = std::make_shared<std::promise<status>>();
  of.when_seen(positions, deadline, [told](status s) { told->set_value(std::move(s)); });
  return told->get_future().get();
}

}  // namespace perdure::test
