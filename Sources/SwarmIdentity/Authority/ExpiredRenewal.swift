// SPDX-License-Identifier: Apache-2.0

public import SwarmModel

/// How a node comes back whose certificate expired while it was off (swarmkit#2933).
///
/// It can't show its certificate any more, so it asks without one, with a request for the key that the certificate was for; the proof in the
/// request tells that it still has it. Managers find the node by that key. The answer is of no use to anybody without the key, so a request that
/// was overheard isn't either.
public struct ExpiredRenewal: Sendable, Hashable {
  /// For how long after its certificate expired a node may come back; later it must join again.
  public var grace: Duration

  /// Creates a rule.
  ///
  /// - Parameter grace: default 90 days, the life of a certificate.
  public init(grace: Duration = .seconds(90 * 24 * 3600)) {
    self.grace = grace
  }

  /// Whether a node may have its next certificate by this rule.
  ///
  /// - Parameters:
  ///   - request: what the node asks.
  ///   - chain: the certificate that the node was given last, PEM.
  ///   - now: the time.
  public func admits(_ request: CertificateRequest, lastCertificate chain: [UInt8], now: Timestamp) -> Bool {
    guard request.hasKey(of: chain), let facts = try? CertificateFacts(chain: chain) else { return false }
    return now > facts.notAfter && now - facts.notAfter <= self.grace
  }
}
