// SPDX-License-Identifier: Apache-2.0

extension Dictionary {
  /// Takes an element out of the set of a key, and the set out of the dictionary when it is empty.
  mutating func remove<Element>(_ element: Element, from key: Key) where Value == Set<Element> {
    guard let index = self.index(forKey: key) else { return }
    self.values[index].remove(element)
    if self.values[index].isEmpty { self.remove(at: index) }
  }
}
