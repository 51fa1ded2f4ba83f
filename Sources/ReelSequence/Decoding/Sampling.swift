import Foundation
import ReelTensor

/// How the next token is chosen from the scores of a model.
public struct Sampling: Sendable, Codable, Equatable {
  /// Divides the scores before the softmax: below 1 the likely becomes likelier; 0 is greedy, the
  /// largest score always wins.
  public var temperature: Float = 1
  /// Only the k largest scores take part (Fan et al. 2018); nil: all.
  public var topK: Int?
  /// Only the fewest tokens whose probabilities sum to at least p take part (nucleus sampling,
  /// Holtzman et al. 2020); nil: all.
  public var topP: Float?

  public init(temperature: Float = 1, topK: Int? = nil, topP: Float? = nil) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
  }

  /// The largest score always wins.
  public static let greedy = Sampling(temperature: 0)

  /// - Throws: `SamplingError` that quotes the first setting out of range.
  public func validate() throws {
    guard temperature >= 0 && temperature.isFinite else {
      throw SamplingError("temperature \(temperature): a finite number of at least 0 is expected")
    }
    if let topK, topK < 1 { throw SamplingError("top-k \(topK): at least 1 is expected") }
    if let topP, !(topP > 0 && topP <= 1) {
      throw SamplingError("top-p \(topP): a number above 0 and at most 1 is expected")
    }
  }

  /// One token from unnormalized log-probabilities; `excluded` never comes out.
  ///
  /// The order is: temperature, top-k, top-p of what is left. Equal scores keep the order of their
  /// ids, so the same generator gives the same token everywhere.
  public func sample(
    _ scores: Tensor, excluding excluded: Int32? = nil, using generator: inout RandomGenerator
  ) -> Int32 {
    let values = scores.values
    var candidates = values.indices.filter { $0 != excluded.map(Int.init) && !values[$0].isNaN }
    precondition(!candidates.isEmpty, "Sampling: no score left of shape \(scores.shape)")
    guard temperature > 0 else {
      return Int32(candidates.max { values[$0] < values[$1] } ?? candidates[0])
    }
    let largest = candidates.lazy.map { values[$0] }.max() ?? 0
    guard largest.isFinite else {
      // All −∞, or +∞ somewhere: nothing to weigh.
      return Int32(candidates.first { values[$0] == largest } ?? candidates[0])
    }
    func weight(_ id: Int) -> Double { exp(Double(values[id] - largest) / Double(temperature)) }
    if topK != nil || topP != nil {
      candidates.sort { (values[$1], $0) < (values[$0], $1) }
      if let topK { candidates.removeLast(max(0, candidates.count - topK)) }
      if let topP {
        let total = candidates.reduce(0) { $0 + weight($1) }
        var sum = 0.0
        let kept = candidates.firstIndex { id in
          sum += weight(id)
          return sum >= Double(topP) * total
        }
        if let kept { candidates.removeLast(candidates.count - kept - 1) }
      }
    }
    var point = generator.uniformDouble() * candidates.reduce(0) { $0 + weight($1) }
    var last = candidates[0]
    for id in candidates where weight(id) > 0 {
      point -= weight(id)
      if point < 0 { return Int32(id) }
      last = id
    }
    return Int32(last)  // rounding left the point at the very end
  }
}

/// A sampling setting out of range. The description is one line.
public struct SamplingError: Error, CustomStringConvertible, Sendable, Equatable {
  public let description: String
  public init(_ description: String) { self.description = description }
}
