// Those who wait stand in a list of our own, so that one who begins to wait does not make all
// others look; the growth of the store is asked once for all of them.

#include "pubsub/waiting_reads.hpp"

#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace perdure::pubsub {

class waiting_reads::waiting_list : public std::enable_shared_from_this<waiting_list> {
 public:
  explicit waiting_list(run_elsewhere elsewhere) : elsewhere_(std::move(elsewhere)) {}

  void start(reading r) {
    auto entry = std::make_shared<one>();
    entry->what = std::move(r);
    std::unique_lock lock(mutex_);
    entries_.push_back(entry);
    if (entry->what.is_ready && !entry->what.is_ready()) return;
    entry->is_read = true;
    entry->grown_before = times_grown_;
    lock.unlock();
    read(std::move(entry));
  }

  void stop(const std::string& reader) {
    std::vector<std::shared_ptr<one>> ended;
    {
      std::lock_guard lock(mutex_);
      std::erase_if(entries_, [&](const auto& e) {
        if (e->what.reader != reader) return false;
        e->is_told = true;
        ended.push_back(e);
        return true;
      });
    }
    for (const auto& e : ended) {
      e->what.tell(status(status_code::cancelled, "the reader \"" + reader + "\" was stopped"));
    }
  }

  // What is ready is read elsewhere: this runs on the thread that commits.
  void grown() {
    std::vector<std::shared_ptr<one>> ready;
    {
      std::lock_guard lock(mutex_);
      ++times_grown_;
      for (const auto& e : entries_) {
        if (e->is_read || (e->what.is_ready && !e->what.is_ready())) continue;
        e->is_read = true;
        e->grown_before = times_grown_;
        ready.push_back(e);
      }
    }
    for (auto& e : ready) read(std::move(e));
  }

 private:
  struct one {
    reading what;
    bool is_read = false;  // elsewhere, now
    bool is_told = false;
    std::uint64_t grown_before = 0;  // times_grown_ when its reading began
  };

  void read(std::shared_ptr<one> entry) {
    elsewhere_([self = shared_from_this(), entry = std::move(entry)] { self->read_now(entry); });
  }

  void read_now(const std::shared_ptr<one>& entry) {
    {
      std::lock_guard lock(mutex_);
      if (entry->is_told) return;
    }
    auto page = entry->what.read();
    bool is_empty = page.ok() && !*page;
    {
      std::lock_guard lock(mutex_);
      if (entry->is_told) return;
      if (is_empty) {
        // What was stored since the reading began may have been missed by it.
        entry->is_read =
            entry->what.is_ready ? entry->what.is_ready() : entry->grown_before != times_grown_;
        entry->grown_before = times_grown_;
        if (!entry->is_read) return;
      } else {
        entry->is_told = true;
        std::erase(entries_, entry);
      }
    }
    if (is_empty) return read(entry);
    entry->what.tell(page.ok() ? result<topic_page>(*std::move(*page)) : page.error());
  }

  const run_elsewhere elsewhere_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<one>> entries_;
  std::uint64_t times_grown_ = 0;
};

waiting_reads::waiting_reads(growth& grown, run_elsewhere elsewhere)
    : list_(std::make_shared<waiting_list>(std::move(elsewhere))) {
  grown.wait([list = std::weak_ptr(list_)] {
    auto still_there = list.lock();
    if (still_there) still_there->grown();
    return still_there == nullptr;
  });
}

waiting_reads::~waiting_reads() = default;

void waiting_reads::start(reading r) { list_->start(std::move(r)); }

void waiting_reads::stop(const std::string& reader) { list_->stop(reader); }

}  // namespace perdure::pubsub
