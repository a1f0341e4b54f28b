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

  @Test("lists and existence are read as well, and written as they were read")
  func words() throws {
    let list = try PlacementConstraint(parsing: "node.labels.zone IN (east, west 1)")
    #expect(list == PlacementConstraint(key: "node.labels.zone", comparison: .oneOf, values: ["east", "west 1"]))
    #expect(try PlacementConstraint(parsing: list.description) == list)
    let none = try PlacementConstraint(parsing: "node.hostname notin(a)")
    #expect(none == PlacementConstraint(key: "node.hostname", comparison: .noneOf, values: ["a"]))
    let exists = try PlacementConstraint(parsing: "node.labels.ssd exists")
    #expect(exists == PlacementConstraint(key: "node.labels.ssd", comparison: .exists, values: []))
    #expect(try PlacementConstraint(parsing: exists.description) == exists)
    #expect(try PlacementConstraint(parsing: "node.labels.in == exists").comparison == .equal)
  }

  @Test(
    "lists without brackets, words that are none and empty values are refused",
    arguments: [
      "node.id in a", "node.id in (a", "node.id in a)", "node.id within (a)", "node.id exists yes", "node.id in", "exists",
      "node.id in ()", "node.id in (a,)", "node.id in (a;b)", "9 exists",
    ]
  )
  func badWords(text: String) {
    #expect(throws: SwarmError.self) { try PlacementConstraint(parsing: text) }
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
