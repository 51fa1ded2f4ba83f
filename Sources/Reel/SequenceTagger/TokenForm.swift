import ReelLayers
import ReelText

/// What the network sees of a token. Tokens that are written alike have one form, and a batch
/// computes each form once.
struct TokenForm: Hashable, Sendable {
  /// The word's id.
  var word: Int32
  var capitalization: Int32
  /// The ids of its characters; empty where the model reads none.
  var characters: [Int32]
}

/// Sentences, ready for the network: the forms that occur and for each token its form.
struct FormBatch: Sendable {
  var forms: [TokenForm]
  var tokens: TokenSequences

  init(forms: [TokenForm], tokens: TokenSequences) {
    self.forms = forms
    self.tokens = tokens
  }

  /// Numbers the forms of sentences in the order in which they come.
  init(_ sentences: [[TokenForm]]) {
    var numbers: [TokenForm: Int32] = [:]
    var forms: [TokenForm] = []
    let tokens = sentences.map { sentence in
      sentence.map { form in
        if let number = numbers[form] { return number }
        let number = Int32(forms.count)
        numbers[form] = number
        forms.append(form)
        return number
      }
    }
    self.init(forms: forms, tokens: TokenSequences(tokens))
  }
}

/// Makes forms of tokens, with the vocabularies of a model.
struct TokenFormReader: Sendable {
  let words: Vocabulary
  private let normalization: WordNormalization
  /// The ids of characters, by scalar value; 0 stands for all others. nil: characters are not read.
  private let characters: [UInt32: Int32]?

  /// Characters of a word that are read; of a longer one the first and the last half of so many.
  private static let longestWord = 64

  init(_ configuration: SequenceTaggerConfiguration, words: Vocabulary) {
    self.words = words
    normalization = WordNormalization(configuration)
    guard configuration.characterHiddenSize > 0 else {
      characters = nil
      return
    }
    var characters: [UInt32: Int32] = [:]
    for (index, character) in configuration.characters.enumerated() {
      guard let scalar = character.unicodeScalars.first else { continue }
      characters[scalar.value] = Int32(index + 1)
    }
    self.characters = characters
  }

  func callAsFunction(_ token: UnsafeBufferPointer<UInt8>) -> TokenForm {
    let word = normalization(token).withUnsafeBufferPointer { words.table.id(of: $0) }
    let scalars = String(decoding: token, as: UTF8.self).unicodeScalars
    var ids: [Int32] = []
    if let characters {
      let read = scalars.map { characters[$0.value] ?? 0 }
      let half = Self.longestWord / 2
      ids = read.count > Self.longestWord ? Array(read.prefix(half) + read.suffix(half)) : read
    }
    return TokenForm(
      word: word ?? words.unknownID ?? 0, capitalization: Capitalization(scalars).rawValue,
      characters: ids)
  }

  func callAsFunction(_ token: String) -> TokenForm {
    var token = token
    return token.withUTF8 { self($0) }
  }
}
