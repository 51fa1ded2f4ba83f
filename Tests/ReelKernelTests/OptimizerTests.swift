import CReelKernels
import Foundation
import Testing

/// Three steps of each rule against a Double loop over its equations.
@Suite struct OptimizerTests {
  static let count = 37

  struct State {
    var w: [Float]
    var first: [Float]
    var second: [Float]
    var wExpected: [Double]
    var firstExpected: [Double]
    var secondExpected: [Double]

    init(_ generator: inout TestGenerator, start: ClosedRange<Float>) {
      w = generator.values(OptimizerTests.count)
      first = generator.values(OptimizerTests.count, in: start)
      second = generator.values(OptimizerTests.count, in: start)
      wExpected = doubles(w)
      firstExpected = doubles(first)
      secondExpected = doubles(second)
    }

    var error: Double {
      max(
        greatestError(w, wExpected), greatestError(first, firstExpected),
        greatestError(second, secondExpected))
    }
  }

  static func step(_ generator: inout TestGenerator) -> reel_optimizer_step {
    var step = reel_optimizer_step()
    step.learning_rate = 0.05
    step.weight_decay = 0.1
    step.momentum = 0.8
    step.rho = 0.9
    step.beta1 = 0.85
    step.beta2 = 0.97
    step.epsilon = 1e-3
    step.gradient_scale = 0.7
    return step
  }

  /// Runs three steps; `rule` gets g without decay and one parameter's w, first and second state.
  static func check(
    _ set: KernelSet, start: ClosedRange<Float> = 0.1...1,
    change: (inout reel_optimizer_step) -> Void = { _ in },
    kernel: (inout reel_optimizer_step, [Float], inout State) -> Void,
    rule: (reel_optimizer_step, Double, inout Double, inout Double, inout Double) -> Void,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var generator = TestGenerator(seed: 111)
    var state = State(&generator, start: start)
    for time in 1...3 {
      var step = Self.step(&generator)
      step.correction1 = 1 - pow(step.beta1, Float(time))
      step.correction2 = 1 - pow(step.beta2, Float(time))
      change(&step)
      let gradient = generator.values(count)
      kernel(&step, gradient, &state)
      for i in 0..<count {
        let g = Double(step.gradient_scale) * Double(gradient[i])
        rule(
          step, g, &state.wExpected[i], &state.firstExpected[i], &state.secondExpected[i])
      }
    }
    #expect(state.error < 3e-6, "\(set.name)", sourceLocation: sourceLocation)
  }

  @Test(arguments: KernelSet.available)
  func sgd(_ set: KernelSet) {
    for nesterov in [false, true] {
      Self.check(set, start: -1...1) {
        $0.nesterov = nesterov
      } kernel: { step, gradient, state in
        set.kernels.sgd(Self.count, &step, gradient, &state.first, &state.w)
      } rule: { step, g, w, velocity, _ in
        let g = g + Double(step.weight_decay) * w
        velocity = Double(step.momentum) * velocity + g
        w -=
          Double(step.learning_rate) * (nesterov ? g + Double(step.momentum) * velocity : velocity)
      }
    }
    Self.check(set) {
      $0.momentum = 0
    } kernel: { step, gradient, state in
      set.kernels.sgd(Self.count, &step, gradient, nil, &state.w)
    } rule: { step, g, w, _, _ in
      w -= Double(step.learning_rate) * (g + Double(step.weight_decay) * w)
    }
  }

  @Test(arguments: KernelSet.available)
  func rmsprop(_ set: KernelSet) {
    for momentum in [Float(0), 0.8] {
      Self.check(set) {
        $0.momentum = momentum
      } kernel: { step, gradient, state in
        if momentum == 0 {
          set.kernels.rmsprop(Self.count, &step, gradient, &state.first, nil, &state.w)
        } else {
          set.kernels.rmsprop(Self.count, &step, gradient, &state.first, &state.second, &state.w)
        }
      } rule: { step, g, w, squares, velocity in
        let g = g + Double(step.weight_decay) * w
        squares = Double(step.rho) * squares + (1 - Double(step.rho)) * g * g
        var u = g / (squares.squareRoot() + Double(step.epsilon))
        if momentum != 0 {
          velocity = Double(momentum) * velocity + u
          u = velocity
        }
        w -= Double(step.learning_rate) * u
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func adagrad(_ set: KernelSet) {
    Self.check(set) { step, gradient, state in
      set.kernels.adagrad(Self.count, &step, gradient, &state.first, &state.w)
    } rule: { step, g, w, squares, _ in
      let g = g + Double(step.weight_decay) * w
      squares += g * g
      w -= Double(step.learning_rate) * g / (squares.squareRoot() + Double(step.epsilon))
    }
  }

  @Test(arguments: KernelSet.available)
  func adadelta(_ set: KernelSet) {
    Self.check(set) { step, gradient, state in
      set.kernels.adadelta(
        Self.count, &step, gradient, &state.first, &state.second, &state.w)
    } rule: { step, g, w, squares, deltas in
      let (rho, epsilon) = (Double(step.rho), Double(step.epsilon))
      let g = g + Double(step.weight_decay) * w
      squares = rho * squares + (1 - rho) * g * g
      let u = g * (deltas + epsilon).squareRoot() / (squares + epsilon).squareRoot()
      deltas = rho * deltas + (1 - rho) * u * u
      w -= Double(step.learning_rate) * u
    }
  }

  @Test(arguments: KernelSet.available, [false, true])
  func adam(_ set: KernelSet, _ decoupled: Bool) {
    Self.check(set) { step, gradient, state in
      set.kernels.adam(
        Self.count, &step, decoupled, gradient, &state.first, &state.second, &state.w)
    } rule: { step, g, w, mean, squares in
      let (beta1, beta2) = (Double(step.beta1), Double(step.beta2))
      let (rate, decay) = (Double(step.learning_rate), Double(step.weight_decay))
      var g = g
      if decoupled { w -= rate * decay * w } else { g += decay * w }
      mean = beta1 * mean + (1 - beta1) * g
      squares = beta2 * squares + (1 - beta2) * g * g
      let denominator =
        (squares / Double(step.correction2)).squareRoot() + Double(step.epsilon)
      w -= rate * (mean / Double(step.correction1)) / denominator
    }
  }
}
