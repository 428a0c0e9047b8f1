// Service tests: an entity whose handler holds its thread for as long as the command says.
// sleeper_test.py asks what becomes of the process meanwhile.

#include <chrono>
#include <thread>

#include "perdure/module.hpp"
#include "sleeper.perdure.hpp"

namespace sleeper {
namespace {

using google::protobuf::Empty;

class sleeper final : public sleeper_base {
 public:
  perdure::effect<Empty> sleep(const Sleeps&, const SleepRequest& command) override {
    std::this_thread::sleep_for(std::chrono::milliseconds{command.milliseconds()});
    return effects().emit(Slept{}).then_reply(Empty{});
  }

  Sleeps on_slept(Sleeps sleeps, const Slept&) override {
    sleeps.set_count(sleeps.count() + 1);
    return sleeps;
  }
};

}  // namespace
}  // namespace sleeper

PERDURE_SERVICE(service) { service.name("sleeper").add<sleeper::sleeper>(); }
