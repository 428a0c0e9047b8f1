// Beside gateway/http_stream_call.cpp, for events that are those of a query.

#include "gateway/http_event_ids.hpp"

#include <memory>

#include "perdure/views.pb.h"
#include "views/live_queries.hpp"
#include "views/live_stream.hpp"

namespace perdure::gateway {
namespace {

// No token of ours.
constexpr std::string_view from_the_start = "start";

}  // namespace

http_event_ids::http_event_ids(const served_method& rpc) : reply_(*rpc.reply) {
  if (rpc.is_of_view()) change_ = views::change_field_of(*reply_.GetDescriptor());
}

std::string http_event_ids::line_of(const std::string& encoded) const {
  if (!change_) return "";
  std::unique_ptr<google::protobuf::Message> reply(reply_.New());
  v1::RowChange change;
  if (reply->ParseFromString(encoded)) {
    const auto& told = reply->GetReflection()->GetMessage(*reply, change_);
    change.ParseFromString(told.SerializeAsString());
  }
  const auto& token = change.resume_token();
  return "id: " + (token.empty() ? std::string(from_the_start) : token) + "\n";
}

void http_event_ids::read(perdure::metadata& headers) const {
  auto last = headers.find("last-event-id");
  if (!change_ || last == headers.end() || headers.contains(views::resume_header)) return;
  headers.emplace(views::resume_header, last->second);
}

}  // namespace perdure::gateway
