// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import SwarmCommands
import Testing

@Suite("output of commands")
struct OutputTests {
  @Test("columns are three spaces apart and ten wide at least")
  func table() {
    let table = Table(headings: ["ID", "A LONG HEADING", "LAST"], rows: [["1", "x", ""], ["a longer cell", "y", "z"]])
    #expect(
      table.lines == [
        "ID              A LONG HEADING   LAST", "1               x                ", "a longer cell   y                z",
      ]
    )
    #expect(Table(headings: ["A", "B"], rows: []).lines == ["A         B"])
  }

  private static let value = JSONValue.object([
    "ID": .string("x1"),
    "Spec": .object(["Name": .string("web"), "Labels": .object(["b": .string("2"), "a": .string("1")]), "N": .integer(3)]),
    "List": .array([.string("p"), .string("q")]),
  ])

  @Test(
    "templates show fields",
    arguments: [
      ("{{.ID}}: {{ .Spec.Name }}", "x1: web"), (#"{{.Spec.N}}\t{{.List}}"#, "3\t[p q]"), ("{{.Spec.Labels}}", "map[a:1 b:2]"),
      ("{{json .Spec.Labels}}", #"{"b":"2","a":"1"}"#), ("{{.Spec.Missing}}", ""), ("plain", "plain"),
      ("{{.Spec.Labels.a}}", "1"), (#"{{index .Spec.Labels "b"}}"#, "2"), (#"{{index .Spec.Labels "c"}}"#, ""),
      ("{{upper .Spec.Name}} {{lower .ID}}", "WEB x1"),
    ]
  )
  func templates(text: String, expected: String) throws {
    #expect(try Template(text).render(Self.value) == expected)
  }

  @Test(
    "templates that aren't understood are refused",
    arguments: ["{{.ID", "{{range .List}}", "{{.Nope}}", "{{ID}}", "{{}}", "{{.ID.Name}}", "{{index .ID b}}", "{{plain .ID}}"]
  )
  func badTemplates(text: String) {
    #expect(throws: CommandFailure.self) { try Template(text).render(Self.value) }
  }

  @Test(
    "lengths of time as people say them",
    arguments: [
      (0, "Less than a second"), (1, "1 second"), (59, "59 seconds"), (60, "About a minute"), (119, "About a minute"),
      (120, "2 minutes"),
      (3540, "59 minutes"), (3600, "About an hour"), (7200, "2 hours"), (172_800, "2 days"), (1_209_600, "2 weeks"),
      (5_184_000, "2 months"), (63_072_000, "2 years"), (-5, "Less than a second"),
    ] as [(Int64, String)]
  )
  func human(seconds: Int64, text: String) {
    #expect(HumanText.duration(seconds: seconds) == text)
  }

  @Test("images lose a digest that adds nothing")
  func images() {
    #expect(HumanText.image("nginx:1@sha256:ab") == "nginx:1")
    #expect(HumanText.image("host:5000/nginx@sha256:ab") == "host:5000/nginx@sha256:ab")
    #expect(HumanText.image("nginx") == "nginx")
    #expect(HumanText.ellipsis("abcdef", 4) == "abc…")
    #expect(HumanText.ellipsis("abcd", 4) == "abcd")
  }
}
