// Sends without gateways. One thread tells the senders what to send; the committer, that what was
// sent has been handled, which lets the thread go on.

#include "bench/send_load.hpp"

#include <google/protobuf/empty.pb.h>

#include <atomic>
#include <mutex>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <utility>

#include "bench/cart_steps.hpp"
#include "bench/carts.hpp"
#include "bench/in_process_runtime.hpp"
#include "perdure/call.hpp"
#include "sender.pb.h"

namespace perdure::bench {
namespace {

using clock = std::chrono::steady_clock;
using commands = std::vector<cart::api::AddItemRequest>;
using google::protobuf::Empty;

const google::protobuf::MethodDescriptor* add_item() {
  return cart_models().front().service->FindMethodByName("AddItem");
}

const google::protobuf::MethodDescriptor* send_method() {
  return SendRequest::descriptor()->file()->service(0)->method(0);
}

// What the generator would write, and the handler.
class sender final : public key_value_entity<SenderState> {
 public:
  explicit sender(const commands& sent) : sent_(sent) {}

  any_effect handle(std::size_t, const google::protobuf::Message&,
                    const google::protobuf::Message& command) override {
    const auto& request = static_cast<const SendRequest&>(command);
    auto effect = effects();
    for (std::uint64_t i = 0; i < request.count(); ++i) {
      effect.send(call<Empty>(add_item(), sent_[(request.first() + i) % sent_.size()]));
    }
    return std::move(effect).then_reply(Empty{}).erase();
  }

 private:
  const commands& sent_;
};

entity_model sender_model(const commands& sent) {
  entity_model model;
  model.entity_type = "sender";
  model.component = "perdure.bench.Sender";
  model.service = send_method()->service();
  model.state = SenderState::descriptor();
  model.create = [&sent] { return std::make_unique<sender>(sent); };
  model.kind = entity_kind::key_value;
  return model;
}

std::vector<entity_model> all_models(const commands& sent) {
  auto models = cart_models();
  models.push_back(sender_model(sent));
  return models;
}

}  // namespace

class send_load::running {
 public:
  explicit running(const settings& how)
      : per_command_(how.sends_per_command),
        in_flight_(static_cast<std::ptrdiff_t>(how.in_flight)),
        slots_(in_flight_),
        runtime_({how.folder, all_models(how.commands),
                  [this](std::span<const persistence::step> group,
                         std::span<const status> statuses) { committed(group, statuses); }}) {}

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time, measured& into) {
    auto counted_from = clock::now() + lead_in;
    submit_until(counted_from);
    auto before = handled_.load();
    counted_from = clock::now();
    submit_until(counted_from + time);
    auto handled = handled_.load() - before;
    auto counted = clock::now() - counted_from;
    for (auto i = in_flight_; i > 0; --i) acquire_slot();  // all are handled
    slots_.release(in_flight_);
    std::lock_guard lock(mutex_);
    if (!failure_.ok()) throw std::runtime_error("Send was answered " + to_string(failure_));
    into.rates.push_back(static_cast<double>(handled) /
                         std::chrono::duration<double>(counted).count());
  }

 private:
  void submit_until(clock::time_point end) {
    while (clock::now() < end) {
      for (std::size_t i = 0; i < per_command_; ++i) acquire_slot();
      auto request = std::make_unique<SendRequest>();
      request->set_sender_id(cart_id(sent_ % many_carts));
      request->set_first(sent_);
      request->set_count(static_cast<std::uint32_t>(per_command_));
      sent_ += per_command_;
      actors::command c;
      c.target = {"sender", request->sender_id()};
      c.method = send_method();
      c.request_bytes = request->ByteSizeLong();
      c.request = std::move(request);
      c.reply = [this](const actors::outcome& done) { answered(done); };
      runtime_.submit(std::move(c));
    }
  }

  // Nothing on its way takes so long; a send that is lost must not be waited for.
  void acquire_slot() {
    if (slots_.try_acquire_for(std::chrono::seconds{10})) return;
    throw std::runtime_error("of " + std::to_string(sent_) + " sends " +
                             std::to_string(handled_.load()) + " were handled, and no more");
  }

  void answered(const actors::outcome& done) {
    if (done.result.ok()) return;
    {
      std::lock_guard lock(mutex_);
      failure_ = done.result;
    }
    slots_.release(static_cast<std::ptrdiff_t>(per_command_));
  }

  void committed(std::span<const persistence::step> group, std::span<const status> statuses) {
    std::ptrdiff_t handled = 0;
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (statuses[i].ok() && group[i].mail && group[i].mail->handled) ++handled;
    }
    handled_.fetch_add(static_cast<std::uint64_t>(handled), std::memory_order_relaxed);
    slots_.release(handled);
  }

  const std::size_t per_command_;
  const std::ptrdiff_t in_flight_;
  std::counting_semaphore<> slots_;  // of sends that may be in flight
  std::uint64_t sent_ = 0;
  std::atomic<std::uint64_t> handled_{0};
  std::mutex mutex_;  // of failure_
  status failure_;

  in_process_runtime runtime_;  // uses all of the above until it ends
};

send_load::send_load(const settings& how) : running_(std::make_unique<running>(how)) {}

send_load::~send_load() = default;

void send_load::run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
                    measured& into) {
  running_->run(lead_in, time, into);
}

}  // namespace perdure::bench
