// Topics in a real Kafka: what the relay brings there, and how long it takes from an event to an
// action, beside librdkafka alone on the same broker.

#include "bench/disk_probe.hpp"
#include "bench/kafka_load.hpp"
#include "bench/kafka_process.hpp"
#include "bench/rows.hpp"
#include "bench/service_process.hpp"
#include "bench/topic_load.hpp"

namespace perdure::bench {
namespace {

constexpr int steady_rate = 200;  // per second

// The broker's virtual machine compiles what it runs often, which takes a while at such a rate.
constexpr std::chrono::seconds broker_warm_up{15};

std::vector<Figure> relayed(const surroundings& with) {
  scratch_folder folder(with.data);
  kafka_process kafka(folder.path() / "kafka");
  relay_load ours(folder.path() / "data", kafka.address());
  plain_producer plain(kafka.address());
  disk_probe to_disk(folder.path());

  measured of_ours, of_plain, of_disk;
  by_turns({{ours, of_ours}, {plain, of_plain}, {to_disk, of_disk, disk_share}}, with.how);
  auto made =
      figure("kafka_relay", of_ours.rate(), of_plain.rate(), {goal_kind::at_least, 0.6}, "events/s",
             "from a backlog on the disk, in transactions; ceiling: librdkafka's "
             "idempotent producer, acks=all, the same messages from memory");
  set_disk(made, of_disk);
  return {made};
}

std::vector<Figure> latency(const surroundings& with) {
  scratch_folder folder(with.data);
  kafka_process kafka(folder.path() / "kafka");
  topic_latency ours({folder.path() / "data", kafka.address(), steady_rate});
  plain_latency plain(kafka.address(), steady_rate);
  disk_probe to_disk(folder.path());

  measured discarded;
  ours.run(broker_warm_up, with.how.slice, discarded);
  plain.run(broker_warm_up, with.how.slice, discarded);
  measured of_ours, of_plain, of_disk;
  by_turns({{ours, of_ours}, {plain, of_plain}, {to_disk, of_disk, disk_share}}, with.how);
  const auto note = " from a command's commit to the action's handler, " +
                    std::to_string(steady_rate) +
                    " a second; ceiling: librdkafka's producer to its consumer, as they come";
  std::vector made{figure("kafka_latency_p50", of_ours.p50_us(), of_plain.p50_us(),
                          {goal_kind::at_most, 2}, "us", "p50" + note),
                   figure("kafka_latency_p99", of_ours.p99_us(), of_plain.p99_us(),
                          {goal_kind::at_most, 2}, "us", "p99" + note)};
  for (auto& f : made) set_disk(f, of_disk);
  return made;
}

}  // namespace

std::vector<row> kafka_rows() { return {{"kafka_relay", relayed}, {"kafka_latency", latency}}; }

}  // namespace perdure::bench
