// SPDX-License-Identifier: Apache-2.0

public import SwarmModel

/// When a node asks for its next certificate: at a random point between 50 and 80 % of the life of the present one, as SwarmKit's nodes do.
///
/// Chance keeps nodes that joined together from asking together.
public enum RenewalSchedule {
  /// After an attempt that failed, the next one waits this long at first, then ever longer.
  public static let firstRetry = Duration.seconds(5)
  /// The longest wait between attempts.
  public static let longestRetry = Duration.seconds(3600)

  /// How long to wait until the next certificate is asked for; zero when that is overdue.
  ///
  /// - Parameters:
  ///   - facts: the present certificate.
  ///   - now: the time.
  ///   - seed: decides about the point; 64 bits of chance.
  public static func wait(for facts: CertificateFacts, now: Timestamp, seed: UInt64) -> Duration {
    var random = IdentifierGenerator(seed: seed)
    let life = facts.notAfter - facts.notBefore
    let point = facts.notBefore + life * Double.random(in: 0.5..<0.8, using: &random)
    return max(point - now, .zero)
  }

  /// How long to wait after so many attempts in a row have failed, with up to a quarter more by chance.
  ///
  /// - Parameters:
  ///   - failures: how many, at least 1.
  ///   - seed: decides about the addition.
  public static func retry(after failures: Int, seed: UInt64) -> Duration {
    var random = IdentifierGenerator(seed: seed)
    let wait = Self.firstRetry * (1 << min(max(failures, 1) - 1, 20))
    return min(wait * Double.random(in: 1..<1.25, using: &random), Self.longestRetry)
  }
}
