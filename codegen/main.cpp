// protoc-gen-perdure: run by protoc, speaks its plugin protocol on stdin and stdout.

#include <google/protobuf/compiler/plugin.h>

#include "codegen/generator.hpp"

int main(int argc, char** argv) {
  perdure::codegen::generator generator;
  return google::protobuf::compiler::PluginMain(argc, argv, &generator);
}
