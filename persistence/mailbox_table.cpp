// The mailboxes of a store in short: what is asked for with every send, and what must be known of a
// mail when it is removed.

#include "persistence/mailbox_table.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace perdure::persistence {

void mailbox_table::change(std::span<const addition> added, std::span<const removal> removed) {
  std::lock_guard lock(mutex_);
  for (const auto& [target, what] : added) mailboxes_[*target].add(what);
  for (const auto& [target, position] : removed) {
    auto found = mailboxes_.find(*target);
    if (found == mailboxes_.end()) continue;
    found->second.remove(position);
    if (found->second.is_empty()) mailboxes_.erase(found);
  }
}

void mailbox_table::replace(std::span<const std::pair<entity_key, entry>> all) {
  std::lock_guard lock(mutex_);
  mailboxes_.clear();
  for (const auto& [target, what] : all) mailboxes_[target].add(what);
}

std::size_t mailbox_table::bytes_of(const entity_key& target) const {
  std::lock_guard lock(mutex_);
  auto found = mailboxes_.find(target);
  return found == mailboxes_.end() ? 0 : found->second.bytes;
}

std::vector<entity_key> mailbox_table::entities() const {
  std::lock_guard lock(mutex_);
  std::vector<entity_key> all;
  all.reserve(mailboxes_.size());
  for (const auto& [entity, box] : mailboxes_) all.push_back(entity);
  return all;
}

bool mailbox_table::contains(const entity_key& target, mail_position position) const {
  std::lock_guard lock(mutex_);
  auto found = mailboxes_.find(target);
  if (found == mailboxes_.end()) return false;
  const auto& entries = found->second.entries;
  auto at = found->second.place_of(position);
  return at < entries.size() && entries[at].position == position;
}

std::optional<mail_position> mailbox_table::first_behind(const entity_key& target,
                                                         mail_position after) const {
  std::lock_guard lock(mutex_);
  auto found = mailboxes_.find(target);
  if (found == mailboxes_.end()) return std::nullopt;
  const auto& entries = found->second.entries;
  auto at = found->second.place_of(after + 1);
  if (at == entries.size()) return std::nullopt;
  return entries[at].position;
}

// Where the entry stands, or would stand.
std::size_t mailbox_table::mailbox::place_of(mail_position position) const {
  auto begin = entries.begin() + static_cast<std::ptrdiff_t>(first);
  auto at = std::ranges::lower_bound(begin, entries.end(), position, {}, &entry::position);
  return static_cast<std::size_t>(at - entries.begin());
}

void mailbox_table::mailbox::add(entry e) {
  PERDURE_CHECK(is_empty() || entries.back().position < e.position);
  entries.push_back(e);
  bytes += e.bytes;
}

void mailbox_table::mailbox::remove(mail_position position) {
  auto at = place_of(position);
  if (at == entries.size() || entries[at].position != position) return;
  bytes -= entries[at].bytes;
  if (at != first) {
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(at));
    return;
  }
  if (++first < entries.size() / 2) return;
  entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(first));
  first = 0;
}

}  // namespace perdure::persistence
