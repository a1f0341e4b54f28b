// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

extension StackBuilder {
  private static let propagations = ["rprivate", "private", "rshared", "shared", "rslave", "slave"]
  private static let consistencies = ["consistent", "cached", "delegated"]

  /// What a service mounts, in the order of its file.
  mutating func mounts(_ reader: inout MapReader) throws(ComposeError) -> [Engine.Mount]? {
    var mounts: [Engine.Mount] = []
    if let node = reader.take("volumes") {
      let path = reader.path("volumes")
      for (index, element) in try node.list(path).enumerated() {
        var mount =
          try element.map != nil
          ? self.longMount(element, path: "\(path)[\(index)]") : self.shortMount(element, path: "\(path)[\(index)]")
        try self.complete(&mount, at: element.position, path: "\(path)[\(index)]")
        mounts.append(mount)
      }
    }
    let memory = reader.take("tmpfs")
    for text in try memory?.textOrTexts(reader.path("tmpfs")) ?? [] {
      var mount = Engine.Mount()
      mount.type = "tmpfs"
      let parts = text.split(separator: ":", maxSplits: 1)
      mount.target = parts.first.map(String.init)
      mounts.append(mount)
      if parts.count > 1, let memory {
        self.note(
          "\(reader.path("tmpfs")): the options \(parts[1]) are ignored; volumes with type tmpfs have them",
          at: memory.position
        )
      }
    }
    return mounts.isEmpty ? nil : mounts
  }

  /// `[source:]target[:options]`.
  private mutating func shortMount(_ node: ComposeNode, path: String) throws(ComposeError) -> Engine.Mount {
    let expected = "a mount like source:/target:ro"
    let parts = try node.text(path, expected).split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 3, !parts.contains("") else { throw node.refused(path, expected) }
    var mount = Engine.Mount()
    mount.type = "volume"
    mount.target = parts.count == 1 ? parts[0] : parts[1]
    if parts.count > 1 {
      mount.source = parts[0]
      if let first = parts[0].first, "./~".contains(first) { mount.type = "bind" }
    }
    for option in parts.count > 2 ? parts[2].split(separator: ",").map(String.init) : [] {
      switch option {
      case "ro": mount.readOnly = true
      case "rw": mount.readOnly = nil
      case "nocopy", "volume-nocopy": mount.volumeOptions = Self.withoutCopy(mount.volumeOptions)
      case "z", "Z": self.note("\(path): the option \(option) is ignored in a swarm", at: node.position)
      case _ where Self.consistencies.contains(option): mount.consistency = option
      case _ where Self.propagations.contains(option):
        mount.bindOptions = mount.bindOptions ?? Engine.BindOptions()
        mount.bindOptions?.propagation = option
      default: throw ComposeError("\(path): unknown option \"\(option)\"", at: node.position)
      }
    }
    return mount
  }

  private static func withoutCopy(_ options: Engine.VolumeOptions?) -> Engine.VolumeOptions {
    var options = options ?? Engine.VolumeOptions()
    options.noCopy = true
    return options
  }

  private mutating func longMount(_ node: ComposeNode, path: String) throws(ComposeError) -> Engine.Mount {
    var reader = try MapReader(node, path: path)
    var mount = Engine.Mount()
    guard let type = try reader.word("type", of: ["volume", "bind", "tmpfs", "npipe", "cluster"]) else {
      throw ComposeError("\(path): type is missing: volume, bind, tmpfs, npipe or cluster", at: node.position)
    }
    mount.type = type
    mount.source = try reader.text("source")
    mount.target = try reader.text("target")
    mount.readOnly = try reader.bool("read_only")
    mount.consistency = try reader.text("consistency")
    if var bind = try reader.reader("bind") {
      var options = Engine.BindOptions()
      options.propagation = try bind.word("propagation", of: Self.propagations)
      options.createMountpoint = try bind.bool("create_host_path")
      if let node = bind.take("recursive") {
        let path = bind.path("recursive")
        guard let recursion = Engine.BindOptions.Recursion(rawValue: try node.text(path)) else {
          throw node.refused(path, "one of \(Engine.BindOptions.Recursion.words)")
        }
        options.recursion = recursion
      }
      bind.ignore(["selinux"])
      try bind.finish()
      self.noteIgnored(by: bind)
      mount.bindOptions = options == Engine.BindOptions() ? nil : options
    }
    if var volume = try reader.reader("volume") {
      var options = Engine.VolumeOptions()
      options.noCopy = try volume.bool("nocopy")
      options.subpath = try volume.text("subpath")
      options.labels = try volume.labels("labels")
      try volume.finish()
      mount.volumeOptions = options == Engine.VolumeOptions() ? nil : options
    }
    if var memory = try reader.reader("tmpfs") {
      var options = Engine.TmpfsOptions()
      options.sizeBytes = try memory.bytes("size")
      if let mode = memory.take("mode") { options.mode = try mode.fileMode(memory.path("mode")) }
      try memory.finish()
      mount.tmpfsOptions = options == Engine.TmpfsOptions() ? nil : options
    }
    try reader.finish()
    return mount
  }

  /// Looks a volume's name up and makes a path whole.
  private func complete(_ mount: inout Engine.Mount, at position: ComposePosition, path: String) throws(ComposeError) {
    guard let target = mount.target, !target.isEmpty else { throw ComposeError("\(path): target is missing", at: position) }
    switch mount.type {
    case "bind":
      guard let source = mount.source else { throw ComposeError("\(path): source is missing", at: position) }
      mount.source = self.resolve(source, at: position)
    case "volume":
      guard let source = mount.source else { return }
      guard let volume = self.volumes[source] else {
        throw ComposeError("\(path): undefined volume \"\(source)\"", at: position)
      }
      mount.source = volume.name
      guard volume.labels != nil || volume.driver != nil else { return }
      var options = mount.volumeOptions ?? Engine.VolumeOptions()
      options.labels = (volume.labels ?? [:]).merging(options.labels ?? [:]) { _, own in own }
      options.driverConfig = volume.driver
      mount.volumeOptions = options
    case "tmpfs":
      guard mount.source == nil else { throw ComposeError("\(path): a tmpfs has no source", at: position) }
    default: return
    }
  }
}
