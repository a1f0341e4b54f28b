// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwarmIdentity
import SwarmModel
import Testing

@Suite("Verifying certificates")
struct VerifyingTests {
  static func code(_ roots: TrustRoots, _ chain: [UInt8], now: Timestamp = TestAuthority.now) async -> SwarmError.Code? {
    do {
      _ = try await roots.verify(chain: chain, now: now)
      return nil
    } catch {
      return error.code
    }
  }

  @Test(
    "a node's certificate tells role, node and cluster, within its validity and not a second outside",
    arguments: [NodeRole.worker, .manager]
  )
  func validity(role: NodeRole) async throws {
    var test = try TestAuthority()
    let roots = try test.roots
    let node = try test.issue(role)
    let identity = try await roots.verify(chain: node.chain, now: TestAuthority.now)
    #expect(identity == PeerIdentity(role: role, nodeID: TestAuthority.node, clusterID: TestAuthority.cluster))
    #expect(node.identity == identity)
    #expect(await Self.code(roots, node.chain, now: node.facts.notBefore) == nil)
    #expect(await Self.code(roots, node.chain, now: node.facts.notBefore - .seconds(1)) == .permissionDenied)
    #expect(await Self.code(roots, node.chain, now: node.facts.notAfter) == nil)
    #expect(await Self.code(roots, node.chain, now: node.facts.notAfter + .seconds(1)) == .permissionDenied)
  }

  @Test("a certificate of another authority is refused, though its name is the same")
  func foreign() async throws {
    var other = try TestAuthority(seed: 2)
    let node = try other.issue(.manager)
    #expect(await Self.code(try TestAuthority(seed: 1).roots, node.chain) == .permissionDenied)
    #expect(await Self.code(try other.roots, node.chain) == nil)
  }

  @Test("an authority's own certificate isn't a node's")
  func authority() async throws {
    let test = try TestAuthority()
    #expect(await Self.code(try test.roots, test.state.caCert) == .permissionDenied)
  }

  @Test("a worker's certificate signs nobody")
  func signedByWorker() async throws {
    var test = try TestAuthority()
    let worker = try test.issue(.worker)
    // What an authority with the worker's certificate and key would issue.
    let forged = try? CertificateAuthority(RootCA(caKey: worker.key.pem, caCert: worker.chain))
    #expect(forged == nil)
  }

  @Test(
    "what openssl makes with a wrong subject is no node's",
    arguments: [
      "/CN=node000000000000000000000", "/O=cluster000000000000000000/OU=swarm-manager",
      "/O=cluster000000000000000000/OU=swarm-king/CN=node000000000000000000000",
      "/O=cluster000000000000000000/OU=swarm-manager/OU=swarm-worker/CN=node000000000000000000000",
      "/O=cluster000000000000000000/OU=swarm-manager/CN=..\\/..\\/etc\\/passwd",
      "/O=cluster000000000000000000/OU=swarm-manager/CN=NODE000000000000000000000",
    ]
  )
  func subjects(subject: String) async throws {
    let test = try TestAuthority(now: IssuingTests.live)
    let directory = try TemporaryDirectory()
    let wrong = try directory.openssl(subject: subject, extensions: Self.good, state: test.state)
    #expect(await Self.code(try test.roots, wrong, now: Self.soon) == .permissionDenied)
    // The same way with the right one is accepted: the refusal is for the subject alone.
    let right = try directory.openssl(subject: Self.subject, extensions: Self.good, state: test.state)
    #expect(await Self.code(try test.roots, right, now: Self.soon) == nil)
  }

  @Test(
    "what openssl makes with wrong usages is no node's",
    arguments: [
      "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth",
      "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth",
      "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,keyEncipherment\nextendedKeyUsage=serverAuth,clientAuth",
      "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth",
      "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n1.2.3.4.5=critical,ASN1:NULL",
    ]
  )
  func usages(extensions: String) async throws {
    let test = try TestAuthority(now: IssuingTests.live)
    let directory = try TemporaryDirectory()
    let wrong = try directory.openssl(subject: Self.subject, extensions: extensions, state: test.state)
    #expect(await Self.code(try test.roots, wrong, now: Self.soon) == .permissionDenied)
    // The same way with the right ones is accepted: the refusal is for the usages alone.
    let right = try directory.openssl(subject: Self.subject, extensions: Self.good, state: test.state)
    #expect(await Self.code(try test.roots, right, now: Self.soon) == nil)
  }

  @Test("damaged chains are refused, whatever the damage", arguments: 0..<100 as Range<UInt64>)
  func damage(seed: UInt64) async throws {
    var random = IdentifierGenerator(seed: seed)
    var test = try TestAuthority()
    var chain = try test.issue(.manager).chain
    let position = Int.random(in: 30..<chain.count - 30, using: &random)
    let old = chain[position]
    chain[position] = UInt8.random(in: 0 ... .max, using: &random)
    // A character that ends a line may be written in several ways.
    guard chain[position] != old, old > 32 else { return }
    #expect(await Self.code(try test.roots, chain) != nil, "seed \(seed), byte \(position)")
  }

  @Test("random bytes as a certificate give an error", arguments: 0..<100 as Range<UInt64>)
  func garbage(seed: UInt64) {
    var random = IdentifierGenerator(seed: seed)
    let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
    #expect(throws: SwarmError.self) { try CertificateFacts(der: bytes) }
    #expect(throws: SwarmError.self) { try TrustRoots(pem: bytes) }
    #expect(throws: SwarmError.self) { try CertificateFacts(chain: bytes) }
  }

  /// When openssl's certificates, which begin when they are made, are valid for sure.
  private static let soon = IssuingTests.live + .seconds(3600)
  private static let subject = "/O=cluster000000000000000000/OU=swarm-manager/CN=node000000000000000000000"
  private static let good =
    "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth"
}

extension TemporaryDirectory {
  /// A certificate that openssl signs with an authority's key.
  fileprivate func openssl(subject: String, extensions: String, state: RootCA) throws -> [UInt8] {
    let root = try self.write(state.caCert, to: "root.pem")
    let key = try self.write(state.caKey, to: "root.key")
    let options = try self.write(Array(extensions.utf8), to: "extensions")
    let own = "\(self.path)/own.key"
    _ = try OpenSSL.run(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", own])
    let request = try OpenSSL.run(["req", "-new", "-key", own, "-subj", subject, "-utf8"])
    let certificate = try OpenSSL.run(
      ["x509", "-req", "-CA", root, "-CAkey", key, "-days", "2", "-extfile", options, "-set_serial", "7"],
      input: Array(request.output.utf8)
    )
    let start = certificate.output.range(of: "-----BEGIN")?.lowerBound ?? certificate.output.startIndex
    return Array(certificate.output[start...].utf8)
  }
}
