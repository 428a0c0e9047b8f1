#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

// Every bound of a running service in one place, with its default and the reason for it. Past a
// bound the answer is RESOURCE_EXHAUSTED, unless the line says otherwise; nothing grows with load
// until memory ends. Each is a setting (apps/runtime/settings.cpp).

namespace perdure {

struct limits {
  // One request or reply message, encoded. gRPC's own default, which clients expect.
  std::size_t message_bytes_max = 4 << 20;

  // An entity id, encoded. An id stands in every record of the entity and in memory while it is
  // resident. Longer: INVALID_ARGUMENT.
  std::size_t entity_id_bytes_max = 4 << 10;

  // An idempotency key. Longer: INVALID_ARGUMENT.
  std::size_t idempotency_key_bytes_max = 1 << 10;

  // Headers or metadata of one call together.
  std::size_t metadata_bytes_max = 16 << 10;

  // All commands accepted and not yet answered, of the whole process, with the steps and replies
  // that wait for the disk. Replies that clients have not read may take as much again.
  std::size_t in_flight_bytes_max = 256 << 20;

  // The same for one entity: one hot entity must not take everybody's share.
  std::size_t mailbox_bytes_max = 16 << 20;

  // The mail of one entity, in its durable mailbox. Past it a command that would add to it is
  // refused, and one that came by mail itself waits until there is room.
  std::size_t durable_mailbox_bytes_max = 64 << 20;

  // The name of a timer. It stands in the store twice. Longer: INVALID_ARGUMENT.
  std::size_t timer_name_bytes_max = 256;

  // How often one command is forwarded; more is taken for a cycle. Past it: FAILED_PRECONDITION.
  std::uint32_t forwards_max = 16;

  // The encoded events and snapshot of one step; a recorded reply, bounded as a message, may come
  // on top. RocksDB and a Kafka of default settings
  // take no more than about this in one write that should stay quick.
  std::size_t step_bytes_max = 16 << 20;

  // Entities held in memory. Past it the one unused for longest is passivated; it is not an error.
  std::size_t resident_entities_max = 100'000;

  // An entity unused for this long is passivated.
  std::chrono::milliseconds idle_max = std::chrono::minutes{2};

  // Idempotency records are kept, and a retry answered from them, for this long.
  std::chrono::milliseconds idempotency_retention = std::chrono::hours{24};

  // A snapshot is written after this many events. Recovery reads at most that many, and those of
  // one step, beside the snapshot.
  std::uint64_t snapshot_every = 100;

  // The events of a deleted entity keep their content for this long, for subscribers that are late.
  std::chrono::milliseconds deleted_retention = std::chrono::hours{7 * 24};

  // How long a handler of an action may take for one message of a subscription, what it awaits
  // included. Longer: the handler is ended, and the message tried again.
  std::chrono::milliseconds message_deadline = std::chrono::seconds{60};

  // A message whose handler has failed this often is parked.
  std::uint32_t attempts_max = 8;

  // The pause before the second attempt, doubled for each one after it up to the maximum.
  std::chrono::milliseconds backoff_min{100};
  std::chrono::milliseconds backoff_max = std::chrono::seconds{30};

  // Messages of one partition of a subscription that are handled and not yet stored.
  std::size_t subscription_window = 256;

  // Messages that one subscription holds back. Past it the subscription stops reading until there
  // is room, and says so; others go on.
  std::size_t held_bytes_max = 256 << 20;

  // How long embedded topics keep messages, and how many bytes of each partition: whatever is
  // reached first. Readers that come later begin with what is left.
  std::chrono::milliseconds topic_retention = std::chrono::hours{7 * 24};
  std::uint64_t topic_partition_bytes_max = 1ULL << 40;

  // Calls open at a time that stream, over gRPC and HTTP together. Each holds a handler's coroutine
  // and some 20 KiB of its transport, for as long as its client likes.
  std::size_t streams_max = 10'000;

  // Rows of one answer of a view's query, and encoded bytes of one that streams. One message is
  // bounded as any other.
  std::size_t query_rows_max = 1'000'000;
  std::size_t query_bytes_max = 256 << 20;

  // How long a query may stream, its client's pauses included: until then it keeps a snapshot, and
  // the view's file grows with what changes meanwhile. Longer: DEADLINE_EXCEEDED.
  std::chrono::milliseconds query_stream_deadline = std::chrono::minutes{5};

  // Queries of one view at a time that are not quick, each with a thread; some more wait.
  std::size_t queries_running_max = 16;

  // Queries of one view at a time that stream more than fits a first batch. Each has a connection
  // to the view's file, with some pages of it in memory.
  std::size_t query_streams_max = 256;

  // HTTP connections open at a time; past it new ones are answered 503 and closed.
  std::size_t http_connections_max = 12'000;

  // A connection that sends no complete request for this long is closed (half-open, slow sender).
  std::chrono::milliseconds http_idle_max = std::chrono::seconds{60};

  // A call without a deadline of its own gets this one.
  std::chrono::milliseconds call_deadline = std::chrono::seconds{30};

  // On SIGTERM, how long accepted commands have to finish.
  std::chrono::milliseconds drain_max = std::chrono::seconds{20};
};

}  // namespace perdure
