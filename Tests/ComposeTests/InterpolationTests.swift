// SPDX-License-Identifier: Apache-2.0

import Compose
import EngineSchema
import Testing

@Suite("variables in compose files")
struct InterpolationTests {
  private static let environment = ["SET": "v", "EMPTY": "", "n1_": "w"]

  private static func read(_ text: String) throws -> (hostname: String?, notes: [String]) {
    let quoted = "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    let stack = try stack("services: {a: {image: x, hostname: \(quoted)}}", environment: self.environment)
    return (stack.services.first?.taskTemplate?.containerSpec?.hostname, stack.notes)
  }

  @Test(
    "what stands for what",
    arguments: [
      ("$SET", "v"), ("${SET}", "v"), ("a${SET}b", "avb"), ("a$SET-b", "av-b"), ("$n1_", "w"), ("$$SET", "$SET"), ("$$$$", "$$"),
      ("$${SET}", "${SET}"), ("${EMPTY}", ""), ("${SET:-d}", "v"), ("${EMPTY:-d}", "d"), ("${EMPTY-d}", ""), ("${NONE-d}", "d"),
      ("${NONE:-d e:f}", "d e:f"), ("${NONE:-}", ""), ("${NONE:-${SET}}", "v"), ("${NONE:-a${NONE:-b${SET}c}d}e", "abvcde"),
      ("${NONE:-$$}", "$"), ("${SET:+s}", "s"), ("${EMPTY:+s}", ""), ("${EMPTY+s}", "s"), ("${NONE+s}", ""), ("${SET?e}", "v"),
      ("${EMPTY?e}", ""), ("${NONE:-{}}", "{}"), ("}", "}"),
    ]
  )
  func values(text: String, expected: String) throws {
    let read = try Self.read(text)
    #expect(read.hostname == expected)
    #expect(read.notes == [])
  }

  @Test("a variable that isn't set is empty, and that is said once")
  func missing() throws {
    let read = try Self.read("a$NONE${NONE}b$OTHER")
    #expect(read.hostname == "ab")
    #expect(
      read.notes == [
        "The variable \"NONE\" isn't set; an empty text stands in its place.",
        "The variable \"OTHER\" isn't set; an empty text stands in its place.",
      ]
    )
    #expect(try Self.read("${SET:-$NONE}").notes == [])
    #expect(try Self.read("${NONE:+$OTHER}").notes == [])
  }

  @Test(
    "what isn't a variable is refused",
    arguments: ["$", "a$", "$1", "${}", "${", "${SET", "${SET:}", "${SET!x}", "${SET:=x}", "${SET:-$}"]
  )
  func invalid(text: String) {
    #expect(throws: ComposeError.self) { try Self.read(text) }
  }

  @Test("variables that must be there are asked for by name and place")
  func required() {
    #expect(
      failure("services:\n  a:\n    image: ${IMAGE:?set it}")
        == "/project/stack.yml:3:12: services.a.image: required variable IMAGE is missing a value: set it"
    )
    #expect(
      failure("services: {a: {image: x, hostname: \"${E:?}\"}}", environment: ["E": ""]).hasSuffix(
        "required variable E is missing a value"
      )
    )
    #expect(
      failure("services: {a: {image: x, command: [\"$\"]}}").contains("services.a.command[0]: invalid interpolation format")
    )
  }

  @Test("numbers and truth values may be variables")
  func typed() throws {
    let text = "services: {a: {image: x, tty: $T, deploy: {replicas: \"${N:-3}\"}}}"
    let spec = try stack(text, environment: ["T": "true"]).services.first
    #expect(spec?.mode?.replicated?.replicas == 3)
    #expect(spec?.taskTemplate?.containerSpec?.tty == true)
  }

  @Test("variables that grow without end are refused")
  func bombs() {
    let long = String(repeating: "x", count: 600_000)
    #expect(failure("services: {a: {image: x, hostname: $L$L}}", environment: ["L": long]).contains("longer than 1 MiB"))
    let deep = String(repeating: "${A:-", count: 5000) + String(repeating: "}", count: 5000)
    #expect(failure("services: {a: {image: x, hostname: '\(deep)'}}").contains("invalid interpolation"))
  }
}
