#include "millrace/base/workers.h"

#include <algorithm>
#include <system_error>

namespace millrace {

Workers::Workers(std::size_t count) {
  const std::size_t wanted = std::clamp<std::size_t>(count, 1, limit);
  threads_.reserve(wanted - 1);
  try {
    for (std::size_t worker = 1; worker < wanted; ++worker) threads_.emplace_back([this, worker] { work(worker); });
  } catch (const std::system_error&) {
    // The system gives no more threads; the crew is smaller, and no result depends on its size.
  }
}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  begin_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::run(const std::function<void(std::size_t)>& job) {
  {
    const std::lock_guard lock(mutex_);
    job_ = &job;
    busy_ = threads_.size();
    problem_ = nullptr;
    ++round_;
  }
  begin_.notify_all();
  std::exception_ptr own;
  try {
    job(0);
  } catch (...) {
    own = std::current_exception();
  }
  std::unique_lock lock(mutex_);
  end_.wait(lock, [this] { return busy_ == 0; });
  if (own) std::rethrow_exception(own);
  if (problem_) std::rethrow_exception(problem_);
}

void Workers::work(std::size_t worker) {
  std::uint64_t done = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    begin_.wait(lock, [&] { return is_stopping_ || round_ != done; });
    if (is_stopping_) return;
    done = round_;
    const auto* job = job_;
    lock.unlock();
    std::exception_ptr problem;
    try {
      (*job)(worker);
    } catch (...) {
      problem = std::current_exception();
    }
    lock.lock();
    if (problem && !problem_) problem_ = problem;
    if (--busy_ == 0) end_.notify_one();
  }
}

}  // namespace millrace
