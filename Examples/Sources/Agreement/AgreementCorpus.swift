import ExampleCorpora
import Reel

/// The sentences of `corpora/agreement` up to their verb, as numbers of words.
struct AgreementCorpus {
  struct Sentence {
    let words: [Int32]
    /// 0: singular, 1: plural.
    let label: Int32
    /// How many words the subject stands before the verb.
    let distance: Int
  }

  let sentences: [Sentence]
  let vocabulary: Labels

  /// - Parameter vocabulary: of the training sentences; without it, this corpus has its own. Words
  ///   that are not in it have no vector.
  init(_ file: String, vocabulary: Labels? = nil) throws {
    let rows = try TSVReader(MappedFile(ExampleCorpora.committed(file))).records()
    let texts = rows.map { row in
      row.fields[1].lowercased().split(separator: " ").map { word in
        // The distances count words, so a comma is no word of its own.
        word.hasSuffix(",") ? String(word.dropLast()) : String(word)
      }
    }
    let vocabulary = vocabulary ?? Labels(of: texts.joined())
    sentences = zip(rows, texts).map { row, words in
      Sentence(
        words: words.map { Int32(vocabulary.index(of: $0) ?? -1) },
        label: row.fields[0] == "plural" ? 1 : 0, distance: Int(row.fields[3]) ?? 1)
    }
    self.vocabulary = vocabulary
  }

  /// Ascending.
  var byDistance: [(distance: Int, sentences: [Sentence])] {
    let longest = sentences.map(\.distance).max() ?? 0
    return (1...max(1, longest)).map { distance in
      (distance, sentences.filter { $0.distance == distance })
    }.filter { !$0.1.isEmpty }
  }
}
