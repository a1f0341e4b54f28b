// SPDX-License-Identifier: Apache-2.0

/// What `--network` takes: a name alone, or `name=back,alias=db,driver-opt=key=value`.
package struct NetworkValue: Hashable, Sendable {
  /// The attachment; its target is what the user named, not yet an id.
  package var attachment: Engine.NetworkAttachment

  package init?(_ text: String) {
    var attachment = Engine.NetworkAttachment()
    guard text.contains("=") else {
      guard !text.isEmpty, !text.contains(",") else { return nil }
      attachment.target = text
      self.attachment = attachment
      return
    }
    for field in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[1].isEmpty else { return nil }
      switch parts[0].lowercased() {
      case "name": attachment.target = parts[1]
      case "alias": attachment.aliases = (attachment.aliases ?? []) + [parts[1]]
      case "driver-opt":
        let option = parts[1].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard option.count == 2 else { return nil }
        attachment.driverOpts = (attachment.driverOpts ?? [:]).merging([option[0]: option[1]]) { _, new in new }
      default: return nil
      }
    }
    guard attachment.target != nil else { return nil }
    self.attachment = attachment
  }
}
