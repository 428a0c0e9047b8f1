#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "persistence/rocksdb_step_store.hpp"
#include "persistence/step.hpp"
#include "persistence/step_store.hpp"

// Steps to store, and places to store them in.

namespace perdure::test {

// A folder of its own, removed with everything in it.
class temporary_folder {
 public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A step of the entity "cart"/`id` with an event for each payload.
persistence::step step_of(const std::string& id, std::uint64_t expected,
                          const std::vector<std::string>& payloads);

// The same with a recorded reply, taken at `when`.
persistence::step step_with_reply(const std::string& id, std::uint64_t expected, timestamp when,
                                  const persistence::idempotency_key& key,
                                  const persistence::recorded_reply& reply);

// A step of a key-value entity: its state becomes `payload`, or without one it is deleted.
persistence::step state_of(const std::string& id, std::uint64_t expected,
                           const std::optional<std::string>& payload);

// A step that changes no entity: for its mail.
persistence::step mail_only(const std::string& id);

// Mail for the entity "cart"/`id`.
persistence::new_mail mail_to(const std::string& id, const std::string& payload);

// What `s` sets off, to be added to.
persistence::mail_effects& mail_of(persistence::step& s);

// The history of an entity; failing to load it fails the test.
persistence::history loaded(persistence::step_store& store, const entity_key& entity);

// Commits one step by itself.
status commit(persistence::step_store& store, const persistence::step& s);

std::vector<std::string> payloads_of(const std::vector<persistence::stored_event>& events);

// All events of a shard, read page by page.
std::vector<persistence::stored_event> whole_log(persistence::step_store& store, shard_id shard,
                                                 std::size_t page_bytes = 1 << 20);

// The store in `folder`; failing to open it fails the test.
std::unique_ptr<persistence::rocksdb_step_store> open_store(const std::filesystem::path& folder,
                                                            const perdure::clock& clock);

// Bytes as "0a ff", for comparison with docs/formats.md.
std::string hex(std::string_view bytes);

inline std::vector<status_code> codes_of(const std::vector<status>& statuses) {
  std::vector<status_code> codes;
  for (const auto& s : statuses) codes.push_back(s.code());
  return codes;
}

}  // namespace perdure::test

// So that Boost.Test can print and compare them.
namespace perdure {
inline std::ostream& operator<<(std::ostream& out, const status& s) { return out << to_string(s); }
inline std::ostream& operator<<(std::ostream& out, status_code c) { return out << to_string(c); }
}  // namespace perdure

namespace perdure::persistence {
inline bool operator==(const stored_event& a, const stored_event& b) {
  return a.entity == b.entity && a.sequence == b.sequence && a.offset == b.offset &&
         a.time == b.time && a.region == b.region && a.trace_parent == b.trace_parent &&
         a.type == b.type && a.payload == b.payload && a.metadata == b.metadata &&
         a.superseded == b.superseded;
}
inline bool operator==(const stored_snapshot& a, const stored_snapshot& b) {
  return a.sequence == b.sequence && a.state_type == b.state_type && a.payload == b.payload &&
         a.expires == b.expires;
}
inline bool operator==(const history& a, const history& b) {
  return a.snapshot == b.snapshot && a.events == b.events && a.handled == b.handled;
}
inline bool operator==(const recorded_reply& a, const recorded_reply& b) {
  return a.fingerprint == b.fingerprint && a.payload == b.payload;
}
}  // namespace perdure::persistence
