// SPDX-License-Identifier: Apache-2.0

import Compose
import EngineSchema
import Testing

@Suite("merged compose files")
struct WriterTests {
  @Test("the merged file is written for people")
  func text() throws {
    let stack = try stack([
      (
        "/p/a.yml",
        "services:\n  web:\n    image: ${IMAGE:-nginx:1}\n    command: [sh, -c, 'echo $$X']\n    ports: ['80:80']\n    environment:\n      A: '1'\n      B: 1\n"
      ),
      (
        "/p/b.yml",
        "services:\n  web:\n    hostname: 'true'\n    environment: [C=]\n    secrets:\n      - source: s\n        target: t\nsecrets:\n  s:\n    content: \"a\\nb\"\nvolumes: {}\n"
      ),
    ])
    #expect(
      stack.merged == """
        services:
          web:
            image: "nginx:1"
            command:
              - sh
              - -c
              - "echo $$X"
            ports:
              - "80:80"
            environment:
              A: "1"
              B: 1
              C: ""
            hostname: "true"
            secrets:
              - source: s
                target: t
        secrets:
          s:
            content: "a\\nb"
        volumes: {}

        """
    )
  }

  @Test("the merged file means the same as the files", arguments: [Examples.small, Examples.large])
  func roundTrip(text: String) throws {
    let first = try stack(text, environment: Examples.environment, files: Examples.files)
    let second = try stack(first.merged, files: Examples.files)
    #expect(second.services == first.services)
    #expect(second.networks == first.networks)
    #expect(second.secrets == first.secrets)
    #expect(second.configs == first.configs)
    #expect(second.merged == first.merged)
  }

  @Test(
    "any text survives",
    arguments: [
      "", " ", "null", "~", "0x1", "1e3", "-", "- a", "a: b", "#c", "a #b", "\"'\\", "\u{7}\u{85}\u{2028}", "é日本", "$", "yes",
      ".inf", "!t", "&a", "*a", "@", "`", "%", "\t", "a\n b\n",
    ]
  )
  func texts(text: String) throws {
    let environment = ["T": text]
    let first = try stack(
      "services: {a: {image: x, command: [\"${T}\", '${T}'], environment: {K: \"${T}\"}}}",
      environment: environment
    )
    #expect(first.services.first?.taskTemplate?.containerSpec?.args == [text, text])
    let second = try stack(first.merged)
    #expect(second.services == first.services)
  }
}
