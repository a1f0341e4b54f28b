// SPDX-License-Identifier: Apache-2.0
import SwarmModel
import Testing

@Suite("Identifier")
struct IdentifierTests {
  @Test("an id reads back from its string and its packed form", arguments: 0..<50 as Range<UInt64>)
  func roundTrip(seed: UInt64) {
    var ids = IdentifierGenerator(seed: seed)
    let id: NodeID = ids.make()
    #expect(id.description.utf8.count == 25)
    #expect(NodeID(id.description) == id)
    #expect(IdentifierBits(packed: id.bits.packed[...]) == id.bits)
  }

  @Test("the extremes are 25 zeros and 25 z")
  func extremes() {
    #expect(NodeID().description == String(repeating: "0", count: 25))
    let last = NodeID(String(repeating: "z", count: 25))
    #expect(last?.description == String(repeating: "z", count: 25))
    #expect(last.map { IdentifierBits(packed: $0.bits.packed[...]) == $0.bits } == true)
  }

  @Test(
    "anything but 25 characters of 0-9 and a-z is no id",
    arguments: [
      "", "a", String(repeating: "a", count: 24), String(repeating: "a", count: 26), "A" + String(repeating: "a", count: 24),
      "é" + String(repeating: "a", count: 23), String(repeating: "a", count: 24) + "-",
    ]
  )
  func invalid(text: String) {
    #expect(NodeID(text) == nil)
  }

  @Test("packed bytes out of range are no id")
  func invalidPacked() {
    #expect(IdentifierBits(packed: ([UInt8](repeating: 0xff, count: 17))[...]) == nil)
    #expect(IdentifierBits(packed: ([UInt8](repeating: 0, count: 16) + [36])[...]) == nil)
    #expect(IdentifierBits(packed: ([UInt8](repeating: 0, count: 16))[...]) == nil)
    #expect(IdentifierBits(packed: ([UInt8](repeating: 0, count: 18))[...]) == nil)
  }

  @Test("ids compare as their strings and as their packed bytes do")
  func order() {
    var generator = IdentifierGenerator(seed: 1)
    let ids = (0..<200).map { _ in generator.make(TaskID.self) }
    let sorted = ids.sorted()
    #expect(sorted.map(\.description) == ids.map(\.description).sorted())
    #expect(sorted.map(\.bits.packed) == ids.map(\.bits.packed).sorted { $0.lexicographicallyPrecedes($1) })
  }

  @Test("the generator's ids for a seed never change")
  func golden() {
    var ids = IdentifierGenerator(seed: 42)
    #expect(ids.make(NodeID.self).description == "br4dalaou5g6h43pjr47cebit")
    #expect(ids.make(NodeID.self).description == "llfpdil2r3j5v01c9boomf6s0")
    #expect(ids.make(NodeID.self).description == "ssxtzp7noq7mb4mghktpcxafm")
  }

  @Test("different seeds give different ids")
  func seeds() {
    let ids = (0..<1000).map { seed in
      var generator = IdentifierGenerator(seed: UInt64(seed))
      return generator.make(NodeID.self)
    }
    #expect(Set(ids).count == ids.count)
  }
}
