import ReelText

/// What of a word its vector stands for: lower case, and every digit as 0, as configured.
struct WordNormalization: Sendable {
  let lowercases: Bool
  let normalizesDigits: Bool

  init(_ configuration: SequenceTaggerConfiguration) {
    lowercases = configuration.lowercases
    normalizesDigits = configuration.normalizesDigits
  }

  /// The bytes that a word is looked up by.
  func callAsFunction(_ word: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    guard word.allSatisfy({ $0 < 0x80 }) else { return beyondASCII(Array(word)) }
    return word.map { byte in
      switch byte {
      case 0x41...0x5A where lowercases: byte | 0x20
      case 0x30...0x39 where normalizesDigits: 0x30
      default: byte
      }
    }
  }

  private func beyondASCII(_ word: [UInt8]) -> [UInt8] {
    var text = String(decoding: word, as: UTF8.self)
    if lowercases { text = Normalizer.lowercase.normalized(text) }
    guard normalizesDigits else { return Array(text.utf8) }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      result.append(scalar.properties.numericType == .decimal ? "0" : scalar)
    }
    return Array(String(result).utf8)
  }
}
