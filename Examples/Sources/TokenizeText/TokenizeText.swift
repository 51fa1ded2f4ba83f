import Foundation
import Reel

/// Trains one tokenizer of each kind on a text, and shows how they cut the same line and how much
/// of the text a token of each is.
///
///     TokenizeText [CORPUS [VOCABULARY]]
///
/// Without arguments: 1,000 tokens from the river plays, which come with Reel.
@main
struct TokenizeText {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    let corpus = arguments.first ?? riverPlays
    let number = arguments.dropFirst().first ?? "1000"
    guard let vocabulary = Int(number), arguments.count <= 2 else {
      print("usage: TokenizeText [CORPUS [VOCABULARY]]; VOCABULARY was '\(number)'")
      exit(64)
    }
    do {
      try run(corpus: corpus, vocabulary: vocabulary)
    } catch {
      FileHandle.standardError.write(Data("error: \(error)\n".utf8))
      exit(1)
    }
  }

  static func run(corpus: String, vocabulary: Int) throws {
    let text = try Corpus.read(corpus, validatingUTF8: true)
    let line = "The ferryman's unreadable ledger costs 3.50 €."
    print("line: \(line)\n")
    var tokenizers: [any Tokenizer] = [ByteTokenizer(), try ScalarTokenizer(trainedOn: text)]
    let kinds: [TokenizerKind] = [
      .byteBytePair, .bytePair, .wordPiece, .unigram, .words, .whitespace,
    ]
    for kind in kinds {
      let training = TokenizerTraining(kind, vocabularySize: vocabulary)
      tokenizers.append(try TokenizerPipeline.train(training, files: [corpus]))
    }
    for tokenizer in tokenizers {
      let encoding = tokenizer.encoding(of: line)
      let bytesPerToken = Double(text.count) / Double(try tokenizer.encode(text).count)
      let share = (bytesPerToken * 100).rounded() / 100
      print(
        "\(tokenizer.kind.rawValue): \(encoding.ids.count) tokens, \(share) bytes each in the corpus"
      )
      print("  " + encoding.tokens.joined(separator: " · "))
      // Each token knows its bytes of the line, also where the tokenizer has changed the text.
      if let longest = encoding.offsets.max(by: { $0.count < $1.count }) {
        print("  longest: '\(String(decoding: Array(line.utf8)[longest], as: UTF8.self))'")
      }
      let back = tokenizer.decode(tokenizer.encode(line))
      print(
        back.utf8.elementsEqual(line.utf8)
          ? "  comes back as it was\n" : "  comes back as: \(back)\n")
    }
  }

  static let riverPlays = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../corpora/river-plays/river-plays.txt").path
}
