// Accounts and transfers together, in every order in which sends can be handled, timers can fire
// and clients can call: money is conserved in each state that can be reached, and nothing is held
// once all is over.

#include <boost/test/unit_test.hpp>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "accounts.hpp"
#include "transfers.hpp"

using bank::api::accounts_calls;
using bank::api::transfers_calls;
using bank::domain::AccountState;
using bank::domain::TransferState;
using perdure::any_call;

namespace {

// All entities, the mail between them, and what is still to happen. A value.
struct world {
  std::map<std::string, AccountState> accounts;
  std::map<std::string, TransferState> transfers;
  // By sender and target: what one sends to another is handled in its order.
  std::map<std::pair<std::string, std::string>, std::deque<any_call>> mail;
  std::map<std::string, any_call> timers;  // by owner: a transfer has one
  std::vector<any_call> clients;           // each at any time
  std::int64_t deposited = 0;              // by all, less what was withdrawn
};

bool is_account(const any_call& call) {
  return call.method().service()->full_name() == "bank.api.Accounts";
}

// Both keys are the first field of their requests.
std::string target_of(const any_call& call) {
  const auto& request = call.request();
  const auto* key = request.GetDescriptor()->FindFieldByNumber(1);
  return request.GetReflection()->GetString(request, key);
}

template <class State>
void change(perdure::entity& handler, State& state, const perdure::any_effect& effect,
            const perdure::context& circumstances) {
  perdure::context_scope scope(handler, circumstances);
  for (const auto& event : effect.events) handler.apply(event.index, state, *event.message);
  if (effect.is_erased) state = State{};
}

void handle(world& w, const any_call& call) {
  bank::accounts accounts;
  bank::transfers transfers;
  auto id = target_of(call);
  perdure::metadata none;
  perdure::context circumstances(id, 0, none);
  auto decide = [&](perdure::entity& handler, const google::protobuf::Message& state) {
    perdure::context_scope scope(handler, circumstances);
    auto index = static_cast<std::size_t>(call.method().index());
    return handler.handle(index, state, call.request());
  };
  auto effect =
      is_account(call) ? decide(accounts, w.accounts[id]) : decide(transfers, w.transfers[id]);
  if (!effect.rejection.ok()) return;
  if (is_account(call)) {
    auto before = w.accounts[id].balance_cents();
    change(accounts, w.accounts[id], effect, circumstances);
    if (call.method().name() == "Withdraw" || call.method().name() == "Open") {
      w.deposited += w.accounts[id].balance_cents() - before;
    }
  } else {
    change(transfers, w.transfers[id], effect, circumstances);
  }
  for (const auto& sent : effect.sends) {
    w.mail[{id, target_of(sent.what)}].push_back(sent.what);
  }
  for (const auto& timer : effect.timers) {
    w.timers.erase(id);
    if (timer.set) w.timers.emplace(id, timer.set->what);
  }
}

// Every world that one more thing leads to.
std::vector<world> next(const world& w) {
  std::vector<world> all;
  for (const auto& [way, queue] : w.mail) {
    auto& after = all.emplace_back(w);
    auto& left = after.mail[way];
    auto call = left.front();
    left.pop_front();
    if (left.empty()) after.mail.erase(way);
    handle(after, call);
  }
  for (const auto& [owner, call] : w.timers) {
    auto& after = all.emplace_back(w);
    after.timers.erase(owner);
    after.mail[{owner, owner}].push_back(call);
  }
  for (std::size_t i = 0; i < w.clients.size(); ++i) {
    auto& after = all.emplace_back(w);
    after.clients.erase(after.clients.begin() + static_cast<std::ptrdiff_t>(i));
    handle(after, w.clients[i]);
  }
  return all;
}

std::string text_of(const world& w) {
  std::string text;
  auto add_call = [&](const any_call& call) {
    text += call.method().name() + "(" + call.request().ShortDebugString() + ") ";
  };
  // In the order of keys: maps inside a message have no order of their own.
  for (const auto& [id, account] : w.accounts) {
    text += id + ": " + std::to_string(account.is_open()) + " " +
            std::to_string(account.balance_cents()) + " holds";
    for (const auto& [t, cents] : std::map(account.holds().begin(), account.holds().end())) {
      text += " " + t + "=" + std::to_string(cents);
    }
    text += " credits";
    for (const auto& [t, cents] : std::map(account.credits().begin(), account.credits().end())) {
      text += " " + t + "=" + std::to_string(cents);
    }
    text += "\n";
  }
  for (const auto& [id, transfer] : w.transfers) {
    text += id + ": " + transfer.ShortDebugString() + "\n";
  }
  for (const auto& [way, queue] : w.mail) {
    text += way.first + " -> " + way.second + ": ";
    for (const auto& call : queue) add_call(call);
    text += "\n";
  }
  for (const auto& [owner, call] : w.timers) {
    text += "timer ";
    add_call(call);
  }
  for (const auto& call : w.clients) add_call(call);
  return text;
}

bool is_over(const TransferState& t) {
  return t.stage() == TransferState::NONE || t.stage() == TransferState::DONE ||
         t.stage() == TransferState::FAILED;
}

// Whether the target has the money of a transfer that the source still holds.
bool is_in_two_places(const world& w, const std::string& id, const TransferState& t) {
  if (t.stage() == TransferState::SETTLING) {
    return w.accounts.at(t.from_account()).holds().contains(id);
  }
  if (t.stage() != TransferState::CREDITING) return false;
  // The target may have been closed since, so its own state does not tell.
  auto answer = w.mail.find({t.to_account(), id});
  return answer != w.mail.end() && answer->second.front().method().name() == "CreditTaken";
}

void check(const world& w) {
  std::int64_t there = 0;
  std::int64_t held = 0;
  std::int64_t twice = 0;
  for (const auto& [id, account] : w.accounts) {
    there += account.balance_cents();
    BOOST_REQUIRE_MESSAGE(account.balance_cents() >= 0, "overdrawn:\n" << text_of(w));
    for (const auto& [transfer, cents] : account.holds()) {
      held += cents;
      BOOST_REQUIRE_MESSAGE(!is_over(w.transfers.at(transfer)), "held for nothing:\n"
                                                                    << text_of(w));
    }
  }
  for (const auto& [id, transfer] : w.transfers) {
    if (is_in_two_places(w, id, transfer)) twice += transfer.cents();
  }
  BOOST_REQUIRE_MESSAGE(there + held - twice == w.deposited,
                        there << " + " << held << " held - " << twice << " in two places, but "
                              << w.deposited << " deposited:\n"
                              << text_of(w));
}

void check_end(const world& w) {
  for (const auto& [id, account] : w.accounts) {
    BOOST_REQUIRE_MESSAGE(account.holds().empty() && account.credits().empty(), "left behind:\n"
                                                                                    << text_of(w));
  }
  for (const auto& [id, transfer] : w.transfers) {
    BOOST_REQUIRE_MESSAGE(is_over(transfer), "not over:\n" << text_of(w));
  }
}

struct walk_result {
  std::size_t states = 0;
  std::set<std::string> ends;  // the stages of all transfers
};

walk_result walk(const world& start) {
  walk_result result;
  std::set<std::string> seen{text_of(start)};
  std::deque<world> open{start};
  while (!open.empty()) {
    auto w = std::move(open.front());
    open.pop_front();
    ++result.states;
    check(w);
    auto all = next(w);
    if (all.empty()) {
      check_end(w);
      std::string end;
      for (const auto& [id, t] : w.transfers) {
        end += id + "=" + TransferState::Stage_Name(t.stage()) + " ";
      }
      result.ends.insert(end);
    }
    for (auto& after : all) {
      if (seen.insert(text_of(after)).second) open.push_back(std::move(after));
    }
  }
  return result;
}

any_call open(const std::string& id, std::int64_t cents) {
  bank::api::OpenRequest request;
  request.set_account_id(id);
  request.set_opening_cents(cents);
  return accounts_calls::open(request);
}

any_call withdraw(const std::string& id, std::int64_t cents) {
  bank::api::AmountRequest request;
  request.set_account_id(id);
  request.set_cents(cents);
  return accounts_calls::withdraw(request);
}

any_call close(const std::string& id) {
  bank::api::CloseRequest request;
  request.set_account_id(id);
  return accounts_calls::close(request);
}

any_call transfer(const std::string& id, const std::string& from, const std::string& to,
                  std::int64_t cents) {
  bank::api::TransferRequest request;
  request.set_transfer_id(id);
  request.set_from_account(from);
  request.set_to_account(to);
  request.set_cents(cents);
  return transfers_calls::transfer(request);
}

world with(std::initializer_list<any_call> before, std::vector<any_call> clients) {
  world w;
  for (const auto& call : before) handle(w, call);
  w.clients = std::move(clients);
  return w;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(interleavings)

BOOST_AUTO_TEST_CASE(a_transfer_is_done_or_has_expired) {
  auto result = walk(with({open("a", 100), open("b", 0)}, {transfer("t", "a", "b", 60)}));
  BOOST_TEST(result.ends == (std::set<std::string>{"t=DONE ", "t=FAILED "}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_target_may_be_closed_or_opened_meanwhile) {
  walk(with({open("a", 100), open("b", 0)},
            {transfer("t", "a", "b", 60), close("b"), open("b", 5), withdraw("b", 60)}));
  auto unknown = walk(with({open("a", 100)}, {transfer("t", "a", "b", 60)}));
  BOOST_TEST(unknown.ends == std::set<std::string>{"t=FAILED "}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_source_may_be_emptied_or_closed_meanwhile) {
  walk(with({open("a", 100), open("b", 0)},
            {transfer("t", "a", "b", 60), withdraw("a", 50), withdraw("a", 40), close("a")}));
}

BOOST_AUTO_TEST_CASE(transfers_compete_for_the_same_money) {
  auto result = walk(with({open("a", 100), open("b", 0)},
                          {transfer("t", "a", "b", 60), transfer("u", "a", "b", 60)}));
  BOOST_TEST(!result.ends.contains("t=DONE u=DONE "));
  BOOST_TEST(result.ends.contains("t=DONE u=FAILED "));
}

BOOST_AUTO_TEST_CASE(transfers_cross) {
  auto result = walk(with({open("a", 10), open("b", 0)},
                          {transfer("t", "a", "b", 10), transfer("u", "b", "a", 10)}));
  BOOST_TEST(result.ends.contains("t=DONE u=DONE "));
}

BOOST_AUTO_TEST_SUITE_END()
