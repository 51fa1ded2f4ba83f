import ReelLayers
import ReelTensor

/// A matrix and a vector, and a vector that no loss depends on.
struct TwoParameters: Module {
  var weight: Tensor
  var bias: Tensor

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("weight", &weight)
    visitor.visit("bias", &bias)
  }

  /// The gradients of Σ weight ⊙ a + Σ bias ⊙ b: a and b themselves; none for a nil.
  func gradients(weight a: Tensor?, bias b: Tensor?) -> Gradients {
    valueAndGradient(of: self) { model in
      var loss = Tensor(0)
      if let a { loss = loss + (model.weight * a).sum() }
      if let b { loss = loss + (model.bias * b).sum() }
      return loss
    }.gradients
  }
}

/// A table of which a step uses some rows.
struct Table: Module {
  var table: Tensor

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("table", &table)
  }

  /// Row-sparse: row i of `values` for the row ids[i] of the table.
  func sparseGradients(_ ids: [Int32], _ values: Tensor) -> Gradients {
    valueAndGradient(of: self) { ($0.table.gatheredRows(ids) * values).sum() }.gradients
  }

  func denseGradients(_ values: Tensor) -> Gradients {
    valueAndGradient(of: self) { ($0.table * values).sum() }.gradients
  }
}

/// Values that differ everywhere, between −1 and 1.
func pattern(_ shape: [Int], _ serial: Int) -> Tensor {
  var generator = RandomGenerator(seed: 17, stream: UInt64(serial))
  return generator.uniform(shape: shape, in: -1...1)
}

extension Tensor {
  /// Where the values lie: equal before and after a change that happened in place.
  var address: Int { withUnsafeValues { Int(bitPattern: $0.baseAddress) } }

  var bits: [UInt32] { values.map(\.bitPattern) }
}

/// The largest |a − b| / max(1e-2, |b|).
func relativeError(_ a: [Float], _ b: [Double]) -> Double {
  zip(a, b).map { abs(Double($0) - $1) / max(1e-2, abs($1)) }.max() ?? 0
}
