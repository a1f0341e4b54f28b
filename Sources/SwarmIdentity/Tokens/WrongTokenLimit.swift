// SPDX-License-Identifier: Apache-2.0

/// How often wrong join tokens may be tried.
///
/// Each address has an allowance that refills with time; addresses that have used theirs up are refused without a look at the token. A token has
/// 128 bits of chance, so this is about load and log volume, not about guessing. Right tokens cost nothing.
///
/// Remembers a bounded number of addresses: when there are more, the one that erred longest ago is forgotten.
public struct WrongTokenLimit: Sendable {
  /// How many wrong tokens in a row an address has before it must wait.
  public let burst: Int
  /// After what time one more is allowed.
  public let refill: Duration
  private let maximumAddresses: Int
  private var offenders: [String: Offender] = [:]

  private struct Offender {
    var used: Int
    var since: Duration
  }

  /// Creates a limit.
  ///
  /// - Parameters:
  ///   - burst: how many wrong tokens an address has; default 10.
  ///   - refill: after what time one more is allowed; default 1 s.
  ///   - maximumAddresses: how many addresses are remembered; default 4096.
  public init(burst: Int = 10, refill: Duration = .seconds(1), maximumAddresses: Int = 4096) {
    precondition(burst > 0 && refill > .zero && maximumAddresses > 0, "a limit must allow something")
    self.burst = burst
    self.refill = refill
    self.maximumAddresses = maximumAddresses
  }

  /// Whether a token from this address is looked at.
  ///
  /// - Parameters:
  ///   - address: where it came from, without a port.
  ///   - now: monotonic time.
  public func allows(_ address: String, now: Duration) -> Bool {
    guard let offender = self.offenders[address] else { return true }
    return self.used(offender, now: now) < self.burst
  }

  /// Notes a wrong token; returns whether it was the address's last for now, which is worth a line in the log.
  public mutating func noteWrongToken(from address: String, now: Duration) -> Bool {
    var offender = self.offenders[address] ?? Offender(used: 0, since: now)
    let used = self.used(offender, now: now)
    // What is left of a refill that has begun goes on counting, unless there was nothing to refill.
    let progress = used == 0 ? .zero : self.remainder(now - offender.since)
    offender = Offender(used: min(used + 1, self.burst), since: now - progress)
    self.offenders[address] = offender
    if self.offenders.count > self.maximumAddresses { self.forgetOldest(but: address) }
    return offender.used == self.burst && used < self.burst
  }

  /// How many addresses are remembered.
  public var count: Int { self.offenders.count }

  private func used(_ offender: Offender, now: Duration) -> Int {
    guard now > offender.since else { return offender.used }
    let refilled = (now - offender.since) / self.refill
    return refilled >= Double(offender.used) ? 0 : offender.used - Int(refilled)
  }

  private func remainder(_ elapsed: Duration) -> Duration {
    guard elapsed > .zero else { return .zero }
    return elapsed - self.refill * Int(elapsed / self.refill)
  }

  private mutating func forgetOldest(but address: String) {
    let oldest = self.offenders.lazy.filter { $0.key != address }.min {
      ($0.value.since, $0.key) < ($1.value.since, $1.key)
    }
    if let oldest { self.offenders[oldest.key] = nil }
  }
}
