import Foundation

/// - Throws: a wrong argument that names the first setting of a model which a resumed training would
///   have to change.
func refuseChange<Configuration: Codable>(
  to asked: Configuration, from saved: Configuration
) throws {
  let (asked, saved) = (try leaves(of: asked), try leaves(of: saved))
  for path in Set(asked.keys).union(saved.keys).sorted() where asked[path] != saved[path] {
    let name = (path.split(separator: ".").last ?? "").reduce(into: "") { name, letter in
      name += letter.isUppercase ? " \(letter.lowercased())" : "\(letter)"
    }
    throw CommandError.wrongArgument(
      "\(name) \(asked[path] ?? "none"): the training to resume was started with "
        + "\(saved[path] ?? "none"), which cannot change")
  }
}

/// The settings of a configuration by their paths, as JSON has them.
private func leaves(of value: some Encodable) throws -> [String: String] {
  var result: [String: String] = [:]
  func visit(_ path: String, _ value: Any) {
    if let object = value as? [String: Any] {
      for (key, value) in object { visit(path.isEmpty ? key : "\(path).\(key)", value) }
    } else {
      result[path] = "\(value)"
    }
  }
  visit("", try JSONSerialization.jsonObject(with: JSONEncoder().encode(value)))
  return result
}
