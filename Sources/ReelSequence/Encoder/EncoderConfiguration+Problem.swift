extension EncoderConfiguration {
  /// What no network can be made with, in one line that quotes it; nil when all fits.
  public var problem: String? {
    switch cell {
    case .recurrent(let cell): foreign(to: cell) ?? recurrent(inputSize: 1).problem(for: cell)
    case .tcn: foreignToTCN ?? tcn(inputSize: 1).problem
    }
  }

  /// A setting that recurrent networks lack.
  private func foreign(to cell: RecurrentCellKind) -> String? {
    let settings = [
      ("kernel size", kernelSize, Self.standardKernelSize),
      ("dilation base", dilationBase, Self.standardDilationBase),
    ]
    for (name, value, standard) in settings where value != standard {
      return "\(name) \(value) for the cell '\(cell.rawValue)', which has none; the cell 'tcn' is "
        + "expected"
    }
    return nil
  }

  /// A setting that a TCN lacks.
  private var foreignToTCN: String? {
    let problem: String
    if directions == .backward {
      return "directions backward for the cell 'tcn'; forward (causal) or bidirectional (around "
        + "each time step) is expected"
    } else if recurrentDropout != 0 {
      problem = "recurrent dropout \(recurrentDropout)"
    } else if zoneout != 0 {
      problem = "zoneout \(zoneout)"
    } else if zoneoutCell != 0 {
      problem = "zoneout of the cell state \(zoneoutCell)"
    } else if let projectionSize {
      problem = "projection to \(projectionSize)"
    } else if learnsInitialState {
      problem = "a learned initial state"
    } else {
      return nil
    }
    return "\(problem) for the cell 'tcn', which has no hidden state; a recurrent cell is expected"
  }
}
