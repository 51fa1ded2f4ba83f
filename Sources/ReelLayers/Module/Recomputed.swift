import ReelTensor

/// The value of a part of a model that keeps nothing for its way back but what came in (gradient
/// checkpointing, Chen et al. 2016): when the gradient arrives, `body` runs again, with the same random
/// numbers, and is differentiated then. That costs one more forward pass of the part, and holds the
/// memory of one part at a time.
///
/// `body` gets the module and x, watched the second time, and must depend on nothing else that is
/// watched. What batch normalizations see is recorded in `statistics` the first time only, and `extra`
/// is that of the first time.
package func recomputed<M: Module, Extra: Sendable>(
  _ x: Tensor, _ module: M, statistics: inout BatchStatistics?,
  using generator: inout RandomGenerator?,
  _ body:
    @escaping @Sendable (
      M, Tensor, inout BatchStatistics?, inout RandomGenerator?
    ) -> (Tensor, Extra)
) -> (value: Tensor, extra: Extra) {
  let parameters = module.parameters.map(\.tensor)
  guard x.isWatched || parameters.contains(where: \.isWatched) else {
    return body(module, x, &statistics, &generator)
  }
  let input = x.detached()
  let values = parameters.map { $0.detached() }
  let plain = module.replacingParameters(values)
  let before = generator
  let trains = statistics != nil
  let (y, extra) = body(plain, input, &statistics, &generator)
  let recorded = record(y, from: [x] + parameters) { dy in
    let (_, gradients) = valueAndGradient(at: [input] + values) { watched in
      var statistics = trains ? BatchStatistics() : nil
      var generator = before
      let (again, _) = body(
        plain.replacingParameters(Array(watched.dropFirst())), watched[0], &statistics, &generator)
      return (again * dy).sum()
    }
    return gradients
  }
  return (recorded, extra)
}

extension Module {
  /// The same module with other values for its parameters, in visiting order.
  package func replacingParameters(_ values: [Tensor]) -> Self {
    var copy = self
    var next = 0
    copy.updateParameters { _, parameter in
      parameter = values[next]
      next += 1
    }
    return copy
  }
}
