// Calls of views' queries, behind gateway/command_endpoint.cpp in the place of
// actors/entity_router.cpp. Next: views/queries.cpp.

#include "gateway/query_endpoint.hpp"

#include <mutex>
#include <utility>

#include "base/check.hpp"
#include "base/log_position.hpp"
#include "views/live_queries.hpp"

namespace perdure::gateway {
namespace {

status invalid(std::string why) { return {status_code::invalid_argument, std::move(why)}; }

// What its metadata say of where a call's caller has been. Headers of one name may have been joined
// by commas on their way.
status read_places(const perdure::metadata& from, views::query_call& into) {
  auto [first, last] = from.equal_range(position_header);
  for (; first != last; ++first) {
    std::string_view rest = first->second;
    while (!rest.empty()) {
      auto one = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(one.size() + 1, rest.size()));
      while (one.starts_with(' ')) one.remove_prefix(1);
      while (one.ends_with(' ')) one.remove_suffix(1);
      auto positions = decode_positions(one);
      if (!positions.ok()) return positions.error();
      into.positions.insert(into.positions.end(), positions->begin(), positions->end());
    }
  }
  auto [token, more] = from.equal_range(views::resume_header);
  if (token == more) return {};
  if (std::next(token) != more) {
    return invalid("perdure-resume is there more than once: send the latest resume_token");
  }
  into.resume_token = token->second;
  return {};
}

// Between a gateway that has the client and a query, which both pull.
class query_stream final : public views::reply_reader, public actors::action_stream {
 public:
  explicit query_stream(std::shared_ptr<actors::stream_caller> caller)
      : caller_(std::move(caller)) {}

  // -- the query's word: perhaps before attach()

  void reply(std::string encoded) override { caller_->reply(std::move(encoded)); }

  void end(status why) override {
    let_go();
    caller_->end(std::move(why));
  }

  // Each has the other until one of them has enough.
  void attach(std::shared_ptr<views::reply_stream> stream) {
    std::unique_lock lock(mutex_);
    if (!is_over_) stream_ = stream;
    bool is_cancelled = is_cancelled_;
    bool was_written = std::exchange(was_written_, false);
    lock.unlock();
    if (is_cancelled) return stream->cancel();
    if (was_written) stream->next();
  }

  // -- the gateway's

  void received(std::unique_ptr<google::protobuf::Message>) override {}

  void written() override {
    std::unique_lock lock(mutex_);
    auto stream = stream_;
    if (!stream) was_written_ = true;
    lock.unlock();
    if (stream) stream->next();
  }

  void cancel() override {
    std::unique_lock lock(mutex_);
    is_cancelled_ = true;
    lock.unlock();
    if (auto stream = let_go()) stream->cancel();
  }

 private:
  std::shared_ptr<views::reply_stream> let_go() {
    std::lock_guard lock(mutex_);
    is_over_ = true;
    return std::exchange(stream_, nullptr);
  }

  const std::shared_ptr<actors::stream_caller> caller_;
  std::mutex mutex_;                             // not held while anybody is called
  std::shared_ptr<views::reply_stream> stream_;  // null before attach(), and once it is over
  bool is_over_ = false;
  bool was_written_ = false;  // before attach()
  bool is_cancelled_ = false;
};

}  // namespace

void query_endpoint::add(views::queries& of, const views::view_plan& plan) {
  for (std::size_t i = 0; i < plan.queries.size(); ++i) {
    PERDURE_CHECK(places_.emplace(plan.queries[i].rpc, place{&of, i}).second);
  }
}

bool query_endpoint::serves(const google::protobuf::MethodDescriptor& rpc) const {
  return places_.contains(&rpc);
}

void query_endpoint::call(actors::command c) const {
  const auto& to = places_.at(c.method);
  views::query_call asked;
  asked.query = to.query;
  asked.deadline = c.deadline;
  asked.cancelled = std::move(c.cancelled);
  if (auto s = read_places(c.metadata, asked); !s.ok()) return c.reply({std::move(s), {}});
  asked.request = std::move(c.request);
  to.of->answer(std::move(asked), [reply = std::move(c.reply)](result<std::string> made) {
    if (!made.ok()) return reply({made.error(), {}});
    reply({{}, *std::move(made)});
  });
}

std::shared_ptr<actors::action_stream> query_endpoint::open(
    actors::stream_request what, std::shared_ptr<actors::stream_caller> caller) const {
  const auto& to = places_.at(what.method);
  views::query_call asked;
  asked.query = to.query;
  asked.deadline = what.deadline;
  auto stream = std::make_shared<query_stream>(caller);
  auto places = read_places(what.metadata, asked);
  if (!places.ok()) {
    caller->end(std::move(places));
    return stream;
  }
  asked.request = std::move(what.request);
  stream->attach(to.of->open(std::move(asked), stream));
  return stream;
}

}  // namespace perdure::gateway
