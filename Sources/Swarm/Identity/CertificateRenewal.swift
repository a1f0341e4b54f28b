// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import SwarmIdentity
internal import SwarmModel
internal import SwarmWire

/// Gets a node its next certificate before the present one ends.
///
/// Connections that exist keep the certificate that they were made with; the next ones show the new one.
struct CertificateRenewal: Sendable {
  /// A certificate of a very short life is over the point of its renewal from the start: it is renewed this often.
  static let shortestWait = Duration.seconds(5)
  /// The longest sleep: the wall clock, by which certificates end, may be set meanwhile.
  static let longestSleep = Duration.seconds(3600)

  let certificates: NodeCertificates
  /// Where managers are; this node itself may be one of them.
  let managers: @Sendable () -> [String]
  /// How long one attempt looks for a leader.
  let patience: Duration
  let clock: NodeClock
  let logger: Logger
  /// Says that the node has another certificate.
  let renewed: @Sendable () -> Void
  private let turnstile = Turnstile()

  /// Renews, again and again, until cancelled.
  func run() async {
    var seed = UInt64.random(in: 0 ... .max)
    var failures = 0
    while !Task.isCancelled {
      var wait =
        failures > 0
        ? RenewalSchedule.retry(after: failures, seed: seed)
        : max(
          RenewalSchedule.wait(for: self.certificates.credentials.facts, now: self.clock.time, seed: seed),
          Self.shortestWait
        )
      let isDue = wait <= Self.longestSleep
      wait = min(wait, Self.longestSleep)
      do {
        try await Task.sleep(for: wait, clock: .continuous)
      } catch {
        return
      }
      guard isDue else { continue }
      seed = .random(in: 0 ... .max)
      do {
        try await self.renew()
        failures = 0
      } catch {
        failures += 1
        self.logger.warning(
          "the node's certificate can't be renewed yet",
          metadata: [
            "reason": "\((error as? SwarmError)?.message ?? "\(error)")",
            "ends": "\(self.certificates.credentials.facts.notAfter)",
          ]
        )
      }
    }
  }

  /// Asks the leader for a certificate and takes it into use.
  ///
  /// The leader decides about the role that it is for. One renewal goes on at a time, so that what was asked for last is what stays.
  ///
  /// - Throws: ``SwarmError``; `unavailable` when no leader answers, `permissionDenied` for a node that was removed.
  func renew() async throws {
    try await self.turnstile.pass { try await self.renewAlone() }
    self.renewed()
  }

  private func renewAlone() async throws {
    let present = self.certificates.credentials
    // An expired certificate can't be shown; who still has its key comes back (swarmkit#2933).
    let isExpired = self.clock.time > present.facts.notAfter
    let key = isExpired ? present.key : NodeKey()
    let csr = try key.certificateRequest()
    let search = LeaderSearch(addresses: self.managers(), patience: self.patience, clock: self.clock)
    let next = try await search.ask(isExpired ? .joining(present.trustRoots) : .mutual(self.certificates.security)) { manager in
      let id = try await manager.issueCertificate(CertificateApplication(csr: csr, token: "", availability: .active))
      return try await Gate.fetch(id, csr: csr, key: key, roots: present.trustRoots, from: manager, now: self.clock.time)
    }
    guard next.identity.clusterID == present.identity.clusterID, next.identity.nodeID == present.identity.nodeID else {
      throw SwarmError(code: .permissionDenied, message: "the certificate is for another node")
    }
    try self.certificates.replace(with: next)
    self.logger.info("the node has its next certificate", metadata: ["ends": "\(next.facts.notAfter)"])
  }
}
