import ReelTensor
import ReelText

/// Sentences that are read together: their tokens as numbers, each sentence and each way of writing a token once.
struct SentenceGroup: Sendable {
  private var table = TokenTable()
  private var places: [[Int32]: Int] = [:]
  /// Sentences as numbers of forms.
  private(set) var distinct: [[Int32]] = []
  /// For each of them, who asked for it.
  private(set) var askers: [[Int]] = []
  /// Of the distinct sentences.
  private(set) var tokenCount = 0

  /// Room for so many sentences is made at once: a dictionary that grows moves all that it has.
  private static let likelySentences = 16_384

  /// - Parameter most: the most sentences that will come.
  init(most: Int) {
    let likely = min(most, Self.likelySentences)
    places.reserveCapacity(likely)
    distinct.reserveCapacity(likely)
    askers.reserveCapacity(likely)
  }

  /// Forms that a thread reads at a time.
  private static let formsTogether = 256

  /// What the network sees of each token, by its number.
  func forms(_ reader: TokenFormReader) -> [TokenForm] {
    let (table, size) = (table, Self.formsTogether)
    return Threads.map((table.count + size - 1) / size) { part in
      (part * size..<min((part + 1) * size, table.count)).map { number in
        table.withBytes(of: Int32(number)) { reader($0) }
      }
    }.flatMap { $0 }
  }

  mutating func append(_ sentence: [String], at index: Int) {
    let numbers = sentence.map { number(of: $0) }
    if let place = places[numbers] {
      askers[place].append(index)
      return
    }
    places[numbers] = distinct.count
    distinct.append(numbers)
    askers.append([index])
    tokenCount += numbers.count
  }

  /// Tokens that are written alike, byte for byte, have one number.
  private mutating func number(of token: String) -> Int32 {
    var token = token
    return token.withUTF8 { table.insert($0) }
  }
}
