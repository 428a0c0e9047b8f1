# perdure_proto_library(TARGET [SHARED|STATIC|OBJECT] IMPORT_DIR dir PROTOS a.proto ... [LINK target ...])
#
# Compiles .proto files to C++ messages, one custom command per file, rebuilt when the file or
# anything it imports changes (protoc's own dependency file). A .proto belongs to exactly one
# library of a process: protobuf aborts at start where two hold the same.
#
#   IMPORT_DIR  the folder that the PROTOS' names in import statements are relative to
#   LINK        proto libraries whose files are imported; their import folders are searched too
function(perdure_proto_library target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SHARED;STATIC;OBJECT" "IMPORT_DIR" "PROTOS;LINK")
  set(kind STATIC)
  if(arg_SHARED)
    set(kind SHARED)
  elseif(arg_OBJECT)
    set(kind OBJECT)
  endif()

  add_library(${target} ${kind})
  perdure_proto_sources(${target} IMPORT_DIR "${arg_IMPORT_DIR}" PROTOS ${arg_PROTOS}
                        LINK ${arg_LINK})
endfunction()

# perdure_proto_sources(TARGET IMPORT_DIR dir PROTOS a.proto ... [LINK target ...])
#
# The same for a target that exists and has other sources too.
function(perdure_proto_sources target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "IMPORT_DIR" "PROTOS;LINK")
  set(out "${CMAKE_CURRENT_BINARY_DIR}/${target}.gen")
  file(MAKE_DIRECTORY "${out}")
  get_filename_component(import_dir "${arg_IMPORT_DIR}" ABSOLUTE)

  set_property(TARGET ${target} PROPERTY PERDURE_GENERATED_DIR "${out}")
  set_property(TARGET ${target} PROPERTY PERDURE_IMPORT_DIRS "${import_dir}")
  foreach(dependency IN LISTS arg_LINK)
    get_property(dirs TARGET ${dependency} PROPERTY PERDURE_IMPORT_DIRS)
    set_property(TARGET ${target} APPEND PROPERTY PERDURE_IMPORT_DIRS ${dirs})
  endforeach()
  get_property(import_dirs TARGET ${target} PROPERTY PERDURE_IMPORT_DIRS)
  list(REMOVE_DUPLICATES import_dirs)
  list(TRANSFORM import_dirs PREPEND "-I" OUTPUT_VARIABLE include_flags)

  foreach(proto IN LISTS arg_PROTOS)
    get_filename_component(path "${proto}" ABSOLUTE)
    file(RELATIVE_PATH name "${import_dir}" "${path}")
    if(name MATCHES "^\\.\\./")
      message(FATAL_ERROR "${target}: ${proto} does not lie in IMPORT_DIR ${import_dir}")
    endif()
    string(REGEX REPLACE "\\.proto$" "" stem "${name}")
    add_custom_command(
      OUTPUT "${out}/${stem}.pb.cc" "${out}/${stem}.pb.h"
      COMMAND protobuf::protoc ${include_flags} "--cpp_out=${out}"
              "--dependency_out=${out}/${stem}.d" "${path}"
      DEPENDS "${path}" protobuf::protoc
      DEPFILE "${out}/${stem}.d"
      COMMENT "protoc ${name}"
      VERBATIM)
    target_sources(${target} PRIVATE "${out}/${stem}.pb.cc" "${out}/${stem}.pb.h")
  endforeach()
  target_include_directories(${target} SYSTEM PUBLIC "$<BUILD_INTERFACE:${out}>")
  target_link_libraries(${target} PUBLIC protobuf::libprotobuf ${arg_LINK})
endfunction()
