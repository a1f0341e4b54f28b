// SPDX-License-Identifier: Apache-2.0

import SwarmIdentity
import SwarmModel
import Testing

@Suite("Renewal")
struct RenewalTests {
  @Test("the point lies between 50 and 80 % of the certificate's life, and all of that range is used")
  func range() throws {
    var test = try TestAuthority()
    let facts = try test.issue().facts
    let life = facts.notAfter - facts.notBefore
    var shares: [Double] = []
    for seed in 0..<1000 as Range<UInt64> {
      let wait = RenewalSchedule.wait(for: facts, now: facts.notBefore, seed: seed)
      shares.append(wait / life)
      #expect(wait == RenewalSchedule.wait(for: facts, now: facts.notBefore, seed: seed))
    }
    #expect(shares.allSatisfy { (0.5..<0.8).contains($0) })
    #expect((shares.min() ?? 1) < 0.51 && (shares.max() ?? 0) > 0.79)
  }

  @Test("a renewal that is overdue is due now, even after the certificate expired")
  func overdue() throws {
    var test = try TestAuthority()
    let facts = try test.issue().facts
    let life = facts.notAfter - facts.notBefore
    #expect(RenewalSchedule.wait(for: facts, now: facts.notBefore + life * 0.81, seed: 1) == .zero)
    #expect(RenewalSchedule.wait(for: facts, now: facts.notAfter + .seconds(1), seed: 1) == .zero)
    #expect(RenewalSchedule.wait(for: facts, now: facts.notBefore + life * 0.49, seed: 1) > .zero)
  }

  @Test("attempts that fail are repeated ever later, up to once an hour")
  func retries() {
    for failures in 1...100 {
      let wait = RenewalSchedule.retry(after: failures, seed: UInt64(failures))
      #expect(wait >= .seconds(5) && wait <= .seconds(3600))
      if failures > 1, wait < .seconds(3600) {
        #expect(wait > RenewalSchedule.retry(after: failures - 1, seed: UInt64(failures - 1)))
      }
    }
    #expect(RenewalSchedule.retry(after: 100, seed: 0) == .seconds(3600))
  }

  @Test("who has the key of an expired certificate comes back within the grace, and nobody else does")
  func expired() throws {
    var test = try TestAuthority()
    let key = NodeKey()
    let node = try test.issue(.worker, key: key)
    let request = try CertificateRequest(pem: key.certificateRequest())
    let rule = ExpiredRenewal(grace: TestAuthority.day)
    let end = node.facts.notAfter
    #expect(!rule.admits(request, lastCertificate: node.chain, now: end))
    #expect(rule.admits(request, lastCertificate: node.chain, now: end + .seconds(1)))
    #expect(rule.admits(request, lastCertificate: node.chain, now: end + TestAuthority.day))
    #expect(!rule.admits(request, lastCertificate: node.chain, now: end + TestAuthority.day + .seconds(1)))
    let stranger = try CertificateRequest(pem: NodeKey().certificateRequest())
    #expect(!rule.admits(stranger, lastCertificate: node.chain, now: end + .seconds(1)))
    #expect(!rule.admits(request, lastCertificate: [], now: end + .seconds(1)))
  }
}
