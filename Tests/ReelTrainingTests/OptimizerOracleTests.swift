import Foundation
import ReelLayers
import ReelTensor
import ReelTraining
import Testing

/// One parameter value under a rule, written from the equations in Double.
private struct Oracle {
  let rule: OptimizerConfiguration.Rule
  let rate = 0.03
  let decay = 0.02
  var w: Double
  var first = 0.0
  var second = 0.0
  var steps = 0

  mutating func update(_ gradient: Double) {
    steps += 1
    let g = rule == .adamw ? gradient : gradient + decay * w
    switch rule {
    case .sgd:
      w -= rate * g
    case .momentum:
      first = 0.9 * first + g
      w -= rate * first
    case .nesterov:
      first = 0.9 * first + g
      w -= rate * (g + 0.9 * first)
    case .rmsprop:
      first = 0.95 * first + 0.05 * g * g
      second = 0.7 * second + g / (first.squareRoot() + 1e-6)
      w -= rate * second
    case .adagrad:
      first += g * g
      w -= rate * g / (first.squareRoot() + 1e-6)
    case .adadelta:
      first = 0.95 * first + 0.05 * g * g
      let u = g * (second + 1e-6).squareRoot() / (first + 1e-6).squareRoot()
      second = 0.95 * second + 0.05 * u * u
      w -= rate * u
    case .adam, .adamw:
      if rule == .adamw { w -= rate * decay * w }
      first = 0.8 * first + 0.2 * g
      second = 0.95 * second + 0.05 * g * g
      let mean = first / (1 - pow(0.8, Double(steps)))
      let square = second / (1 - pow(0.95, Double(steps)))
      w -= rate * mean / (square.squareRoot() + 1e-6)
    }
  }

  var optimizer: any Optimizer {
    get throws {
      var configuration = OptimizerConfiguration(rule, learningRate: Float(rate))
      configuration.weightDecay = Float(decay)
      switch rule {
      case .sgd, .momentum, .nesterov: break
      case .rmsprop:
        (configuration.decay, configuration.momentum) = (0.95, 0.7)
        configuration.epsilon = 1e-6
      case .adagrad: configuration.epsilon = 1e-6
      case .adadelta: (configuration.decay, configuration.epsilon) = (0.95, 1e-6)
      case .adam, .adamw:
        (configuration.beta1, configuration.beta2) = (0.8, 0.95)
        configuration.epsilon = 1e-6
      }
      return try configuration.makeOptimizer()
    }
  }
}

@Suite struct OptimizerOracleTests {
  /// More values than one thread takes at a time, and a rest that fills no vector.
  @Test(arguments: OptimizerConfiguration.Rule.allCases)
  func equalsTheEquations(_ rule: OptimizerConfiguration.Rule) throws {
    var model = TwoParameters(weight: pattern([5, 7001], 1), bias: pattern([3], 2))
    var oracles = (model.weight.values + model.bias.values).map {
      Oracle(rule: rule, w: Double($0))
    }
    var optimizer = try oracles[0].optimizer
    let scale: Float = 0.25
    for step in 0..<8 {
      let a = pattern([5, 7001], 10 + step)
      let b = pattern([3], 30 + step)
      optimizer.update(&model, with: model.gradients(weight: a, bias: b), scale: scale)
      for (index, gradient) in (a.values + b.values).enumerated() {
        oracles[index].update(Double(scale) * Double(gradient))
      }
    }
    let came = model.weight.values + model.bias.values
    let error = zip(came, oracles).map { abs(Double($0) - $1.w) }.max() ?? 1
    #expect(error < 1e-5)
  }

  @Test(arguments: OptimizerConfiguration.Rule.allCases)
  func sameBytesWithAnyNumberOfThreads(_ rule: OptimizerConfiguration.Rule) throws {
    func run(threads: Int) throws -> [UInt32] {
      try Threads.with(threads) {
        var model = TwoParameters(weight: pattern([3, 40_000], 1), bias: pattern([3], 2))
        var optimizer = try OptimizerConfiguration(rule).makeOptimizer()
        for step in 0..<3 {
          let gradients = model.gradients(
            weight: pattern([3, 40_000], 10 + step), bias: pattern([3], 30 + step))
          optimizer.update(&model, with: gradients, scale: gradients.clip(globalNorm: 1))
        }
        return model.weight.bits + model.bias.bits
      }
    }
    #expect(try run(threads: 1) == run(threads: 3))
  }

  /// A parameter without a gradient keeps its bytes, and its own count of steps.
  @Test(arguments: OptimizerConfiguration.Rule.allCases)
  func noGradientNoChange(_ rule: OptimizerConfiguration.Rule) throws {
    var model = TwoParameters(weight: pattern([2, 3], 1), bias: pattern([3], 2))
    var alone = model
    var optimizer = try OptimizerConfiguration(rule).makeOptimizer()
    var other = try OptimizerConfiguration(rule).makeOptimizer()
    let (a, b) = (pattern([2, 3], 3), pattern([3], 4))
    for _ in 0..<3 {
      let before = model.bias.bits
      optimizer.update(&model, with: model.gradients(weight: a, bias: nil))
      #expect(model.bias.bits == before)
    }
    #expect(optimizer.state.parameters.map(\.steps) == [3, 0])
    // From here the bias fares as in a training that begins.
    for _ in 0..<2 {
      optimizer.update(&model, with: model.gradients(weight: nil, bias: b))
      other.update(&alone, with: alone.gradients(weight: nil, bias: b))
    }
    #expect(model.bias.bits == alone.bias.bits)
    #expect(optimizer.state.parameters.map(\.steps) == [3, 2])
  }
}
