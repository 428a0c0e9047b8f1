// The process under the crash test: a service as any service is served, on stores that are wrapped
// so that it can die, lose power, or have a fault.
//
// It is told by its environment: CRASH_AT where to die (death.hpp), CRASH_FAULT which fault to have
// (planted_faults.hpp). SIGUSR1 pulls the plug. All else is settings, as for every service.

#include "test/crash/crash_service.hpp"

#include <pthread.h>
#include <rocksdb/env.h>
#include <sys/prctl.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

#include "apps/runtime/serve.hpp"
#include "persistence/rocksdb_testing.hpp"
#include "test/crash/dying_step_store.hpp"
#include "test/crash/planted_faults.hpp"
#include "test/crash/power_loss_file_system.hpp"
#include "test/crash/sweeping_step_store.hpp"
#include "test/crash/trimming_step_store.hpp"

namespace perdure::test {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Everything between the runtime and what keeps its data; outlives the stores.
class wrapped_stores {
 public:
  wrapped_stores(death& dies, fault planted) : dies_(dies), planted_(planted) {}

  result<std::unique_ptr<persistence::topic_store>> open(const runtime::settings& with,
                                                         const perdure::clock& clock) {
    files_ = std::make_shared<power_loss_file_system>(power_loss_file_system::settings{
        dies_, with.data + ".unsynced", planted_ == fault::reply_before_sync,
        planted_ == fault::names_unsynced});
    environment_ = rocksdb::NewCompositeEnv(files_);
    clock_ = std::make_unique<sweep_clock>(
        clock, dies_, std::chrono::hours{planted_ == fault::sweep_too_much ? 25 : 0});

    dies_.set_opening(true);
    auto opened = persistence::open_rocksdb_on(
        *environment_, {.folder = with.data,
                        .clock = *clock_,
                        .shard_count = with.shards,
                        .idempotency_retention = with.limits.idempotency_retention});
    dies_.set_opening(false);
    if (!opened.ok()) return opened.error();

    std::unique_ptr<persistence::topic_store> store =
        std::make_unique<sweeping_step_store>(std::move(*opened));
    store = with_fault(std::move(store), planted_);
    store = std::make_unique<dying_step_store>(std::move(store), dies_);
    return std::unique_ptr<persistence::topic_store>(
        std::make_unique<trimming_step_store>(std::move(store)));
  }

  result<runtime::key_value_store> open_key_values(const runtime::settings& with,
                                                   const perdure::clock& clock,
                                                   std::uint32_t shard_count) {
    auto opened = runtime::open_redis(with, clock, shard_count);
    if (!opened.ok()) return opened;
    opened->store =
        std::make_unique<dying_outbox_store>(with_fault(std::move(opened->store), planted_), dies_);
    return opened;
  }

 private:
  death& dies_;
  const fault planted_;
  std::shared_ptr<power_loss_file_system> files_;
  std::unique_ptr<rocksdb::Env> environment_;
  std::unique_ptr<sweep_clock> clock_;
};

// Blocked before any other thread starts, so that this one gets it.
void pull_the_plug_on_signal(death& dies) {
  sigset_t plug;
  sigemptyset(&plug);
  sigaddset(&plug, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &plug, nullptr);
  std::thread([&dies, plug] {
    int received = 0;
    sigwait(&plug, &received);
    dies.of_power_loss();
  }).detach();
}

}  // namespace

int crash_service(int argc, char** argv, const std::vector<const module_v1*>& modules) {
  static death dies(variable("CRASH_AT"));
  static wrapped_stores stores(dies, fault_named(variable("CRASH_FAULT")));
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // it must not outlive its driver
  pull_the_plug_on_signal(dies);

  auto parsed = runtime::parse_settings(argc, argv, false);
  if (!parsed.go_on) return parsed.exit_code;
  return runtime::serve(
      modules, *parsed.go_on,
      [](const runtime::settings& with, const perdure::clock& clock) {
        return stores.open(with, clock);
      },
      [](const runtime::settings& with, const perdure::clock& clock, std::uint32_t shard_count) {
        return stores.open_key_values(with, clock, shard_count);
      });
}

}  // namespace perdure::test
