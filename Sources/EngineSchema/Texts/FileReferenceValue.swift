// SPDX-License-Identifier: Apache-2.0

/// What `--secret` and `--config` take: a name alone, or `source=name,target=file,uid=0,gid=0,mode=0400`.
package struct FileReferenceValue: Hashable, Sendable {
  /// The name or id of the secret or config.
  package var source: String
  /// The file that containers see.
  package var file: Engine.FileTarget

  package init?(_ text: String) {
    var file = Engine.FileTarget()
    file.uid = "0"
    file.gid = "0"
    file.mode = 0o444
    var source = text
    if text.contains("=") || text.contains(",") {
      source = ""
      for field in text.split(separator: ",", omittingEmptySubsequences: false) {
        let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return nil }
        switch parts[0].lowercased() {
        case "source", "src": source = parts[1]
        case "target": file.name = parts[1]
        case "uid": file.uid = parts[1]
        case "gid": file.gid = parts[1]
        case "mode":
          guard let mode = UInt32(parts[1], radix: 8) else { return nil }
          file.mode = mode
        default: return nil
        }
      }
    }
    guard !source.isEmpty, file.name != "" else { return nil }
    self.source = source
    self.file = file
  }
}
