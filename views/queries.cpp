// Which queries run where, and when. Before: gateway/query_endpoint.cpp. Next: views/query_run.cpp,
// views/query_stream.cpp, views/live_queries.cpp.

#include "views/queries.hpp"

#include <algorithm>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "views/live_queries.hpp"
#include "views/open_streams.hpp"
#include "views/query_pace.hpp"
#include "views/query_run.hpp"
#include "views/query_stream.hpp"
#include "views/query_turns.hpp"

namespace perdure::views {
namespace {

status shutting_down() {
  return {status_code::unavailable, "the service is shutting down; retry later"};
}

status being_built(const view_home& view) {
  auto now = view.status_now();
  std::string how_far;
  if (now.next && now.next->messages > 0) {
    auto all = now.next->messages;
    auto left = std::min(now.next->progress.lag, all);
    how_far = ": " + std::to_string((all - left) * 100 / all) + " %";
  }
  return {status_code::unavailable,
          "the view " + now.service + " is being built" + how_far + "; try again later"};
}

// What an error of a run becomes for the client. Rows of an older definition stand in for those
// that are being made, as far as they can.
status told_of(const view_home& view, status why) {
  switch (why.code()) {
    case status_code::failed_precondition:
      if (view.status_now().serves_old_definition) return being_built(view);
      return {status_code::internal, "the query cannot be read any more: " + why.message()};
    case status_code::permission_denied:
      return {status_code::internal, why.message()};
    default:
      return why;
  }
}

// A call that does not stream.
class one_answer final : public query_work {
 public:
  one_answer(asked_query what, query_call call, const query_limits& bounds,
             std::shared_ptr<const query_surroundings> around,
             std::function<void(result<std::string>)> told)
      : what_(std::move(what)),
        deadline_(call.deadline),
        cancelled_(std::move(call.cancelled)),
        bounds_(bounds),
        around_(std::move(around)),
        told_(std::move(told)) {}

  bool run(run_budget& budget) override {
    auto made = made_within(budget);
    if (!made.ok() && budget.was_not_quick()) return false;
    if (!made.ok()) {
      auto why = budget.why_not();
      made = why ? *std::move(why) : around_->told(made.error());
    }
    around_->ended(made.error());
    told_(std::move(made));
    return true;
  }

  void refuse(status why) override {
    around_->ended(why);
    told_(std::move(why));
  }
  timestamp deadline() const override { return deadline_; }
  const std::atomic<bool>* cancelled() const override { return cancelled_.get(); }

 private:
  result<std::string> made_within(run_budget& budget) const {
    auto lent = around_->lend();
    if (!lent.ok()) return lent.error();
    budget.watch(lent->connection());
    return perdure::views::run(what_, *lent, bounds_);
  }

  const asked_query what_;
  const timestamp deadline_;
  const std::shared_ptr<const std::atomic<bool>> cancelled_;
  const query_limits bounds_;
  const std::shared_ptr<const query_surroundings> around_;
  const std::function<void(result<std::string>)> told_;
};

// What has ended before it began.
class no_stream final : public reply_stream {
 public:
  void next() override {}
  void cancel() override {}
};

}  // namespace

struct queries::parts : std::enable_shared_from_this<parts> {
  parts(view_home& of, const perdure::clock& time, query_limits limits, const executor& elsewhere)
      : view(of),
        clock(time),
        bounds(limits),
        turns(time, limits.running_max, limits.waiting_max, elsewhere),
        open(time, limits.streams_max),
        live(std::in_place, of, limits, elsewhere) {
    auto* factory = google::protobuf::MessageFactory::generated_factory();
    for (const auto& query : of.plan().queries) {
      known.emplace_back(*factory->GetPrototype(query.rpc->output_type()));
    }
  }

  struct known_query {
    explicit known_query(const google::protobuf::Message& response) : prototype(response) {}
    const google::protobuf::Message& prototype;
    query_pace pace;
  };

  result<asked_query> asked(const query_call& call) const {
    return ask(view.plan().queries[call.query].plan, known[call.query].prototype, *call.request);
  }

  result<sqlite_view_file::reader> lend() const {
    auto file = view.serving();
    if (!file.ok()) return file.error();
    return (*file)->lend();
  }

  void count(const status& ended) {
    if (ended.ok()) {
      ++answered;
    } else {
      ++failed;
    }
    if (ended.code() == status_code::deadline_exceeded) ++cut;
  }

  // As soon as the view has seen what it must have.
  void begin(std::size_t query, const std::vector<log_position>& positions,
             std::shared_ptr<query_work> work) {
    if (positions.empty()) return run_here(query, work);
    auto deadline = work->deadline();
    auto seen = [weak = weak_from_this(), query, work = std::move(work),
                 caller = std::this_thread::get_id()](status s) {
      if (!s.ok()) return work->refuse(std::move(s));
      auto self = weak.lock();
      if (!self) return work->refuse(shutting_down());
      // Who tells it later has other things to do.
      bool is_here = std::this_thread::get_id() == caller;
      is_here ? self->run_here(query, work) : self->turns.take(work);
    };
    view.when_seen(positions, deadline, std::move(seen));
  }

  // On this thread if it is quick.
  void run_here(std::size_t query, const std::shared_ptr<query_work>& work) {
    auto& pace = known[query].pace;
    if (!pace.may_be_quick(clock)) return turns.take(work);
    if (!enter()) return work->refuse(shutting_down());
    auto budget = run_budget::quick(bounds.quick_steps);
    bool is_done = work->run(budget);
    leave();
    pace.was(is_done, clock);
    if (!is_done) turns.take(work);
  }

  // Queries that run on callers' threads, so that stop() can wait for them.
  bool enter() {
    ++here;
    if (!turns.stopping()) return true;
    leave();
    return false;
  }
  void leave() {
    if (--here == 0 && turns.stopping()) here.notify_all();
  }

  void stop() {
    turns.stop();
    for (auto now = here.load(); now > 0; now = here.load()) here.wait(now);
    open.end_all(shutting_down());
    live.reset();
  }

  // Of this, or of what is left of it once it is gone.
  std::shared_ptr<const query_surroundings> surroundings() {
    query_surroundings made;
    made.lend = [weak = weak_from_this()]() -> result<sqlite_view_file::reader> {
      if (auto self = weak.lock()) return self->lend();
      return shutting_down();
    };
    made.told = [weak = weak_from_this()](status why) {
      auto self = weak.lock();
      return self ? told_of(self->view, std::move(why)) : shutting_down();
    };
    made.ended = [weak = weak_from_this()](const status& why) {
      if (auto self = weak.lock()) self->count(why);
    };
    made.more = [weak = weak_from_this()](std::shared_ptr<query_stream> stream) {
      if (auto self = weak.lock()) return self->turns.take(std::move(stream));
      stream->refuse(shutting_down());
    };
    made.keep = [weak = weak_from_this()](
                    const std::shared_ptr<query_stream>& stream) -> result<std::shared_ptr<void>> {
      if (auto self = weak.lock()) return self->open.keep(stream);
      return shutting_down();
    };
    return std::make_shared<const query_surroundings>(std::move(made));
  }

  view_home& view;
  const perdure::clock& clock;
  const query_limits bounds;
  std::deque<known_query> known;  // as view_plan::queries
  std::atomic<std::uint64_t> answered{0}, failed{0}, cut{0};
  std::atomic<int> here{0};
  query_turns turns;
  open_streams open;
  std::optional<live_queries> live;
  std::shared_ptr<const query_surroundings> around;
};

queries::queries(view_home& view, const perdure::clock& clock, query_limits bounds,
                 executor elsewhere)
    : parts_(std::make_shared<parts>(view, clock, bounds, elsewhere)) {
  parts_->around = parts_->surroundings();
}

queries::~queries() { parts_->stop(); }

void queries::answer(query_call call, std::function<void(result<std::string>)> told) {
  auto asked = parts_->asked(call);
  if (!asked.ok()) {
    parts_->count(asked.error());
    return told(asked.error());
  }
  auto query = call.query;
  auto positions = std::move(call.positions);
  parts_->begin(query, positions,
                std::make_shared<one_answer>(*std::move(asked), std::move(call), parts_->bounds,
                                             parts_->around, std::move(told)));
}

std::shared_ptr<reply_stream> queries::open(query_call call, std::shared_ptr<reply_reader> reader) {
  if (parts_->view.plan().queries[call.query].stream_updates) {
    return parts_->live->open(std::move(call), std::move(reader));
  }
  auto asked = parts_->asked(call);
  if (!asked.ok()) {
    parts_->count(asked.error());
    reader->end(asked.error());
    return std::make_shared<no_stream>();
  }
  auto deadline = std::min(call.deadline, parts_->clock.now() + parts_->bounds.stream_deadline);
  auto stream = std::make_shared<query_stream>(*std::move(asked), deadline, parts_->bounds,
                                               parts_->around, std::move(reader));
  parts_->begin(call.query, call.positions, stream);
  return stream;
}

queries::figures queries::figures_now() const {
  figures now;
  now.answered = parts_->answered;
  now.failed = parts_->failed;
  now.cut = parts_->cut;
  now.running = parts_->turns.running() + static_cast<std::size_t>(parts_->here.load());
  now.live = parts_->live->open_now();
  return now;
}

}  // namespace perdure::views
