// Calls to mail, mail to commands.

#include "actors/entity_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

#include "actors/expiry.hpp"
#include "listener.pb.h"
#include "test/actors/entity_fixture.hpp"

using perdure::status_code;
using perdure::actors::delivery;
using perdure::persistence::new_mail;

namespace {

struct directory_fixture {
  static new_mail mail_to(const std::string& type, const std::string& method) {
    new_mail mail;
    mail.target = {type, "x"};
    mail.method = method;
    return mail;
  }

  perdure::limits bounds;
  perdure::actors::entity_directory directory{
      test::models_of<test::desk::desk, test::desk::label>(), bounds};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(entity_directory, directory_fixture)

BOOST_AUTO_TEST_CASE(a_call_becomes_mail_and_the_mail_its_command) {
  auto call = test::desk::desks_calls::note_durably(test::desk::note("a", "hello"));
  call.add_metadata("tag", "x");
  auto mail = directory.address(call);
  BOOST_REQUIRE(mail.ok());
  BOOST_TEST((mail->target == perdure::entity_key{"desk", "a"}));
  mail->command_id = "id";
  mail->hops = 3;
  auto command = directory.read(*mail);
  BOOST_REQUIRE(command.ok());
  BOOST_TEST(command->request->SerializeAsString() == call.request().SerializeAsString());
  BOOST_TEST((command->metadata == call.metadata()));
  BOOST_TEST((command->way == delivery::mailbox));
  BOOST_TEST(command->command_id == "id");
  BOOST_TEST(command->hops == 3u);
}

BOOST_AUTO_TEST_CASE(a_call_over_the_bound_of_a_message_is_refused) {
  bounds.message_bytes_max = 100;
  perdure::actors::entity_directory small(test::models_of<test::desk::desk>(), bounds);
  auto refused =
      small.address(test::desk::desks_calls::note(test::desk::note("a", std::string(100, 'x'))));
  BOOST_TEST((refused.error().code() == status_code::resource_exhausted));
}

BOOST_AUTO_TEST_CASE(a_call_that_cannot_be_read_back_is_refused) {
  auto refused = directory.address(test::desk::desks_calls::note(test::desk::note("a", "\xff")));
  BOOST_TEST((refused.error().code() == status_code::invalid_argument));
}

// An older version may have had a handler for it.
BOOST_AUTO_TEST_CASE(mail_for_an_rpc_that_is_ignored_is_not_read) {
  perdure::actors::entity_directory of_listener(
      {}, bounds,
      std::vector<perdure::action_model>{{test::listener::Heard::descriptor()->file()->service(0),
                                          [] { return std::unique_ptr<perdure::action>(); },
                                          "listener"}});
  auto mail = mail_to("perdure.action/test.listener.Listener", "test.listener.Listener.OnHeard");
  BOOST_TEST(of_listener.read(mail).ok());
  mail.method = "test.listener.Listener.OnOverheard";
  auto refused = of_listener.read(mail);
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST((refused.error().code() == status_code::failed_precondition));
}

BOOST_AUTO_TEST_CASE(mail_that_this_service_does_not_serve_any_more_is_not_read) {
  for (const auto& mail :
       {mail_to("desk", "test.desk.Desks.Gone"), mail_to("gone", "test.desk.Desks.Note"),
        mail_to("label", "test.desk.Desks.Note"),
        mail_to("gone", perdure::actors::expire_method().full_name())}) {
    auto refused = directory.read(mail);
    BOOST_REQUIRE(!refused.ok());
    BOOST_TEST((refused.error().code() == status_code::failed_precondition));
  }
  BOOST_TEST(directory.read(mail_to("label", perdure::actors::expire_method().full_name())).ok());
}

BOOST_AUTO_TEST_CASE(mail_whose_request_is_damaged_is_not_read) {
  auto mail = mail_to("desk", "test.desk.Desks.Note");
  mail.payload = "\xff";
  BOOST_TEST((directory.read(mail).error().code() == status_code::data_loss));
}

BOOST_AUTO_TEST_SUITE_END()
