// Checks of what a file says about itself. Code for it is made by protobuf's own generator, too,
// and ours builds on that.

#include <google/protobuf/descriptor.pb.h>

#include "codegen/checks.hpp"
#include "codegen/names.hpp"

namespace perdure::codegen {
namespace {

using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;

// protobuf makes namespaces of the parts as they are.
void check_package(const FileDescriptor& file, diagnostics& errors) {
  std::string_view rest = file.package();
  while (!rest.empty()) {
    std::string part(rest.substr(0, rest.find('.')));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    if (!is_keyword(part)) continue;
    errors.error(file, {FileDescriptorProto::kPackageFieldNumber},
                 "package: \"" + part + "\" of \"" + file.package() +
                     "\" is a keyword of C++, where packages become namespaces; rename it");
  }
}

void check_runtime(const FileDescriptor& file, diagnostics& errors) {
  if (file.options().optimize_for() != google::protobuf::FileOptions::LITE_RUNTIME) return;
  errors.error(file,
               {FileDescriptorProto::kOptionsFieldNumber,
                google::protobuf::FileOptions::kOptimizeForFieldNumber},
               "optimize_for: LITE_RUNTIME leaves out the descriptors that a service is served by; "
               "remove it");
}

}  // namespace

void check_files(const service_model& model, diagnostics& errors) {
  for (const auto* file : model.files) {
    check_package(*file, errors);
    check_runtime(*file, errors);
  }
}

}  // namespace perdure::codegen
