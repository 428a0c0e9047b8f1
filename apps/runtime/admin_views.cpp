// The rpcs on views, each a function. Whatever may wait for a view's file runs elsewhere.

#include "apps/runtime/admin_views.hpp"

#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "apps/runtime/admin_messages.hpp"
#include "apps/runtime/admin_pages.hpp"
#include "base/suggest.hpp"
#include "perdure/admin.pb.h"
#include "views/held_reading.hpp"

namespace perdure::runtime {
namespace {

using namespace admin::v1;
using views::held_in_view;
using views::view_home;
template <class Reply>
using answer = gateway::rpc_service::answer<Reply>;

status invalid(std::string why) { return {status_code::invalid_argument, std::move(why)}; }

std::string method(const char* name) { return std::string("perdure.admin.v1.Views.") + name; }

class views_by_name {
 public:
  explicit views_by_name(const std::vector<view_home*>& all) {
    for (auto* view : all) by_name_.emplace(view->plan().service->full_name(), view);
  }

  // NOT_FOUND: there is none of this name; the text has what may be meant.
  result<view_home*> find(const std::string& service) const {
    if (auto found = by_name_.find(service); found != by_name_.end()) return found->second;
    std::vector<std::string> names;
    for (const auto& [name, view] : by_name_) names.push_back(name);
    auto text = "there is no view \"" + service.substr(0, 200) + "\"";
    return status(status_code::not_found, names.empty() ? text + "; this process has none"
                                                        : text + did_you_mean(service, names));
  }

  const std::map<std::string, view_home*>& all() const { return by_name_; }

 private:
  std::map<std::string, view_home*> by_name_;
};

// A page begins behind the last message of the one before:
// "<its number>:<bytes of its source>:<its source><its subject>".
std::string token_of(const views::held_message& last) {
  return std::to_string(last.number) + ":" + std::to_string(last.source.size()) + ":" +
         last.source + shown_key(last.subject);
}

// The number in front of a colon, which are cut off.
std::optional<std::uint64_t> take_number(std::string_view& from) {
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), number);
  if (error != std::errc{} || end == from.data() + from.size() || *end != ':') return std::nullopt;
  from.remove_prefix(static_cast<std::size_t>(end - from.data()) + 1);
  return number;
}

result<std::optional<held_in_view>> place_of(const std::string& token) {
  if (token.empty()) return std::optional<held_in_view>();
  std::string_view rest = token;
  auto number = take_number(rest);
  auto size = number ? take_number(rest) : std::nullopt;
  if (!size || *size > rest.size()) {
    return invalid("page_token must be the next_page_token of the answer before, got \"" +
                   token.substr(0, 100) + "\"");
  }
  return std::optional(held_in_view{std::string(rest.substr(0, *size)),
                                    key_shown_as(std::string(rest.substr(*size))), *number});
}

result<ListHeldByViewResponse> read_page(const view_home& view,
                                         const std::optional<held_in_view>& after, int count) {
  auto file = view.serving();
  if (!file.ok()) return file.error();
  // One more than are shown, to know whether there are more.
  auto read = views::read_held(**file, after, static_cast<std::size_t>(count) + 1, held_page_bytes);
  if (!read.ok()) return read.error();
  ListHeldByViewResponse page;
  auto shown_count = std::min(read->size(), static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < shown_count; ++i) *page.add_messages() = shown((*read)[i]);
  if (shown_count == 0) return page;
  const auto& last = (*read)[shown_count - 1];
  bool has_more = shown_count < read->size();
  if (!has_more) {
    auto rest =
        views::read_held(**file, held_in_view{last.source, last.subject, last.number}, 1, 1);
    if (!rest.ok()) return rest.error();
    has_more = !rest->empty();
  }
  if (has_more) page.set_next_page_token(token_of(last));
  return page;
}

status skip(view_home& view, const SkipInViewRequest& asked) {
  if (asked.number() == 0) return invalid("say the number of the message, as ListHeld does");
  return view.skip(asked.source(), key_shown_as(asked.subject()), asked.number());
}

// What an rpc does to a view; the reply tells how it is then.
template <class Request>
void add_change(const administered& what, const views_by_name& by_name, const char* name,
                std::function<status(view_home&, const Request&)> make, gateway::rpc_service& to) {
  to.add<Request, View>(method(name), [elsewhere = what.elsewhere, by_name, make = std::move(make)](
                                          const Request& asked, answer<View> reply) {
    auto found = by_name.find(asked.service());
    if (!found.ok()) return reply(found.error());
    elsewhere([make, view = *found, asked, reply = std::move(reply)] {
      auto done = make(*view, asked);
      if (!done.ok()) return reply(done);
      reply(shown(view->status_now()));
    });
  });
}

void add_readings(const views_by_name& by_name, gateway::rpc_service& to) {
  to.add<ListViewsRequest, ListViewsResponse>(
      method("List"), [by_name](const auto&, answer<ListViewsResponse> reply) {
        ListViewsResponse all;
        for (const auto& [name, view] : by_name.all()) *all.add_views() = shown(view->status_now());
        reply(std::move(all));
      });
  to.add<GetViewRequest, View>(method("Get"), [by_name](const auto& asked, answer<View> reply) {
    auto found = by_name.find(asked.service());
    if (!found.ok()) return reply(found.error());
    reply(shown((*found)->status_now()));
  });
}

void add_held(const administered& what, const views_by_name& by_name, gateway::rpc_service& to) {
  to.add<ListHeldByViewRequest, ListHeldByViewResponse>(
      method("ListHeld"), [elsewhere = what.elsewhere, by_name](
                              const auto& asked, answer<ListHeldByViewResponse> reply) {
        auto found = by_name.find(asked.service());
        if (!found.ok()) return reply(found.error());
        if (asked.page_size() < 0) return reply(invalid("page_size must not be negative"));
        auto after = place_of(asked.page_token());
        if (!after.ok()) return reply(after.error());
        elsewhere([view = *found, after = *std::move(after),
                   count = held_page_of(asked.page_size()),
                   reply = std::move(reply)] { reply(read_page(*view, after, count)); });
      });
}

}  // namespace

void add_view_rpcs(const administered& what, gateway::rpc_service& to) {
  views_by_name by_name(what.views);
  add_readings(by_name, to);
  add_held(what, by_name, to);
  add_change<RebuildRequest>(
      what, by_name, "Rebuild", [](auto& view, const auto&) { return view.rebuild(); }, to);
  add_change<RetryInViewRequest>(
      what, by_name, "Retry",
      [](auto& view, const auto& asked) {
        return view.retry(asked.source(), key_shown_as(asked.subject()));
      },
      to);
  add_change<RetryAllInViewRequest>(
      what, by_name, "RetryAll",
      [](auto& view, const auto&) {
        view.retry_all();
        return status();
      },
      to);
  add_change<SkipInViewRequest>(what, by_name, "Skip", skip, to);
}

}  // namespace perdure::runtime
