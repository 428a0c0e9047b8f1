// The bank under the crash test, as apps/bank has it, and the post (post.hpp) beside it, which
// shows the order of what is sent.

#include "perdure/module.hpp"
#include "post.hpp"
#include "test/crash/crash_service.hpp"

// The bank's.
extern "C" const perdure::module_v1* perdure_module();

namespace {

void describe_post(class perdure::service& service) {
  service.name("post").add<post::couriers>().add<post::desks>();
}

// As PERDURE_SERVICE would define it, whose name the bank has taken.
constexpr perdure::module_v1 post_module{perdure::module_magic,   PERDURE_MODULE_ABI,
                                         GOOGLE_PROTOBUF_VERSION, __GXX_ABI_VERSION,
                                         PERDURE_VERSION,         &describe_post};

}  // namespace

int main(int argc, char** argv) {
  return perdure::test::crash_service(argc, argv, {perdure_module(), &post_module});
}
