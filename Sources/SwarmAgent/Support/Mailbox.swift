// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Elements on their way to one reader, who takes all that have gathered at once.
final class Mailbox<Element: Sendable>: Sendable {
  private struct State {
    var elements: [Element] = []
    var reader: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  /// Puts an element in.
  func post(_ element: Element) {
    let reader = self.state.withLock { state in
      state.elements.append(element)
      return state.reader.take()
    }
    reader?.resume()
  }

  /// Waits until there is something and takes it all; nil when the calling task is cancelled.
  ///
  /// Only one task may wait at a time.
  func next() async -> [Element]? {
    while !Task.isCancelled {
      let elements = self.state.withLock { state in
        let elements = state.elements
        state.elements = []
        return elements
      }
      guard elements.isEmpty else { return elements }
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          let isDue = self.state.withLock { state in
            guard state.elements.isEmpty, !Task.isCancelled else { return true }
            state.reader = continuation
            return false
          }
          if isDue { continuation.resume() }
        }
      } onCancel: {
        self.state.withLock { $0.reader.take() }?.resume()
      }
    }
    return nil
  }
}
