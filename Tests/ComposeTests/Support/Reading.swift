// SPDX-License-Identifier: Apache-2.0

import Compose
import EngineSchema
import Testing

/// Reads one compose text as the stack `st`.
func stack(
  _ text: String,
  environment: [String: String] = [:],
  files: [String: String] = [:]
) throws(ComposeError) -> Stack {
  try stack([("/project/stack.yml", text)], environment: environment, files: files)
}

/// Reads several compose texts, each over those before it, as the stack `st`.
func stack(
  _ texts: [(path: String, text: String)],
  environment: [String: String] = [:],
  files: [String: String] = [:]
) throws(ComposeError) -> Stack {
  try Stack(
    name: "st",
    files: texts.map { ComposeFile(path: $0.path, text: $0.text) },
    surroundings: ComposeSurroundings(environment: environment) { path in
      guard let text = files[path] else { throw ComposeError("no such file") }
      return Array(text.utf8)
    }
  )
}

/// A service `web` with these lines in it, and everything that they may refer to.
func file(web lines: String) -> String {
  let indented = lines.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }.joined(separator: "\n")
  return """
    services:
      web:
        image: example/web
    \(indented)
    networks:
      front: {}
      back: {external: true, name: shared}
    volumes:
      data: {driver: local, labels: {a: b}}
      theirs: {external: true}
    secrets:
      key: {content: k}
      other: {external: true, name: theirs}
    configs:
      conf: {content: c}
    """
}

/// What the lines make of the service `web`, as JSON at a path like `TaskTemplate.ContainerSpec.Args`; `-` when there is nothing.
func specification(web lines: String, at path: String, environment: [String: String] = [:], files: [String: String] = [:]) throws
  -> String
{
  let stack = try stack(file(web: lines), environment: environment, files: files)
  return value(try JSONValue(encoding: #require(stack.services.first)), at: path)
}

func value(_ tree: JSONValue, at path: String) -> String {
  var value: JSONValue? = tree
  for name in path.split(separator: ".") { value = value?[String(name)] }
  return value?.text ?? "-"
}

/// The error that a compose text has.
func failure(_ text: String, environment: [String: String] = [:], files: [String: String] = [:]) -> String {
  do {
    _ = try stack(text, environment: environment, files: files)
    return "no error"
  } catch {
    return error.description
  }
}
