import ReelText

/// Sentences that are read together: their tokens as numbers, each sentence and each form once.
struct SentenceGroup {
  private var table: FormTable
  private var places: [[Int32]: Int] = [:]
  /// Sentences as numbers of forms.
  private(set) var distinct: [[Int32]] = []
  /// For each of them, who asked for it.
  private(set) var askers: [[Int]] = []
  /// Of the distinct sentences.
  private(set) var tokenCount = 0

  init(_ reader: TokenFormReader) { table = FormTable(reader) }

  var forms: [TokenForm] { table.forms }

  mutating func append(_ sentence: [String], at index: Int) {
    let numbers = sentence.map { table.number(of: $0) }
    if let place = places[numbers] {
      askers[place].append(index)
      return
    }
    places[numbers] = distinct.count
    distinct.append(numbers)
    askers.append([index])
    tokenCount += numbers.count
  }
}

/// Numbers tokens by how they are written, byte for byte, and reads the form of each once.
private struct FormTable {
  private let reader: TokenFormReader
  private var table = TokenTable()
  private(set) var forms: [TokenForm] = []

  init(_ reader: TokenFormReader) { self.reader = reader }

  mutating func number(of token: String) -> Int32 {
    var token = token
    return token.withUTF8 { bytes in
      if let number = table.id(of: bytes) { return number }
      forms.append(reader(bytes))
      return table.insert(Array(bytes))
    }
  }
}
