// What a stream that resumes is told: sqlite_view_file::changes_since().

#include <boost/test/unit_test.hpp>

#include <filesystem>

#include "test/views/view_file_fixture.hpp"

namespace {

using namespace perdure;
using namespace perdure::test;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sqlite_view_changes, view_file_fixture)

BOOST_AUTO_TEST_CASE(a_stream_goes_on_with_what_has_changed) {
  tell_of("accounts");
  auto first = put_alone("a", 1);
  put_alone("b", 1);
  put_alone("a", 2);
  BOOST_TEST(is(since(first), {"b", "a"}));
  BOOST_TEST(is(since(file->last_change()), {}));
  open();
  BOOST_TEST(file->last_change() > first);
  put_alone("c", 1);
  BOOST_TEST(is(since(first), {"b", "a", "c"}));
  BOOST_TEST(!since(first - 2).has_value());  // before the file
  BOOST_TEST(!since(file->last_change() + 1).has_value());
}

BOOST_AUTO_TEST_CASE(changes_are_kept_only_where_a_stream_reads) {
  auto first = file->last_change();
  put_alone("a", 1);
  tell_of("accounts");
  BOOST_TEST(!since(first).has_value());  // nobody has kept it
  auto last = file->last_change();
  begin();
  Note note;
  note.set_text("x");
  BOOST_REQUIRE(file->put(1, "n", note) == status());
  commit();
  BOOST_TEST(file->last_change() == last);
  BOOST_TEST(is(since(last), {}));

  // From now on somebody reads the notes too.
  tell_of("notes");
  BOOST_TEST(!since(last).has_value());
}

// After a power cut the file is as of some earlier commit, and its numbers would come again.
BOOST_AUTO_TEST_CASE(a_number_that_was_lost_is_not_mistaken) {
  tell_of("accounts");
  auto kept = put_alone("a", 1);
  std::string copy = folder.path() / "copy.db";
  run_on(path, "VACUUM INTO '" + copy + "'");
  auto lost = put_alone("b", 1);
  file.reset();
  std::filesystem::rename(copy, path);
  std::filesystem::remove(path + "-wal");
  open();
  BOOST_TEST(!since(lost).has_value());
  for (auto key : {"x", "y", "z"}) put_alone(key, 1);
  BOOST_TEST(!since(lost).has_value());
  BOOST_TEST(is(since(kept), {"x", "y", "z"}));
}

BOOST_AUTO_TEST_CASE(the_oldest_changes_are_forgotten) {
  tell_of("accounts");
  auto first = put_alone("first", 1);
  for (int batch = 0; batch < 11; ++batch) {
    begin();
    for (int n = 0; n < 9'500; ++n) put(std::to_string(n), batch + 1);
    commit();
  }
  BOOST_TEST(!since(first).has_value());
  auto all = since(file->last_change() - 50'000);
  BOOST_TEST_REQUIRE(all.has_value());
  BOOST_TEST(all->size() == 9'500u);  // each once
}

BOOST_AUTO_TEST_CASE(a_commit_of_very_many_rows_lists_none) {
  tell_of("accounts");
  begin();
  for (int n = 0; n < 10'001; ++n) put(std::to_string(n), 1);
  auto changes = commit();
  BOOST_TEST(changes.too_many);
  BOOST_TEST(changes.rows.empty());
}

BOOST_AUTO_TEST_SUITE_END()
