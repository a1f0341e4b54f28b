// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwarmIdentity
import SwarmModel
import Testing

@Suite("Root rotation")
struct RotationTests {
  @Test("at every step of a rotation all nodes trust each other, and afterwards the old root is worth nothing")
  func steps() async throws {
    var test = try TestAuthority()
    let oldRoots = try test.roots
    let before = try test.issue(.worker)
    let oldState = test.state

    test.state = try CertificateAuthority.startRotation(of: test.state, now: TestAuthority.now, using: &test.random)
    #expect(test.state.caCert == oldState.caCert)
    #expect(test.state.joinTokens == oldState.joinTokens)
    let during = try test.issue(.manager)
    #expect(try !test.authority.isCurrent(before.chain))
    #expect(try test.authority.isCurrent(during.chain))
    _ = try await oldRoots.verify(chain: before.chain, now: TestAuthority.now)
    _ = try await oldRoots.verify(chain: during.chain, now: TestAuthority.now)

    test.state = try CertificateAuthority.finishRotation(of: test.state)
    let newRoots = try test.roots
    #expect(newRoots != oldRoots)
    let after = try test.issue(.worker)
    #expect(try test.authority.isCurrent(during.chain))
    _ = try await newRoots.verify(chain: during.chain, now: TestAuthority.now)
    _ = try await newRoots.verify(chain: after.chain, now: TestAuthority.now)
    #expect(await VerifyingTests.code(newRoots, before.chain) == .permissionDenied)
    // A node that hasn't heard of the new root yet: only leaves with the cross-signed certificate behind them reach it.
    _ = try await oldRoots.verify(chain: during.chain, now: TestAuthority.now)
    #expect(await VerifyingTests.code(oldRoots, after.chain) == .permissionDenied)
  }

  @Test("who signed a node's certificate is told as SwarmKit tells it, and while nodes move the cluster wants the next root")
  func issuers() throws {
    var test = try TestAuthority(now: IssuingTests.live)
    let before = try test.issue(.worker, now: IssuingTests.live)
    let old = try #require(test.state.tlsInfo)
    #expect(before.tlsInfo == old)
    #expect(old.trustRoot == test.state.caCert)
    // The name and the key as openssl reads them from the root certificate.
    let directory = try TemporaryDirectory()
    let root = try directory.write(test.state.caCert, to: "root.pem")
    let key = try OpenSSL.run(["x509", "-in", root, "-noout", "-pubkey"]).output
    let body = key.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
    #expect(Data(base64Encoded: body).map(Array.init) == old.certIssuerPublicKey)
    #expect(String(decoding: old.certIssuerSubject, as: UTF8.self).hasSuffix("swarm-ca"))

    test.state = try CertificateAuthority.startRotation(of: test.state, now: IssuingTests.live, using: &test.random)
    let during = try test.issue(.worker, now: IssuingTests.live)
    let wanted = try #require(test.state.tlsInfo)
    #expect(wanted.trustRoot == old.trustRoot)
    #expect(wanted.certIssuerPublicKey != old.certIssuerPublicKey)
    #expect(during.tlsInfo == wanted)
    #expect(try test.authority.issuerInfo == wanted)
    test.state = try CertificateAuthority.finishRotation(of: test.state)
    let after = try #require(test.state.tlsInfo)
    #expect(after.certIssuerPublicKey == wanted.certIssuerPublicKey)
    #expect(after.trustRoot == test.state.caCert)
  }

  @Test("openssl follows the cross-signed chain from the old root, and from the new one")
  func openssl() throws {
    var test = try TestAuthority(now: IssuingTests.live)
    let directory = try TemporaryDirectory()
    let old = try directory.write(test.state.caCert, to: "old.pem")
    test.state = try CertificateAuthority.startRotation(of: test.state, now: IssuingTests.live, using: &test.random)
    let leaf = try directory.write(test.issue(.manager, now: IssuingTests.live).chain, to: "leaf.pem")
    let between = try directory.write(test.state.rootRotation?.crossSignedCACert ?? [], to: "between.pem")
    let new = try directory.write(CertificateAuthority.finishRotation(of: test.state).caCert, to: "new.pem")
    for root in [old, new] {
      let verdict = try OpenSSL.run(["verify", "-CAfile", root, "-untrusted", between, leaf])
      #expect(verdict.succeeded, "\(verdict.output)")
    }
  }

  @Test("tokens keep their secrets and speak of the new root; the old texts let nobody in")
  func tokens() throws {
    var test = try TestAuthority()
    let old = test.state.joinTokens
    test.state = try CertificateAuthority.startRotation(of: test.state, now: TestAuthority.now, using: &test.random)
    test.state = try CertificateAuthority.finishRotation(of: test.state)
    let new = test.state.joinTokens
    #expect(new.role(of: old.worker) == nil)
    #expect(new.worker.suffix(25) == old.worker.suffix(25))
    #expect(new.manager.suffix(25) == old.manager.suffix(25))
    #expect(try JoinToken(new.manager).vouches(forRoots: test.state.caCert))
  }

  @Test("an operator's root takes over; one with a wrong key doesn't, and neither does one that isn't an authority's")
  func operatorsRoot() async throws {
    var test = try TestAuthority(seed: 1)
    var other = try TestAuthority(seed: 2)
    let given = (certificate: other.state.caCert, key: other.state.caKey)
    let oldRoots = try test.roots
    test.state = try CertificateAuthority.startRotation(of: test.state, to: given, now: TestAuthority.now, using: &test.random)
    _ = try await oldRoots.verify(chain: test.issue().chain, now: TestAuthority.now)
    #expect(try CertificateAuthority.finishRotation(of: test.state).caCert == given.certificate)

    let leaf = try other.issue(.manager)
    for wrong in [(given.certificate, test.state.caKey), (leaf.chain, leaf.key.pem), ([], [])] {
      #expect(throws: SwarmError.self) {
        try CertificateAuthority.startRotation(of: test.state, to: wrong, now: TestAuthority.now, using: &test.random)
      }
    }
  }

  @Test("a second rotation replaces the first, and there is nothing to finish without one")
  func again() throws {
    var test = try TestAuthority()
    #expect { try CertificateAuthority.finishRotation(of: test.state) } throws: {
      ($0 as? SwarmError)?.code == .failedPrecondition
    }
    let first = try CertificateAuthority.startRotation(of: test.state, now: TestAuthority.now, using: &test.random)
    let second = try CertificateAuthority.startRotation(of: first, now: TestAuthority.now, using: &test.random)
    #expect(first.rootRotation != second.rootRotation)
    #expect(second.caCert == test.state.caCert)
  }
}
