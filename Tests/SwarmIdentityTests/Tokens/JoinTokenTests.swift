// SPDX-License-Identifier: Apache-2.0

import SwarmIdentity
import SwarmModel
import Testing

@Suite("Join tokens")
struct JoinTokenTests {
  static let digest = String(repeating: "0", count: 50)
  static let secret = "0".padding(25)

  @Test("a token is SwarmKit's text: the digest of the PEM and the secret in base 36")
  func format() throws {
    let roots = try TestAuthority().roots
    let token = JoinToken(roots: roots, secret: Array(0..<16))
    let parts = token.text.split(separator: "-")
    #expect(parts.count == 4)
    #expect(parts[0] == "SWMTKN" && parts[1] == "1")
    #expect(parts[2].count == 50)
    // int.from_bytes(range(16)) in base 36.
    #expect(parts[3] == "000avh9he7dy896m08s18udxr")
    let openssl = try OpenSSL.run(["dgst", "-sha256", "-r"], input: roots.pem)
    #expect(openssl.output.hasPrefix(Self.hex(try JoinToken(token.text).rootDigest)))
    #expect(token.vouches(forRoots: roots.pem))
    #expect(!token.vouches(forRoots: roots.pem.dropLast()))
  }

  @Test("a token of SwarmKit's reads back as it was", arguments: ["SWMTKN-1-", "SWMTKN-2-1-"])
  func roundTrip(prefix: String) throws {
    let text = prefix + "1cnltwkhkxidzdgx4369jd99p973uxvmj5krpblkiglra1qcb1" + "-000avh9he7dy896m08s18udxr"
    let token = try JoinToken(text)
    #expect(token.text == text)
    #expect(token.isFIPS == (prefix == "SWMTKN-2-1-"))
    #expect(token.vouches(forRoots: Array("root certificates".utf8)))
  }

  @Test(
    "what isn't a token is refused with docker's sentence, and nothing of it is repeated",
    arguments: [
      "", "SWMTKN", "SWMTKN-1", "SWMTKN-1--", "SWMTKN-1-\(digest)", "SWMTKN-1-\(digest)-", "SWMTKN-2-\(digest)-\(secret)",
      "SWMTKN-1-\(digest)-\(secret)0", "SWMTKN-1-\(digest)-\(secret)-", "SWMTKN-1-0\(digest)-\(secret)",
      "SWMTKN-3-1-\(digest)-\(secret)", "swmtkn-1-\(digest)-\(secret)", "SWMTKN-1-\(digest)-\(String(repeating: "Z", count: 25))",
      "SWMTKN-1-\(String(repeating: "z", count: 50))-\(secret)", " SWMTKN-1-\(digest)-\(secret)",
      "SWMTKN-1-\(digest)-é\(String(repeating: "0", count: 23))",
      String(repeating: "-", count: 5000), "\0\0\0",
    ]
  )
  func malformed(text: String) {
    #expect(throws: SwarmError(code: .invalidArgument, message: "invalid join token")) { try JoinToken(text) }
  }

  @Test("random bytes give a token or an error", arguments: 0..<200 as Range<UInt64>)
  func fuzz(seed: UInt64) {
    var random = IdentifierGenerator(seed: seed)
    var bytes = Array("SWMTKN-1-\(Self.digest)-\(Self.secret)".utf8)
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0 ... .max, using: &random)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    if let token = try? JoinToken(text) { #expect(token.text == text) }
  }

  @Test("no description shows the secret")
  func secrecy() throws {
    let token = try JoinToken("SWMTKN-1-1cnltwkhkxidzdgx4369jd99p973uxvmj5krpblkiglra1qcb1-000avh9he7dy896m08s18udxr")
    var dumped = ""
    dump(token, to: &dumped)
    for text in ["\(token)", String(reflecting: token), dumped, "\([token])"] {
      #expect(!text.contains("000avh9he7dy896m08s18udxr"))
    }
  }

  @Test("70: a token's role is that of the one that it equals; rotation refuses the old one at once and leaves the other alone")
  func roles() throws {
    var test = try TestAuthority()
    let old = test.state.joinTokens
    #expect(old.worker != old.manager)
    #expect(old.role(of: old.worker) == .worker)
    #expect(old.role(of: old.manager) == .manager)
    #expect(old.role(of: String(old.worker.dropLast())) == nil)
    #expect(old.role(of: "") == nil)
    #expect(JoinTokens().role(of: "") == nil)

    var new = old
    new.rotate(.worker, roots: try test.roots, using: &test.random)
    #expect(new.role(of: old.worker) == nil)
    #expect(new.role(of: new.worker) == .worker)
    #expect(new.role(of: old.manager) == .manager)
    new.rotate(.manager, roots: try test.roots, using: &test.random)
    #expect(new.role(of: old.manager) == nil)
  }

  static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension String {
  fileprivate func padding(_ length: Int) -> String { String(repeating: self, count: length) }
}
