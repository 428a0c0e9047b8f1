// Which entities there are. Event sourced ones are those of the index, which is sought from entity
// to entity and not walked event by event; key-value entities and deletions are those of the
// snapshots. Both are in the order of the entities' prefixes, and merged here.

#include "persistence/rocksdb_entity_reads.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "persistence/rocksdb_keys.hpp"

namespace perdure::persistence {
namespace {

// The first prefix of those that are wanted, and the first behind them; empty: there is no end.
struct key_range {
  std::string first, end;
};

key_range range_of(const entity_selection& which, const std::optional<entity_place>& begin) {
  key_range range;
  if (which.id) {
    range.first = entity_prefix({which.type, *which.id});
    range.end = behind_text(range.first);
  } else if (!which.type.empty()) {
    append_text(range.first, which.type);
    range.end = behind_text(range.first);
  }
  if (begin) range.first = behind_text(entity_prefix(begin->behind));
  return range;
}

std::optional<entity_key> entity_of(std::string_view prefix) {
  auto type = take_text(prefix);
  auto id = type ? take_text(prefix) : std::nullopt;
  if (!id || !prefix.empty()) return std::nullopt;
  return entity_key{*std::move(type), *std::move(id)};
}

class entity_walk {
 public:
  entity_walk(const rocksdb_database& from, key_range range)
      : range_(std::move(range)), upper_bound_(range_.end) {
    rocksdb::ReadOptions options;
    options.total_order_seek = true;
    options.fill_cache = false;  // a listing is not to drive out what commands need
    if (!range_.end.empty()) options.iterate_upper_bound = &upper_bound_;
    std::vector<rocksdb::Iterator*> opened;
    failure_ = from.db().NewIterators(options, {from.index(), from.snapshot()}, &opened);
    if (!failure_.ok()) return;
    index_.reset(opened[0]);
    states_.reset(opened[1]);
    index_->Seek(range_.first);
    states_->Seek(range_.first);
  }

  bool has_more() const {
    return failure_.ok() && !is_foreign_ && (index_->Valid() || states_->Valid());
  }

  entity_summary take() {
    auto prefix = std::string(next_prefix());
    auto entity = entity_of(prefix);
    if (!entity) {
      is_foreign_ = true;
      return {};
    }
    entity_summary made{.entity = *std::move(entity)};
    if (index_->Valid() && prefix_of_index() == prefix) take_index(prefix, made);
    if (failure_.ok() && states_->Valid() && view(states_->key()) == prefix) {
      take_state(prefix, made);
    }
    return made;
  }

  status failure() const {
    for (const auto* it : {index_.get(), states_.get()}) {
      if (it && !it->status().ok()) return read_failure(it->status(), "the entities");
    }
    if (!failure_.ok()) return read_failure(failure_, "the entities");
    if (is_foreign_) {
      return {status_code::data_loss,
              "a key in the column families index or snapshot is of no entity"};
    }
    return {};
  }

 private:
  std::string_view prefix_of_index() const {
    auto key = view(index_->key());
    return key.substr(0, key.size() - std::min(key.size(), sequence_bytes));
  }

  std::string_view next_prefix() const {
    if (!index_->Valid()) return view(states_->key());
    if (!states_->Valid()) return prefix_of_index();
    return std::min(prefix_of_index(), view(states_->key()));
  }

  // The last entry of the entity; then the first of the next one.
  void take_index(const std::string& prefix, entity_summary& made) {
    auto last = prefix;
    append_u64(last, UINT64_MAX);
    index_->SeekForPrev(last);
    if (!index_->Valid()) {
      failure_ = index_->status();
      return;
    }
    made.sequence = sequence_of_index_key(view(index_->key()));
    index_->Seek(behind_text(prefix));
  }

  void take_state(const std::string& prefix, entity_summary& made) {
    auto decoded = decode_snapshot(prefix, view(states_->value()));
    if (!decoded) {
      made.problem =
          to_string(made.entity) + " (column family snapshot): " + decoded.error().message();
    } else {
      made.is_key_value = decoded->is_key_value;
      made.sequence = std::max(made.sequence, decoded->state.sequence);
      made.is_deleted = decoded->state.is_deletion() && decoded->state.sequence == made.sequence;
    }
    states_->Next();
  }

  const key_range range_;
  const rocksdb::Slice upper_bound_;
  std::unique_ptr<rocksdb::Iterator> index_, states_;
  rocksdb::Status failure_;
  bool is_foreign_ = false;  // it came to a key of no entity
};

}  // namespace

result<entity_page> read_entities(const rocksdb_database& from, const entity_selection& which,
                                  const std::optional<entity_place>& begin, std::size_t max) {
  entity_walk walk(from, range_of(which, begin));
  entity_page page;
  while (walk.has_more() && page.entities.size() < max) page.entities.push_back(walk.take());
  if (auto failure = walk.failure(); !failure.ok()) return failure;
  if (walk.has_more()) page.next = entity_place{.behind = page.entities.back().entity};
  return page;
}

}  // namespace perdure::persistence
