#pragma once

#include <google/protobuf/descriptor.h>

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "perdure/action.hpp"
#include "perdure/entity.hpp"
#include "perdure/status.hpp"
#include "perdure/view.hpp"

// What is served, read from descriptors: every method of every service, by its gRPC path.

namespace perdure::gateway {

struct served_method {
  // Who answers it: a component of the user's, or the runtime itself, as perdure.v1.Commands.
  enum class owner { runtime, entity, action, view };

  const google::protobuf::MethodDescriptor* method;
  // The type of whom its commands are for: that of the entity; of an action
  // "perdure.action/<service>". Empty of a view's and of the runtime's.
  std::string target_type;
  // Of the request of an entity; empty where the entity's id is generated, and of all others.
  std::vector<const google::protobuf::FieldDescriptor*> key_fields;
  const google::protobuf::Message* request;  // prototype
  const google::protobuf::Message* reply;    // prototype
  owner of = owner::runtime;
  bool durable_mailbox = false;  // its commands go by the entity's durable mailbox

  bool is_of_entity() const { return of == owner::entity; }
  bool is_of_action() const { return of == owner::action; }
  bool is_of_view() const { return of == owner::view; }
  bool is_of_runtime() const { return of == owner::runtime; }

  // Which of its sides stream. Those of entities never do.
  bool streams_in() const { return method->client_streaming(); }
  bool streams_out() const { return method->server_streaming(); }
  bool is_unary() const { return !streams_in() && !streams_out(); }
};

class service_catalog {
 public:
  // The methods of these entities, actions and views, and after them those of perdure.v1.Commands,
  // which every service serves. Left out are methods that nobody calls: of actions those that are
  // there only to say which messages are of no interest (eventing.in.ignore), of views all that are
  // no query.
  //   INVALID_ARGUMENT  an entity type or a service is there twice; a method of an entity streams,
  //                     has no key field, or has one though its ids are generated; the text names
  //                     both sides
  static result<service_catalog> of(std::span<const entity_model> entities,
                                    std::span<const action_model> actions = {},
                                    std::span<const view_model> views = {});

  // The methods of these services, which the runtime answers itself (rpc_service.hpp).
  static service_catalog of_runtime(
      std::span<const google::protobuf::ServiceDescriptor* const> services);

  // "/cart.api.ShoppingCart/AddItem", as in HTTP/2's :path; null when not served.
  const served_method* find(std::string_view path) const;

  const std::vector<const google::protobuf::ServiceDescriptor*>& services() const {
    return services_;
  }

  // All methods, in the order of the services and of their .proto.
  const std::vector<served_method>& methods() const { return methods_; }

 private:
  void add(served_method method);
  void add(const google::protobuf::ServiceDescriptor* ours);

  std::vector<const google::protobuf::ServiceDescriptor*> services_;
  std::vector<served_method> methods_;
  std::unordered_map<std::string, std::size_t> by_path_;
};

}  // namespace perdure::gateway
