// Faults of mailboxes, timers and outboxes.

#include "test/crash/planted_mail_faults.hpp"

#include <optional>
#include <utility>

#include "base/check.hpp"
#include "test/crash/forwarding_outbox_store.hpp"
#include "test/crash/forwarding_step_store.hpp"
#include "test/crash/parting_step_store.hpp"

namespace perdure::test {
namespace {

using persistence::mail_effects;
using persistence::step;
using persistence::step_kind;

class mail_apart final : public parting_step_store {
  using parting_step_store::parting_step_store;

  bool part(const step&, mail_effects& first, mail_effects& second) override {
    if (first.mail.empty() || first.relayed) return false;
    second.mail = std::move(first.mail);
    first.mail.clear();
    return true;
  }
};

class handled_apart final : public parting_step_store {
  using parting_step_store::parting_step_store;

  bool part(const step& of, mail_effects& first, mail_effects& second) override {
    if (!first.handled || of.kind == step_kind::mail_only) return false;
    second.handled = std::exchange(first.handled, {});
    second.outcome = std::exchange(first.outcome, {});
    return true;
  }
};

class fired_apart final : public parting_step_store {
  using parting_step_store::parting_step_store;

  bool part(const step&, mail_effects& first, mail_effects& second) override {
    if (!first.fired) return false;
    auto fired = *std::exchange(first.fired, {});
    first.mail.push_back(fired.timer.timer.what);
    second.timers.push_back({fired.timer.name, {}});
    return true;
  }
};

class mail_swapped final : public forwarding_step_store {
 public:
  using forwarding_step_store::forwarding_step_store;

  result<std::vector<persistence::stored_mail>> read_mail(const entity_key& target,
                                                          mail_position after,
                                                          std::size_t bytes_max) override {
    auto page = inner().read_mail(target, after, bytes_max);
    if (!page.ok() || page->size() < 2) return page;
    auto& first = page->front().mail;
    auto& last = page->back().mail;
    std::swap(first, last);
    std::swap(first.position, last.position);
    return page;
  }
};

// Hands steps on whose mail has been changed.
class careless_step_store : public forwarding_step_store {
 public:
  using forwarding_step_store::forwarding_step_store;

  std::vector<status> commit(std::span<const step> group) override {
    for (const auto& s : group) {
      if (s.mail) forget(*s.mail);
    }
    return inner().commit(group);
  }

 protected:
  virtual void forget(mail_effects& of) = 0;
};

class no_outcome final : public careless_step_store {
  using careless_step_store::careless_step_store;
  void forget(mail_effects& of) override { of.outcome.reset(); }
};

class relay_unchecked final : public careless_step_store {
  using careless_step_store::careless_step_store;
  void forget(mail_effects& of) override { of.relayed.reset(); }
};

class handled_forgotten final : public forwarding_outbox_store {
 public:
  using forwarding_outbox_store::forwarding_outbox_store;

  std::vector<status> commit(std::span<const step> group) override {
    for (const auto& s : group) {
      if (s.mail) s.mail->handled.reset();
    }
    return inner().commit(group);
  }
};

}  // namespace

std::unique_ptr<persistence::topic_store> with_mail_fault(
    std::unique_ptr<persistence::topic_store> inner, fault f) {
  switch (f) {
    case fault::mail_apart:
      return std::make_unique<mail_apart>(std::move(inner));
    case fault::handled_apart:
      return std::make_unique<handled_apart>(std::move(inner));
    case fault::fired_apart:
      return std::make_unique<fired_apart>(std::move(inner));
    case fault::mail_swapped:
      return std::make_unique<mail_swapped>(std::move(inner));
    case fault::no_outcome:
      return std::make_unique<no_outcome>(std::move(inner));
    case fault::relay_unchecked:
      return std::make_unique<relay_unchecked>(std::move(inner));
    default:
      PERDURE_CHECK(false);
  }
}

std::unique_ptr<persistence::outbox_store> with_fault(
    std::unique_ptr<persistence::outbox_store> inner, fault f) {
  if (f == fault::handled_forgotten) return std::make_unique<handled_forgotten>(std::move(inner));
  return inner;
}

}  // namespace perdure::test
