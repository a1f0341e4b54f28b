// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwarmIdentity
import SwarmModel
import Testing

@Suite("Issuing certificates")
struct IssuingTests {
  static let live = Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970) * 1_000_000_000)

  @Test("the root is what SwarmKit's is, by openssl's account")
  func root() throws {
    let test = try TestAuthority(now: Self.live)
    let text = try OpenSSL.run(["x509", "-noout", "-text"], input: test.state.caCert).output
    for line in [
      "Issuer: CN = swarm-ca", "Subject: CN = swarm-ca", "Signature Algorithm: ecdsa-with-SHA256", "NIST CURVE: P-256",
      "X509v3 Basic Constraints: critical\n                CA:TRUE\n",
      "X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign\n", "X509v3 Subject Key Identifier",
    ] { #expect(text.contains(line), "\(line) in \(text)") }
    #expect(!text.contains("Authority Key Identifier"))
    #expect(test.state.caCertHash.hasPrefix("sha256:"))
    #expect(test.state.caCertHash.count == 71)
  }

  @Test(
    "a node's certificate has the exact subject, names, usages and validity, by openssl's account",
    arguments: [NodeRole.worker, .manager]
  )
  func leaf(role: NodeRole) throws {
    var test = try TestAuthority(now: Self.live)
    let credentials = try test.issue(role, now: Self.live)
    let text = try OpenSSL.run(["x509", "-noout", "-text"], input: credentials.chain).output
    for line in [
      "Issuer: CN = swarm-ca",
      "Subject: O = \(TestAuthority.cluster), OU = swarm-\(role), CN = \(TestAuthority.node)",
      "X509v3 Basic Constraints: critical\n                CA:FALSE\n",
      "X509v3 Key Usage: critical\n                Digital Signature, Key Encipherment\n",
      "X509v3 Extended Key Usage: \n                TLS Web Server Authentication, TLS Web Client Authentication\n",
      "X509v3 Subject Key Identifier", "X509v3 Authority Key Identifier",
      "DNS:swarm-\(role), DNS:\(TestAuthority.node)\(role == .manager ? ", DNS:swarm-ca" : "")\n",
    ] { #expect(text.contains(line), "\(line) in \(text)") }
    #expect(credentials.facts.notBefore == Self.live - .seconds(3600))
    #expect(credentials.facts.notAfter == Self.live + .seconds(90 * 24 * 3600))

    let directory = try TemporaryDirectory()
    let rootFile = try directory.write(test.state.caCert, to: "root.pem")
    let leafFile = try directory.write(credentials.chain, to: "leaf.pem")
    for purpose in ["sslclient", "sslserver"] {
      let verdict = try OpenSSL.run(["verify", "-x509_strict", "-purpose", purpose, "-CAfile", rootFile, leafFile])
      #expect(verdict.succeeded, "\(verdict.output)")
    }
  }

  @Test("71: openssl reads our request, and we read openssl's, of which only the key counts")
  func requests() async throws {
    let request = try NodeKey().certificateRequest()
    let seen = try OpenSSL.run(["req", "-noout", "-verify", "-text"], input: request)
    #expect(seen.succeeded)
    #expect(seen.output.contains("Subject: \n") && seen.output.contains("ecdsa-with-SHA256"), "\(seen.output)")

    let directory = try TemporaryDirectory()
    let keyFile = "\(directory.path)/key.pem"
    _ = try OpenSSL.run(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", keyFile])
    let made = try OpenSSL.run([
      "req", "-new", "-key", keyFile, "-subj", "/O=evil/OU=swarm-manager/CN=somebody", "-addext", "subjectAltName=DNS:swarm-ca",
      "-addext", "basicConstraints=critical,CA:TRUE",
    ])
    var test = try TestAuthority()
    let chain = try test.authority.issue(
      CertificateRequest(pem: made.output.utf8),
      for: PeerIdentity(role: .worker, nodeID: TestAuthority.node, clusterID: TestAuthority.cluster),
      validity: .seconds(7200),
      now: TestAuthority.now,
      using: &test.random
    )
    let identity = try await test.roots.verify(chain: chain, now: TestAuthority.now)
    #expect(identity == PeerIdentity(role: .worker, nodeID: TestAuthority.node, clusterID: TestAuthority.cluster))
    let text = try OpenSSL.run(["x509", "-noout", "-text"], input: chain).output
    #expect(!text.contains("swarm-ca,") && !text.contains("DNS:swarm-ca") && !text.contains("evil") && text.contains("CA:FALSE"))
  }

  @Test("a request with another's signature, or that isn't one, is refused")
  func badRequests() throws {
    let pem = try NodeKey().certificateRequest()
    var changed = pem
    // A character in the middle of the key: still base 64, another key.
    let position = pem.count / 3
    changed[position] = changed[position] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
    for bytes in [[], Array("hello".utf8), pem + pem, Array(pem.dropLast(40)), changed, [UInt8](repeating: 65, count: 1 << 20)] {
      #expect { try CertificateRequest(pem: bytes) } throws: { ($0 as? SwarmError)?.code == .invalidArgument }
    }
  }

  @Test("a life below an hour is taken as 90 days, and none outlives the root")
  func validity() throws {
    var test = try TestAuthority()
    #expect(try test.issue(validity: .seconds(3599)).facts.notAfter == TestAuthority.now + .seconds(90 * 24 * 3600))
    #expect(try test.issue(validity: .seconds(3600)).facts.notAfter == TestAuthority.now + .seconds(3600))
    #expect(
      try test.issue(validity: .seconds(1_000_000_000)).facts.notAfter == TestAuthority.now + CertificateAuthority.rootValidity
    )
  }

  @Test("an authority without its key, or with another's, can't be used")
  func keys() throws {
    let test = try TestAuthority(seed: 1)
    let other = try TestAuthority(seed: 2)
    var state = test.state
    state.caKey = other.state.caKey
    #expect { try CertificateAuthority(state) } throws: { ($0 as? SwarmError)?.code == .invalidArgument }
    state.caKey = []
    #expect { try CertificateAuthority(state) } throws: { ($0 as? SwarmError)?.code == .failedPrecondition }
    state.caKey = Array("no key at all".utf8)
    #expect { try CertificateAuthority(state) } throws: { !"\($0)".contains("no key at all") }
  }
}
