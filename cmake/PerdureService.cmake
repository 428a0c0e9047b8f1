# perdure_add_service(NAME PROTOS a.proto ... SOURCES a.cpp ... [LINK target ...] [IMPORT_DIR dir])
#
# Builds a service from its .proto files and the C++ classes of its components:
#
#   NAME_objects  object library: SOURCES, the messages, and what protoc-gen-perdure writes. Link
#                 it into a test to use the classes with the testkit.
#   NAME_module   NAME.so, an actor module for perdure_host
#   NAME          an executable that runs the service alone
#
# All PROTOS are given to the generator together, so one may name a component of another without
# importing it. They and the generator's output are included by name: "cart_api.perdure.hpp".
#
#   IMPORT_DIR  the folder that names in import statements are relative to; by default the folder
#               `proto` that holds the PROTOS, else the folder of the first
#   LINK        what SOURCES need beside Perdure; also perdure_proto_library() targets whose
#               messages the PROTOS import

set(PERDURE_MODULE_MAP "${CMAKE_CURRENT_LIST_DIR}/module.map")

function(perdure_add_service name)
  perdure_service_objects(${name}_objects ${ARGN})

  add_library(${name}_module MODULE)
  set_target_properties(${name}_module PROPERTIES
    PREFIX "" OUTPUT_NAME ${name} LINKER_LANGUAGE CXX LINK_DEPENDS "${PERDURE_MODULE_MAP}")
  target_link_options(${name}_module PRIVATE "LINKER:--version-script=${PERDURE_MODULE_MAP}")
  if(NOT PERDURE_SANITIZE)
    # A handler that is declared and not written is an error now, not when the module is loaded.
    target_link_options(${name}_module PRIVATE "LINKER:-z,defs")
  endif()
  target_link_libraries(${name}_module PRIVATE ${name}_objects)

  add_executable(${name})
  target_link_libraries(${name} PRIVATE ${name}_objects perdure_main)
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
endfunction()

# perdure_service_objects(TARGET ...): the object library of perdure_add_service() alone, with the
# same arguments; SOURCES may be left out. For tests of classes that no process serves.
function(perdure_service_objects objects)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "IMPORT_DIR" "PROTOS;SOURCES;LINK")
  if(NOT arg_PROTOS)
    message(FATAL_ERROR "${objects}: PROTOS must name a file")
  endif()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${objects}: unknown ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_IMPORT_DIR)
    _perdure_default_import_dir(arg_IMPORT_DIR ${arg_PROTOS})
  endif()

  add_library(${objects} OBJECT ${arg_SOURCES})
  set_target_properties(${objects} PROPERTIES
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON)
  target_compile_features(${objects} PUBLIC cxx_std_20)
  target_include_directories(${objects} PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}")
  _perdure_proto_imports(proto_libraries ${arg_LINK})
  perdure_proto_sources(${objects} IMPORT_DIR "${arg_IMPORT_DIR}" PROTOS ${arg_PROTOS}
                        LINK perdure_proto ${proto_libraries})
  _perdure_generate(${objects} "${arg_IMPORT_DIR}" ${arg_PROTOS})
  target_link_libraries(${objects} PUBLIC perdure_api perdure_proto ${arg_LINK})
  if(TARGET perdure_warnings)  # Perdure's own samples
    target_link_libraries(${objects} PRIVATE perdure_warnings)
  endif()
endfunction()

# The folder `proto` on the way to the first file, or that file's own folder.
function(_perdure_default_import_dir result first)
  get_filename_component(dir "${first}" DIRECTORY)
  if("${dir}/" MATCHES "^(.*/)?proto/")
    set(dir "${CMAKE_MATCH_0}")
  endif()
  get_filename_component(dir "${dir}" ABSOLUTE)
  set(${result} "${dir}" PARENT_SCOPE)
endfunction()

# Those of the targets whose .proto files may be imported.
function(_perdure_proto_imports result)
  set(found "")
  foreach(library IN LISTS ARGN)
    if(TARGET ${library})
      get_property(is_proto TARGET ${library} PROPERTY PERDURE_IMPORT_DIRS SET)
      if(is_proto)
        list(APPEND found ${library})
      endif()
    endif()
  endforeach()
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

# Runs the generator once over all PROTOS of a target that has their messages. The messages' headers
# are rebuilt when an imported file changes, so depending on them covers imports.
function(_perdure_generate target import_dir)
  get_property(out TARGET ${target} PROPERTY PERDURE_GENERATED_DIR)
  get_property(include_flags TARGET ${target} PROPERTY PERDURE_IMPORT_DIRS)
  list(TRANSFORM include_flags PREPEND "-I")
  set(headers "")
  set(sources "")
  set(messages "")
  set(paths "")
  foreach(proto IN LISTS ARGN)
    get_filename_component(path "${proto}" ABSOLUTE)
    file(RELATIVE_PATH stem "${import_dir}" "${path}")
    string(REGEX REPLACE "\\.proto$" "" stem "${stem}")
    list(APPEND paths "${path}")
    list(APPEND headers "${out}/${stem}.perdure.hpp")
    list(APPEND sources "${out}/${stem}.perdure.cpp")
    list(APPEND messages "${out}/${stem}.pb.h")
    # What protoc itself writes is nobody's to keep free of warnings.
    set_source_files_properties("${out}/${stem}.pb.cc" PROPERTIES COMPILE_OPTIONS -w)
  endforeach()
  add_custom_command(
    OUTPUT ${headers} ${sources}
    COMMAND protobuf::protoc ${include_flags}
            "--plugin=protoc-gen-perdure=$<TARGET_FILE:protoc-gen-perdure>" "--perdure_out=${out}"
            ${paths}
    DEPENDS ${paths} ${messages} protoc-gen-perdure protobuf::protoc
    COMMENT "protoc-gen-perdure ${target}"
    VERBATIM)
  target_sources(${target} PRIVATE ${headers} ${sources})
endfunction()
