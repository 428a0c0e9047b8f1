#include "views/sqlite_view_file.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

#include "test/views/view_file_fixture.hpp"

namespace {

using namespace perdure;
using namespace perdure::test;
using view_file = views::sqlite_view_file;
using views::held_message;

using fixture = view_file_fixture;

held_message held_of_subject(const std::string& subject, std::uint64_t number) {
  held_message m;
  m.source = "topic/entries";
  m.subject = subject;
  m.number = number;
  m.record.offset = topic_offset{17};
  m.record.time = timestamp{std::chrono::milliseconds(5)};
  m.record.key = std::string("k\0y", 3);
  m.record.payload = std::string("\xff\0", 2);
  m.record.headers = {{"ce-type", "x"}, {"ce-type", ""}};
  m.partition = 3;
  return m;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sqlite_view_file, fixture)

BOOST_AUTO_TEST_CASE(rows_and_cursors_change_together_or_not_at_all) {
  tell_of("accounts");
  begin();
  put("a", 1);
  BOOST_REQUIRE(file->move_cursor("topic/entries", 2, topic_offset{7}) == status());
  auto changes = commit();
  BOOST_TEST_REQUIRE(changes.rows.size() == 1u);
  BOOST_TEST(changes.rows.front().key == "a");
  BOOST_TEST(changes.number == file->last_change());

  begin();
  put("a", 2);
  put("b", 3);
  BOOST_REQUIRE(file->move_cursor("topic/entries", 2, topic_offset{8}) == status());
  auto inside = file->find(0, "b");
  BOOST_TEST_REQUIRE((inside.ok() && inside->has_value()));
  file->roll_back();
  open();
  auto rows = rows_of<Account>(*file, "accounts");
  BOOST_TEST_REQUIRE(rows.size() == 1u);
  BOOST_TEST(rows["a"].balance() == 1);
  auto cursors = file->cursors();
  BOOST_TEST_REQUIRE((cursors.ok() && cursors->size() == 1));
  BOOST_TEST(cursors->front().partition == 2u);
  BOOST_TEST(value(cursors->front().next) == 7u);
}

BOOST_AUTO_TEST_CASE(a_row_as_it_was_is_no_change) {
  tell_of("accounts");
  begin();
  Account row;
  for (int n = 0; n < 20; ++n) (*row.mutable_by_text())[std::to_string(n)] = n;
  BOOST_REQUIRE(file->put(0, "a", row) == status());
  BOOST_TEST(commit().rows.size() == 1u);

  Account same;  // whose map is in another order
  for (int n = 19; n >= 0; --n) (*same.mutable_by_text())[std::to_string(n)] = n;
  auto last = file->last_change();
  begin();
  BOOST_REQUIRE(file->put(0, "a", same) == status());
  BOOST_REQUIRE(file->remove(0, "nobody") == status());
  auto changes = commit();
  BOOST_TEST(changes.rows.empty());
  BOOST_TEST(changes.number == last);

  begin();
  put("a", 5);
  put("a", 6);
  BOOST_REQUIRE(file->remove(0, "a") == status());
  BOOST_TEST(commit().rows.size() == 1u);  // each once
  BOOST_TEST(rows_of<Account>(*file, "accounts").empty());
}

BOOST_AUTO_TEST_CASE(columns_hold_what_the_fields_do) {
  begin();
  Account row;
  row.set_balance(-5);
  row.set_texts("x;");
  (*row.mutable_by_text())["x"] = -5;
  BOOST_REQUIRE(file->put(0, "a", row) == status());
  commit();
  auto reader = file->lend();
  BOOST_REQUIRE(reader.ok());
  auto found = reader->statement(
      "SELECT count(*) FROM accounts WHERE balance = -5 AND entries = 0 AND texts = 'x;' AND "
      "CAST(by_text ->> '$.x' AS TEXT) = '-5'");
  BOOST_REQUIRE_MESSAGE(found.ok(), found.error());
  BOOST_REQUIRE((*found)->step().ok());
  BOOST_TEST((*found)->integer(0) == 1);
}

BOOST_AUTO_TEST_CASE(rows_of_another_definition_are_refused) {
  file.reset();
  auto other = ledger_plan("2");
  auto refused = view_file::open(path, other);
  BOOST_TEST_REQUIRE(!refused.ok());
  BOOST_TEST((refused.error().code() == status_code::failed_precondition));

  auto known = view_file::identify(path);
  BOOST_REQUIRE_MESSAGE(known.ok(), known.error());
  BOOST_TEST(known->definition == "1");
  BOOST_TEST(!known->is_complete);
  BOOST_TEST(known->rows.at("accounts") == "test.ledger.Account");

  auto old = view_file::open_old(path, other);
  BOOST_REQUIRE_MESSAGE(old.ok(), old.error());
  BOOST_TEST(rows_of<Account>(**old, "accounts").empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_file_of_ours_is_told_apart) {
  auto code_of = [&](const std::string& other) {
    auto opened = view_file::open(other, plan);
    auto known = view_file::identify(other);
    BOOST_TEST((opened.error().code() == known.error().code()));
    return opened.error().code();
  };
  std::string other = folder.path() / "2.db";
  BOOST_TEST((view_file::identify(other).error().code() == status_code::not_found));
  std::ofstream(other) << std::string(5000, 'x');
  BOOST_TEST((code_of(other) == status_code::data_loss));
  std::filesystem::remove(other);
  run_on(other, "CREATE TABLE t (x)");
  BOOST_TEST((code_of(other) == status_code::data_loss));
  // Killed while it was being made.
  std::filesystem::remove(other);
  std::ofstream(other).close();
  BOOST_TEST((view_file::identify(other).error().code() == status_code::not_found));
  BOOST_TEST(view_file::open(other, plan).ok());

  file.reset();
  run_on(path, "UPDATE perdure_view SET value = '99' WHERE name = 'format'");
  BOOST_TEST((code_of(path) == status_code::failed_precondition));
}

BOOST_AUTO_TEST_CASE(what_is_held_back_is_found_again) {
  begin();
  for (auto n : {2, 1}) BOOST_REQUIRE(file->hold(held_of_subject("b", n)) == status());
  BOOST_REQUIRE(file->hold(held_of_subject("a", 3)) == status());
  commit();
  begin();
  auto changed = held_of_subject("a", 3);
  changed.attempts = 4;
  changed.error = "no luck";
  changed.is_parked = true;
  BOOST_REQUIRE(file->change_held(changed) == status());
  BOOST_REQUIRE(file->release(held_of_subject("b", 1)) == status());
  commit();
  open();
  auto held = file->held();
  BOOST_TEST_REQUIRE((held.ok() && held->size() == 2));
  const auto& a = held->front();
  BOOST_TEST(a.subject == "a");
  BOOST_TEST(a.attempts == 4u);
  BOOST_TEST(a.error == "no luck");
  BOOST_TEST(a.is_parked);
  BOOST_TEST(a.partition == 3u);
  BOOST_TEST((a.record.key == changed.record.key));
  BOOST_TEST((a.record.payload == changed.record.payload));
  BOOST_TEST((a.record.headers == changed.record.headers));
  BOOST_TEST((a.record.time == changed.record.time));
  BOOST_TEST(value(a.record.offset) == 17u);
  BOOST_TEST(held->back().number == 2u);

  begin();
  auto tombstone = held_of_subject("c", 1);
  tombstone.record.payload.reset();
  BOOST_REQUIRE(file->hold(tombstone) == status());
  commit();
  held = file->held();
  BOOST_TEST_REQUIRE((held.ok() && held->size() == 3));
  BOOST_TEST(!held->back().record.payload);
}

BOOST_AUTO_TEST_CASE(a_message_that_comes_again_was_seen) {
  auto sees = [&](const std::string& subject, std::uint64_t sequence) {
    auto is_new = file->see("topic/entries", subject, sequence);
    BOOST_REQUIRE_MESSAGE(is_new.ok(), is_new.error());
    return *is_new;
  };
  begin();
  BOOST_TEST(sees("a", 5));
  BOOST_TEST(!sees("a", 5));
  BOOST_TEST(!sees("a", 4));
  BOOST_TEST(sees("b", 1));
  BOOST_TEST(sees("a", 6));
  file->roll_back();
  begin();
  BOOST_TEST(sees("a", 5));
  commit();
}

// -------------------------------------------------------------------------------------- reading

BOOST_AUTO_TEST_CASE(queries_see_the_tables_and_nothing_else) {
  auto reader = file->lend();
  BOOST_REQUIRE_MESSAGE(reader.ok(), reader.error());
  BOOST_TEST(reader->statement("SELECT * FROM notes").ok());
  for (const auto* sql :
       {"SELECT * FROM perdure_view", "DELETE FROM notes", "PRAGMA user_version"}) {
    BOOST_TEST(!reader->statement(sql).ok());
  }
  BOOST_TEST(*reader->statement("SELECT * FROM notes") ==
             *reader->statement("SELECT * FROM notes"));
}

BOOST_AUTO_TEST_CASE(a_snapshot_stands_still_and_ends_with_its_reader) {
  put_alone("a", 1);
  {
    auto reader = file->lend();
    BOOST_REQUIRE(reader.ok());
    BOOST_REQUIRE(reader->connection().run("BEGIN") == status());
    auto count = [&] {
      auto statement = reader->statement("SELECT count(*) FROM accounts");
      BOOST_REQUIRE_MESSAGE(statement.ok(), statement.error());
      BOOST_REQUIRE((*statement)->step().ok());
      auto rows = (*statement)->integer(0);
      (*statement)->reset();
      return rows;
    };
    BOOST_TEST(count() == 1);
    put_alone("b", 1);
    BOOST_TEST(count() == 1);
  }
  BOOST_TEST(rows_of<Account>(*file, "accounts").size() == 2u);
}

BOOST_AUTO_TEST_CASE(an_old_file_goes_with_its_last_reader) {
  auto reader = std::make_unique<perdure::result<view_file::reader>>(file->lend());
  BOOST_REQUIRE(reader->ok());
  file->remove_when_unused();
  file.reset();
  BOOST_TEST(std::filesystem::exists(path));
  reader.reset();
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

// ---------------------------------------------------------------------------------- in place

BOOST_AUTO_TEST_CASE(indexes_come_and_go_with_the_queries) {
  auto indexes = [&] {
    texts names;
    auto file_of = views::sqlite_connection::open(path, views::sqlite_connection::access::read);
    BOOST_REQUIRE(file_of.ok());
    auto all = file_of->prepare(
        "SELECT tbl_name FROM sqlite_schema WHERE name LIKE 'ix %' ORDER BY tbl_name");
    BOOST_REQUIRE(all.ok());
    for (auto more = all->step(); more.ok() && *more; more = all->step()) {
      names.emplace_back(all->bytes(0));
    }
    return names;
  };
  auto ask = [&](const std::string& table, const std::string& where) {
    views::view_query query{plan.service->method(2), {}, false, false};
    query.plan.sql = "SELECT _key FROM " + table + " WHERE " + where;
    query.plan.tables = {table};
    plan.queries = {query};
    open();
  };
  ask("accounts", "balance = 5");
  BOOST_TEST(indexes().empty());  // rows come faster without
  BOOST_REQUIRE(file->set_complete() == status());
  BOOST_TEST((indexes() == texts{"accounts"}));
  ask("notes", "text = 'x'");
  BOOST_TEST((indexes() == texts{"notes"}));
}

BOOST_AUTO_TEST_CASE(full_text_search_is_made_and_dropped_in_place) {
  begin();
  Account row;
  row.set_texts("old words");
  BOOST_REQUIRE(file->put(0, "a", row) == status());
  commit();
  auto found = [&](const std::string& word) -> std::optional<std::int64_t> {
    auto reader = file->lend();
    BOOST_REQUIRE_MESSAGE(reader.ok(), reader.error());
    auto statement = reader->statement(
        "SELECT count(*) FROM \"accounts.words\" WHERE texts MATCH '" + word + "'");
    if (!statement.ok()) return std::nullopt;
    BOOST_REQUIRE((*statement)->step().ok());
    return (*statement)->integer(0);
  };
  BOOST_TEST(!found("old").has_value());
  plan.tables[0].searched = {"texts"};
  open();
  BOOST_TEST((found("old") == 1));
  begin();
  row.set_texts("new words");
  BOOST_REQUIRE(file->put(0, "a", row) == status());
  commit();
  BOOST_TEST((found("old") == 0));
  BOOST_TEST((found("new") == 1));
  plan.tables[0].searched.clear();
  open();
  BOOST_TEST(!found("new").has_value());
  begin();
  BOOST_REQUIRE(file->remove(0, "a") == status());
  commit();
}

BOOST_AUTO_TEST_CASE(what_the_log_has_grown_to_is_given_back) {
  Account row;
  row.set_texts(std::string(4 << 20, 'x'));
  begin();
  BOOST_REQUIRE(file->put(0, "a", row) == status());
  commit();
  BOOST_TEST(std::filesystem::file_size(path + "-wal") > 1u << 20);
  file->idle();
  BOOST_TEST(std::filesystem::file_size(path + "-wal") == 0u);
}

BOOST_AUTO_TEST_CASE(that_it_is_complete_is_kept) {
  BOOST_TEST(!file->is_complete());
  BOOST_REQUIRE(file->set_complete() == status());
  open();
  BOOST_TEST(file->is_complete());
}

BOOST_AUTO_TEST_SUITE_END()
