// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import SwarmModel
internal import SwiftProtobuf

/// The values at the ends of a tree, by the names on the way to them (in lower case, without underscores).
enum Leaves {
  /// The leaves of a value of the model, without those that have the default value.
  static func of(model value: some Any) -> [String: String] {
    var leaves: [String: String] = [:]
    self.collect(model: value, at: [], into: &leaves)
    return leaves
  }

  /// The leaves of a message as its JSON names them.
  static func of(message: some SwiftProtobuf.Message) throws -> [String: String] {
    var options = JSONEncodingOptions()
    options.alwaysPrintEnumsAsInts = true
    let json = try JSONSerialization.jsonObject(with: message.jsonUTF8Data(options: options))
    var leaves: [String: String] = [:]
    self.collect(json: json, at: [], into: &leaves)
    return leaves
  }

  /// Names that the model gives to fields because SwarmKit's don't say enough, or can't be Swift names.
  private static let aliases = [
    "initprocess": "init", "datapathport": "vxlanudpport", "named": "namedresourcespec", "discrete": "discreteresourcespec",
  ]

  private static func collect(model value: Any, at path: [String], into leaves: inout [String: String]) {
    let mirror = Mirror(reflecting: value)
    func add(_ leaf: String) {
      if !leaf.isEmpty, leaf != "0" { leaves[path.joined(separator: ".")] = leaf }
    }
    func descend(_ child: Any, _ label: String) {
      // What several values share is in a box that the message knows nothing of.
      if let shared = Self.shared(child) { return Self.collect(model: shared, at: path, into: &leaves) }
      let name = label.lowercased().filter { $0 != "_" }
      self.collect(model: child, at: path + [self.aliases[name] ?? name], into: &leaves)
    }
    switch value {
    case is UnknownFields: return
    case let time as Timestamp:
      let (seconds, nanos) = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
      add(self.json(Google_Protobuf_Timestamp(seconds: seconds, nanos: Int32(nanos))))
    case let time as Duration:
      let (seconds, attoseconds) = time.components
      add(self.json(Google_Protobuf_Duration(seconds: seconds, nanos: Int32(attoseconds / 1_000_000_000))))
    case let text as String: add(text)
    case let bytes as [UInt8]: add(Data(bytes).base64EncodedString())
    case let flag as Bool: add(flag ? "1" : "0")
    case let number as any BinaryInteger: add("\(number)")
    case let number as Float: add(NSNumber(value: number).stringValue)
    case let identifier as any CustomStringConvertible where "\(type(of: value))".hasPrefix("Identifier<"):
      add(identifier.description)
    case let enumeration as any RawRepresentable where mirror.displayStyle == .enum:
      add("\(enumeration.rawValue)")
    case let labels as [String: String]:
      for (key, label) in labels { descend(label, key) }
    case let box as TaskSpecBox:
      self.collect(model: box.value, at: path, into: &leaves)
    default:
      switch mirror.displayStyle {
      case .optional:
        if let child = mirror.children.first { self.collect(model: child.value, at: path, into: &leaves) }
      case .collection:
        for (index, child) in mirror.children.enumerated() { descend(child.value, "\(index)") }
      case .enum:
        // The case stands for the field that SwarmKit's choice of fields has instead.
        guard let child = mirror.children.first, let label = child.label else { return }
        var parent = path
        if parent.last != "0", parent.last != "1" { parent.removeLast() }
        let name = self.aliases[label.lowercased()] ?? label.lowercased()
        self.collect(model: child.value, at: parent + [name], into: &leaves)
      default:
        for child in mirror.children { descend(child.value, child.label ?? "?") }
      }
    }
  }

  private static func shared(_ child: Any) -> Any? {
    var mirror = Mirror(reflecting: child)
    if mirror.displayStyle == .optional, let wrapped = mirror.children.first { mirror = Mirror(reflecting: wrapped.value) }
    guard "\(mirror.subjectType)".hasPrefix("SharedBox<") else { return nil }
    return mirror.children.first { $0.label == "value" }?.value
  }

  private static func json(_ message: some SwiftProtobuf.Message) -> String {
    (try? message.jsonString().filter { $0 != "\"" }) ?? ""
  }

  private static func collect(json value: Any, at path: [String], into leaves: inout [String: String]) {
    switch value {
    case let object as [String: Any]:
      for (key, child) in object {
        self.collect(json: child, at: path + [key.lowercased().filter { $0 != "_" }], into: &leaves)
      }
    case let array as [Any]:
      for (index, child) in array.enumerated() { self.collect(json: child, at: path + ["\(index)"], into: &leaves) }
    case let text as String:
      leaves[path.joined(separator: ".")] = text
    case let number as NSNumber:
      leaves[path.joined(separator: ".")] = number.stringValue
    default: ()
    }
  }
}
