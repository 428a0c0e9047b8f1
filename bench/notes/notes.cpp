// The service of the rows on key-value entities and on timers: next to nothing of its own, so what
// is measured is the platform.

#include "notes.hpp"

#include <atomic>
#include <chrono>
#include <string>

#include "bench/measured.hpp"
#include "perdure/module.hpp"

namespace bench::notes {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// Of all alarms of this process. No state of an entity: it is how the process has done.
perdure::bench::latencies lateness;
std::atomic<std::int64_t> rung{0};

microseconds now() {
  return std::chrono::duration_cast<microseconds>(
      std::chrono::system_clock::now().time_since_epoch());
}

double in_us(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

}  // namespace

effect<Empty> note::put(const domain::NoteState&, const api::Note& command) {
  domain::NoteState state;
  state.set_text(command.text());
  return effects().update(std::move(state)).then_reply(Empty{});
}

effect<Empty> alarm::set(const domain::AlarmState&, const api::SetRequest& command) {
  auto effect = effects();
  for (std::int64_t i = 0; i < command.count(); ++i) {
    milliseconds delay{command.delay_ms() + i * command.spread_ms() / command.count()};
    api::RingRequest request;
    request.set_alarm_id(command.alarm_id());
    request.set_due_us((now() + delay).count());
    effect.start_timer("timer-" + std::to_string(command.first() + i), delay,
                       api::alarms_calls::ring(std::move(request)));
  }
  return std::move(effect).then_reply(Empty{});
}

effect<Empty> alarm::ring(const domain::AlarmState&, const api::RingRequest& command) {
  lateness.record(now() - microseconds{command.due_us()});
  rung.fetch_add(1, std::memory_order_relaxed);
  return effects().reply(Empty{});
}

effect<api::Lateness> alarm::get_lateness(const domain::AlarmState&, const api::LatenessRequest&) {
  api::Lateness reply;
  reply.set_rung(rung.load(std::memory_order_relaxed));
  reply.set_p50_us(in_us(lateness.quantile(0.5)));
  reply.set_p99_us(in_us(lateness.quantile(0.99)));
  return effects().reply(std::move(reply));
}

}  // namespace bench::notes

PERDURE_SERVICE(service) {
  service.name("notes").add<bench::notes::note>().add<bench::notes::alarm>();
}
