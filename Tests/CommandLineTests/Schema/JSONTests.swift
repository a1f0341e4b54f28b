// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import Testing

@Suite("JSON")
struct JSONTests {
  private static func parse(_ text: String) throws -> JSONValue {
    try EngineJSON.decode(JSONValue.self, from: Array(text.utf8))
  }

  @Test(
    "text that is read is written the same",
    arguments: [
      "null", "true", "false", "0", "-5", "9223372036854775807", "-9223372036854775808", "0.5", #""""#, #""a\"b\\c\n""#, "[]",
      "{}",
      #"{"b":1,"a":[1,2,{"c":null}]}"#, #""é€😀""#,
    ]
  )
  func roundTrip(text: String) throws {
    #expect(try Self.parse(text).text == text)
  }

  @Test("escapes are read as Go reads them")
  func escapes() throws {
    #expect(try Self.parse(#""\u0041\ud83d\ude00\/\b\f\r\t""#) == .string("A😀/\u{8}\u{c}\r\t"))
    #expect(try Self.parse(#""\ud83d x""#) == .string("\u{FFFD} x"))
    #expect(try Self.parse(#""\ud83d\u0041""#) == .string("\u{FFFD}A"))
    #expect(JSONValue.string("\u{1}").text == #""\u0001""#)
  }

  @Test(
    "what isn't one value is refused",
    arguments: [
      "", " ", "{", "[", "[1", "[1,", "[1,]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}", "1 2", "nul", "tru", "01",
      "-", "1.",
      "1e", "1e999", "+1", "\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\n\"", "]", "'a'", "NaN", "{} {}", "\"\\u+041\"",
    ]
  )
  func malformed(text: String) {
    #expect(throws: SchemaError.self) { try Self.parse(text) }
  }

  @Test("bytes that aren't UTF-8, and nesting without end, are refused")
  func hostile() {
    #expect(throws: SchemaError.self) { try EngineJSON.decode(JSONValue.self, from: [0x22, 0xFF, 0x22]) }
    #expect(throws: SchemaError.self) { try Self.parse(String(repeating: "[", count: 100_000)) }
    #expect(throws: SchemaError.self) { try Self.parse(String(repeating: "{\"a\":", count: 100_000)) }
  }

  @Test("every cut of a text is refused, none is read as something else")
  func cuts() {
    let text = Array(#"{"Name":"web","Mode":{"Replicated":{"Replicas":3}},"Labels":{"a":"\u00e9"},"x":[1.5,true,null]}"#.utf8)
    for length in text.indices {
      #expect(throws: SchemaError.self) { try EngineJSON.decode(JSONValue.self, from: text.prefix(length)) }
    }
  }

  @Test("members of large objects are found like those of small ones", arguments: [1, 8, 9, 40])
  func manyMembers(count: Int) throws {
    let text = "{" + (0..<count).map { "\"Key\($0)\":\($0)" }.joined(separator: ",") + ",\"Key0\":-1}"
    guard case .object(let members) = try Self.parse(text) else {
      Issue.record("no object")
      return
    }
    #expect(members.keys == (0..<count).map { "Key\($0)" })
    #expect(members["Key0"] == .integer(-1))
    for number in 1..<max(count, 1) {
      #expect(members["Key\(number)"] == .integer(Int64(number)))
      #expect(members["key\(number)"] == nil)
      #expect(members[foldingCase: "kEY\(number)"] == .integer(Int64(number)))
    }
    #expect(members[foldingCase: "Key\(count)"] == nil)
    #expect(members.pairs.map(\.key) == members.keys)
  }

  @Test("members keep their order, and the last of a repeated key counts")
  func order() throws {
    #expect(try Self.parse(#"{"b":1,"a":2,"b":3}"#).text == #"{"b":3,"a":2}"#)
  }

  @Test("fields are found whatever the case of their letters, an exact one first; keys of dictionaries stay as they are")
  func letterCase() throws {
    let mode = try EngineJSON.decode(Engine.ServiceMode.self, from: #"{"replicated":{"REPLICAS":3}}"#.utf8)
    #expect(mode.replicated?.replicas == 3)
    let both = try EngineJSON.decode(Engine.Replicated.self, from: #"{"replicas":1,"Replicas":2}"#.utf8)
    #expect(both.replicas == 2)
    let labels = try EngineJSON.decode([String: String].self, from: #"{"a":"1","A":"2"}"#.utf8)
    #expect(labels == ["a": "1", "A": "2"])
  }

  @Test("pretty text is indented by four")
  func pretty() throws {
    #expect(
      try Self.parse(#"{"a":[1,{}],"b":[]}"#).prettyText == "{\n    \"a\": [\n        1,\n        {}\n    ],\n    \"b\": []\n}"
    )
  }

  @Test("absent and null are the same, unknown fields are ignored, absent stays absent")
  func lenience() throws {
    let text = #"{"Name":null,"Labels":null,"Bogus":[{}],"Mode":{"Replicated":{}}}"#
    let spec = try EngineJSON.decode(Engine.ServiceSpec.self, from: Array(text.utf8))
    #expect(spec.name == nil)
    #expect(spec.labels == nil)
    #expect(spec.mode?.replicated != nil)
    #expect(String(decoding: try EngineJSON.encode(spec), as: UTF8.self) == #"{"Mode":{"Replicated":{}}}"#)
  }

  @Test(
    "a field of the wrong type is named",
    arguments: [
      (#"{"Mode":{"Replicated":{"Replicas":"3"}}}"#, "Mode.Replicated.Replicas must be a whole number of 0 or more"),
      (#"{"Mode":[]}"#, "Mode must be an object"), (#"{"Labels":{"a":1}}"#, "Labels.a must be a string"),
      (
        #"{"EndpointSpec":{"Ports":[{},{"TargetPort":4294967296}]}}"#,
        "EndpointSpec.Ports[1].TargetPort must be a whole number of 0 or more (at most"
      ),
      (#"{"UpdateConfig":{"MaxFailureRatio":"x"}}"#, "UpdateConfig.MaxFailureRatio must be a number"),
      ("[]", "the body must be an object"),
      (#"{"TaskTemplate":{"ContainerSpec":{"TTY":1}}}"#, "TaskTemplate.ContainerSpec.TTY must be true or false"),
      (#"{"TaskTemplate":{"ContainerSpec":{"Env":[null]}}}"#, "TaskTemplate.ContainerSpec.Env[0] must be a string, not null"),
    ]
  )
  func wrongTypes(text: String, sentence: String) {
    let error = #expect(throws: SchemaError.self) { try EngineJSON.decode(Engine.ServiceSpec.self, from: Array(text.utf8)) }
    #expect(error?.message.contains(sentence) == true, "\(error?.message ?? "")")
  }
}
