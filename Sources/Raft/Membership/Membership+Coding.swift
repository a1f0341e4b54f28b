// SPDX-License-Identifier: Apache-2.0

/// The payload of a configuration entry: a version byte, then one field per member.
extension Membership {
  /// The version byte in front of every encoded configuration.
  static let formatVersion: UInt8 = 1

  private enum Tag {
    static let member: UInt8 = 1
    static let id: UInt8 = 1
    static let role: UInt8 = 2
    static let context: UInt8 = 3
    static let priority: UInt8 = 4
    static let isWitness: UInt8 = 5
  }

  /// The configuration as a configuration entry's payload.
  public var encoded: [UInt8] {
    var writer = FieldWriter()
    writer.bytes.append(Self.formatVersion)
    for member in self.members {
      var fields = FieldWriter()
      fields.number(Tag.id, member.id.rawValue)
      fields.number(Tag.role, UInt64(member.role.rawValue))
      fields.data(Tag.context, member.context)
      fields.nonzero(Tag.priority, UInt64(member.priority))
      fields.nonzero(Tag.isWitness, member.isWitness ? 1 : 0)
      fields.bytes.append(contentsOf: member.unknownFields)
      writer.data(Tag.member, fields.bytes)
    }
    writer.bytes.append(contentsOf: self.unknownFields)
    return writer.bytes
  }

  /// Decodes what ``encoded`` gives.
  ///
  /// Unknown fields are kept; an unknown version or role is an error.
  public init(decoding bytes: ArraySlice<UInt8>) throws(RaftError) {
    guard let version = bytes.first else { throw RaftError(.incomplete, "a configuration is empty") }
    guard version == Self.formatVersion else {
      throw RaftError(.unsupportedFormat, "configuration format \(version) isn't known")
    }
    var reader = FieldReader(bytes.dropFirst())
    var members: [Member] = []
    var unknown: [UInt8] = []
    while let field = try reader.next() {
      if field.tag == Tag.member {
        members.append(try Self.member(field.data))
      } else {
        unknown.append(contentsOf: field.raw)
      }
    }
    self.init(members)
    guard self.members.count == members.count else {
      throw RaftError(.corrupt, "a configuration names a member twice")
    }
    self.unknownFields = unknown
  }

  private static func member(_ bytes: ArraySlice<UInt8>) throws(RaftError) -> Member {
    var reader = FieldReader(bytes)
    var member = Member(id: RaftID(0), role: .learner)
    while let field = try reader.next() {
      switch field.tag {
      case Tag.id:
        member.id = RaftID(try field.bounded())
      case Tag.role:
        guard let role = UInt8(exactly: field.number).flatMap(Member.Role.init(rawValue:)) else {
          throw RaftError(.unsupportedFormat, "the role \(field.number) of a member isn't known")
        }
        member.role = role
      case Tag.context:
        member.context = Array(field.data)
      case Tag.priority:
        member.priority = UInt8(clamping: field.number)
      case Tag.isWitness:
        member.isWitness = field.number != 0
      default:
        member.unknownFields.append(contentsOf: field.raw)
      }
    }
    guard member.id.rawValue != 0 else { throw RaftError(.corrupt, "a member has no identity") }
    return member
  }
}
