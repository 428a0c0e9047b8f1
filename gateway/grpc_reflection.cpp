// Server reflection: one stream of questions about descriptors, each answered on its own.

#include "gateway/grpc_reflection.hpp"

#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <unordered_set>

#include "gateway/grpc_health.hpp"
#include "grpc/reflection/v1/reflection.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"

namespace perdure::gateway {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

// A name and a number: nobody needs more.
constexpr std::size_t request_bytes_max = 64 << 10;

status stopping() { return {status_code::unavailable, "the server stops"}; }

void fail(ServerReflectionResponse& response, status_code code, std::string text) {
  auto& error = *response.mutable_error_response();
  error.set_error_code(static_cast<int>(code));
  error.set_error_message(std::move(text));
}

// The file asked for comes first, then all it needs: clients build it without asking again.
void add_with_imports(const FileDescriptor* file, std::unordered_set<const FileDescriptor*>& added,
                      grpc::reflection::v1::FileDescriptorResponse& files) {
  if (!added.insert(file).second) return;
  google::protobuf::FileDescriptorProto proto;
  file->CopyTo(&proto);
  files.add_file_descriptor_proto(proto.SerializeAsString());
  for (int i = 0; i < file->dependency_count(); ++i) {
    add_with_imports(file->dependency(i), added, files);
  }
}

void answer_file(const FileDescriptor* file, const std::string& asked_for,
                 ServerReflectionResponse& response) {
  if (!file) return fail(response, status_code::not_found, "no " + asked_for + " is served here");
  std::unordered_set<const FileDescriptor*> added;
  add_with_imports(file, added, *response.mutable_file_descriptor_response());
}

void answer_extension(const DescriptorPool& pool,
                      const grpc::reflection::v1::ExtensionRequest& asked,
                      ServerReflectionResponse& response) {
  const auto* type = pool.FindMessageTypeByName(asked.containing_type());
  const auto* found = type ? pool.FindExtensionByNumber(type, asked.extension_number()) : nullptr;
  answer_file(found ? found->file() : nullptr,
              "extension " + std::to_string(asked.extension_number()) + " of \"" +
                  asked.containing_type() + "\"",
              response);
}

void answer_extension_numbers(const DescriptorPool& pool, const std::string& name,
                              ServerReflectionResponse& response) {
  const auto* type = pool.FindMessageTypeByName(name);
  if (!type) {
    return fail(response, status_code::not_found, "no message \"" + name + "\" is served here");
  }
  auto& numbers = *response.mutable_all_extension_numbers_response();
  numbers.set_base_type_name(name);
  std::vector<const FieldDescriptor*> extensions;
  pool.FindAllExtensions(type, &extensions);
  for (const auto* extension : extensions) numbers.add_extension_number(extension->number());
}

}  // namespace

class grpc_reflection::stream final : public grpc_reactor {
 public:
  explicit stream(grpc_reflection& reflection) : reflection_(reflection) {}

  void start() override {
    if (!reflection_.streams_.enter(shared_from_this())) {
      return finish(stopping());
    }
    read();
  }

  void on_read(bool ok) override {
    if (!ok) return finish(status{});  // the caller has no further question
    ServerReflectionRequest request;
    if (auto parsed = parse(incoming(), request, request_bytes_max); !parsed.ok()) {
      return finish(parsed);
    }
    write(to_buffer(reflection_.answer(request).SerializeAsString()));
  }

  void on_written(bool ok) override {
    if (!ok) return on_cancelled();
    read();
  }

  void on_done() override { reflection_.streams_.leave(this); }

 private:
  grpc_reflection& reflection_;
};

grpc_reflection::grpc_reflection(const service_catalog& catalog)
    : services_{std::string(grpc_health::name), std::string(name), std::string(name_alpha)} {
  // Nothing else here names these messages, and what nobody names a linker leaves out.
  google::protobuf::LinkMessageReflection<grpc::reflection::v1alpha::ServerReflectionRequest>();
  for (const auto* service : catalog.services()) services_.push_back(service->full_name());
  std::ranges::sort(services_);
}

ServerReflectionResponse grpc_reflection::answer(const ServerReflectionRequest& request) const {
  const auto& pool = *DescriptorPool::generated_pool();
  ServerReflectionResponse response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case ServerReflectionRequest::kFileByFilename:
      answer_file(pool.FindFileByName(request.file_by_filename()),
                  "file \"" + request.file_by_filename() + "\"", response);
      break;
    case ServerReflectionRequest::kFileContainingSymbol:
      answer_file(pool.FindFileContainingSymbol(request.file_containing_symbol()),
                  "symbol \"" + request.file_containing_symbol() + "\"", response);
      break;
    case ServerReflectionRequest::kFileContainingExtension:
      answer_extension(pool, request.file_containing_extension(), response);
      break;
    case ServerReflectionRequest::kAllExtensionNumbersOfType:
      answer_extension_numbers(pool, request.all_extension_numbers_of_type(), response);
      break;
    case ServerReflectionRequest::kListServices:
      for (const auto& service : services_) {
        response.mutable_list_services_response()->add_service()->set_name(service);
      }
      break;
    case ServerReflectionRequest::MESSAGE_REQUEST_NOT_SET:
      fail(response, status_code::invalid_argument, "the request asks for nothing");
      break;
  }
  return response;
}

std::shared_ptr<grpc_reactor> grpc_reflection::serve() { return std::make_shared<stream>(*this); }

void grpc_reflection::end() {
  for (const auto& open : streams_.end()) open->finish(stopping());
}

}  // namespace perdure::gateway
