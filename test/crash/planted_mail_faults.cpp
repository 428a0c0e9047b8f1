// Faults of mailboxes, timers and outboxes. What stands apart is durable in its turn before anybody
// is told, so only who dies in between sees it.

#include "test/crash/planted_mail_faults.hpp"

#include <optional>
#include <utility>

#include "base/check.hpp"
#include "test/crash/forwarding_outbox_store.hpp"
#include "test/crash/forwarding_step_store.hpp"

namespace perdure::test {
namespace {

using persistence::mail_effects;
using persistence::step;
using persistence::step_kind;

// A step of the same entity that changes nothing but mail.
step mail_only(const step& of, mail_effects effects) {
  step made;
  made.entity = of.entity;
  made.kind = step_kind::mail_only;
  made.time = of.time;
  made.mail = std::make_shared<mail_effects>(std::move(effects));
  return made;
}

// Each step may be parted in two; who has taken it sees it as one.
class parting_step_store : public forwarding_step_store {
 public:
  using forwarding_step_store::forwarding_step_store;

  std::vector<status> commit(std::span<const step> group) override {
    std::vector<step> firsts(group.begin(), group.end());
    std::vector<std::optional<mail_effects>> parted(group.size());
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (!group[i].mail) continue;
      firsts[i].mail = std::make_shared<mail_effects>(*group[i].mail);
      mail_effects second;
      if (part(group[i], *firsts[i].mail, second)) parted[i] = std::move(second);
    }
    auto statuses = inner().commit(firsts);
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (!group[i].mail || !statuses[i].ok()) continue;
      auto second = mail_only(group[i], parted[i].value_or(mail_effects{}));
      if (parted[i]) (void)inner().commit(std::span(&second, 1));
      note_positions(*firsts[i].mail, *second.mail, *group[i].mail);
    }
    return statuses;
  }

 protected:
  // Moves what is to stand apart; false when nothing is.
  virtual bool part(const step& of, mail_effects& first, mail_effects& second) = 0;

 private:
  static void note_positions(const mail_effects& first, const mail_effects& second,
                             mail_effects& whole) {
    const auto& mail = second.mail.empty() ? first.mail : second.mail;
    for (std::size_t i = 0; i < whole.mail.size(); ++i) whole.mail[i].position = mail[i].position;
    if (!whole.fired) return;
    auto& sent = whole.fired->timer.timer.what.position;
    sent = first.fired ? first.fired->timer.timer.what.position : mail.front().position;
  }
};

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
