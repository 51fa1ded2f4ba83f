import Foundation
import ReelLayers
import ReelTensor
import ReelText

/// How well a model predicts a text.
public struct LanguageModelEvaluation: Codable, Sendable, Equatable {
  /// Tokens that were predicted: all but the first.
  public let tokens: Int
  /// Mean negative log-likelihood of a token, in nats.
  public let loss: Double

  /// The same in bits.
  public var bitsPerToken: Double { loss / log(2) }
  /// exp(loss): the number of equally likely tokens the model is as unsure as.
  public var perplexity: Double { exp(loss) }
}

extension LanguageModel {
  /// Predicts every token of a text from all before it.
  ///
  /// - Throws: `UTF8Error` where a model over characters is given bytes that are not UTF-8;
  ///   `ConfigurationError` for a text of less than two tokens.
  public func evaluate(_ bytes: [UInt8]) throws -> LanguageModelEvaluation {
    let ids = try tokenizer.encode(bytes)
    guard ids.count >= 2 else {
      throw ConfigurationError(
        "the text to evaluate has \(ids.count) tokens, at least 2 are expected")
    }
    return network.evaluate(ids[...])
  }
}

extension LanguageModelNetwork {
  /// Lanes that are read side by side, and tokens of a lane that are read at a time.
  private static let lanes = 32
  private static let window = 256
  /// Tokens before a lane that bring its state up, without being counted again: of a TCN all that it
  /// can see.
  private var warmUp: Int { min(encoder.receptiveField ?? 256, 4096) }

  /// Predicts every token of `ids` but the first. The text is cut into lanes that are read side by
  /// side; each starts with the state that the tokens before it leave.
  func evaluate(_ ids: ArraySlice<Int32>) -> LanguageModelEvaluation {
    let predictions = ids.count - 1
    let laneCount = max(1, min(Self.lanes, predictions / Self.window))
    let size = (predictions + laneCount - 1) / laneCount
    // A lane reads tokens start..<end and predicts the ones after them.
    let lanes = (0..<laneCount).map { lane in
      let start = min(lane * size, predictions)
      return ids.startIndex + start..<ids.startIndex + min(start + size, predictions)
    }
    let before = lanes.map { lane in
      Array(ids[max(ids.startIndex, lane.lowerBound - warmUp)..<lane.lowerBound])
    }
    var state = self(TokenSequences(before)).state
    var total = 0.0
    for offset in stride(from: 0, to: size, by: Self.window) {
      let windows = lanes.map { lane in
        let start = min(lane.lowerBound + offset, lane.upperBound)
        return start..<min(start + Self.window, lane.upperBound)
      }
      let (logits, next) = self(TokenSequences(windows.map { Array(ids[$0]) }), state: state)
      let targets = TokenSequences(
        windows.map { Array(ids[$0.lowerBound + 1..<$0.upperBound + 1]) })
      total += Double(logits.values.crossEntropySum(targets.ids, smoothing: 0).scalar)
      state = next
    }
    return LanguageModelEvaluation(tokens: predictions, loss: total / Double(predictions))
  }
}
