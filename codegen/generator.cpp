// Read, check, write. Nothing is written unless everything is right.

#include "codegen/generator.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream.h>

#include <iostream>
#include <memory>

#include "codegen/checks.hpp"
#include "codegen/service_model.hpp"
#include "codegen/write_files.hpp"

namespace perdure::codegen {

bool generator::Generate(const google::protobuf::FileDescriptor* file, const std::string& parameter,
                         google::protobuf::compiler::GeneratorContext* context,
                         std::string* error) const {
  return GenerateAll({file}, parameter, context, error);
}

bool generator::GenerateAll(const std::vector<const google::protobuf::FileDescriptor*>& files,
                            const std::string& parameter,
                            google::protobuf::compiler::GeneratorContext* context,
                            std::string* error) const {
  if (!parameter.empty()) {
    *error = "unknown option \"" + parameter + "\"; --perdure_out takes a folder and no options";
    return false;
  }
  diagnostics errors;
  diagnostics warnings;
  auto model = read_service_model(files, errors);
  check_files(model, errors);
  check_components(model, errors);
  check_services(model, errors);
  check_own_services(model, errors);
  check_actions(model, errors);
  check_view_plans(model, errors, warnings);
  check_views(model, errors);
  check_calls(model, errors);
  check_methods(model, errors);
  check_eventing(model, errors);
  check_subscriptions(model, errors);
  check_keys(model, errors);
  check_unsupported(model, errors);
  if (!errors.empty()) {
    *error = errors.text();
    return false;
  }
  // protoc knows errors only, and lets this through.
  if (!warnings.empty()) std::cerr << warnings.text("warning: ") << '\n';
  for (const auto* file : files) {
    for (const auto& [name, content] : write_files(*file, model)) {
      std::unique_ptr<google::protobuf::io::ZeroCopyOutputStream> stream(context->Open(name));
      google::protobuf::io::CodedOutputStream(stream.get()).WriteString(content);
    }
  }
  return true;
}

}  // namespace perdure::codegen
