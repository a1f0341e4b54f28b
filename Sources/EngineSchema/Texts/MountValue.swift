// SPDX-License-Identifier: Apache-2.0

/// What `--mount` takes: `type=bind,source=/a,target=/b,readonly`.
package struct MountValue: Hashable, Sendable {
  package var mount: Engine.Mount

  package init?(_ text: String) {
    var mount = Engine.Mount()
    mount.type = "volume"
    for field in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let isRead = Self.read(parts[0].lowercased(), parts.count > 1 ? String(parts[1]) : nil, into: &mount)
      guard isRead else { return nil }
    }
    guard mount.target?.isEmpty == false, mount.type != "bind" || mount.source != nil else { return nil }
    guard mount.bindOptions == nil || mount.type == "bind", mount.volumeOptions == nil || mount.type == "volume",
      mount.tmpfsOptions == nil || mount.type == "tmpfs"
    else { return nil }
    // Without these the word would promise something about mounts that stay writable, or of a kind that can't be told apart.
    switch mount.bindOptions?.recursion {
    case .writable?: guard mount.readOnly == true else { return nil }
    case .readonly?: guard mount.readOnly == true, mount.bindOptions?.propagation == "rprivate" else { return nil }
    case .enabled?, .disabled?, nil: break
    }
    self.mount = mount
  }

  private static func read(_ key: String, _ value: String?, into mount: inout Engine.Mount) -> Bool {
    switch key {
    case "readonly", "ro": return self.set(&mount.readOnly, to: value)
    case "volume-nocopy": return self.set(&mount.volumeOptions.orNew.noCopy, to: value)
    case "bind-nonrecursive": return self.set(&mount.bindOptions.orNew.nonRecursive, to: value)
    default: break
    }
    guard let value else { return false }
    switch key {
    case "type": mount.type = value.lowercased()
    case "source", "src": mount.source = value
    case "target", "destination", "dst": mount.target = value
    case "consistency": mount.consistency = value.lowercased()
    case "bind-propagation": mount.bindOptions.orNew.propagation = value.lowercased()
    case "bind-recursive":
      guard let recursion = Engine.BindOptions.Recursion(rawValue: value) else { return false }
      mount.bindOptions.orNew.recursion = recursion
    case "volume-subpath": mount.volumeOptions.orNew.subpath = value
    case "volume-driver": mount.volumeOptions.orNew.driverConfig.orNew.name = value
    case "volume-label": self.add(value, to: &mount.volumeOptions.orNew.labels)
    case "volume-opt": self.add(value, to: &mount.volumeOptions.orNew.driverConfig.orNew.options)
    case "tmpfs-size":
      guard let size = MemoryValue(value) else { return false }
      mount.tmpfsOptions.orNew.sizeBytes = size.bytes
    case "tmpfs-mode":
      guard let mode = UInt32(value, radix: 8) else { return false }
      mount.tmpfsOptions.orNew.mode = mode
    default: return false
    }
    return true
  }

  /// A switch that may stand alone.
  private static func set(_ flag: inout Bool?, to value: String?) -> Bool {
    switch value?.lowercased() {
    case nil, "true", "1": flag = true
    case "false", "0": flag = false
    default: return false
    }
    return true
  }

  private static func add(_ pair: String, to labels: inout [String: String]?) {
    let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    labels = (labels ?? [:]).merging([parts[0]: parts.count > 1 ? parts[1] : ""]) { _, new in new }
  }
}

/// Something that can be made without saying more.
private protocol Empty {
  init()
}

extension Engine.VolumeOptions: Empty {}
extension Engine.BindOptions: Empty {}
extension Engine.TmpfsOptions: Empty {}
extension Engine.Driver: Empty {}

extension Optional where Wrapped: Empty {
  /// The value; made when there is none.
  fileprivate var orNew: Wrapped {
    get { self ?? Wrapped() }
    set { self = newValue }
  }
}
