#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "persistence/entity_table.hpp"
#include "persistence/redis_connection.hpp"
#include "persistence/redis_keys.hpp"
#include "persistence/step.hpp"

// Writes groups of steps over one connection, each as one pipeline of scripts. For
// redis_step_store.cpp only.

namespace perdure::persistence {

class redis_group_writer {
 public:
  struct settings {
    std::string fence;
    const std::vector<redis_keys>& shards;  // outlives this
    std::chrono::milliseconds retention;    // of replies and outcomes
  };

  // Over a connection on which nothing is under way; UNAVAILABLE or FAILED_PRECONDITION when the
  // script cannot be loaded there.
  static result<std::unique_ptr<redis_group_writer>> open(std::unique_ptr<redis_connection> redis,
                                                          settings how);

  // As step_store::commit(). Sets `posted` of the mail of steps that stand.
  std::vector<status> commit(std::span<const step> group, std::uint64_t generation);

  // Why nothing more may be written before the store is fenced anew: a step may yet show, or the
  // server is not what it was. Ok while there is no reason.
  const status& lost() const { return lost_; }

 private:
  // A step on its way, and which one of its entity it follows in its group.
  struct sending {
    std::size_t at;  // in the group
    std::string mark;
    std::string previous;
  };
  struct entity_steps {
    bool has_failed = false;
    std::string mark;  // of the last; empty before the first
  };
  using entities = entity_table<std::reference_wrapper<const entity_key>, entity_steps>;

  redis_group_writer(std::unique_ptr<redis_connection> redis, settings how);
  status load_script();
  const redis_keys& keys_of(const step& s) const;
  void add(const step& s, const sending& sent);
  std::vector<sending> exchange(std::span<const step> group, std::vector<sending> steps,
                                std::vector<status>& statuses);
  void send_again(std::span<const step> group, std::vector<sending> steps,
                  std::vector<status>& statuses);
  status judge(const step& s, const redis_value& answer);
  status judge_error(const step& s, const redis_value& error);

  std::unique_ptr<redis_connection> redis_;
  const settings how_;
  const std::string retention_;
  std::string script_;       // its name in Redis, the SHA-1 of its text
  std::uint64_t steps_ = 0;  // sent so far; with the fence it names a step
  entities entities_;
  status lost_;
  std::size_t refusals_ = 0;  // in this group
  bool refused_ = false;      // that Redis refuses to be written was logged
};

}  // namespace perdure::persistence
