// SPDX-License-Identifier: Apache-2.0

/// Turns values of the API into JSON text and back.
package enum EngineJSON {
  /// The compact JSON text of a value; members are in the order of their declaration, those of dictionaries in
  /// alphabetical order.
  package static func encode(_ value: some Encodable) throws(SchemaError) -> [UInt8] {
    Array(try JSONValue(encoding: value).text.utf8)
  }

  /// Reads one JSON value from a whole text.
  ///
  /// - Throws: ``SchemaError`` when the text isn't JSON, or when a field has the wrong type; then the message
  ///   names the field.
  package static func decode<Value: Decodable>(
    _ type: Value.Type = Value.self,
    from text: some Collection<UInt8>
  ) throws(SchemaError) -> Value {
    let decoder = JSONTreeDecoder(value: try JSONParser.parse(Array(text)), place: nil)
    do {
      return try decoder.decode(type)
    } catch let error as SchemaError {
      throw error
    } catch DecodingError.dataCorrupted(let context) {
      throw SchemaError("invalid JSON: \(JSONTreeDecoder.name(context.codingPath)): \(context.debugDescription)")
    } catch {
      throw SchemaError("invalid JSON: \(error)")
    }
  }
}
