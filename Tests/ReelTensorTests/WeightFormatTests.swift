import ReelTensor
import Testing

@Suite struct WeightFormatTests {
  private static let narrow: [WeightFormat] = [.bfloat16, .int8]

  private func matrix(_ shape: [Int], seed: UInt64 = 1) -> Tensor {
    var generator = RandomGenerator(seed: seed)
    return generator.uniform(shape: shape, in: -2...2)
  }

  @Test(arguments: narrow)
  func valuesAreTheNearestOfTheFormat(_ format: WeightFormat) throws {
    let weights = matrix([9, 31])
    let held = try weights.held(in: format)
    #expect(held.weightFormat == format && held.shape == weights.shape)
    for row in 0..<9 {
      let largest = (0..<31).map { abs(weights[row, $0]) }.max() ?? 0
      for column in 0..<31 {
        let (value, rounded) = (weights[row, column], held[row, column])
        let step = format == .int8 ? largest / 127 : value.ulp * 65536
        #expect(abs(value - rounded) <= step * 0.5001, "\(value) became \(rounded)")
      }
    }
    // What was rounded once stays.
    let floats = try held.held(in: .float32)
    #expect(floats.weightFormat == .float32 && floats == held)
    #expect(try floats.held(in: format) == held)
  }

  @Test func specialRows() throws {
    let weights = Tensor(
      shape: [4, 3],
      values: [
        0, 0, 0, 127, -63.5, 1, .leastNonzeroMagnitude, 0, 0, .greatestFiniteMagnitude, 1, -1,
      ])
    let bytes = try weights.held(in: .int8)
    #expect(Array(bytes.values[..<6]) == [0, 0, 0, 127, -64, 1])
    #expect(bytes.values.allSatisfy { $0.isFinite })
    let halves = try weights.held(in: .bfloat16)
    #expect(halves.values.allSatisfy { $0.isFinite })
    #expect(Array(halves.values[3..<6]) == [127, -63.5, 1])
  }

  @Test(arguments: narrow)
  func whatCannotBeHeld(_ format: WeightFormat) {
    let damaged = Tensor(shape: [1, 2], values: [1, .nan])
    #expect(throws: WeightFormatError.self) { try damaged.held(in: format) }
    let vector = Tensor(shape: [2], values: [1, 2])
    let error = #expect(throws: WeightFormatError.self) { try vector.held(in: format) }
    #expect(
      error?.description
        == "a tensor of shape [2] cannot be held as \(format.rawValue): a matrix is expected")
  }

  /// Another shape has other rows: its values are Floats, and nothing reads past them.
  @Test(arguments: narrow)
  func reshapedBecomesFloats(_ format: WeightFormat) throws {
    let held = try matrix([4, 8]).held(in: format)
    let floats = try held.held(in: .float32)
    var reshaped = held.reshaped([8, 4])
    #expect(reshaped.weightFormat == .float32 && held.reshaped([4, 8]).weightFormat == format)
    #expect(reshaped.gatheredRows([7, 0]) == floats.reshaped([8, 4]).gatheredRows([7, 0]))
    let x = matrix([2, 4], seed: 5)
    #expect(
      x.affineMap(weight: reshaped, bias: nil)
        == x.affineMap(weight: floats.reshaped([8, 4]), bias: nil))
    reshaped.withMutableValues { $0[0] = 9 }
    #expect(held[0, 0] == floats[0, 0] && reshaped[0, 0] == 9)
    #expect(try Tensor(zeros: [0, 5]).held(in: format).weightFormat == .float32)
    #expect(try Tensor(zeros: [5, 0]).held(in: format).weightFormat == .float32)
    #expect(throws: WeightFormatError.self) { try Tensor(zeros: [2, 2, 2]).held(in: format) }
  }

  /// A product with few rows reads the narrow weights; one with many does so where they have 8 bits and the
  /// processor sums products of bytes, else it reads their Floats.
  @Test(arguments: narrow, [1, 3, 4, 5, 40])
  func affineMaps(_ format: WeightFormat, rows: Int) throws {
    let held = try matrix([23, 70]).held(in: format)
    let floats = try held.held(in: .float32)
    let bias = matrix([23], seed: 2)
    let x = matrix([rows, 70], seed: 3)
    let came = x.affineMap(weight: held, bias: bias)
    let expected = x.affineMap(weight: floats, bias: bias)
    if format == .bfloat16 || rows > 4 && !ByteProductTests.areThere {
      #expect(came == expected)
    } else {
      // A step of x is 2/32,767, a row has 70 weights of up to 2.
      for (a, b) in zip(came.values, expected.values) { #expect(abs(a - b) < 4e-3) }
      #expect(came != expected, "read the Floats")
    }
  }

  @Test(arguments: narrow)
  func rowsAreLookedUp(_ format: WeightFormat) throws {
    let table = try matrix([12, 5]).held(in: format)
    let rows = table.gatheredRows([3, -1, 11, 0])
    #expect(table.storage.narrow?.isWidened == false)
    let floats = try table.held(in: .float32)
    #expect(rows == floats.gatheredRows([3, -1, 11, 0]))
  }

  /// Gradients are those of the rounded values; a step of an optimizer makes Floats of the weights.
  @Test(arguments: narrow)
  func canBeTrained(_ format: WeightFormat) throws {
    let held = try matrix([4, 6]).held(in: format)
    let x = matrix([5, 6], seed: 4)
    func gradient(_ weight: Tensor) -> Tensor? {
      let result = valueAndGradient(at: [weight]) { watched -> Tensor in
        x.affineMap(weight: watched[0], bias: nil).tanh().sum()
      }
      return result.gradients[0]?.tensor
    }
    let came = try #require(gradient(held))
    let floats = try held.held(in: .float32)
    #expect(came == gradient(floats))
    var copy = held
    copy.withMutableValues { $0[0] = 5 }
    #expect(copy.weightFormat == .float32 && copy[0, 0] == 5 && copy[3, 5] == held[3, 5])
    #expect(held.weightFormat == format && held[0, 0] != 5)
  }
}
