import ArgumentParser
import Foundation
import Reel

/// `reel train tokenizer`: from text files to a tokenizer.json.
struct TrainTokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract: "Make the vocabulary of a tokenizer from texts, and save it as a tokenizer.json.",
    discussion: """
      bpe merges pairs of characters by frequency, byte-bpe pairs of bytes as GPT-2 does, wordpiece \
      is BERT's, unigram SentencePiece's. words, whitespace and graphemes have one token for each \
      word, each stretch without white space, each character of people; characters one for each \
      Unicode scalar. The same texts and options give the same file.

      The file is written whole at the end: Ctrl-C leaves nothing, or the file that was there.
      """)

  @Option(help: ArgumentHelp("What a token is.", valueName: "kind"))
  var kind: TrainableTokens

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Tokens of the vocabulary at most, special ones included (default: 16000).", valueName: "n"))
  var vocabulary: Int = 16_000

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("The texts to train on.", valueName: "file"))
  var corpus: [String]

  @Option(help: ArgumentHelp("The tokenizer.json to write.", valueName: "file"))
  var output: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Pairs and tokens that come less often are left out (default: 2; unigram has none).",
      valueName: "n"))
  var minimumFrequency: Int?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      """
      Tokens that stand for no text, with the first ids (default: as the kind has them, for \
      example [UNK]).
      """, valueName: "token"))
  var specialTokens: [String] = []

  @OptionGroup(title: "Normalization") var normalization: NormalizationOptions

  @Flag(help: "Replace the file that is there.")
  var overwrite = false

  @Flag(help: "End with one line of JSON on standard output.")
  var json = false
}
