#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace millrace {

/// A fixed crew of threads that do one job together. The caller is worker 0. Fewer than asked for where the system has
/// no more.
class Workers {
 public:
  static constexpr std::size_t limit = 256;

  explicit Workers(std::size_t count);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  std::size_t size() const { return threads_.size() + 1; }

  /// Calls `job(worker)` once for each worker, at the same time, and waits for all. The first exception is thrown on.
  void run(const std::function<void(std::size_t)>& job);

 private:
  void work(std::size_t worker);

  std::mutex mutex_;
  std::condition_variable begin_, end_;
  const std::function<void(std::size_t)>* job_ = nullptr;
  std::uint64_t round_ = 0;
  std::size_t busy_ = 0;
  bool is_stopping_ = false;
  std::exception_ptr problem_;
  std::vector<std::thread> threads_;
};

}  // namespace millrace
