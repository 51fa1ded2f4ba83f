import ReelTensor

/// Which input channels each output channel of a convolution sees.
public struct ConnectionTable: Sendable, Codable, Hashable {
  /// For each output channel, its input channels, ascending.
  public let inputsOfOutputs: [[Int]]
  /// The number of input channels.
  public let inputs: Int

  public var outputs: Int { inputsOfOutputs.count }
  /// The number of pairs that are connected.
  public var count: Int { inputsOfOutputs.reduce(0) { $0 + $1.count } }

  /// - Parameter connections: `connections[o][i]`: output channel o sees input channel i.
  /// - Throws: `ConvolutionError` for a table that is empty or not rectangular, or an output that
  ///   sees nothing.
  public init(_ connections: [[Bool]]) throws(ConvolutionError) {
    let inputs = connections.first?.count ?? 0
    for (output, row) in connections.enumerated() {
      guard row.count == inputs, row.contains(true) else {
        throw ConvolutionError(
          "connection table: output \(output) is connected to \(row.count { $0 }) of \(row.count) "
            + "inputs, at least 1 of \(inputs) expected")
      }
    }
    guard !connections.isEmpty else {
      throw ConvolutionError("connection table: no outputs, at least 1 expected")
    }
    self.init(
      inputs: inputs,
      inputsOfOutputs: connections.map { row in row.indices.filter { row[$0] } })
  }

  private init(inputs: Int, inputsOfOutputs: [[Int]]) {
    (self.inputs, self.inputsOfOutputs) = (inputs, inputsOfOutputs)
  }

  public init(from decoder: any Decoder) throws {
    try self.init([[Bool]](from: decoder))
  }

  public func encode(to encoder: any Encoder) throws { try connections.encode(to: encoder) }

  /// `connections[o][i]`: output channel o sees input channel i.
  public var connections: [[Bool]] {
    inputsOfOutputs.map { seen in (0..<inputs).map { seen.contains($0) } }
  }

  /// Layer C3 of LeNet-5 (LeCun, Bottou, Bengio and Haffner 1998, table I): of its 16 maps six see
  /// three neighbouring ones of S2's 6, six see four, three see four that are not neighbours, and
  /// one sees all: 60 pairs.
  public static let leNetC3: ConnectionTable = {
    var rows: [[Int]] = []
    for length in [3, 4] {
      for first in 0..<6 { rows.append((first..<first + length).map { $0 % 6 }.sorted()) }
    }
    rows += [[0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5], [0, 1, 2, 3, 4, 5]]
    return ConnectionTable(inputs: 6, inputsOfOutputs: rows)
  }()
}
