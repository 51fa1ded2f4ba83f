/// The classes of a task, in a fixed order: label number i stands for output i of a model.
public struct Labels: Sendable, Equatable {
  /// The names in order.
  public let names: [String]
  // By bytes: Swift's equality of strings takes "é" and "e" with an accent for the same.
  private let indices: [[UInt8]: Int]

  /// - Throws: where a name is empty or comes twice.
  public init(_ names: [String]) throws(TextError) {
    var indices: [[UInt8]: Int] = [:]
    for (index, name) in names.enumerated() {
      guard !name.utf8.isEmpty else {
        throw TextError("label \(index) is empty, expected a name")
      }
      if let other = indices.updateValue(index, forKey: Array(name.utf8)) {
        throw TextError(
          "the label \(jsonQuoted(name)) comes twice, as number \(other) and \(index)")
      }
    }
    self.names = names
    self.indices = indices
  }

  /// The different labels of a corpus in the order of their Unicode scalars; empty ones are left
  /// out.
  public init(of labels: some Sequence<String>) {
    var seen: Set<[UInt8]> = []
    var names: [String] = []
    for label in labels where !label.utf8.isEmpty && seen.insert(Array(label.utf8)).inserted {
      names.append(label)
    }
    // The order of UTF-8 bytes is the order of scalars.
    names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    self.names = names
    var indices: [[UInt8]: Int] = [:]
    for (index, name) in names.enumerated() { indices[Array(name.utf8)] = index }
    self.indices = indices
  }

  /// The number of labels.
  public var count: Int { names.count }

  /// The name of label number `index`.
  public subscript(index: Int) -> String { names[index] }

  /// The number of a label, or nil where it is none of these.
  public func index(of label: String) -> Int? { indices[Array(label.utf8)] }

  /// The number of a label that was read from a file.
  ///
  /// - Parameters:
  ///   - line: where it was read, and `file` from where: for the error.
  /// - Throws: one line that quotes the label and the ones that are known.
  public func index(of label: String, line: Int, of file: MappedFile) throws(TextError) -> Int {
    guard let index = index(of: label) else {
      throw file.error(
        line: line, "unknown label \(jsonQuoted(label)), expected one of \(quotedList(names))")
    }
    return index
  }

  public static func == (a: Labels, b: Labels) -> Bool {
    a.count == b.count && zip(a.names, b.names).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
  }
}
