#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <vector>

#include "perdure/view.hpp"
#include "pubsub/cloud_event.hpp"
#include "views/projector.hpp"
#include "views/view_plan.hpp"

// What becomes of which rows when a message comes: what the view's handlers decide, or the message
// is the row. Nothing is written here.

namespace perdure::views {

struct row_update {
  std::size_t table;  // in view_plan::tables
  std::string key;
  std::unique_ptr<google::protobuf::Message> row;  // null: it goes
};

struct made_rows {
  status result;              // not ok: the message failed, and nothing else counts
  bool is_permanent = false;  // trying again cannot help
  std::vector<row_update> updates = {};
};

// One thread. What it refers to outlives it.
class row_making {
 public:
  row_making(const view_model& model, const view_plan& plan, sqlite_view_file& file,
             const projector_limits& bounds);

  // `subject` is the key of rows that are given none.
  made_rows make(const view_source& from, const pubsub::cloud_event& event);

  // Why a row could not be read: then the last make() counts for nothing, whatever it says. Ok: all
  // could.
  const status& unread() const { return rows_.failed; }

 private:
  // How handlers read rows, inside the transaction.
  struct rows_now final : row_reader {
    rows_now(const view_plan& of, sqlite_view_file& in) : plan(of), file(in) {}
    std::optional<std::string> find(std::string_view table, std::string_view key) const override;

    const view_plan& plan;
    sqlite_view_file& file;
    mutable status failed;
  };

  made_rows take(const view_source& from, const pubsub::cloud_event& event);
  status update(const table_updates& by, pubsub::taken_message taken,
                const pubsub::cloud_event& event, std::vector<row_update>& updates);
  status call(const table_updates& by, const pubsub::taken_message& taken,
              const pubsub::cloud_event& event, std::vector<row_update>& updates);
  status check(std::size_t table, row_change change, const std::string& subject,
               std::vector<row_update>& updates) const;

  const view_plan& plan_;
  const projector_limits bounds_;
  rows_now rows_;
  std::vector<const google::protobuf::Message*> prototypes_;  // of rows, by table
  std::unique_ptr<view> view_;
};

}  // namespace perdure::views
