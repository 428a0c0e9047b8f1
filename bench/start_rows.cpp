// From starting a service to its first durable answer, over a store with many entities and over one
// with few.

#include "bench/carts.hpp"
#include "bench/grpc_load.hpp"
#include "bench/http_load.hpp"
#include "bench/rows.hpp"
#include "bench/service_process.hpp"
#include "bench/stored_carts.hpp"

namespace perdure::bench {
namespace {

constexpr std::size_t many = 1'000'000;
constexpr std::size_t few = 1'000;
constexpr int starts = 5;          // of each store and each way to end; the median counts
constexpr int rounds_before = 10;  // of the commands that each run before a start was given

// A data folder, and the service that is started on it again and again.
class stored_service {
 public:
  stored_service(const surroundings& with, std::size_t carts)
      : folder_(with.data), command_(service_command(with.shopping_cart, folder_.path())) {
    store_carts(folder_.path() / "data", carts);
    // One that no other command is for: it is recovered.
    cart::api::AddItemRequest last;
    last.set_cart_id(cart_id(carts - 1));
    last.set_product_id("product-1");
    last.set_name("A tin of blue paint");
    last.set_quantity(1);
    first_ = http_request(last);
  }

  // Runs the service for a while, ends it, and starts it again: until its first answer then.
  double first_answer_ms(bool is_killed) {
    {
      service_process before(command_);
      grpc_load load({before.port("grpc"), add_item_path, written_before_, 256});
      for (int i = 0; i < rounds_before; ++i) load.send_each_once();
      is_killed ? before.kill() : before.stop();
    }
    auto begun = std::chrono::steady_clock::now();
    service_process again(command_);
    send_http(again.port("http"), first_);
    auto spent = std::chrono::steady_clock::now() - begun;
    again.stop();
    return std::chrono::duration<double, std::milli>(spent).count();
  }

 private:
  scratch_folder folder_;
  std::vector<std::string> command_;
  std::vector<std::string> written_before_ = add_item_bytes(few / 2);
  std::string first_;
};

std::vector<Figure> first_answers(const surroundings& with) {
  stored_service of_many(with, many);
  stored_service of_few(with, few);
  std::vector<Figure> made;
  for (bool is_killed : {false, true}) {
    std::vector<double> ours, ceiling;
    for (int i = 0; i < starts; ++i) {
      ours.push_back(of_many.first_answer_ms(is_killed));
      ceiling.push_back(of_few.first_answer_ms(is_killed));
    }
    made.push_back(figure(is_killed ? "start_1m_killed" : "start_1m_stopped", median(ours),
                          median(ceiling), {goal_kind::at_most, 2}, "ms",
                          "from start to first answer with 1,000,000 carts, after 20,000 commands "
                          "and " +
                              std::string(is_killed ? "kill -9" : "a graceful stop") +
                              "; ceiling: the same with 1,000 carts"));
  }
  return made;
}

}  // namespace

std::vector<row> start_rows() { return {{"start_1m", first_answers}}; }

}  // namespace perdure::bench
