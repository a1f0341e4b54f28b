// SPDX-License-Identifier: Apache-2.0

/// Reads JSON text (RFC 8259) into a tree.
///
/// Total: any input gives a value or an error, in time proportional to its length; nesting is bounded. Of a
/// repeated key the last
/// counts. Whole numbers that don't fit 64 bits become the nearest floating-point number.
struct JSONParser {
  /// How deep lists and objects may be nested.
  private static let maximumDepth = 128

  private let bytes: [UInt8]
  private var position = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Reads a text that is exactly one value.
  static func parse(_ bytes: [UInt8]) throws(SchemaError) -> JSONValue {
    var parser = Self(bytes)
    parser.skipSpace()
    guard parser.position < bytes.count else { throw SchemaError("invalid JSON: the body is empty") }
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.error("something follows the value") }
    return value
  }

  private mutating func value(depth: Int) throws(SchemaError) -> JSONValue {
    guard depth < Self.maximumDepth else { throw self.error("lists and objects are nested too deep") }
    switch self.peek {
    case UInt8(ascii: "{"): return try self.object(depth: depth)
    case UInt8(ascii: "["): return try self.array(depth: depth)
    case UInt8(ascii: "\""): return .string(try self.string())
    case UInt8(ascii: "t"): return try self.word("true", .bool(true))
    case UInt8(ascii: "f"): return try self.word("false", .bool(false))
    case UInt8(ascii: "n"): return try self.word("null", .null)
    default: return try self.number()
    }
  }

  private mutating func object(depth: Int) throws(SchemaError) -> JSONValue {
    self.position += 1
    var members = JSONMembers()
    self.skipSpace()
    if self.take("}") { return .object(members) }
    while true {
      self.skipSpace()
      guard self.peek == UInt8(ascii: "\"") else { throw self.error("a key in quotes is expected") }
      let key = try self.string()
      self.skipSpace()
      guard self.take(":") else { throw self.error("a colon is expected") }
      self.skipSpace()
      members[key] = try self.value(depth: depth + 1)
      self.skipSpace()
      if self.take("}") { return .object(members) }
      guard self.take(",") else { throw self.error("a comma or } is expected") }
    }
  }

  private mutating func array(depth: Int) throws(SchemaError) -> JSONValue {
    self.position += 1
    var elements: [JSONValue] = []
    self.skipSpace()
    if self.take("]") { return .array(elements) }
    while true {
      self.skipSpace()
      elements.append(try self.value(depth: depth + 1))
      self.skipSpace()
      if self.take("]") { return .array(elements) }
      guard self.take(",") else { throw self.error("a comma or ] is expected") }
    }
  }

  private mutating func string() throws(SchemaError) -> String {
    self.position += 1
    // Nearly all texts are ASCII without escapes.
    let plain = self.bytes[self.position...].prefix {
      $0 >= 0x20 && $0 < 0x80 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
    }
    self.position = plain.endIndex
    if self.take("\"") { return String(decoding: plain, as: UTF8.self) }
    var text = Array(plain)
    while let byte = self.peek {
      self.position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else { throw self.error("a text isn't UTF-8") }
        return string
      case UInt8(ascii: "\\"): text.append(contentsOf: try self.escape())
      case 0..<0x20: throw self.error("a text has a control character")
      default: text.append(byte)
      }
    }
    throw self.error("a text doesn't end")
  }

  private mutating func escape() throws(SchemaError) -> [UInt8] {
    guard let byte = self.peek else { throw self.error("a text doesn't end") }
    self.position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return try self.escapedScalar()
    default: throw self.error("a text has an unknown escape")
    }
  }

  /// A lone half of a surrogate pair becomes the replacement character, as Go reads it.
  private mutating func escapedScalar() throws(SchemaError) -> [UInt8] {
    var code = try self.hexadecimal()
    if (0xD800..<0xDC00).contains(code), self.bytes[self.position...].starts(with: Array(#"\u"#.utf8)) {
      let mark = self.position
      self.position += 2
      let low = try self.hexadecimal()
      if (0xDC00..<0xE000).contains(low) {
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      } else {
        self.position = mark
      }
    }
    return Array(String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
  }

  private mutating func hexadecimal() throws(SchemaError) -> UInt32 {
    let digits = self.bytes[self.position...].prefix(4)
    guard digits.count == 4, digits.first != UInt8(ascii: "+"),
      let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else {
      throw self.error("a text has an unknown escape")
    }
    self.position += 4
    return code
  }

  private mutating func number() throws(SchemaError) -> JSONValue {
    let start = self.position
    _ = self.take("-")
    let first = self.peek
    let whole = self.digits()
    guard whole == 1 || (whole > 1 && first != UInt8(ascii: "0")) else { throw self.error("a value is expected") }
    var isWhole = true
    if self.take(".") {
      isWhole = false
      guard self.digits() > 0 else { throw self.error("a number doesn't end") }
    }
    if self.take("e") || self.take("E") {
      isWhole = false
      if !self.take("+") { _ = self.take("-") }
      guard self.digits() > 0 else { throw self.error("a number doesn't end") }
    }
    let text = String(decoding: self.bytes[start..<self.position], as: UTF8.self)
    if isWhole, let integer = Int64(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else { throw self.error("a number is too large") }
    return .number(number)
  }

  private mutating func digits() -> Int {
    let start = self.position
    while let byte = self.peek, (0x30...0x39).contains(byte) { self.position += 1 }
    return self.position - start
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(SchemaError) -> JSONValue {
    let text = Array(word.description.utf8)
    guard self.bytes[self.position...].starts(with: text) else { throw self.error("a value is expected") }
    self.position += text.count
    return value
  }

  private var peek: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard let byte = self.peek, UInt32(byte) == character.value else { return false }
    self.position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = self.peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { self.position += 1 }
  }

  private func error(_ message: String) -> SchemaError {
    SchemaError("invalid JSON at byte \(self.position): \(message)")
  }
}
