/// The networks that a configuration file or a command line can name to read sequences.
public enum EncoderKind: RawRepresentable, Sendable, Codable, Hashable, CaseIterable {
  /// A recurrent network of this cell, named as the cell is: for example `lstm`.
  case recurrent(RecurrentCellKind)
  /// A temporal convolutional network, `tcn`.
  case tcn

  private static let tcnName = "tcn"

  public init?(rawValue: String) {
    if rawValue == Self.tcnName {
      self = .tcn
    } else {
      guard let cell = RecurrentCellKind(rawValue: rawValue) else { return nil }
      self = .recurrent(cell)
    }
  }

  public var rawValue: String {
    switch self {
    case .recurrent(let cell): cell.rawValue
    case .tcn: Self.tcnName
    }
  }

  /// The cell of a recurrent network.
  public var recurrentCell: RecurrentCellKind? {
    switch self {
    case .recurrent(let cell): cell
    case .tcn: nil
    }
  }

  public static var allCases: [EncoderKind] {
    RecurrentCellKind.allCases.map { .recurrent($0) } + [.tcn]
  }
}

/// Recurrent networks by the names of their cells.
extension EncoderKind {
  public static let rnn = EncoderKind.recurrent(.rnn)
  public static let rnnReLU = EncoderKind.recurrent(.rnnReLU)
  public static let gru = EncoderKind.recurrent(.gru)
  public static let gruResetBefore = EncoderKind.recurrent(.gruResetBefore)
  public static let lstm = EncoderKind.recurrent(.lstm)
  public static let lstmPeephole = EncoderKind.recurrent(.lstmPeephole)
  public static let lstmLayerNorm = EncoderKind.recurrent(.lstmLayerNorm)
}
