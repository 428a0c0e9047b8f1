// The rpcs of perdure.admin.v1, each a function. They come by gateway/rpc_service.cpp; who may call
// them is asked before that (admin_port.cpp).

#include "apps/runtime/admin_service.hpp"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "apps/runtime/admin_messages.hpp"
#include "apps/runtime/admin_pages.hpp"
#include "apps/runtime/admin_sql.hpp"
#include "apps/runtime/admin_views.hpp"
#include "base/utf8.hpp"
#include "perdure/admin.pb.h"

namespace perdure::runtime {
namespace {

using namespace admin::v1;
using google::protobuf::util::TimeUtil;
using persistence::held_place;

status invalid(std::string why) { return {status_code::invalid_argument, std::move(why)}; }

std::string method(const char* service, const char* name) {
  return std::string("perdure.admin.v1.") + service + "." + name;
}

// A page begins behind the last message of the one before: "<its number>:<its key>".
std::string token_of(const held_place& last) {
  return std::to_string(last.number) + ":" + shown_key(last.key);
}

result<std::optional<held_place>> place_of(const std::string& token, const std::string& reader) {
  if (token.empty()) return std::optional<held_place>();
  held_place place{.reader = reader, .key = {}};
  auto colon = std::min(token.find(':'), token.size());
  auto [end, error] = std::from_chars(token.data(), token.data() + colon, place.number);
  if (error != std::errc{} || end != token.data() + colon || colon == token.size()) {
    return invalid("page_token must be the next_page_token of the answer before, got \"" +
                   token.substr(0, 100) + "\"");
  }
  place.key = key_shown_as(token.substr(colon + 1));
  return std::optional(std::move(place));
}

result<ListHeldResponse> read_page(persistence::topic_store& store, const std::string& reader,
                                   const std::optional<held_place>& after, int count) {
  auto read = store.read_held(reader, after, held_page_bytes);
  if (!read.ok()) return read.error();
  ListHeldResponse page;
  auto taken = std::min(read->size(), static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < taken; ++i) *page.add_messages() = shown((*read)[i]);
  if (taken == 0) return page;
  const auto& last = (*read)[taken - 1].place;
  bool has_more = taken < read->size();
  if (!has_more) {
    auto rest = store.read_held(reader, last, 1);
    if (!rest.ok()) return rest.error();
    has_more = !rest->empty();
  }
  if (has_more) page.set_next_page_token(token_of(last));
  return page;
}

void rewind(pubsub::subscription& one, const RewindRequest& asked,
            const pubsub::subscription::on_done& done) {
  if (asked.has_time()) {
    const auto& time = asked.time();
    bool is_time = time.seconds() >= TimeUtil::kTimestampMinSeconds &&
                   time.seconds() <= TimeUtil::kTimestampMaxSeconds;
    if (!is_time) return done(invalid("time must be between the years 1 and 9999"));
    return one.rewind(timestamp{std::chrono::milliseconds{TimeUtil::TimestampToMilliseconds(time)}},
                      done);
  }
  if (asked.to_case() != RewindRequest::kOffset) {
    return done(invalid("say where to go on: a time, or an offset of one partition"));
  }
  if (asked.offset() < 0 || asked.partition() < 0) {
    return done(invalid("offset and partition must not be negative"));
  }
  one.rewind({{.partition = static_cast<std::uint32_t>(asked.partition()),
               .next = topic_offset{static_cast<std::uint64_t>(asked.offset())}}},
             done);
}

// All that a reader holds back, one after the other.
class held_messages {
 public:
  held_messages(persistence::topic_store& store, std::string reader)
      : store_(store), reader_(std::move(reader)) {}

  result<std::optional<HeldMessage>> next() {
    if (at_ == page_.size()) {
      auto read = store_.read_held(reader_, last_, held_page_bytes);
      if (!read.ok()) return read.error();
      page_ = *std::move(read);
      at_ = 0;
      if (page_.empty()) return std::optional<HeldMessage>();
    }
    last_ = page_[at_].place;
    return std::optional(shown(page_[at_++]));
  }

 private:
  persistence::topic_store& store_;
  const std::string reader_;
  std::optional<held_place> last_;
  std::vector<persistence::stored_held_message> page_;
  std::size_t at_ = 0;
};

}  // namespace

admin_service::admin_service(administered what) : what_(std::move(what)), rpcs_(what_.elsewhere) {
  for (const auto& one : what_.subscriptions) by_name_.emplace(one->status_now().name, one);
  add_readings();
  add_changes();
  add_held();
  add_topics();
  add_view_rpcs(what_, rpcs_);
  add_sql_rpcs(what_, rpcs_);
}

gateway::service_catalog admin_service::catalog() {
  const auto* file = ListHeldRequest::descriptor()->file();
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (int i = 0; i < file->service_count(); ++i) services.push_back(file->service(i));
  return gateway::service_catalog::of_runtime(services);
}

result<admin_service::subscription> admin_service::find(const std::string& name) const {
  if (auto found = by_name_.find(name); found != by_name_.end()) return found->second;
  std::string names;
  for (const auto& [one, ignored] : by_name_) names += (names.empty() ? "" : ", ") + one;
  return status(status_code::not_found,
                "there is no subscription \"" + name.substr(0, 200) + "\"; " +
                    (names.empty() ? "this process has none" : "there is: " + names));
}

void admin_service::add_readings() {
  rpcs_.add<ListSubscriptionsRequest, ListSubscriptionsResponse>(
      method("Subscriptions", "List"),
      [this](const auto&, answer<ListSubscriptionsResponse> reply) {
        ListSubscriptionsResponse all;
        for (const auto& [name, one] : by_name_)
          *all.add_subscriptions() = shown(one->status_now());
        reply(std::move(all));
      });
  rpcs_.add<GetSubscriptionRequest, Subscription>(
      method("Subscriptions", "Get"), [this](const auto& asked, answer<Subscription> reply) {
        auto found = find(asked.name());
        if (!found.ok()) return reply(found.error());
        reply(shown((*found)->status_now()));
      });
}

template <class Request>
void admin_service::add_change(const char* name, change<Request> make) {
  rpcs_.add<Request, Subscription>(
      method("Subscriptions", name),
      [this, make = std::move(make)](const Request& asked, answer<Subscription> reply) {
        auto found = find(asked.name());
        if (!found.ok()) return reply(found.error());
        make(**found, asked, [changed = *found, reply](const status& done) {
          if (!done.ok()) return reply(done);
          reply(shown(changed->status_now()));
        });
      });
}

void admin_service::add_changes() {
  add_change<PauseRequest>("Pause", [](auto& one, const auto&, auto done) { one.pause(done); });
  add_change<ResumeRequest>("Resume", [](auto& one, const auto&, auto done) { one.resume(done); });
  add_change<RetryRequest>("Retry", [](auto& one, const auto& asked, auto done) {
    one.retry(key_shown_as(asked.key()), done);
  });
  add_change<RetryAllRequest>("RetryAll",
                              [](auto& one, const auto&, auto done) { one.retry_all(done); });
  add_change<SkipRequest>("Skip", [](auto& one, const auto& asked, auto done) {
    if (asked.number() == 0)
      return done(invalid("say the number of the message, as ListHeld does"));
    one.skip(key_shown_as(asked.key()), asked.number(), done);
  });
  add_change<RewindRequest>("Rewind", rewind);
}

void admin_service::add_held() {
  rpcs_.add<ListHeldRequest, ListHeldResponse>(
      method("Subscriptions", "ListHeld"),
      [this](const auto& asked, answer<ListHeldResponse> reply) {
        if (auto found = find(asked.name()); !found.ok()) return reply(found.error());
        if (asked.page_size() < 0) return reply(invalid("page_size must not be negative"));
        auto after = place_of(asked.page_token(), asked.name());
        if (!after.ok()) return reply(after.error());
        what_.elsewhere([this, reader = asked.name(), after = *std::move(after),
                         count = held_page_of(asked.page_size()), reply = std::move(reply)] {
          reply(read_page(what_.store, reader, after, count));
        });
      });
  rpcs_.add_stream<ExportHeldRequest, HeldMessage>(
      method("Subscriptions", "ExportHeld"),
      [this](const auto& asked, const auto&) -> result<gateway::rpc_service::source<HeldMessage>> {
        if (auto found = find(asked.name()); !found.ok()) return found.error();
        auto all = std::make_shared<held_messages>(what_.store, asked.name());
        return gateway::rpc_service::source<HeldMessage>([all] { return all->next(); });
      });
}

void admin_service::add_topics() {
  rpcs_.add<ListTopicsRequest, ListTopicsResponse>(
      method("Topics", "List"), [this](const auto&, answer<ListTopicsResponse> reply) {
        ListTopicsResponse all;
        for (const auto& name : what_.store.topics()) {
          auto& topic = *all.add_topics();
          topic.set_name(readable(name));
          for (std::uint32_t number = 0; number < what_.store.shard_count(); ++number) {
            auto bounds = what_.store.bounds(name, number);
            auto& partition = *topic.add_partitions();
            partition.set_partition(static_cast<std::int32_t>(number));
            partition.set_first(static_cast<std::int64_t>(value(bounds.first)));
            partition.set_end(static_cast<std::int64_t>(value(bounds.end)));
          }
        }
        auto relay = what_.relay();
        all.set_relay_backlog(static_cast<std::int64_t>(relay.backlog));
        all.set_relay_problem(readable(relay.problem));
        reply(std::move(all));
      });
}

}  // namespace perdure::runtime
