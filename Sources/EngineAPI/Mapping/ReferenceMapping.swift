// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

extension SecretReference {
  init(_ reference: Engine.SecretReference) throws(APIFailure) {
    guard let id = SecretID(reference.secretID ?? "") else {
      let name = reference.secretName ?? reference.secretID ?? ""
      throw APIFailure(SwarmError(code: .invalidArgument, message: "secret not found: \(name)"))
    }
    self.init(secretID: id, secretName: reference.secretName ?? "", file: reference.file.map(FileTarget.init))
  }

  var apiValue: Engine.SecretReference {
    var reference = Engine.SecretReference()
    reference.secretID = self.secretID.description
    reference.secretName = self.secretName
    reference.file = self.file?.apiValue
    return reference
  }
}

extension ConfigReference {
  init(_ reference: Engine.ConfigReference) throws(APIFailure) {
    guard let id = ConfigID(reference.configID ?? "") else {
      let name = reference.configName ?? reference.configID ?? ""
      throw APIFailure(SwarmError(code: .invalidArgument, message: "config not found: \(name)"))
    }
    self.init(
      configID: id,
      configName: reference.configName ?? "",
      file: reference.file.map(FileTarget.init),
      runtime: reference.runtime.map { _ in RuntimeTarget() }
    )
  }

  var apiValue: Engine.ConfigReference {
    var reference = Engine.ConfigReference()
    reference.configID = self.configID.description
    reference.configName = self.configName
    reference.file = self.file?.apiValue
    reference.runtime = self.runtime.map { _ in Engine.Empty() }
    return reference
  }
}

extension FileTarget {
  init(_ file: Engine.FileTarget) {
    self.init(name: file.name ?? "", uid: file.uid ?? "", gid: file.gid ?? "", mode: file.mode ?? 0)
  }

  var apiValue: Engine.FileTarget {
    var file = Engine.FileTarget()
    file.name = self.name
    file.uid = self.uid
    file.gid = self.gid
    file.mode = self.mode
    return file
  }
}
