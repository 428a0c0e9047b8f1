// A view as its .proto says, and what is wrong with it.

#include "views/view_plan.hpp"

#include <google/protobuf/descriptor.pb.h>

#include <boost/test/unit_test.hpp>
#include <set>

#include "perdure/annotations.pb.h"
#include "showings.pb.h"
#include "wrong_views.pb.h"

using namespace perdure::views;

namespace {

planned_view planned(const std::string& service) {
  const auto* pool = gallery::Sold::descriptor()->file()->pool();
  // Both files are linked in by naming a message of each.
  BOOST_TEST_REQUIRE(gallery::wrong::Blank::descriptor() != nullptr);
  const auto* found = pool->FindServiceByName("gallery." + service);
  BOOST_TEST_REQUIRE(found != nullptr, service);
  return plan_view(*found);
}

std::string told(const planned_view& view) {
  std::string made;
  for (const auto& problem : view.problems) {
    made +=
        (made.empty() ? "" : "\n") + (problem.rpc ? problem.rpc->name() : "service") + problem.text;
  }
  return made;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(view_plan)

BOOST_AUTO_TEST_CASE(tables_sources_and_queries_are_as_the_proto_says) {
  auto view = planned("Showings");
  BOOST_TEST_REQUIRE(told(view) == "");
  const auto& plan = view.plan;
  BOOST_TEST(plan.service->name() == "Showings");
  BOOST_TEST_REQUIRE(plan.tables.size() == 2u);
  BOOST_TEST(plan.tables[0].schema.name == "paintings");
  BOOST_TEST(plan.tables[0].schema.row->full_name() == "gallery.Painting");
  BOOST_TEST(plan.tables[0].searched == std::vector<std::string>{"title"});
  BOOST_TEST(plan.tables[1].schema.name == "sales");
  BOOST_TEST(plan.tables[1].searched.empty());
  BOOST_TEST_REQUIRE(plan.queries.size() == 2u);
  BOOST_TEST(plan.queries[0].rpc->name() == "Find");
  BOOST_TEST(plan.queries[0].may_scan);
  BOOST_TEST(!plan.queries[0].stream_updates);
  BOOST_TEST(plan.queries[0].plan.answers_many);
  BOOST_TEST(plan.queries[1].stream_updates);
  BOOST_TEST(plan.queries[1].plan.live.has_value());
}

BOOST_AUTO_TEST_CASE(each_source_has_its_takers_by_table) {
  auto plan = planned("Showings").plan;
  BOOST_TEST_REQUIRE(plan.sources.size() == 2u);
  const auto& paintings = plan.sources[0];
  BOOST_TEST(paintings.from.path() == "value_entity/painting");
  BOOST_TEST(!paintings.from_end);
  BOOST_TEST_REQUIRE(paintings.updates.size() == 2u);
  const auto& first = paintings.updates[0];
  BOOST_TEST(first.table == 0u);
  BOOST_TEST((first.takers.source == paintings.from));
  BOOST_TEST(first.takers.ignores_unknown);
  BOOST_TEST_REQUIRE(first.takers.all.size() == 2u);
  BOOST_TEST(first.takers.all[0].method == 0u);
  BOOST_TEST(first.takers.all[0].handles_deletes);
  BOOST_TEST(first.takers.all[1].method == 1u);
  BOOST_TEST(!first.takers.all[1].handles_deletes);
  BOOST_TEST((first.transforms == std::vector<bool>{false, false}));
  BOOST_TEST(paintings.updates[1].table == 1u);
  BOOST_TEST(paintings.updates[1].takers.all[0].method == 3u);
  BOOST_TEST((paintings.updates[1].transforms == std::vector<bool>{true}));
  const auto& sales = plan.sources[1];
  BOOST_TEST(sales.from.path() == "topic/sales");
  BOOST_TEST(sales.from_end);
  BOOST_TEST_REQUIRE(sales.updates.size() == 1u);
  BOOST_TEST(sales.updates[0].takers.all[1].ignores);
}

BOOST_AUTO_TEST_CASE(the_definition_is_what_rows_depend_on) {
  BOOST_TEST(planned("OtherShowings").plan.definition ==
             R"(version 3
table sales gallery.Sale
  buyer TEXT
  style TEXT
source topic/sales
  gallery.Sold into sales transformed
message gallery.Sale
  1 buyer string
  2 style enum gallery.Style
enum gallery.Style
  0 STYLE_UNSPECIFIED
  1 CUBISM
  2 FAUVISM
)");
  auto newer = planned("NewerShowings").plan.definition;
  BOOST_TEST(newer.starts_with("version 4\n"));
  BOOST_TEST(newer.substr(9) == planned("OtherShowings").plan.definition.substr(9));
  auto all = planned("Showings").plan.definition;
  for (std::string part :
       {"source topic/sales from its end\n", "  google.protobuf.Empty into paintings deletes\n",
        "  gallery.Painter into sales ignored\n", "  home.city TEXT\n",
        "  16 tags repeated string\n", "  14 copies optional int32\n",
        "message gallery.Exhibit\n"}) {
    BOOST_TEST(all.find(part) != std::string::npos, part);
  }
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_told_with_what_to_do) {
  const std::pair<std::string, std::string> cases[] = {
      {"NoOption",
       R"(Find.view: an rpc of a view brings rows or asks for them; write view.update or view.query)"},
      {"NoKind",
       R"(Find.view: an rpc of a view brings rows or asks for them; write view.update or view.query)"},
      {"StreamsIn",
       R"(Find: a view takes in no streams of requests; remove "stream" from the request)"},
      {"NoSource",
       R"(Painted.view.update: says where rows go, but not where they come from; write eventing.in)"},
      {"NamelessSource",
       R"(Painted.eventing.in names no source; write topic, event_sourced_entity, value_entity or direct)"},
      {"Publishes",
       R"(Painted.eventing.out: a view publishes nothing; have an action publish, and remove it)"},
      {"Grouped",
       R"(Painted.eventing.in.consumer_group: a view keeps its place with its rows; remove it)"},
      {"StreamsRows", R"(Painted: messages are handed over one by one; remove "stream")"},
      {"IgnoresAndTransforms",
       R"(Painted.view.update.transform_updates: a message that is ignored is not handed over; remove it, or ignore)"},
      {"TableNoTable", R"(Painted.view.update.table: names no table; write view.update.table)"},
      {"TableDotted",
       R"(Painted.view.update.table: "a.b" is no name of a table: letters, digits and _, a letter first)"},
      {"TableDigit",
       R"(Painted.view.update.table: "1a" is no name of a table: letters, digits and _, a letter first)"},
      {"TableKeyword", R"(Painted.view.update.table: "Order" is a word of SQL; take another name)"},
      {"TableOfSqlite",
       R"(Painted.view.update.table: "sqlite_x" begins as names that SQLite or Perdure keeps for itself; take another)"},
      {"TableOfPerdure",
       R"(Painted.view.update.table: "Perdure_x" begins as names that SQLite or Perdure keeps for itself; take another)"},
      {"TableFunction",
       R"(Painted.view.update.table: "json_each" is a word of SQL; take another name)"},
      {"TwoRows",
       R"(Born: it returns gallery.Painter, but the rows of table "paintings" are gallery.Painting; all rpcs of a table return its rows' message)"},
      {"TwoCases",
       R"(Born.view.update.table: "Paintings" and "paintings" differ only in case, which counts not in SQL; write one of them)"},
      {"NotTheRow",
       R"(Painted: gallery.Painting comes and gallery.Painter is the row; return what comes, or write view.update.transform_updates: true and a handler)"},
      {"DeletesWithContent",
       R"(Painted.eventing.in.handle_deletes: a deletion has no content, so that the request must be google.protobuf.Empty, not gallery.Painting)"},
      {"TakesNothing",
       R"(Painted: google.protobuf.Empty is no message that comes; to be told of deletions write eventing.in.handle_deletes: true)"},
      {"NoRow",
       R"(Painted: it returns google.protobuf.Empty, which has no fields; it must be the message of the rows of table "paintings")"},
      {"NoFields",
       R"(Painted: it returns gallery.wrong.Blank, which has no fields; it must be the message of the rows of table "paintings")"},
      {"OnlyDeletes",
       R"(Gone.view.update.table: no rpc brings rows to "paintings": one must return the message of its rows)"},
      {"TwoTakers",
       R"(Repainted.eventing.in: rpc Painted takes gallery.Painting of topic t into table "paintings" already; remove one)"},
      {"TwoDeletes",
       R"(Lost.eventing.in: rpc Gone takes deletions of topic t into table "paintings" already; remove one)"},
      {"OwnColumn",
       R"(Painted: the field "_key" of gallery.wrong.Keyed is named as a column that each table has; rename it)"},
      {"QueryTakes",
       R"(Find.eventing: a query is asked by callers, and neither takes in messages nor publishes; remove it)"},
      {"TransformsResults",
       R"(Find.view.query.transform_results is not supported; write the transformation in SQL)"},
      {"UpdatesOfOne",
       R"(Find.view.query.stream_updates: what changes is streamed; write returns (stream Painting))"},
      {"UnknownTable",
       R"(Find.view.query: line 2, column 6: "painting" is not a table of this view (did you mean "paintings"?))"},
      {"NoQuery",
       R"(Find.view.query: line 1, column 1: the query is empty; write SELECT ... FROM a table)"},
      {"WrongTwice",
       R"(Find.view.query: line 1, column 8: "titel" is no column of what is in FROM (did you mean "title"?)
Find.view.query: line 1, column 42: :yeer: "yeer" is not a field of gallery.Question (did you mean "year"?))"},
      {"ServiceSource",
       R"(service.eventing.in: of a service it says ignore_unknown and nothing else; put the rest on the rpcs)"},
      {"ServicePublishes", R"(service.eventing.out: a view publishes nothing; remove it)"},
  };
  std::set<std::string> seen;
  for (const auto& [service, expected] : cases) {
    BOOST_TEST(told(planned("wrong." + service)) == expected,
               service << ": " << told(planned("wrong." + service)));
    seen.insert(service);
  }
  const auto* file = gallery::wrong::Blank::descriptor()->file();
  for (int i = 0; i < file->service_count(); ++i) {
    BOOST_TEST(seen.contains(file->service(i)->name()), file->service(i)->name());
  }
}

// C++ cannot have such a message, so the file is made here.
BOOST_AUTO_TEST_CASE(fields_that_differ_only_in_case_are_refused_wherever_they_stand) {
  google::protobuf::DescriptorPool pool(google::protobuf::DescriptorPool::generated_pool());
  google::protobuf::FileDescriptorProto file;
  file.set_name("cased.proto");
  file.set_package("cased");
  file.add_dependency("perdure/annotations.proto");
  auto add_field = [](google::protobuf::DescriptorProto& to, const std::string& name, int number) {
    auto& field = *to.add_field();
    field.set_name(name);
    field.set_number(number);
    field.set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
    field.set_type(google::protobuf::FieldDescriptorProto::TYPE_STRING);
    return &field;
  };
  auto& cased = *file.add_message_type();
  cased.set_name("Cased");
  add_field(cased, "painterx", 1);
  add_field(cased, "painterX", 2);
  auto& around = *file.add_message_type();
  around.set_name("Around");
  auto& inside = *add_field(around, "inside", 1);
  inside.set_type(google::protobuf::FieldDescriptorProto::TYPE_MESSAGE);
  inside.set_type_name(".cased.Cased");
  auto& service = *file.add_service();
  service.set_name("Rows");
  for (std::string row : {"Cased", "Around"}) {
    auto& rpc = *service.add_method();
    rpc.set_name("Take" + row);
    rpc.set_input_type(".cased." + row);
    rpc.set_output_type(".cased." + row);
    auto& options = *rpc.mutable_options()->MutableExtension(perdure::method);
    options.mutable_eventing()->mutable_in()->set_topic("rows");
    options.mutable_view()->mutable_update()->set_table("of_" + row);
  }
  const auto* built = pool.BuildFile(file);
  BOOST_TEST_REQUIRE(built != nullptr);
  std::string same =
      R"(: the fields "painterx" and "painterX" of cased.Cased differ only in case, which counts not in SQL; rename one)";
  BOOST_TEST(told(plan_view(*built->service(0))) == "TakeCased" + same + "\nTakeAround" + same);
}

BOOST_AUTO_TEST_SUITE_END()
