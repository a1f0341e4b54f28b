// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwarmIdentity
import SwarmModel
import Testing

@Suite("Files")
struct CertificateDirectoryTests {
  @Test("what is stored is read back, in files that nobody else can read")
  func roundTrip() throws {
    let temporary = try TemporaryDirectory()
    var test = try TestAuthority()
    let directory = try CertificateDirectory(path: "\(temporary.path)/a/certificates")
    #expect(try directory.secrets() == nil)
    #expect(try directory.credentials(NodeSecrets()) == nil)
    #expect(try !directory.isLocked())

    let node = try test.issue(.manager)
    try directory.store(node, secrets: NodeSecrets(logKeys: [[1]]))
    let secrets = try #require(try directory.secrets())
    #expect(secrets.logKeys == [[1]])
    let read = try #require(try directory.credentials(secrets))
    #expect(read.chain == node.chain)
    #expect(read.key.pem == node.key.pem)
    #expect(read.trustRoots == node.trustRoots)

    #expect(try TemporaryDirectory.mode("\(temporary.path)/a") == 0o700)
    #expect(try TemporaryDirectory.mode(directory.path) == 0o700)
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    #expect(names == ["swarm-node.crt", "swarm-node.key", "swarm-root-ca.crt"])
    for name in names { #expect(try TemporaryDirectory.mode("\(directory.path)/\(name)") == 0o600) }

    try directory.wipe()
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
  }

  @Test("a crash between any two files of a renewal leaves a certificate with its key")
  func crashes() throws {
    let temporary = try TemporaryDirectory()
    var test = try TestAuthority()
    let directory = try CertificateDirectory(path: "\(temporary.path)/certificates")
    let old = try test.issue(.worker)
    let new = try test.issue(.manager)
    let key = "\(directory.path)/swarm-node.key"
    let certificate = "\(directory.path)/swarm-node.crt"

    try directory.store(old)
    let oldKey = try Data(contentsOf: URL(filePath: key))
    let oldCertificate = try Data(contentsOf: URL(filePath: certificate))
    let oldSecrets = try #require(try directory.secrets())
    try directory.store(new, secrets: oldSecrets)
    let newKey = try Data(contentsOf: URL(filePath: key))

    // The key file with both keys, as it is between the first replacement and the last.
    let both = NodeSecrets(certificateKeys: [new.key.pem, old.key.pem])
    for (keyFile, certificateFile, isNew) in [
      (oldKey, oldCertificate, false), (nil, oldCertificate, false), (nil, Data(new.chain), true),
      (newKey, Data(new.chain), true),
    ] {
      if let keyFile { try keyFile.write(to: URL(filePath: key)) } else { try directory.store(both, sealedWith: nil) }
      try certificateFile.write(to: URL(filePath: certificate))
      let secrets = try #require(try directory.secrets())
      let read = try #require(try directory.credentials(secrets))
      #expect(read.chain == (isNew ? new.chain : old.chain))
    }
    // A pair that never was is refused, by name.
    try oldCertificate.write(to: URL(filePath: certificate))
    #expect { try directory.credentials(try directory.secrets() ?? NodeSecrets()) } throws: {
      ($0 as? SwarmError)?.code == .dataLoss && "\($0)".contains(key)
    }
  }

  @Test("what an interrupted replacement left behind doesn't matter")
  func leftovers() throws {
    let temporary = try TemporaryDirectory()
    var test = try TestAuthority()
    let directory = try CertificateDirectory(path: temporary.path)
    _ = try temporary.write([1, 2, 3], to: "swarm-node.crt.new")
    try FileManager.default.createSymbolicLink(
      atPath: "\(temporary.path)/swarm-node.key.new",
      withDestinationPath: "\(temporary.path)/elsewhere"
    )
    try directory.store(test.issue())
    #expect(!FileManager.default.fileExists(atPath: "\(temporary.path)/elsewhere"))
    #expect(try directory.secrets() != nil)
  }

  @Test("a link in place of a key file isn't followed, neither for reading nor for writing")
  func links() throws {
    let temporary = try TemporaryDirectory()
    var test = try TestAuthority()
    let directory = try CertificateDirectory(path: "\(temporary.path)/certificates")
    let target = try temporary.write(KeyFile.encode(NodeSecrets(logKeys: [[9]]), sealedWith: nil), to: "target")
    let before = try Data(contentsOf: URL(filePath: target))
    try FileManager.default.createSymbolicLink(atPath: "\(directory.path)/swarm-node.key", withDestinationPath: target)
    #expect { try directory.secrets() } throws: { ($0 as? SwarmError)?.code == .failedPrecondition }
    try directory.store(test.issue())
    #expect(try Data(contentsOf: URL(filePath: target)) == before)
    #expect(try directory.secrets()?.logKeys == [])

    let link = "\(temporary.path)/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: directory.path)
    #expect { try CertificateDirectory(path: link) } throws: { ($0 as? SwarmError)?.code == .failedPrecondition }
  }

  @Test("a key file that others may read is refused, and a directory that others may enter is closed")
  func modes() throws {
    let temporary = try TemporaryDirectory()
    var test = try TestAuthority()
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: temporary.path)
    let directory = try CertificateDirectory(path: temporary.path)
    #expect(try TemporaryDirectory.mode(temporary.path) == 0o700)
    try directory.store(test.issue())
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: "\(temporary.path)/swarm-node.key")
    #expect { try directory.secrets() } throws: { "\($0)".contains("0600") }
  }

  @Test("a locked node's keys open with the unlock key, before and after it is replaced")
  func locking() throws {
    let temporary = try TemporaryDirectory()
    var test = try TestAuthority()
    let directory = try CertificateDirectory(path: temporary.path)
    let first = UnlockKey(using: &test.random)
    let second = UnlockKey(using: &test.random)
    var secrets = try directory.store(
      test.issue(.manager),
      secrets: NodeSecrets(logKeys: [[5]], unlockVersion: 1),
      sealedWith: first
    )
    #expect(try directory.isLocked())
    #expect(throws: SwarmError.self) { try directory.secrets() }
    #expect(try directory.secrets(unlockedWith: first) == secrets)

    secrets.unlockVersion = 2
    try directory.store(secrets, sealedWith: second)
    #expect { try directory.secrets(unlockedWith: first) } throws: { ($0 as? SwarmError)?.code == .permissionDenied }
    #expect(try directory.secrets(unlockedWith: second) == secrets)
    try directory.store(secrets, sealedWith: nil)
    #expect(try !directory.isLocked())
  }
}
