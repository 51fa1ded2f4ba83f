/// What reads the characters of a word.
public enum CharacterEncoderKind: String, Codable, Sendable, CaseIterable {
  /// An LSTM in both directions (Ling et al. 2015, Lample et al. 2016).
  case lstm
  /// A convolution over three characters and the maximum over the word (Ma and Hovy 2016).
  case cnn
}

extension KeyedDecodingContainer {
  /// Taggers saved before there was a choice have an LSTM. (`Codable` finds this method where it
  /// makes the decoding of a configuration.)
  func decode(_ type: CharacterEncoderKind.Type, forKey key: Key) throws -> CharacterEncoderKind {
    try decodeIfPresent(type, forKey: key) ?? .lstm
  }
}
