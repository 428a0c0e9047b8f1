#pragma once

#include "alarms_api.perdure.hpp"
#include "notes_api.perdure.hpp"

namespace bench::notes {

using google::protobuf::Empty;
using perdure::effect;

// A text.
class note final : public domain::note_base {
 public:
  effect<Empty> put(const domain::NoteState& state, const api::Note& command) override;
};

// Sets timers, and measures how late they come.
class alarm final : public domain::alarm_base {
 public:
  effect<Empty> set(const domain::AlarmState& state, const api::SetRequest& command) override;
  effect<Empty> ring(const domain::AlarmState& state, const api::RingRequest& command) override;
  effect<api::Lateness> get_lateness(const domain::AlarmState& state,
                                     const api::LatenessRequest& command) override;
};

}  // namespace bench::notes
