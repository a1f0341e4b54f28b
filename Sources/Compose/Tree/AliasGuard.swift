// SPDX-License-Identifier: Apache-2.0

/// Refuses, before the parser sees it, a text on whose keys the parser could work for ever.
///
/// The parser compares the keys of a map as it reads them, and a key made of aliases of aliases is as large as it is when all of
/// them are written out. So where keys could be anything but words, only so many aliases are allowed as can't stand for more than
/// some hundred thousand values. (Values aren't compared; ``TreeBuilder`` counts them.)
struct AliasGuard {
  private static let maximumAliasesBesideComplexKeys = 32

  private var aliases = 0
  private var hasComplexKeys = false

  static func check(_ text: String) throws(ComposeError) {
    var check = Self()
    let bytes = Array(text.utf8)
    var position = 0
    // What the last byte that isn't a space was, and whether a space came since.
    var previous = UInt8(ascii: "\n")
    var isSeparated = true
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "*") where isSeparated || Self.openers.contains(previous):
        position = check.alias(in: bytes, at: position)
      case UInt8(ascii: "?") where position == bytes.count || Self.spaces.contains(bytes[position]):
        check.hasComplexKeys = check.hasComplexKeys || isSeparated || Self.openers.contains(previous)
      case UInt8(ascii: ":") where previous == UInt8(ascii: "]") || previous == UInt8(ascii: "}"): check.hasComplexKeys = true
      default: break
      }
      isSeparated = Self.spaces.contains(byte)
      if !isSeparated { previous = byte }
    }
    guard !check.hasComplexKeys || check.aliases <= Self.maximumAliasesBesideComplexKeys else {
      throw ComposeError("\(check.aliases) aliases stand beside keys that could be more than words; write the aliases out")
    }
  }

  private static let spaces = Set(" \t\r\n".utf8)
  private static let openers = Set("[{,".utf8)

  /// Reads what follows a star: a name, and perhaps the colon that makes it a key.
  private mutating func alias(in bytes: [UInt8], at start: Int) -> Int {
    var position = start
    while position < bytes.count, Self.isPartOfName(bytes[position]) { position += 1 }
    guard position > start else { return start }
    self.aliases += 1
    while position < bytes.count, Self.spaces.contains(bytes[position]) { position += 1 }
    if position < bytes.count, bytes[position] == UInt8(ascii: ":") { self.hasComplexKeys = true }
    return position
  }

  private static func isPartOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
