#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "perdure/status.hpp"
#include "perdure/view.hpp"
#include "views/projector.hpp"
#include "views/sqlite_view_file.hpp"

// One view as the process serves it: which file of rows answers, and whether another is being made.
//
//   start: newest file of this definition there and complete -> it serves
//          else a new one is made beside what is there       -> the newest of another definition
//                                                               serves meanwhile
//          the new one has read all that there was, and all  -> it is complete and serves; the old
//          that the old one has                                 is removed when its last query ends
//
// What serves for another definition answers what its tables can answer, as of the last message
// that it has seen: a query that does not fit them is UNAVAILABLE until the new one serves, and
// view_status says how far that is. After rebuild() the old one has the same definition, and goes
// on following its sources until then.
//
// Whenever the process is killed, at the next start either the old file serves and the new one is
// made on, or the new one serves. A file that is damaged is moved aside ("7.db.damaged") and made
// anew.

namespace perdure::views {

struct view_status {
  std::string service;
  projector_status serving;
  bool serves_old_definition = false;  // its rows stand still meanwhile
  struct building {
    projector_status progress;
    std::uint64_t messages = 0;  // that are to be read in all, as far as known
  };
  std::optional<building> next;
};

// Any thread.
class view_home {
 public:
  struct surroundings {
    std::string folder;  // <data>/views/<service>, made when missing
    // As projector::surroundings; outlive this.
    std::vector<source_log> logs;
    const perdure::clock& clock;
    projector_limits bounds;
  };

  static result<std::unique_ptr<view_home>> open(view_model model, surroundings around);
  // The same with a plan that is there already.
  static result<std::unique_ptr<view_home>> open(view_model model, view_plan plan,
                                                 surroundings around);
  ~view_home();  // stop()

  void start();
  void stop();

  const view_plan& plan() const { return plan_; }

  // The file that answers now. UNAVAILABLE: there is none yet; says how far the building is.
  result<std::shared_ptr<sqlite_view_file>> serving() const;

  // Makes all rows anew from the sources, beside those that serve. ALREADY_EXISTS: it is under way.
  status rebuild();

  // As of projector, of the rows that serve: while those of an old definition do, or none, it waits
  // until the new ones take over.
  void when_seen(const std::vector<log_position>& positions, timestamp deadline,
                 std::function<void(status)> told);
  status retry(const std::string& source, const std::string& subject);
  void retry_all();
  status skip(const std::string& source, const std::string& subject, std::uint64_t number);

  // Calls `look` after each commit of what serves, and when another file serves (with too_many), on
  // the thread that commits; quick. Until the watch is destroyed, which waits for a call under way.
  using watch = std::shared_ptr<void>;
  watch on_change(std::function<void(const committed_changes&)> look);

  view_status status_now() const;

 private:
  struct parts;
  view_home(view_plan plan, std::unique_ptr<parts> opened);
  // NOT_FOUND: of all projectors.
  status on_each(const std::function<status(projector&)>& what);

  const view_plan plan_;
  std::unique_ptr<parts> parts_;
};

}  // namespace perdure::views
