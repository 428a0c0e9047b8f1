#include "apps/runtime/admin_token.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

using namespace perdure;

namespace {

struct fixture {
  fixture() { std::filesystem::create_directories(folder); }
  ~fixture() { std::filesystem::remove_all(folder); }

  std::string content() const {
    std::string line;
    std::getline(std::ifstream(file), line);
    return line;
  }
  void write(const std::string& text, mode_t mode = 0600) const {
    std::ofstream(file) << text;
    ::chmod(file.c_str(), mode);
  }
  std::string refusal() const {
    auto opened = runtime::admin_token::open(folder);
    BOOST_REQUIRE(!opened.ok());
    BOOST_CHECK(opened.error().code() == status_code::failed_precondition);
    BOOST_TEST_MESSAGE(opened.error().message());
    return opened.error().message();
  }
  runtime::admin_token opened() const {
    auto token = runtime::admin_token::open(folder);
    BOOST_REQUIRE_MESSAGE(token.ok(), to_string(token.error()));
    return *token;
  }

  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("perdure-token-" + std::to_string(getpid()));
  std::filesystem::path file = folder / "admin-token";
};

// Nobody else can give a file away.
boost::test_tools::assertion_result is_root(boost::unit_test::test_unit_id /*test*/) {
  return ::geteuid() == 0;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(admin_token, fixture)

BOOST_AUTO_TEST_CASE(it_is_made_at_the_first_start_for_its_owner_only) {
  auto before = ::umask(0);
  opened();
  ::umask(before);
  struct stat made {};
  BOOST_REQUIRE(::stat(file.c_str(), &made) == 0);
  BOOST_TEST((made.st_mode & 0777) == 0600u);
  BOOST_TEST(content().size() == 64u);
  BOOST_TEST(content().find_first_not_of("0123456789abcdef") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(it_stays_what_it_is) {
  auto first = opened();
  auto text = content();
  BOOST_TEST(opened().check({{"authorization", "Bearer " + text}}).ok());
  BOOST_TEST(content() == text);
  std::filesystem::remove(file);
  opened();
  BOOST_TEST(content() != text);
}

BOOST_AUTO_TEST_CASE(only_the_whole_token_fits) {
  auto token = opened();
  auto text = content();
  for (auto scheme : {"Bearer ", "bearer ", "BEARER "}) {
    BOOST_TEST(token.check({{"authorization", scheme + text}}).ok());
  }
  auto other = text;
  other.back() = other.back() == '0' ? '1' : '0';
  for (const auto& wrong :
       {std::string(), std::string("Bearer"), std::string("Bearer "), text, "Basic " + text,
        "Bearer " + other, "Bearer " + text.substr(1), "Bearer " + text + "0", "Bearer  " + text}) {
    auto refused = token.check({{"authorization", wrong}});
    BOOST_CHECK(refused.code() == status_code::unauthenticated);
    BOOST_TEST(!holds(refused.message(), text));
    BOOST_TEST(holds(refused.message(), file.string()));
  }
  BOOST_TEST(!token.check({}).ok());
  BOOST_TEST(
      !token.check({{"authorization", "Bearer " + text}, {"authorization", "Bearer x"}}).ok());
}

BOOST_AUTO_TEST_CASE(a_file_that_others_may_read_is_refused) {
  opened();
  for (mode_t mode : {0640, 0604, 0660, 0610, 0644}) {
    ::chmod(file.c_str(), mode);
    BOOST_TEST(holds(refusal(), "chmod 600 " + file.string()));
  }
  ::chmod(file.c_str(), 0400);
  opened();
}

BOOST_AUTO_TEST_CASE(what_is_no_token_is_refused) {
  for (const auto& text : {std::string(), std::string("\n"), std::string("short\n"),
                           std::string(64, 'g') + "\n", std::string(65, 'a') + "\n"}) {
    write(text);
    BOOST_TEST(holds(refusal(), "64 hex digits"));
  }
  write(std::string(64, 'a'));
  opened();
}

BOOST_AUTO_TEST_CASE(a_link_is_refused) {
  opened();
  auto elsewhere = folder / "elsewhere";
  std::filesystem::rename(file, elsewhere);
  std::filesystem::create_symlink(elsewhere, file);
  BOOST_TEST(holds(refusal(), "must be a file"));
}

// Nobody waits for what somebody else may never write.
BOOST_AUTO_TEST_CASE(a_pipe_is_refused) {
  BOOST_REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  BOOST_TEST(holds(refusal(), "must be a file"));
}

BOOST_AUTO_TEST_CASE(a_file_of_another_user_is_refused, *boost::unit_test::precondition(is_root)) {
  opened();
  BOOST_REQUIRE(::chown(file.c_str(), 65534, 65534) == 0);
  BOOST_TEST(holds(refusal(), "belongs to another user"));
}

BOOST_AUTO_TEST_SUITE_END()
