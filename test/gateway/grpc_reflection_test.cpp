#include "gateway/grpc_reflection.hpp"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>

#include <set>

#include "grpc/reflection/v1/reflection.pb.h"
#include "test/gateway/grpc_fixture.hpp"

using namespace perdure::gateway;
using namespace perdure::gateway::testing;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

namespace {

constexpr const char* v1_path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
constexpr const char* v1alpha_path =
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

struct fixture : grpc_fixture {
  // One question on a stream of its own.
  ServerReflectionResponse ask(const ServerReflectionRequest& request) {
    auto got = call(v1_path, request.SerializeAsString());
    BOOST_REQUIRE(got.status.ok());
    ServerReflectionResponse response;
    BOOST_REQUIRE(response.ParseFromString(got.bytes));
    BOOST_TEST(response.original_request().SerializeAsString() == request.SerializeAsString());
    return response;
  }

  static ServerReflectionRequest symbol(const std::string& name) {
    ServerReflectionRequest request;
    request.set_file_containing_symbol(name);
    return request;
  }
};

std::vector<std::string> files_of(const ServerReflectionResponse& response) {
  std::vector<std::string> names;
  for (const auto& bytes : response.file_descriptor_response().file_descriptor_proto()) {
    google::protobuf::FileDescriptorProto file;
    BOOST_REQUIRE(file.ParseFromString(bytes));
    names.push_back(file.name());
  }
  return names;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(grpc_reflection, fixture)

BOOST_AUTO_TEST_CASE(all_services_are_listed) {
  ServerReflectionRequest request;
  request.set_list_services("*");
  auto response = ask(request);
  std::vector<std::string> names;
  for (const auto& service : response.list_services_response().service()) {
    names.push_back(service.name());
  }
  std::vector<std::string> expected{"gateway_test.Chat",
                                    "gateway_test.Echo",
                                    "gateway_test.Letters",
                                    "grpc.health.v1.Health",
                                    "grpc.reflection.v1.ServerReflection",
                                    "grpc.reflection.v1alpha.ServerReflection",
                                    "perdure.v1.Commands"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
  for (const auto& name : names) BOOST_TEST(!files_of(ask(symbol(name))).empty());
}

BOOST_AUTO_TEST_CASE(a_file_comes_with_all_it_imports_once_and_builds) {
  for (auto name : {"gateway_test.Echo", "gateway_test.Echo.Say", "gateway_test.EchoRequest",
                    "gateway_test.EchoRequest.text"}) {
    auto response = ask(symbol(name));
    auto names = files_of(response);
    BOOST_REQUIRE(!names.empty());
    BOOST_TEST(names[0] == "echo.proto");
    std::set<std::string> unique(names.begin(), names.end());
    BOOST_TEST(unique.size() == names.size());

    // As a client does: the files alone give back the descriptors.
    google::protobuf::SimpleDescriptorDatabase files;
    for (const auto& bytes : response.file_descriptor_response().file_descriptor_proto()) {
      google::protobuf::FileDescriptorProto file;
      BOOST_REQUIRE(file.ParseFromString(bytes));
      BOOST_TEST(files.Add(file));
    }
    google::protobuf::DescriptorPool pool(&files);
    BOOST_TEST(pool.FindMethodByName("gateway_test.Echo.SayPair"));
  }
}

BOOST_AUTO_TEST_CASE(a_file_is_found_by_its_name) {
  ServerReflectionRequest request;
  request.set_file_by_filename("perdure/annotations.proto");
  auto names = files_of(ask(request));
  BOOST_REQUIRE(!names.empty());
  BOOST_TEST(names[0] == "perdure/annotations.proto");
}

BOOST_AUTO_TEST_CASE(extensions_are_found) {
  ServerReflectionRequest request;
  request.set_all_extension_numbers_of_type("google.protobuf.FieldOptions");
  auto numbers = ask(request).all_extension_numbers_response();
  BOOST_TEST(numbers.base_type_name() == "google.protobuf.FieldOptions");
  BOOST_REQUIRE_EQUAL(numbers.extension_number_size(), 1);
  BOOST_TEST(numbers.extension_number(0) == 79100);

  auto& extension = *request.mutable_file_containing_extension();
  extension.set_containing_type("google.protobuf.FieldOptions");
  extension.set_extension_number(79100);
  auto names = files_of(ask(request));
  BOOST_REQUIRE(!names.empty());
  BOOST_TEST(names[0] == "perdure/annotations.proto");
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_an_answer_and_the_stream_goes_on) {
  std::vector<ServerReflectionRequest> requests(5);
  requests[0].set_file_by_filename("nobody.proto");
  requests[1].set_file_containing_symbol("nobody.Nothing");
  requests[2].mutable_file_containing_extension()->set_containing_type("nobody.Nothing");
  auto& extension = *requests[3].mutable_file_containing_extension();
  extension.set_containing_type("google.protobuf.FieldOptions");
  extension.set_extension_number(1);
  requests[4].set_all_extension_numbers_of_type("nobody.Nothing");

  client_call stream(channel, v1_path);
  for (const auto& request : requests) {
    std::string bytes;
    ServerReflectionResponse response;
    BOOST_REQUIRE(stream.write(request.SerializeAsString()) && stream.read(bytes));
    BOOST_REQUIRE(response.ParseFromString(bytes));
    BOOST_TEST(response.error_response().error_code() == grpc::StatusCode::NOT_FOUND);
    BOOST_TEST(!response.error_response().error_message().empty());
  }
  stream.writes_done();
  BOOST_TEST(stream.finish().ok());
}

BOOST_AUTO_TEST_CASE(a_question_for_nothing_or_of_other_bytes_is_refused) {
  BOOST_TEST(ask({}).error_response().error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  BOOST_TEST(call(v1_path, "\xff").status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
}

BOOST_AUTO_TEST_CASE(older_clients_get_the_same) {
  auto request = symbol("gateway_test.Echo").SerializeAsString();
  auto older = call(v1alpha_path, request);
  auto newer = call(v1_path, request);
  BOOST_TEST(older.status.ok());
  BOOST_TEST(!older.bytes.empty());
  BOOST_TEST(older.bytes == newer.bytes);
}

BOOST_AUTO_TEST_CASE(an_open_stream_does_not_hold_up_the_servers_stop) {
  client_call stream(channel, v1_path);
  std::string bytes;
  BOOST_TEST(stream.write(symbol("gateway_test.Echo").SerializeAsString()));
  BOOST_TEST(stream.read(bytes));
  BOOST_TEST(server->stop(patience));
  BOOST_TEST(stream.finish().error_code() == grpc::StatusCode::UNAVAILABLE);
}

BOOST_AUTO_TEST_SUITE_END()
