// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import Testing

@Suite("EngineFilters")
struct EngineFiltersTests {
  @Test(
    "both encodings mean the same",
    arguments: [#"{"name":{"b":true,"a":true},"label":{"x=y":true}}"#, #"{"name":["a","b"],"label":["x=y"]}"#]
  )
  func encodings(text: String) throws {
    let filters = try EngineFilters(query: text)
    #expect(filters.keys == ["label", "name"])
    #expect(filters["name"] == ["a", "b"])
    #expect(filters.queryText == #"{"label":{"x=y":true},"name":{"a":true,"b":true}}"#)
  }

  @Test("alternatives of one key are or-ed, and a key that isn't there allows everything")
  func alternatives() throws {
    let filters = EngineFilters(["name": ["a", "b"]])
    #expect(filters.allow("name") { $0 == "b" })
    #expect(!filters.allow("name") { $0 == "c" })
    #expect(filters.allow("label") { _ in false })
    #expect(try EngineFilters(query: "").isEmpty)
  }

  @Test("of some keys all values are required, and one value can take another's place")
  func requirement() {
    var filters = EngineFilters(["label": ["a", "b"]])
    #expect(filters.require("label") { ["a", "b"].contains($0) })
    #expect(!filters.require("label") { $0 == "b" })
    #expect(filters.require("name") { _ in false })
    filters.replace("b", by: "c", in: "label")
    filters.replace("a", by: "c", in: "name")
    #expect(filters["label"] == ["a", "c"] && filters.keys == ["label"])
  }

  @Test("what isn't a filter is refused", arguments: ["x", "[]", "1", #"{"a":1}"#, #"{"a":[1]}"#, #"{"a":"b"}"#, #"{"a":["#])
  func malformed(text: String) {
    #expect(throws: SchemaError.self) { try EngineFilters(query: text) }
  }

  @Test("escapes of URLs are written and read")
  func percent() {
    #expect(PercentCoding.encode("a b/é=&") == "a%20b%2F%C3%A9%3D%26")
    #expect(PercentCoding.decode("a%20b%2F%C3%A9%3D%26") == "a b/é=&")
    for text in ["%", "%1", "%zz", "%ff"] { #expect(PercentCoding.decode(text) == nil) }
  }
}
