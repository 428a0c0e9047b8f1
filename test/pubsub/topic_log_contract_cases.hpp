// What every topic_log does, as far as it can be told to hold what a case wants: each case runs on
// every type of `adapters`. Included inside a suite.

BOOST_AUTO_TEST_CASE_TEMPLATE(records_are_read_as_they_were_written_and_in_order, Adapter,
                              adapters) {
  Adapter log;
  log.create("t");
  log.append("t", {"a", "a1", timestamp{1000s}});
  log.append("t", {"a", std::string("\0\xff", 2), timestamp{2000s}});
  log.append("t", {"a", std::nullopt, timestamp{3000s}});
  auto all = read_all(*log, "t", partition_of(log, "t", "a"), 3);
  BOOST_REQUIRE(all.size() == 3);
  BOOST_TEST(payloads_of(all) == (texts{"a1", std::string("\0\xff", 2), "(deleted)"}),
             per_element());
  for (const auto& r : all) BOOST_TEST(r.key.value() == "a");
  BOOST_TEST((all[1].time == timestamp{2000s}));
  BOOST_TEST((all[0].offset < all[1].offset && all[1].offset < all[2].offset));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(order_is_kept_per_key, Adapter, adapters) {
  Adapter log;
  log.create("t");
  std::map<std::uint32_t, texts> expected;
  for (int n = 0; n < 50; ++n) {
    auto key = "k" + std::to_string(n % 7);
    auto payload = key + ":" + std::to_string(n);
    log.append("t", {key, payload});
    expected[partition_of(log, "t", key)].push_back(payload);
  }
  for (const auto& [partition, payloads] : expected) {
    auto all = read_all(*log, "t", partition, payloads.size());
    BOOST_TEST(payloads_of(all) == payloads, per_element());
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(pages_have_at_least_one_record_and_go_on_where_they_end, Adapter,
                              adapters) {
  Adapter log;
  log.create("t");
  texts expected;
  for (int n = 0; n < 10; ++n) {
    expected.push_back(std::string(100, static_cast<char>('0' + n)));
    log.append("t", {"a", expected.back()});
  }
  auto partition = partition_of(log, "t", "a");
  for (std::size_t bytes : {1, 300, 100'000}) {
    BOOST_TEST(payloads_of(read_all(*log, "t", partition, 10, bytes)) == expected, per_element());
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(who_has_read_all_waits_for_more, Adapter, adapters) {
  Adapter log;
  log.create("t");
  auto partition = partition_of(log, "t", "a");
  auto waiting = begin_reading(*log, "t", partition, bounds(*log, "t", partition).end);
  log.append("t", {"a", "1"});
  auto first = wait_for(std::move(waiting));
  BOOST_REQUIRE_MESSAGE(first.ok(), first.error());
  BOOST_TEST(payloads_of(first->records) == texts{"1"}, per_element());
  waiting = begin_reading(*log, "t", partition, first->next);
  BOOST_TEST((waiting.wait_for(50ms) == std::future_status::timeout));
  log.append("t", {"a", "2"});
  auto second = wait_for(std::move(waiting));
  BOOST_REQUIRE_MESSAGE(second.ok(), second.error());
  BOOST_TEST(payloads_of(second->records) == texts{"2"}, per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(readers_and_partitions_do_not_wait_for_each_other, Adapter,
                              adapters) {
  Adapter log;
  log.create("t");
  log.create("u");
  auto partition = partition_of(log, "t", "a");
  std::string other = "b";
  while (partition_of(log, "t", other) == partition) other += "b";
  auto waits = begin_reading(*log, "t", partition, bounds(*log, "t", partition).end);
  auto waits_too =
      begin_reading(*log, "u", partition, bounds(*log, "u", partition).end, everything, "another");
  log.append("t", {other, "1"});
  BOOST_TEST(payloads_of(read_all(*log, "t", partition_of(log, "t", other), 1)) == texts{"1"},
             per_element());
  log.append("u", {"a", "2"});
  auto page = wait_for(std::move(waits_too));
  BOOST_REQUIRE_MESSAGE(page.ok(), page.error());
  BOOST_TEST(payloads_of(page->records) == texts{"2"}, per_element());
  (*log).stop("reader");
  // Where both stand in one log, the reader has been told how far it got.
  auto told = wait_for(std::move(waits));
  BOOST_TEST((told.ok() ? told->records.empty() : told.error().code() == status_code::cancelled));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_reader_that_is_stopped_is_told_and_may_read_on, Adapter, adapters) {
  Adapter log;
  log.create("t");
  auto partition = partition_of(log, "t", "a");
  auto end = bounds(*log, "t", partition).end;
  auto waiting = begin_reading(*log, "t", partition, end);
  (*log).stop("another");
  BOOST_TEST((waiting.wait_for(20ms) == std::future_status::timeout));
  (*log).stop("reader");
  BOOST_TEST(wait_for(std::move(waiting)).error().code() == status_code::cancelled);
  (*log).stop("reader");
  log.append("t", {"a", "1"});
  BOOST_TEST(payloads_of(read(*log, "t", partition, end).records) == texts{"1"}, per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(bounds_tell_what_is_there, Adapter, adapters) {
  Adapter log;
  log.create("t");
  auto partition = partition_of(log, "t", "a");
  auto empty = bounds(*log, "t", partition);
  BOOST_TEST((empty.first == empty.end));
  log.append("t", {"a", "1"});
  log.append("t", {"a", "2"});
  auto two = bounds(*log, "t", partition);
  BOOST_TEST((two.first == empty.first));
  BOOST_TEST(value(two.end) >= value(two.first) + 2);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_behind_the_end_is_out_of_range, Adapter, adapters) {
  Adapter log;
  log.create("t");
  log.append("t", {"a", "1"});
  auto partition = partition_of(log, "t", "a");
  auto far = bounds(*log, "t", partition).end + 1000;
  auto page = wait_for(begin_reading(*log, "t", partition, far));
  BOOST_TEST(page.error().code() == status_code::out_of_range);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_was_dropped_is_out_of_range, Adapter, adapters) {
  Adapter log;
  log.create("t");
  for (const auto* payload : {"1", "2", "3"}) log.append("t", {"a", payload});
  auto partition = partition_of(log, "t", "a");
  auto first = read_all(*log, "t", partition, 3)[0].offset;
  auto kept = read_all(*log, "t", partition, 3)[2].offset;
  if (!log.trim("t", partition, kept)) return;
  BOOST_TEST((bounds(*log, "t", partition).first == kept));
  auto page = wait_for(begin_reading(*log, "t", partition, first));
  BOOST_TEST(page.error().code() == status_code::out_of_range);
  BOOST_TEST(payloads_of(read_all(*log, "t", partition, 1)) == texts{"3"}, per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(offsets_are_found_by_time, Adapter, adapters) {
  Adapter log;
  log.create("t");
  for (int n = 1; n <= 3; ++n) log.append("t", {"a", "p", timestamp{1000s * n}});
  auto partition = partition_of(log, "t", "a");
  auto all = read_all(*log, "t", partition, 3);
  auto at = [&](timestamp time) {
    auto found = (*log).offset_at("t", partition, time);
    BOOST_REQUIRE_MESSAGE(found.ok(), found.error());
    return *found;
  };
  BOOST_TEST((at(timestamp{0s}) == all[0].offset));
  BOOST_TEST((at(timestamp{1000s}) == all[0].offset));
  BOOST_TEST((at(timestamp{1000s} + 1ms) == all[1].offset));
  BOOST_TEST((at(timestamp{3000s}) == all[2].offset));
  BOOST_TEST((at(timestamp{3001s}) >= all[2].offset + 1));
}
