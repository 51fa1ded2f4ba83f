import ReelLayers
import ReelTensor

/// The output layer of LeNet-5 (LeCun et al. 1998, section II-B): how far a vector of n values lies from
/// the fixed code of each class, with the sign turned so that the largest value wins:
///
///     y[b, k] = −4/n · Σ_i (x[b, i] − code[k, i])²
///
/// The paper has the sum itself, in a loss with one more class of a constant penalty. Under the plain
/// softmax that would drive every unit before it into saturation; divided so, a code and its opposite
/// are 16 apart whatever n is.
///
/// Shapes: x [batch, in], y [batch, classes]; `code` [classes, in] is a buffer, saved and not trained.
/// The codes of ten classes and 84 values are drawn digits, 7 wide and 12 high, −1 and 1, so that what
/// looks alike lies near each other; other codes are random signs.
struct RadialBasis: Module {
  var code: Tensor

  init(_ input: Int, _ classes: Int, using generator: inout RandomGenerator) {
    if classes == 10 && input == DigitCodes.height * DigitCodes.width {
      code = Tensor(shape: [classes, input], values: DigitCodes.values)
    } else {
      let signs = generator.uniform(shape: [classes, input], in: -1...1)
      code = Tensor(shape: signs.shape, values: signs.values.map { $0 < 0 ? -1 : 1 })
    }
  }

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visitBuffer("code", &code)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    // ‖x − c‖² = ‖x‖² − 2·x·c + ‖c‖²
    let squares = (x * x).sum(axis: 1).reshaped([x.shape[0], 1])
    let codeSquares = (code * code).sum(axis: 1).reshaped([1, code.shape[0]])
    let distances = squares + codeSquares - 2 * x.affineMap(weight: code, bias: nil)
    return distances * (-4 / Float(max(code.shape[1], 1)))
  }
}
