// What the generator would write of readings.proto, and the handlers.

#include "bench/readings.hpp"

#include <google/protobuf/empty.pb.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "pubsub/cloud_event.hpp"

namespace perdure::bench {
namespace {

using google::protobuf::Empty;
using google::protobuf::Message;

constexpr const char* service_name = "readings";
constexpr const char* sensor_type = "sensor";
constexpr const char* reading_text = "A tin of blue paint";

const google::protobuf::ServiceDescriptor* service_named(const char* name) {
  return AddReading::descriptor()->file()->FindServiceByName(name);
}

std::string sensor_id(std::uint64_t number) {
  return "sensor-" + std::to_string(1'000'000 + number % many_sensors);
}

class sensor final : public event_sourced_entity<SensorState, ReadingAdded> {
 public:
  any_effect handle(std::size_t, const Message&, const Message& command) override {
    const auto& request = static_cast<const AddReading&>(command);
    ReadingAdded added;
    added.set_number(request.number());
    added.set_text(request.text());
    return effects().emit(std::move(added)).then_reply(Empty{}).erase();
  }

  void apply(std::size_t, Message& state, const Message&) override {
    auto& readings = static_cast<SensorState&>(state);
    readings.set_readings(readings.readings() + 1);
  }
};

entity_model model_of(const char* service, const char* component, const char* entity_type) {
  entity_model model;
  model.entity_type = entity_type;
  model.component = component;
  model.service = service_named(service);
  model.state = SensorState::descriptor();
  model.events = {ReadingAdded::descriptor()};
  model.create = [] { return std::make_unique<sensor>(); };
  model.service_name = service_name;
  return model;
}

class reader final : public action {
 public:
  explicit reader(std::function<void(const ReadingAdded&)> handled)
      : handled_(std::move(handled)) {}

  action_output handle(std::size_t, action_input& input) override {
    const auto& request = *std::get<std::unique_ptr<Message>>(input);
    return erase(on_reading(static_cast<const ReadingAdded&>(request)));
  }

 private:
  task<action_effect<Empty>> on_reading(const ReadingAdded& reading) {
    if (handled_) handled_(reading);
    return effects().ignore();
  }

  const std::function<void(const ReadingAdded&)> handled_;
};

}  // namespace

entity_model sensor_model() { return model_of("Sensors", "perdure.bench.Sensor", sensor_type); }

entity_model quiet_sensor_model() {
  return model_of("QuietSensors", "perdure.bench.QuietSensor", "quiet-sensor");
}

action_model reader_model(std::function<void(const ReadingAdded&)> handled) {
  return {.service = service_named("Readers"),
          .create = [handled = std::move(handled)] { return std::make_unique<reader>(handled); },
          .service_name = service_name};
}

actors::command add_reading(const entity_model& to, std::uint64_t number) {
  auto request = std::make_unique<AddReading>();
  request->set_sensor_id(sensor_id(number));
  request->set_number(number);
  request->set_text(reading_text);
  actors::command c;
  c.target = {to.entity_type, request->sensor_id()};
  c.method = to.service->method(0);
  c.request_bytes = request->ByteSizeLong();
  c.request = std::move(request);
  return c;
}

persistence::new_message published_reading(std::uint64_t number) {
  ReadingAdded added;
  added.set_number(number);
  added.set_text(reading_text);
  return pubsub::message_of(readings_topic, service_name, {sensor_type, sensor_id(number)},
                            sequence_nr{number / many_sensors + 1},
                            {added.GetDescriptor()->full_name(), added.SerializeAsString()}, {});
}

void store_readings(persistence::step_store& store, hybrid_clock& times, std::uint64_t first,
                    std::uint64_t end) {
  constexpr std::uint64_t step_size = 64;
  constexpr std::size_t group_size = 64;
  std::vector<persistence::step> group;
  for (auto from = first; from < end; from += step_size) {
    auto& s = group.emplace_back();
    s.entity = {sensor_type, "all"};
    s.kind = persistence::step_kind::mail_only;
    s.time = times.next();
    s.mail = std::make_shared<persistence::mail_effects>();
    for (auto i = from; i < std::min(end, from + step_size); ++i) {
      s.mail->topics.messages.push_back(published_reading(i));
    }
    if (group.size() < group_size && from + step_size < end) continue;
    for (const auto& result : store.commit(group)) {
      if (!result.ok()) throw std::runtime_error("storing readings: " + to_string(result));
    }
    group.clear();
  }
}

std::uint64_t messages_passed(const persistence::step& s) {
  if (!s.mail) return 0;
  std::uint64_t passed = 0;
  for (const auto& move : s.mail->topics.cursors) {
    if (move.expected) passed += value(move.next) - value(*move.expected);
  }
  return passed;
}

}  // namespace perdure::bench
