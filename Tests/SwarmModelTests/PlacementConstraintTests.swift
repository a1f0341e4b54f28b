// SPDX-License-Identifier: Apache-2.0
import SwarmModel
import Testing

@Suite("PlacementConstraint")
struct PlacementConstraintTests {
  @Test("key, operator and value are read, spaces around them don't count")
  func parsing() throws {
    #expect(
      try PlacementConstraint(parsing: "node.role==manager")
        == PlacementConstraint(key: "node.role", comparison: .equal, value: "manager")
    )
    #expect(
      try PlacementConstraint(parsing: " node.labels.a-b_c.d != east 1 ")
        == PlacementConstraint(key: "node.labels.a-b_c.d", comparison: .notEqual, value: "east 1")
    )
    #expect(try PlacementConstraint(parsing: "node.ip==10.0.0.0/8").value == "10.0.0.0/8")
  }

  @Test(
    "what has no operator is refused with docker's sentence",
    arguments: ["", "node.role", "node.role=manager", "node.role<manager", "node.role!manager", "="]
  )
  func noOperator(text: String) {
    let error = #expect(throws: SwarmError.self) { try PlacementConstraint(parsing: text) }
    #expect(error?.message == "constraint expected one operator from ==, !=")
    #expect(error?.code == .invalidArgument)
  }

  @Test(
    "impossible keys and values are refused",
    arguments: [
      ("==a", "key '' is invalid"), ("1a==b", "key '1a' is invalid"), ("no de==b", "key 'no de' is invalid"),
      ("node.id==", "value '' is invalid"), ("node.id==a,b", "value 'a,b' is invalid"),
      ("node.id==é", "value 'é' is invalid"),
    ]
  )
  func invalid(text: String, message: String) {
    let error = #expect(throws: SwarmError.self) { try PlacementConstraint(parsing: text) }
    #expect(error?.message == message)
  }
}
