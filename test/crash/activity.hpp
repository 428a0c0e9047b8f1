#pragma once

// What the calling thread is at, so that the file system knows which write it sees. RocksDB writes
// a group on the thread that commits it, and flushes and sweeps each on one thread of its own.

namespace perdure::test {

enum class activity { other, commit, snapshot_commit, flush, sweep };

inline thread_local activity current_activity = activity::other;

}  // namespace perdure::test
