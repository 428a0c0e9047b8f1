// Each step may be parted in two; who has taken it sees it as one.

#include "test/crash/parting_step_store.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace perdure::test {

using persistence::mail_effects;
using persistence::step;
using persistence::step_kind;

namespace {

// A step of the same entity that changes nothing but mail.
step mail_only(const step& of, mail_effects effects) {
  step made;
  made.entity = of.entity;
  made.kind = step_kind::mail_only;
  made.time = of.time;
  made.mail = std::make_shared<mail_effects>(std::move(effects));
  return made;
}

void note_positions(const mail_effects& first, const mail_effects& second, mail_effects& whole) {
  const auto& mail = second.mail.empty() ? first.mail : second.mail;
  for (std::size_t i = 0; i < whole.mail.size(); ++i) whole.mail[i].position = mail[i].position;
  if (!whole.fired) return;
  auto& sent = whole.fired->timer.timer.what.position;
  sent = first.fired ? first.fired->timer.timer.what.position : mail.front().position;
}

}  // namespace

std::vector<status> parting_step_store::commit(std::span<const step> group) {
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
    if (parted[i]) statuses[i] = inner().commit(std::span(&second, 1)).front();
    if (statuses[i].ok()) note_positions(*firsts[i].mail, *second.mail, *group[i].mail);
  }
  return statuses;
}

}  // namespace perdure::test
