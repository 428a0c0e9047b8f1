#pragma once

#include "post_api.perdure.hpp"

namespace post {

using google::protobuf::Empty;
using perdure::effect;

// Each numbers the letters that it sends, and notes what comes in another order than that, or not
// once. So nothing that is sent between them can be lost, doubled or moved without showing.

class couriers final : public domain::couriers_base {
 public:
  effect<api::WriteReply> write(const domain::Courier& state,
                                const api::WriteRequest& command) override;
  effect<Empty> set_alarm(const domain::Courier& state, const api::AlarmRequest& command) override;
  effect<domain::Box> get(const domain::Courier& state, const api::GetRequest& command) override;
  effect<Empty> receive(const domain::Courier& state, const api::Letter& command) override;
  effect<Empty> ring(const domain::Courier& state, const api::AlarmRequest& command) override;
};

class desks final : public domain::desks_base {
 public:
  effect<api::WriteReply> write(const domain::Box& box, const api::WriteRequest& command) override;
  effect<Empty> set_alarm(const domain::Box& box, const api::AlarmRequest& command) override;
  effect<domain::Box> get(const domain::Box& box, const api::GetRequest& command) override;
  effect<Empty> receive(const domain::Box& box, const api::Letter& command) override;
  effect<Empty> ring(const domain::Box& box, const api::AlarmRequest& command) override;

  domain::Box on_letter_sent(domain::Box box, const domain::LetterSent& event) override;
  domain::Box on_letter_received(domain::Box box, const domain::LetterReceived& event) override;
  domain::Box on_alarm_rang(domain::Box box, const domain::AlarmRang& event) override;
};

}  // namespace post
