// Service tests: a service of its own that listens to the stream of another one (listener.cpp).

#include <string>

#include "eavesdropper.perdure.hpp"
#include "perdure/module.hpp"

namespace eavesdropper {
namespace {

using google::protobuf::Empty;
using perdure::action_effect;
using perdure::effect;
using perdure::task;

class log final : public log_base {
 public:
  effect<Empty> add(const Lines&, const AddRequest& command) override {
    Line line;
    line.set_text(command.text());
    return effects().emit(std::move(line)).then_reply(Empty{});
  }
  effect<Lines> get(const Lines& lines, const LogRequest&) override {
    return effects().reply(lines);
  }

  Lines on_line(Lines lines, const Line& line) override {
    lines.add_texts(line.text());
    return lines;
  }
};

class of_notes final : public of_notes_base {
 public:
  task<action_effect<Empty>> on_note(const ::listener::Note& note) override {
    AddRequest request;
    request.set_log_id(context().subject());
    request.set_text(note.text());
    return effects().send(logs_calls::add(std::move(request))).no_reply();
  }
};

}  // namespace
}  // namespace eavesdropper

PERDURE_SERVICE(service) {
  service.name("eavesdropper").add<eavesdropper::log>().add<eavesdropper::of_notes>();
}
