// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

extension Mount {
  init(_ mount: Engine.Mount) throws(APIFailure) {
    let kind = try Kind.engineNames.value(mount.type, default: .bind) { .badRequest("invalid MountType: \"\($0)\"") }
    guard kind != .cluster else { throw .notAvailable("cluster volumes (CSI) are") }
    self.init(
      type: kind,
      source: mount.source ?? "",
      target: mount.target ?? "",
      readonly: mount.readOnly ?? false,
      consistency: try Consistency.engineNames.value(mount.consistency, default: .default) {
        .badRequest("invalid MountConsistency: \"\($0)\"")
      }
    )
    if let options = mount.bindOptions { self.bindOptions = try BindOptions(options) }
    self.volumeOptions = mount.volumeOptions.map(VolumeOptions.init)
    self.tmpfsOptions = mount.tmpfsOptions.map { TmpfsOptions(sizeBytes: $0.sizeBytes ?? 0, mode: $0.mode ?? 0) }
  }

  var apiValue: Engine.Mount {
    var mount = Engine.Mount()
    mount.type = Kind.engineNames[self.type]
    mount.source = self.source.nonEmpty
    mount.target = self.target.nonEmpty
    mount.readOnly = self.readonly.trueOrNil
    mount.consistency = self.consistency == .default ? nil : Consistency.engineNames[self.consistency]
    mount.bindOptions = self.bindOptions?.apiValue
    mount.volumeOptions = self.volumeOptions?.apiValue
    if let options = self.tmpfsOptions {
      mount.tmpfsOptions = Engine.TmpfsOptions()
      mount.tmpfsOptions?.sizeBytes = options.sizeBytes.nonZero
      mount.tmpfsOptions?.mode = options.mode.nonZero
    }
    return mount
  }
}

extension Mount.BindOptions {
  init(_ options: Engine.BindOptions) throws(APIFailure) {
    self.init(
      propagation: try Mount.Propagation.engineNames.value(options.propagation, default: .rprivate) {
        .badRequest("invalid MountPropagation: \"\($0)\"")
      },
      nonrecursive: options.nonRecursive ?? false,
      createMountpoint: options.createMountpoint ?? false,
      readOnlyNonrecursive: options.readOnlyNonRecursive ?? false,
      readOnlyForceRecursive: options.readOnlyForceRecursive ?? false
    )
  }

  var apiValue: Engine.BindOptions {
    var options = Engine.BindOptions()
    options.propagation = Mount.Propagation.engineNames[self.propagation]
    options.nonRecursive = self.nonrecursive.trueOrNil
    options.createMountpoint = self.createMountpoint.trueOrNil
    options.readOnlyNonRecursive = self.readOnlyNonrecursive.trueOrNil
    options.readOnlyForceRecursive = self.readOnlyForceRecursive.trueOrNil
    return options
  }
}

extension Mount.VolumeOptions {
  init(_ options: Engine.VolumeOptions) {
    self.init(
      nocopy: options.noCopy ?? false,
      labels: options.labels ?? [:],
      driverConfig: options.driverConfig.map(Driver.init),
      subpath: options.subpath ?? ""
    )
  }

  var apiValue: Engine.VolumeOptions {
    var options = Engine.VolumeOptions()
    options.noCopy = self.nocopy.trueOrNil
    options.labels = self.labels.nonEmpty
    options.driverConfig = self.driverConfig?.apiValue
    options.subpath = self.subpath.nonEmpty
    return options
  }
}
