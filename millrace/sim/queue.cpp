#include "millrace/sim/queue.h"

#include <algorithm>
#include <cmath>

namespace millrace {

void QueuePlace::explain(double traded, Nanos now) {
  if (doubtful_ <= 0.0 || now - fell_ > one_event) return;
  const double explained = std::min(traded, doubtful_);
  const double back = shift_ * explained / doubtful_;
  ahead += back;
  shift_ -= back;
  doubtful_ -= explained;
}

void QueuePlace::on_cancels(double before, double gone, double power, Nanos now) {
  if (ahead == unknown) return;
  const double behind = std::max(before - ahead, 0.0);
  const double front = std::pow(ahead, power), back = std::pow(behind, power);
  const double share_behind = front + back > 0.0 ? back / (front + back) : 1.0;
  const double was = ahead;
  ahead = was - (1.0 - share_behind) * gone + std::min(behind - share_behind * gone, 0.0);
  ahead = std::clamp(ahead, 0.0, std::min(was, std::max(before - gone, 0.0)));
  fell_ = now;
  doubtful_ = gone;
  shift_ = was - ahead;
}

}  // namespace millrace
