#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>

// How names of a .proto read in C++.

namespace perdure::codegen {

// "AddItem" -> "add_item", "HTTPServer" -> "http_server", "item_V2" -> "item_v2".
std::string snake_case(std::string_view name);

// Capitals of ASCII only.
std::string lower_case(std::string_view text);

// `name`, with a '_' appended where C++ or its standard library would not take it as a name.
std::string identifier(std::string name);

// Whether `name` is a keyword of C++20.
bool is_keyword(std::string_view name);

// Whether protobuf's own generator takes `name` as it is, and its code then does not compile: a
// macro of the C library, a keyword it does not know, a type it uses itself.
bool is_unescaped(std::string_view name);

// Whether protobuf's class of any message has a member of this name, so that neither the class nor
// anything declared inside it can have it.
bool is_message_member(std::string_view name);

// Whether `name` is one name: a letter, then letters, digits and '_'.
bool is_simple_name(std::string_view name);

// The first character of a text, for errors: half of one is not UTF-8, and no text for protoc.
std::string first_character(const std::string& text);

// What protobuf calls the class: "Outer_Inner", and with its namespace: "::cart::Outer_Inner".
std::string class_name(const google::protobuf::Descriptor& message);
std::string qualified_class_name(const google::protobuf::Descriptor& message);

// "cart.domain" -> "cart::domain", as protobuf does it.
std::string cpp_namespace(std::string_view package);

// The class that is generated for a component of this simple name: "shopping_cart_base".
std::string base_class_name(std::string_view component);

// The struct that is generated for the calls of a service: "accounts_calls".
std::string calls_struct_name(const google::protobuf::ServiceDescriptor& service);

// The functions of both: of an rpc in either, of an event in the class.
std::string command_handler_name(const google::protobuf::MethodDescriptor& rpc);
std::string event_handler_name(const google::protobuf::Descriptor& event);

// "cart_api.proto" -> "cart_api".
std::string file_stem(const google::protobuf::FileDescriptor& file);

}  // namespace perdure::codegen
