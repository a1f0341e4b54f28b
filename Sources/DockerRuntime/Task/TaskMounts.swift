// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmAgent
internal import SwarmModel

/// Mounts as the engine takes them.
enum TaskMounts {
  static func value(_ mount: Mount) throws(RuntimeError) -> JSONValue {
    guard mount.type != .cluster else {
      throw RuntimeError(code: .unsupported, message: "cluster volumes aren't supported by the Docker runtime")
    }
    var value = JSONMembers()
    value["Type"] = .string("\(mount.type)")
    value["Source"] = .string(mount.source)
    value["Target"] = .string(mount.target)
    value["ReadOnly"] = .bool(mount.readonly)
    if mount.consistency != .default { value["Consistency"] = .string("\(mount.consistency)") }
    switch mount.type {
    case .bind: if let options = mount.bindOptions { value["BindOptions"] = self.bind(options) }
    case .volume: if let options = mount.volumeOptions { value["VolumeOptions"] = self.volume(options) }
    case .tmpfs: if let options = mount.tmpfsOptions { value["TmpfsOptions"] = self.memory(options) }
    case .npipe, .cluster: break
    }
    return .object(value)
  }

  /// A secret or a config.
  static func file(_ file: TaskFiles.Entry) -> JSONValue {
    .object([
      "Type": .string("bind"), "Source": .string(file.path), "Target": .string(file.target), "ReadOnly": .bool(true),
    ])
  }

  private static func bind(_ options: Mount.BindOptions) -> JSONValue {
    var value = JSONMembers()
    value["Propagation"] = .string("\(options.propagation)")
    if options.nonrecursive { value["NonRecursive"] = .bool(true) }
    if options.createMountpoint { value["CreateMountpoint"] = .bool(true) }
    if options.readOnlyNonrecursive { value["ReadOnlyNonRecursive"] = .bool(true) }
    if options.readOnlyForceRecursive { value["ReadOnlyForceRecursive"] = .bool(true) }
    return .object(value)
  }

  private static func volume(_ options: Mount.VolumeOptions) -> JSONValue {
    var value = JSONMembers()
    value["NoCopy"] = .bool(options.nocopy)
    value["Labels"] = .texts(options.labels)
    if let driver = options.driverConfig {
      value["DriverConfig"] = .object(["Name": .string(driver.name), "Options": .texts(driver.options)])
    }
    if !options.subpath.isEmpty { value["Subpath"] = .string(options.subpath) }
    return .object(value)
  }

  private static func memory(_ options: Mount.TmpfsOptions) -> JSONValue {
    var value = JSONMembers()
    if options.sizeBytes > 0 { value["SizeBytes"] = .integer(options.sizeBytes) }
    if options.mode != 0 { value["Mode"] = .integer(Int64(options.mode)) }
    return .object(value)
  }
}

extension JSONValue {
  static func texts(_ texts: [String]) -> Self { .array(texts.map { .string($0) }) }

  static func texts(_ texts: [String: String]) -> Self {
    .object(JSONMembers(texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
  }
}

extension JSONMembers {
  init(_ pairs: [(String, JSONValue)]) {
    self.init()
    for (key, value) in pairs { self[key] = value }
  }
}
