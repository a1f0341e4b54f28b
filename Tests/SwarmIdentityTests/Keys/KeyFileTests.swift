// SPDX-License-Identifier: Apache-2.0

import SwarmIdentity
import SwarmModel
import Testing

@Suite("Keys at rest")
struct KeyFileTests {
  static let secrets = NodeSecrets(
    certificateKeys: [Array("CANARY certificate key".utf8)],
    logKeys: [Array("CANARY log key".utf8), Array("older".utf8)],
    unlockVersion: 7
  )

  @Test("an unlock key is SwarmKit's text")
  func text() throws {
    let key = try UnlockKey(bytes: Array(0..<32))
    #expect(key.text == "SWMKEY-1-AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")
    #expect(try UnlockKey(key.text) == key)
    var random = IdentifierGenerator(seed: 3)
    for _ in 0..<100 {
      let key = UnlockKey(using: &random)
      #expect(try UnlockKey(key.text).bytes == key.bytes)
    }
    for wrong in [
      "", "SWMKEY-1-", key.text + "A", String(key.text.dropLast()), "SWMKEY-2" + key.text.dropFirst(8), key.text.dropLast() + "9",
      key.text.dropLast() + "=",
    ] {
      #expect { try UnlockKey(wrong) } throws: { ($0 as? SwarmError)?.code == .invalidArgument }
    }
    for shown in ["\(key)", String(reflecting: key), "\([key])"] { #expect(!shown.contains("AAEC") && !shown.contains("31")) }
  }

  @Test("what is sealed opens with its key alone, and shows nothing of what it holds")
  func sealing() throws {
    var random = IdentifierGenerator(seed: 4)
    let key = UnlockKey(using: &random)
    let file = try KeyFile.encode(Self.secrets, sealedWith: key)
    #expect(try KeyFile.isSealed(file))
    #expect(try KeyFile.decode(file, unlockedWith: key) == Self.secrets)
    #expect(!String(decoding: file, as: UTF8.self).contains("CANARY"))
    #expect { try KeyFile.decode(file, unlockedWith: UnlockKey(using: &random)) } throws: {
      ($0 as? SwarmError)?.code == .permissionDenied
    }
    #expect { try KeyFile.decode(file, unlockedWith: nil) } throws: { ($0 as? SwarmError)?.code == .failedPrecondition }
    // The same secrets never give the same bytes.
    #expect(try KeyFile.encode(Self.secrets, sealedWith: key) != file)
  }

  @Test("a file that isn't sealed opens with any key and without one")
  func open() throws {
    var random = IdentifierGenerator(seed: 5)
    let file = try KeyFile.encode(Self.secrets, sealedWith: nil)
    #expect(try !KeyFile.isSealed(file))
    #expect(try KeyFile.decode(file, unlockedWith: nil) == Self.secrets)
    #expect(try KeyFile.decode(file, unlockedWith: UnlockKey(using: &random)) == Self.secrets)
  }

  @Test("no bit of a sealed file can be changed, and no byte taken away")
  func tampering() throws {
    var random = IdentifierGenerator(seed: 6)
    let key = UnlockKey(using: &random)
    let file = try KeyFile.encode(Self.secrets, sealedWith: key)
    for index in file.indices {
      var changed = file
      changed[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      #expect(throws: SwarmError.self, "byte \(index)") { try KeyFile.decode(changed, unlockedWith: key) }
      #expect(throws: SwarmError.self, "length \(index)") { try KeyFile.decode(Array(file[..<index]), unlockedWith: key) }
    }
  }

  @Test("the format never changes")
  func golden() throws {
    let bytes = try KeyFile.encode(NodeSecrets(certificateKeys: [[1, 2]], logKeys: [[3]], unlockVersion: 258), sealedWith: nil)
    #expect(
      bytes == [0x53, 0x57, 0x4b, 0x46, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0x0a, 4, 0x0a, 2, 1, 2, 0x12, 3, 0x0a, 1, 3, 0x18, 0x82, 2]
    )
    let sealed: [UInt8] = [
      83, 87, 75, 70, 1, 1, 0, 0, 0, 0, 0, 0, 1, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 158, 56, 245, 95, 240, 187, 231, 242,
      26, 136, 188, 107, 64, 171, 7, 142, 124, 114, 20, 73, 107, 135, 233, 155, 26, 194, 41, 162, 94, 191,
    ]
    #expect(try KeyFile.decode(sealed, unlockedWith: UnlockKey(bytes: Array(0..<32))).logKeys == [[3]])
  }

  @Test("no description shows secrets")
  func secrecy() {
    var dumped = ""
    dump(Self.secrets, to: &dumped)
    for text in ["\(Self.secrets)", String(reflecting: Self.secrets), dumped, "\(NodeKey())", String(reflecting: NodeKey())] {
      #expect(!text.contains("CANARY") && !text.contains("67, 65") && !text.contains("BEGIN"))
    }
  }

  @Test("keys of the log keep their numbers when older ones are forgotten")
  func forgetting() throws {
    var secrets = NodeSecrets(logKeys: [[3], [2], [1]])
    #expect(secrets.logKeyNumbers == [3, 2, 1])
    #expect(secrets.forgetLogKeys(unusedIn: [1, 3]) == [], "what is older than a used key is looked at first")
    #expect(secrets.forgetLogKeys(unusedIn: [2, 3]) == [1])
    secrets = try KeyFile.decode(KeyFile.encode(secrets, sealedWith: nil), unlockedWith: nil)
    #expect(secrets.logKeys == [[3], [2]] && secrets.logKeyNumbers == [3, 2])
    secrets.logKeys.insert([4], at: 0)
    #expect(secrets.logKeyNumbers == [4, 3, 2])
    #expect(secrets.forgetLogKeys(unusedIn: []) == [2, 3], "the newest stays")
    #expect(secrets.logKeyNumbers == [4])
    secrets.forgetLog()
    #expect(secrets == NodeSecrets(), "another log counts from 1 again")
  }
}
