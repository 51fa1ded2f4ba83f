import ArgumentParser
import Reel

/// The tokenizers that `reel train tokenizer` makes, by name.
enum TrainableTokens: String, ExpressibleByArgument, CaseIterable {
  case bpe
  case byteBPE = "byte-bpe"
  case wordpiece, unigram, words, whitespace, graphemes, characters

  var kind: TokenizerKind {
    switch self {
    case .bpe: .bytePair
    case .byteBPE: .byteBytePair
    case .wordpiece: .wordPiece
    case .unigram: .unigram
    case .words: .words
    case .whitespace: .whitespace
    case .graphemes: .graphemes
    case .characters: .characters
    }
  }
}
