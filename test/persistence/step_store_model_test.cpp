// Random steps, right and wrong ones, to the memory store and to RocksDB: after each group both
// must have answered alike, and in the end hold the same, also when RocksDB was reopened in
// between.

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <concepts>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "persistence/memory_step_store.hpp"
#include "test/persistence/redis_server.hpp"
#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;
using namespace std::string_literals;

namespace {

constexpr std::uint32_t shards = 16;

class random_steps {
 public:
  random_steps(std::uint32_t seed, bool with_mail) : with_mail_(with_mail), random_(seed) {}

  std::uint64_t below(std::uint64_t n) {
    return std::uniform_int_distribution<std::uint64_t>(0, n - 1)(random_);
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

  entity_key entity() { return {one_in(3) ? "a" : "ab", ids_[below(ids_.size())]}; }
  idempotency_key key() { return {one_in(2) ? "m.A" : "m.B", std::to_string(below(5))}; }

  step next() {
    step s;
    s.entity = entity();
    auto& last = expected_[s.entity];
    s.expected = sequence_nr{one_in(20) ? below(last + 3) : last};
    s.time = {time_ += below(1000) << 20};
    s.region = region_id{static_cast<std::uint16_t>(below(3))};
    if (one_in(4)) s.trace_parent = bytes(55);
    for (auto n = below(4); n > 0; --n) s.events.push_back({"t" + bytes(3), bytes(below(200))});
    if (one_in(8)) s.snapshot = new_snapshot{"state", bytes(below(500))};
    if (one_in(3)) {
      s.key = key();
      s.reply = {random_(), bytes(below(50))};
    }
    // Of each entity it is the same kind for ever.
    if (s.entity.type == "a") {
      s.kind = step_kind::key_value;
      s.snapshot.reset();
      if (s.events.size() > 1) s.events.resize(1);
      if (one_in(5)) s.expires = now();
    }
    if (!s.events.empty() && one_in(10)) s.events.back() = new_event::deletion();
    if (!s.events.empty() && one_in(5)) s.events.front().metadata = {{"user", bytes(9)}};
    if (with_mail_ && one_in(10)) {
      s.kind = step_kind::mail_only;
      s.events.clear();
      s.snapshot.reset();
      s.key.reset();
    }
    if (with_mail_ && one_in(2)) add_mail(s);
    if (with_mail_ && one_in(3)) add_topics(s);
    if (s.kind != step_kind::mail_only && value(s.expected) == last) last += s.events.size();
    return s;
  }

  // What has been read of the stores, for steps to come.
  void has_read(const std::vector<stored_mail>& mail) {
    for (const auto& m : mail) mail_.push_back(m.mail);
  }
  void has_read(const std::vector<stored_timer>& timers) {
    timers_.insert(timers_.end(), timers.begin(), timers.end());
  }

  void has_read(const std::string& reader, const std::vector<cursor>& cursors) {
    for (const auto& c : cursors) cursors_[{reader, c.partition}] = c.next;
  }

  std::string topic() { return one_in(2) ? "t" : "t\0"s; }
  std::string reader() { return one_in(2) ? "r" : "r\0"s; }
  std::string subject() { return "s" + std::to_string(below(6)); }
  held_place place() { return {reader(), one_in(2) ? "k" : "k\0"s, below(4)}; }

  std::string command_id() { return "c" + std::to_string(below(30)); }

  // What the stores say they hold, after a step that was refused.
  void correct(const entity_key& entity, std::uint64_t last) { expected_[entity] = last; }

  timestamp now() const { return hybrid_time{time_}.wall(); }

 private:
  new_mail mail() {
    new_mail m{.target = entity(),
               .method = "m.C",
               .payload = bytes(below(100)),
               .metadata = {},
               .idempotency_key = {},
               .command_id = one_in(3) ? command_id() : "",
               .hops = static_cast<std::uint32_t>(below(3))};
    if (one_in(3)) m.metadata = {{"user", bytes(5)}};
    return m;
  }

  void add_mail(step& s) {
    auto& effects = mail_of(s);
    for (auto n = below(3); n > 0; --n) effects.mail.push_back(mail());
    for (auto n = below(3); n > 0; --n) {
      timer_change change{"t" + std::to_string(below(4)), std::nullopt};
      if (!one_in(3)) {
        change.set =
            timer_change::timer{now() + std::chrono::milliseconds(below(5000)),
                                std::chrono::milliseconds(one_in(2) ? below(3000) : 0), mail()};
      }
      effects.timers.push_back(change);
    }
    if (!mail_.empty() && one_in(2)) {
      const auto& handled = mail_[below(mail_.size())];
      if (!one_in(10)) {
        s.entity = handled.target;
        s.expected = sequence_nr{expected_[s.entity]};
        bool is_key_value = s.entity.type == "a";
        if (s.kind != step_kind::mail_only) {
          s.kind = is_key_value ? step_kind::key_value : step_kind::event_sourced;
          s.snapshot.reset();
          if (is_key_value && s.events.size() > 1) s.events = {s.events.back()};
        }
      }
      effects.handled = handled.position;
      if (one_in(2)) effects.outcome = command_outcome{command_id(), {}, bytes(below(30))};
    }
    if (s.kind != step_kind::mail_only) return;
    if (!timers_.empty() && one_in(2)) {
      effects.fired = mail_effects::fired_timer{timers_[below(timers_.size())], now()};
    }
    if (one_in(3)) effects.relayed = outbox_offset{1 + below(4)};
  }

  new_message message() {
    new_message m;
    m.topic = topic();
    if (!one_in(4)) m.key = "k" + std::to_string(below(6));
    m.id = bytes(5);
    m.type = "t" + bytes(3);
    if (!one_in(5)) m.payload = bytes(below(200));
    if (one_in(2)) m.sequence = sequence_nr{below(9)};
    if (one_in(3)) m.metadata = {{"user", bytes(5)}};
    return m;
  }

  void add_topics(step& s) {
    auto& effects = mail_of(s).topics;
    for (auto n = below(4); n > 0; --n) effects.messages.push_back(message());
    if (s.kind != step_kind::mail_only) return;
    for (auto n = below(3); n > 0; --n) {
      cursor_move move{reader(), static_cast<std::uint32_t>(below(3)), {}, topic_offset{below(9)}};
      auto& at = cursors_[{move.reader, move.partition}];
      if (!one_in(4)) move.expected = one_in(6) ? topic_offset{below(9)} : at;
      at = move.next;
      effects.cursors.push_back(move);
    }
    if (one_in(20)) effects.forget_seen.push_back(reader());
    for (auto n = below(3); n > 0; --n) effects.seen.push_back({reader(), subject(), below(99)});
    for (auto n = below(3); n > 0; --n) {
      held_change change{place(), std::nullopt};
      if (!one_in(3)) change.set = held_message{1, {message(), {}, now()}, 2, {}, {}, bytes(9)};
      effects.held.push_back(std::move(change));
    }
    if (one_in(4)) effects.pauses.push_back({reader(), one_in(2)});
  }

  std::string bytes(std::size_t size) {
    std::string text(size, ' ');
    for (auto& c : text) c = static_cast<char>(below(256));
    return text;
  }

  const bool with_mail_;
  std::mt19937_64 random_;
  std::vector<std::string> ids_{"1", "11", "1\0"s, "\x01",     "/",
                                "|", "2",  "22",   "\xc3\xa9", "long" + std::string(300, 'g')};
  std::map<entity_key, std::uint64_t> expected_;
  std::vector<new_mail> mail_;        // that was there when it was read
  std::vector<stored_timer> timers_;  // that were due when they were read
  std::map<std::pair<std::string, std::uint32_t>, topic_offset> cursors_;  // as they may stand
  std::uint64_t time_ = std::uint64_t{1'700'000'000'000} << 16;
};

std::uint64_t last_of(const history& h) {
  if (!h.events.empty()) return value(h.events.back().sequence);
  return h.snapshot ? value(h.snapshot->sequence) : 0;
}

void compare_mail(mail_store& model, mail_store& store, random_steps& steps) {
  for (int i = 0; i < 5; ++i) {
    auto entity = steps.entity();
    BOOST_REQUIRE(model.mail_bytes(entity) == store.mail_bytes(entity));
    mail_position after{steps.below(500)};
    auto bytes = steps.below(2000);
    BOOST_REQUIRE(
        (*model.read_mail(entity, after, bytes) == *store.read_mail(entity, after, bytes)));
    auto all = model.read_mail(entity, {}, 1 << 30);
    BOOST_REQUIRE((*all == *store.read_mail(entity, {}, 1 << 30)));
    steps.has_read(*all);
    auto id = steps.command_id();
    BOOST_REQUIRE((*model.find_command(id, steps.now()) == *store.find_command(id, steps.now())));
  }
  auto with_mail = model.entities_with_mail();
  auto found = store.entities_with_mail();
  std::ranges::sort(with_mail);
  std::ranges::sort(found);
  BOOST_REQUIRE((with_mail == found));

  BOOST_REQUIRE((*model.next_due() == *store.next_due()));
  auto max = steps.below(20);
  auto due = model.read_due_timers(steps.now(), max);
  BOOST_REQUIRE((*due == *store.read_due_timers(steps.now(), max)));
  steps.has_read(*due);
  shard_id shard{static_cast<std::uint32_t>(steps.below(shards))};
  BOOST_REQUIRE((*model.relayed(shard) == *store.relayed(shard)));
}

void compare_topics(topic_store& model, topic_store& store, random_steps& steps) {
  BOOST_REQUIRE((model.topics() == store.topics()));
  for (std::uint32_t n = 0; n < shards; ++n) {
    auto topic = steps.topic();
    auto bounds = model.bounds(topic, n);
    BOOST_REQUIRE((bounds == store.bounds(topic, n)));
    auto somewhere = bounds.first + steps.below(value(bounds.end) - value(bounds.first) + 2);
    auto bytes = steps.below(2000);
    BOOST_REQUIRE((*model.read_topic(topic, n, somewhere, bytes) ==
                   *store.read_topic(topic, n, somewhere, bytes)));
    BOOST_REQUIRE(
        (*model.bytes_from(topic, n, somewhere) == *store.bytes_from(topic, n, somewhere)));
    auto time = steps.now() - std::chrono::milliseconds(steps.below(1'000'000));
    BOOST_REQUIRE((*model.offset_at(topic, n, time) == *store.offset_at(topic, n, time)));
    if (steps.one_in(20)) {
      BOOST_REQUIRE(model.trim_topic(topic, n, somewhere).ok());
      BOOST_REQUIRE(store.trim_topic(topic, n, somewhere).ok());
    }
    BOOST_REQUIRE((model.log_end(shard_id{n}) == store.log_end(shard_id{n})));
  }
  BOOST_REQUIRE((*model.readers() == *store.readers()));
  auto reader = steps.reader();
  auto cursors = model.read_cursors(reader);
  BOOST_REQUIRE((*cursors == *store.read_cursors(reader)));
  steps.has_read(reader, *cursors);
  BOOST_REQUIRE((*model.is_paused(reader) == *store.is_paused(reader)));
  auto subject = steps.subject();
  BOOST_REQUIRE((*model.last_seen(reader, subject) == *store.last_seen(reader, subject)));
  std::optional<held_place> after;
  if (!steps.one_in(3)) after = steps.place();
  if (after) after->reader = reader;
  auto bytes = steps.below(2000);
  BOOST_REQUIRE((*model.read_held(reader, after, bytes) == *store.read_held(reader, after, bytes)));
}

void compare(step_store& model, step_store& store, random_steps& steps) {
  for (int i = 0; i < 20; ++i) {
    auto entity = steps.entity();
    auto expected = model.load(entity);
    auto actual = store.load(entity);
    BOOST_REQUIRE_MESSAGE(actual.ok(), actual.error());
    BOOST_REQUIRE((*expected == *actual));
    auto key = steps.key();
    BOOST_REQUIRE((*model.find_reply(entity, key, steps.now()) ==
                   *store.find_reply(entity, key, steps.now())));
  }
  shard_id shard{static_cast<std::uint32_t>(steps.below(shards))};
  log_offset from{steps.below(200)};
  auto bytes = steps.below(5000);
  BOOST_REQUIRE((*model.read_log(shard, from, bytes) == *store.read_log(shard, from, bytes)));
}

// Where the store has put what the steps send and publish.
std::vector<std::uint64_t> positions_of(const std::vector<step>& group) {
  std::vector<std::uint64_t> positions;
  for (const auto& s : group) {
    if (!s.mail) continue;
    for (const auto& m : s.mail->mail) positions.push_back(value(m.position));
    for (auto p : s.mail->topics.positions) positions.push_back(value(p));
  }
  return positions;
}

// `open()` opens the store, also again when it was closed. One without mailboxes gets no mail.
template <class Open>
void run(std::uint32_t seed, Open open) {
  using store_type = typename std::invoke_result_t<Open>::element_type;
  constexpr bool has_mail = std::derived_from<store_type, mail_store>;
  memory_step_store model(shards);
  auto store = open();
  random_steps steps(seed, has_mail);
  for (int round = 0; round < 150; ++round) {
    std::vector<step> group;
    for (auto n = steps.below(40); n > 0; --n) group.push_back(steps.next());
    auto expected = model.commit(group);
    auto positions = positions_of(group);
    auto actual = store->commit(group);
    BOOST_REQUIRE((expected == actual));
    BOOST_REQUIRE((positions == positions_of(group)));
    for (const auto& s : group) steps.correct(s.entity, last_of(*model.load(s.entity)));
    compare(model, *store, steps);
    if constexpr (has_mail) {
      compare_mail(model, *store, steps);
      compare_topics(model, *store, steps);
      if (steps.one_in(10)) {
        BOOST_REQUIRE((*model.drop_deleted(steps.now()) == *store->drop_deleted(steps.now())));
      }
    }
    if (steps.one_in(25)) {
      store.reset();
      store = open();
    }
  }
  for (std::uint32_t shard = 0; shard < shards; ++shard) {
    BOOST_TEST((whole_log(model, shard_id{shard}) == whole_log(*store, shard_id{shard})));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(step_store_model)

BOOST_AUTO_TEST_CASE(rocksdb_does_what_the_memory_store_does) {
  for (std::uint32_t seed : {1, 2, 3}) {
    temporary_folder folder;
    manual_clock clock;
    BOOST_TEST_CONTEXT("seed " << seed) {
      run(seed, [&] { return open_store(folder.path(), clock); });
    }
  }
}

BOOST_AUTO_TEST_CASE(redis_does_what_the_memory_store_does,
                     *boost::unit_test::precondition(has_redis_server)) {
  for (std::uint32_t seed : {1, 2, 3}) {
    redis_server server;
    manual_clock clock;
    BOOST_TEST_CONTEXT("seed " << seed) {
      run(seed, [&] { return open_store(server.endpoint(), clock, shards); });
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
