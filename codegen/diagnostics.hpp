#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

// All that is wrong with the .proto files of one run, or all that there is to warn of, each with
// its place: a person mends them in one go.

namespace perdure::codegen {

// A path of field numbers as in google.protobuf.SourceCodeInfo.Location.
using source_path = std::vector<int>;

// Where our annotations stand.
source_path file_option_path(int option_number);
source_path service_option_path(const google::protobuf::ServiceDescriptor& service,
                                int option_number);
source_path method_option_path(const google::protobuf::MethodDescriptor& method, int option_number);

class diagnostics {
 public:
  // `text` names what is wrong and how to mend it. The line is that of `path`, or of the nearest
  // thing around or inside it that has one.
  void error(const google::protobuf::FileDescriptor& file, const source_path& path,
             const std::string& text);

  // At the declaration of a message, field, service or rpc.
  template <class Descriptor>
  void error_at(const Descriptor& declared, const std::string& text) {
    google::protobuf::SourceLocation location;
    bool known = declared.GetSourceLocation(&location);
    add(*declared.file(), known ? location.start_line + 1 : 0, text);
  }
  void error_at(const google::protobuf::MethodDescriptor& rpc, const std::string& text);
  void error_at(const google::protobuf::EnumValueDescriptor& value, const std::string& text);

  bool empty() const { return errors_.empty(); }

  // One line each, by file and line: "cart_domain.proto:8: what is wrong"; `kind` comes before what
  // is wrong.
  std::string text(const std::string& kind = "") const;

 private:
  struct entry {
    std::string file;
    int line;  // from 1; 0 when not known
    std::string text;

    auto operator<=>(const entry&) const = default;
  };

  void add(const google::protobuf::FileDescriptor& file, int line, const std::string& text);

  std::vector<entry> errors_;
};

}  // namespace perdure::codegen
