// Steps to store, and places to store them in.

#include "test/persistence/samples.hpp"

#include <stdlib.h>

#include <boost/test/unit_test.hpp>

namespace perdure::test {

using namespace perdure::persistence;

temporary_folder::temporary_folder() {
  auto pattern = (std::filesystem::temp_directory_path() / "perdure-test-XXXXXX").string();
  BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

step step_of(const std::string& id, std::uint64_t expected,
             const std::vector<std::string>& payloads) {
  step s;
  s.entity = {"cart", id};
  s.time = {(1'700'000'000'000 << 16) + expected};
  s.expected = sequence_nr{expected};
  for (const auto& payload : payloads) s.events.push_back({"cart.domain.ItemAdded", payload});
  return s;
}

step step_with_reply(const std::string& id, std::uint64_t expected, timestamp when,
                     const idempotency_key& key, const recorded_reply& reply) {
  auto s = step_of(id, expected, {});
  s.time = {static_cast<std::uint64_t>(when.time_since_epoch().count()) << 16};
  s.key = key;
  s.reply = reply;
  return s;
}

step state_of(const std::string& id, std::uint64_t expected,
              const std::optional<std::string>& payload) {
  auto s = step_of(id, expected, {});
  s.kind = step_kind::key_value;
  s.events.push_back(payload ? new_event{"cart.domain.Cart", *payload} : new_event::deletion());
  return s;
}

step mail_only(const std::string& id) {
  auto s = step_of(id, 0, {});
  s.kind = step_kind::mail_only;
  return s;
}

new_mail mail_to(const std::string& id, const std::string& payload) {
  new_mail mail;
  mail.target = {"cart", id};
  mail.method = "cart.api.Cart.Add";
  mail.payload = payload;
  return mail;
}

mail_effects& mail_of(step& s) {
  if (!s.mail) s.mail = std::make_shared<mail_effects>();
  return *s.mail;
}

history loaded(step_store& store, const entity_key& entity) {
  auto h = store.load(entity);
  BOOST_REQUIRE_MESSAGE(h.ok(), h.error());
  return *std::move(h);
}

status commit(step_store& store, const step& s) {
  auto statuses = store.commit({&s, 1});
  BOOST_REQUIRE(statuses.size() == 1);
  return statuses.front();
}

std::vector<std::string> payloads_of(const std::vector<stored_event>& events) {
  std::vector<std::string> payloads;
  for (const auto& event : events) payloads.push_back(event.payload);
  return payloads;
}

std::vector<stored_event> whole_log(step_store& store, shard_id shard, std::size_t page_bytes) {
  std::vector<stored_event> all;
  while (true) {
    auto page = store.read_log(shard, log_offset{all.size()}, page_bytes);
    BOOST_REQUIRE_MESSAGE(page.ok(), page.error());
    if (page->empty()) return all;
    all.insert(all.end(), page->begin(), page->end());
  }
}

std::unique_ptr<rocksdb_step_store> open_store(const std::filesystem::path& folder,
                                               const perdure::clock& clock) {
  auto opened = rocksdb_step_store::open({.folder = folder, .clock = clock});
  BOOST_REQUIRE_MESSAGE(opened.ok(), opened.error());
  return *std::move(opened);
}

std::string hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (unsigned char c : bytes) {
    if (!text.empty()) text += ' ';
    text += digits[c >> 4];
    text += digits[c & 15];
  }
  return text;
}

}  // namespace perdure::test
