import ReelLayers
import ReelTensor

/// Batch normalization folded away for prediction.
extension ImageNetwork {
  /// The same network for prediction, in which the weights of each convolution or affine map hold the
  /// batch normalization that follows it: with s = weight/√(running_var + ε),
  ///
  ///     w′ = s·w,  b′ = bias + s·(b − running_mean)
  ///
  /// Its results differ by rounding alone. ReLUs and residual sums then follow a convolution in the
  /// same pass over memory, and weights are packed for their products once (``ConvolutionLayer/prepared()``).
  /// What is folded has no paths of its own any more; save the network before.
  public func folded() -> ImageNetwork {
    var result = self
    result.nodes = nodes.folded()
    return result
  }
}

extension [NetworkNode] {
  func folded() -> [NetworkNode] {
    var result: [NetworkNode] = []
    for node in self {
      if case .batchNorm(let norm) = node.kind, let last = result.last,
        let kind = last.kind.folding(norm)
      {
        result[result.count - 1].kind = kind
      } else {
        var copy = node
        copy.kind = node.kind.folded()
        result.append(copy)
      }
    }
    return result
  }
}

extension NetworkNode.Kind {
  /// The same with batch normalizations within folded.
  func folded() -> NetworkNode.Kind {
    switch self {
    case .sequence(let nodes): .sequence(nodes.folded())
    case .residual(let body, let shortcut, let scale, let then):
      .residual(body: body.folded(), shortcut: shortcut.folded(), scale: scale, then: then)
        .withoutScale()
    case .branches(let branches): .branches(branches.map { $0.folded() })
    case .join(let name, let through, let crop, let join):
      .join(name, through: through.folded(), crop: crop, by: join)
    case .auxiliary(let nodes): .auxiliary(nodes.folded())
    case .recurrent(let nodes, let steps): .recurrent(nodes.folded(), steps: steps)
    case .convolution(let layer): .convolution(layer.prepared())
    default: self
    }
  }

  /// This layer with the normalization after it; nil where it has no weights to take it.
  func folding(_ norm: BatchNorm) -> NetworkNode.Kind? {
    let scale = norm.scale
    func bias(_ bias: Tensor?) -> Tensor {
      let centred = bias.map { $0 - norm.runningMean } ?? (0 - norm.runningMean)
      return (norm.bias + scale * centred).detached()
    }
    switch self {
    case .convolution(let layer):
      return layer.with(weight: layer.weight.scaledRows(by: scale), bias: bias(layer.bias))
    case .linear(let layer):
      return .linear(
        Linear(weight: layer.weight.scaledRows(by: scale), bias: bias(layer.bias)))
    case .transposedConvolution(let layer):
      let factors = scale.reshaped([1, scale.count, 1, 1])
      let folded = try? TransposedConvolution2D(
        weight: (layer.weight * factors).detached(), bias: bias(layer.bias),
        stride: layer.stride, dilation: layer.dilation, padding: layer.padding,
        outputPadding: layer.outputPadding)
      return folded.map { .transposedConvolution($0) }
    default: return nil
    }
  }

  /// A residual block whose factor is in the weights of its last convolution.
  private func withoutScale() -> NetworkNode.Kind {
    guard case .residual(var body, let shortcut, let scale, let then) = self, scale != 1,
      case .convolution(let layer)? = body.last?.kind,
      let scaled = layer.with(weight: layer.weight * scale, bias: layer.bias.map { $0 * scale })
    else { return self }
    body[body.count - 1].kind = scaled
    return .residual(body: body, shortcut: shortcut, scale: 1, then: then)
  }
}

extension BatchNorm {
  /// What each channel is multiplied with, by the moving statistics.
  fileprivate var scale: Tensor {
    Tensor(
      shape: [channelCount],
      values: zip(weight.values, runningVariance.values).map { weight, variance in
        Float(Double(weight) / (Double(variance) + Double(epsilon)).squareRoot())
      })
  }
}

extension Convolution2D {
  /// The same convolution with other weights of the same shape.
  fileprivate func with(weight: Tensor, bias: Tensor?) -> NetworkNode.Kind? {
    let layer = try? Convolution2D(
      weight: weight.detached(), bias: bias?.detached(), stride: stride, dilation: dilation,
      padding: padding, groups: groups)
    return layer.map { .convolution($0.prepared()) }
  }
}

extension Tensor {
  /// Each row of the first axis times its factor.
  fileprivate func scaledRows(by factors: Tensor) -> Tensor {
    let ones = [Int](repeating: 1, count: rank - 1)
    return (self * factors.reshaped([factors.count] + ones)).detached()
  }
}
