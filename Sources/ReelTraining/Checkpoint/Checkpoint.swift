import Foundation
import ReelFormats
import ReelTensor

/// Everything that a training needs to continue as if it had never stopped, in one file.
///
/// The file is a safetensors file, written whole or not at all. Its tensors:
///
/// - `model.PATH`: the parameters and buffers;
/// - `best.PATH`: those of the best model so far, where there is one;
/// - `optimizer.PATH.QUANTITY`: the optimizer's running quantities;
/// - `state.NAME`: what the model carries from window to window (truncated BPTT).
///
/// `Progress` is whatever else the loop must know: step, position in the data, random generators,
/// schedules with state. It stands in the metadata as JSON; every Float, Double and integer in it
/// comes back with the same bits, infinities and NaN included.
public struct Checkpoint<Progress: Codable & Sendable>: Sendable {
  public var model: NamedTensors
  public var best: NamedTensors?
  public var optimizer: OptimizerState
  public var state: NamedTensors
  public var progress: Progress

  public init(
    model: NamedTensors, best: NamedTensors? = nil, optimizer: OptimizerState,
    state: NamedTensors = [:], progress: Progress
  ) {
    self.model = model
    self.best = best
    self.optimizer = optimizer
    self.state = state
    self.progress = progress
  }
}

/// The part of the optimizer's state that is no tensor.
private struct OptimizerHeader: Codable {
  let rule: String
  let parameters: [OptimizerState.Parameter]
}

private let formatName = "reel-checkpoint"
private let formatVersion = "1"

extension Checkpoint {
  /// Writes the file: to a new file beside it, flushed, then renamed.
  ///
  /// - Throws: `FileError` when the file cannot be written (the one that was there stays), and
  ///   `EncodingError` when `progress` cannot be encoded.
  public func write(to path: String) throws {
    var tensors = NamedTensors()
    func add(_ prefix: String, _ named: some Sequence<(name: String, tensor: Tensor)>) {
      for (name, tensor) in named { tensors.append(prefix + name, tensor) }
    }
    add("model.", model)
    if let best { add("best.", best) }
    add("optimizer.", optimizer.tensors)
    add("state.", state)
    let header = OptimizerHeader(rule: optimizer.rule, parameters: optimizer.parameters)
    try Safetensors.write(
      tensors,
      metadata: [
        "format": formatName, "version": formatVersion, "optimizer": exactJSON(header),
        "progress": exactJSON(progress),
      ], to: path)
  }

  /// Reads a file that `write` made.
  ///
  /// - Throws: `FileError` when the file cannot be read; `FormatError` when it is no safetensors
  ///   file, no checkpoint, of another version, or holds a progress of another kind.
  public static func read(_ path: String) throws -> Checkpoint {
    let (tensors, metadata) = try Safetensors.read(path)
    guard metadata["format"] == formatName else {
      throw FormatError(
        path: path, came: "format '\(metadata["format"] ?? "none")'",
        expected: "'\(formatName)' (a checkpoint of a training)")
    }
    guard metadata["version"] == formatVersion else {
      throw FormatError(
        path: path, came: "checkpoint version '\(metadata["version"] ?? "none")'",
        expected: "version \(formatVersion)")
    }
    let header: OptimizerHeader = try decode("optimizer", metadata, path)
    let progress: Progress = try decode("progress", metadata, path)

    var parts: [String: NamedTensors] = [:]
    for (name, tensor) in tensors {
      let part = name.prefix { $0 != "." }
      guard ["model", "best", "optimizer", "state"].contains(part), part.count < name.count else {
        throw FormatError(
          path: path, came: "tensor '\(name)'",
          expected: "names that begin with model., best., optimizer. or state.")
      }
      parts[String(part), default: [:]].append(String(name.dropFirst(part.count + 1)), tensor)
    }
    return Checkpoint(
      model: parts["model"] ?? [:], best: parts["best"],
      optimizer: OptimizerState(
        rule: header.rule, parameters: header.parameters, tensors: Array(parts["optimizer"] ?? [:])),
      state: parts["state"] ?? [:], progress: progress)
  }
}

// MARK: JSON

// JSON has no word for these three.
private let infinity = "Infinity"
private let negativeInfinity = "-Infinity"
private let notANumber = "NaN"

/// JSON with sorted keys (the same bytes for the same value), numbers in the shortest form that
/// reads back as the same bits.
private func exactJSON(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: infinity, negativeInfinity: negativeInfinity, nan: notANumber)
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

private func decode<Value: Decodable>(
  _ key: String, _ metadata: [String: String], _ path: String
) throws -> Value {
  guard let text = metadata[key] else {
    throw FormatError(
      path: path, came: "no '\(key)' in the metadata", expected: "that of a checkpoint")
  }
  let decoder = JSONDecoder()
  decoder.nonConformingFloatDecodingStrategy = .convertFromString(
    positiveInfinity: infinity, negativeInfinity: negativeInfinity, nan: notANumber)
  do {
    return try decoder.decode(Value.self, from: Data(text.utf8))
  } catch let error as DecodingError {
    throw FormatError(
      path: path, came: "'\(key)' in the metadata that does not decode (\(error.reason))",
      expected: "\(Value.self)")
  }
}

extension DecodingError {
  /// The first line of what went wrong.
  fileprivate var reason: String {
    let context =
      switch self {
      case .dataCorrupted(let context), .keyNotFound(_, let context),
        .typeMismatch(_, let context), .valueNotFound(_, let context):
        context
      @unknown default: DecodingError.Context(codingPath: [], debugDescription: "\(self)")
      }
    let place = context.codingPath.map(\.stringValue).joined(separator: ".")
    let what = context.debugDescription.split(separator: "\n").first.map(String.init) ?? "unknown"
    return place.isEmpty ? what : "\(place): \(what)"
  }
}
