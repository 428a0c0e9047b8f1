#pragma once

#include <functional>
#include <string>

#include "perdure/status.hpp"
#include "pubsub/kafka_client.hpp"
#include "pubsub/topic_writer.hpp"

// The last records of a topic: what a writer reads to learn how far it got. For kafka_* only.

namespace perdure::pubsub {

// Where the partitions of a topic end now, transactions that are undecided included. Codes as
// kafka_client::partitions().
result<known_tails> ends_of(const kafka_settings& settings, const std::string& kafka_name);

// Calls `look` for each record from `tails` on up to where its partition ends now; only what was
// committed, so it waits for transactions that are undecided. A partition that is not among
// `tails`, or has been made anew and ends before its tail, is read from its beginning.
//   NOT_FOUND, PERMISSION_DENIED
//   UNAVAILABLE  nothing has come for a while: no broker, or a transaction that nobody ends
status read_tail(const kafka_settings& settings, const std::string& kafka_name,
                 const known_tails& tails,
                 const std::function<void(const rd_kafka_message_t&)>& look);

}  // namespace perdure::pubsub
