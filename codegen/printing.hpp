#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/printer.h>

#include <functional>
#include <map>
#include <string>

// What the text of all generated files has in common. Variables stand between '$'.

namespace perdure::codegen {

using google::protobuf::io::Printer;
using variables = std::map<std::string, std::string>;

// What `body` prints, ending in one line break.
std::string print(const std::function<void(Printer&)>& body);

// Without a package there is no namespace to open.
void print_in_namespace(const std::string& package, Printer& out,
                        const std::function<void()>& body);

// A comment of a .proto, as documentation of what follows.
void print_comment(const std::string& comment, Printer& out);

// The comment before a declaration in the .proto.
template <class Descriptor>
void print_docs(const Descriptor& declared, Printer& out) {
  google::protobuf::SourceLocation location;
  if (declared.GetSourceLocation(&location)) print_comment(location.leading_comments, out);
}

}  // namespace perdure::codegen
