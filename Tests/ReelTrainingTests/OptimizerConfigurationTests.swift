import Foundation
import ReelTraining
import Testing

@Suite struct OptimizerConfigurationTests {
  private func message(_ body: () throws -> Void) -> String? {
    do { try body() } catch { return "\(error)" }
    return nil
  }

  @Test func everyNameMakesAnOptimizer() throws {
    for name in ["sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adadelta", "adam", "adamw"] {
      let configuration = try OptimizerConfiguration(name: name)
      let optimizer = try configuration.makeOptimizer()
      #expect(optimizer.learningRate == configuration.rule.defaultLearningRate)
      #expect(
        try OptimizerConfiguration(name: name, learningRate: 0.5).makeOptimizer()
          .learningRate == 0.5)
    }
    #expect((try OptimizerConfiguration(name: "Adam").makeOptimizer()) is Adam)
    #expect((try OptimizerConfiguration(.nesterov).makeOptimizer() as? SGD)?.nesterov == true)
    #expect((try OptimizerConfiguration(.momentum).makeOptimizer() as? SGD)?.momentum == 0.9)
    #expect((try OptimizerConfiguration(.adamw).makeOptimizer() as? AdamW)?.weightDecay == 0.01)
  }

  @Test func unknownName() {
    #expect(
      message { _ = try OptimizerConfiguration(name: "lion") }
        == "optimizer 'lion': expected one of "
        + "sgd, momentum, nesterov, rmsprop, adagrad, adadelta, adam, adamw")
  }

  @Test(
    arguments: [
      (0, "learning rate 0.0: a finite number above 0 is expected"),
      (-0.1, "learning rate -0.1: a finite number above 0 is expected"),
      (.nan, "learning rate nan: a finite number above 0 is expected"),
      (.infinity, "learning rate inf: a finite number above 0 is expected"),
    ] as [(Float, String)])
  func badLearningRates(_ rate: Float, _ expected: String) {
    let configuration = OptimizerConfiguration(.adam, learningRate: rate)
    #expect(message { try configuration.validate() } == expected)
    #expect(message { _ = try configuration.makeOptimizer() } == expected)
  }

  @Test func otherHyperParametersOutOfRange() {
    func check(
      _ rule: OptimizerConfiguration.Rule, _ expected: String,
      _ change: (inout OptimizerConfiguration) -> Void
    ) {
      var configuration = OptimizerConfiguration(rule)
      change(&configuration)
      #expect(message { try configuration.validate() } == expected)
    }
    let below = "a number of at least 0 and below 1 is expected"
    check(.momentum, "momentum 1.0: \(below)") { $0.momentum = 1 }
    check(.rmsprop, "decay 1.5: \(below)") { $0.decay = 1.5 }
    check(.adam, "beta1 -0.1: \(below)") { $0.beta1 = -0.1 }
    check(.adam, "beta2 nan: \(below)") { $0.beta2 = .nan }
    check(.adam, "epsilon 0.0: a finite number above 0 is expected") { $0.epsilon = 0 }
    check(.adamw, "weight decay -1.0: a finite number of at least 0 is expected") {
      $0.weightDecay = -1
    }
    check(.nesterov, "momentum 0.0: the optimizer nesterov expects a number above 0") {
      $0.momentum = 0
    }
    check(.adam, "momentum 0.9: the optimizer adam has no momentum") { $0.momentum = 0.9 }
    check(.sgd, "beta1 0.9: the optimizer sgd has no beta1") { $0.beta1 = 0.9 }
    check(.adagrad, "decay 0.9: the optimizer adagrad has no decay") { $0.decay = 0.9 }
  }

  @Test func codable() throws {
    var configuration = OptimizerConfiguration(.rmsprop, learningRate: 0.1)
    configuration.momentum = 0.3
    let data = try JSONEncoder().encode(configuration)
    #expect(try JSONDecoder().decode(OptimizerConfiguration.self, from: data) == configuration)
    let short = Data(#"{"rule":"adamw"}"#.utf8)
    #expect(
      try JSONDecoder().decode(OptimizerConfiguration.self, from: short)
        == OptimizerConfiguration(.adamw))
  }
}
