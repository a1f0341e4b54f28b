// SPDX-License-Identifier: Apache-2.0

import Compose
import Testing

/// Any text gives a stack or an error, soon.
@Suite("hostile compose files")
struct HostileTextTests {
  /// Each level is ten times the one before.
  private static func bomb(levels: Int, end: String) -> String {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...levels {
      let alias = "*a\(level - 1)"
      text += "a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ", "))]\n"
    }
    return text + end
  }

  @Test("aliases that blow up are refused")
  func aliases() {
    #expect(
      failure(Self.bomb(levels: 9, end: "services: {a: {image: x}}")).contains(
        "the aliases of the file stand for more than 100000 values"
      )
    )
  }

  @Test(
    "aliases that blow up as keys are refused",
    arguments: ["? *a9\n: x", "*a9 : x", "{[*a9]: x}", "{{a: *a9}: x}", "z: {? *a9 : x}", "- *a9\n: x"]
  )
  func keys(end: String) {
    let error = failure(Self.bomb(levels: 9, end: end))
    #expect(error != "no error")
  }

  @Test("merged maps that blow up are refused")
  func merges() {
    var text = "m0: &m0 {k0: v}\n"
    for level in 1...40 { text += "m\(level): &m\(level) {a\(level): *m\(level - 1), b\(level): *m\(level - 1)}\n" }
    #expect(failure(text + "services: {a: {image: x, <<: *m40}}").contains("more than 100000 values"))
  }

  @Test("stars and question marks in texts are no aliases")
  func innocent() throws {
    let services = (0..<60).map { "  s\($0): {image: x, labels: *common, command: \"curl 'http://x?y=*' *.txt a?\"}" }
    let text = "x-common: &common {a: b}\nservices:\n\(services.joined(separator: "\n"))\n"
    #expect(try stack(text).services.count == 60)
  }

  @Test("what is nested too deep is refused", arguments: ["[", "{a: ", "- ", "? "])
  func nesting(opening: String) {
    #expect(failure(String(repeating: opening, count: 100_000)) != "no error")
    #expect(failure("x-a: " + String(repeating: opening, count: 70)) != "no error")
  }

  @Test("long files are refused")
  func length() {
    #expect(failure("x-a: " + String(repeating: "y", count: 5 << 20)).contains("longer than 4 MiB"))
  }

  @Test("services that extend each other for ever are refused")
  func extensions() {
    #expect(failure("services: {a: {extends: b}, b: {extends: a}}").contains("extend each other in a circle"))
    #expect(failure("services: {a: {extends: a}}").contains("extend each other in a circle"))
    let file = "services: {a: {extends: {file: other.yml, service: a}}}"
    #expect(failure(file, files: ["/project/other.yml": file]).contains("extend each other in a circle"))
  }

  @Test("cut and mutated files give a stack or an error", arguments: 0..<8 as Range<UInt64>)
  func mutated(seed: UInt64) {
    let whole = Array(Examples.large.utf8)
    var random = SeededGenerator(state: seed)
    for _ in 0..<150 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(contentsOf: Array("{}[]&*!?:-$<>|%@".utf8).shuffled(using: &random).prefix(2), at: place)
        default: bytes.removeSubrange(place...)
        }
        if bytes.isEmpty { break }
      }
      let error = failure(String(decoding: bytes, as: UTF8.self), files: Examples.files)
      #expect(!error.isEmpty, "seed \(seed)")
    }
  }
}

/// Numbers that are the same for the same seed.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var z = self.state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
