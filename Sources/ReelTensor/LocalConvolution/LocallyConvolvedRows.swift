import CReelKernels

extension Tensor {
  /// A convolution whose weights depend on the position: output row p of each item is computed with
  /// kernel numbers[p].
  ///
  ///     y[b·P + p, o] = bias[n, o] + Σ_tap Σ_c weight[n, o, c, tap] · self[source(b, p, tap), c]
  ///
  /// with n = numbers[p]: self [batch·inputRows, in], `weight` [kernels, out, in, taps], `bias`
  /// [kernels, out] → [batch·P, out]. One node with gradients in self, weight and bias.
  package func locallyConvolvedRows(
    _ table: TapTable, batch: Int, weight: Tensor, bias: Tensor?, numbers: [Int]
  ) -> Tensor {
    precondition(
      rank == 2 && weight.rank == 4 && shape == [batch * table.inputRows, weight.shape[2]]
        && weight.shape[3] == table.taps && numbers.count == table.outputRows
        && numbers.allSatisfy { $0 >= 0 && $0 < weight.shape[0] }
        && bias.map { $0.shape == Array(weight.shape[..<2]) } ?? true,
      "local convolution of rows \(shape) with weight \(weight.shape), bias \(bias?.shape ?? []) "
        + "and \(numbers.count) kernel numbers: \(batch)·\(table.inputRows) rows, "
        + "\(table.outputRows) numbers and \(table.taps) taps expected")
    let product = LocalProduct(
      table: table, batch: batch, weight: weight.detached(), numbers: numbers)
    let x = detached()
    let y = product.forward(x, bias: bias?.detached())
    let needs = (x: isWatched, weight: weight.isWatched, bias: bias?.isWatched ?? false)
    return record(y, from: [self, weight, bias]) { dy in
      [
        needs.x ? .dense(product.inputGradient(dy)) : nil,
        needs.weight ? .dense(product.weightGradient(x, dy)) : nil,
        needs.bias ? .dense(product.biasGradient(dy)) : nil,
      ]
    }
  }
}

/// The products of a convolution with weights for each position: for one position, all items of the
/// batch are the rows of a matrix product with that position's weights.
private struct LocalProduct: Sendable {
  let table: TapTable
  let batch: Int
  let weight: Tensor
  let numbers: [Int]

  var kernelCount: Int { weight.shape[0] }
  var outputs: Int { weight.shape[1] }
  var inputs: Int { weight.shape[2] }
  /// Values that one output reads.
  var depth: Int { inputs * table.taps }
  var positions: Int { table.outputRows }

  /// Items whose gradient one thread takes.
  private static let itemsPerPiece = 8

  private func kernel(_ position: Int) -> UnsafePointer<Float> {
    UnsafePointer(weight.storage.pointer + numbers[position] * outputs * depth)
  }

  func forward(_ x: Tensor, bias: Tensor?) -> Tensor {
    let y = Tensor(
      shape: [batch * positions, outputs], storage: Storage(count: batch * positions * outputs))
    guard y.count > 0 else { return y }
    let target = Shared(y.storage.pointer)
    Threads.forEachFlushingDenormals(positions) { position in
      let windows = gathered(x, position)
      let place = target.pointer + position * outputs
      OpenBLAS.multiply(
        batch, outputs, depth, windows.pointer, depth, transposeA: false, kernel(position), depth,
        transposeB: true, place, positions * outputs, accumulate: false)
      if let bias {
        kernels.add_to_rows(
          batch, outputs, bias.storage.pointer + numbers[position] * outputs, place,
          positions * outputs)
      }
      withExtendedLifetime(windows) {}
    }
    return y
  }

  func weightGradient(_ x: Tensor, _ dy: Tensor) -> Tensor {
    let gradient = Tensor(zeros: weight.shape)
    guard batch > 0, outputs > 0 else { return gradient }
    let places = placesOfKernels
    let target = Shared(gradient.storage.pointer)
    Threads.forEachFlushingDenormals(kernelCount) { number in
      for position in places[number] {
        let windows = gathered(x, position)
        OpenBLAS.multiply(
          outputs, depth, batch, dy.storage.pointer + position * outputs, positions * outputs,
          transposeA: true, windows.pointer, depth, transposeB: false,
          target.pointer + number * outputs * depth, depth, accumulate: true)
        withExtendedLifetime(windows) {}
      }
    }
    return gradient
  }

  func biasGradient(_ dy: Tensor) -> Tensor {
    let gradient = Tensor(zeros: [kernelCount, outputs])
    let places = placesOfKernels
    let target = Shared(gradient.storage.pointer)
    Threads.forEach(kernelCount) { number in
      for position in places[number] {
        kernels.sum_columns(
          batch, outputs, dy.storage.pointer + position * outputs, positions * outputs,
          target.pointer + number * outputs, true)
      }
    }
    return gradient
  }

  /// Windows overlap, so a thread takes whole items and adds one position after the other.
  func inputGradient(_ dy: Tensor) -> Tensor {
    let gradient = Tensor(zeros: [batch * table.inputRows, inputs])
    guard depth > 0, outputs > 0 else { return gradient }
    let target = Shared(gradient.storage.pointer)
    let pieces = (batch + Self.itemsPerPiece - 1) / Self.itemsPerPiece
    Threads.forEachFlushingDenormals(pieces) { piece in
      let first = piece * Self.itemsPerPiece
      let count = min(Self.itemsPerPiece, batch - first)
      let windows = Storage(count: count * depth)
      let rows = Storage(count: depth)
      for position in 0..<positions {
        OpenBLAS.multiply(
          count, depth, outputs, dy.storage.pointer + (first * positions + position) * outputs,
          positions * outputs, transposeA: false, kernel(position), depth, transposeB: false,
          windows.pointer, depth, accumulate: false)
        table.withSources(of: position..<position + 1) { sources, _ in
          for item in 0..<count {
            // [channel, tap] to [tap, channel].
            kernels.transpose(
              inputs, table.taps, windows.pointer + item * depth, table.taps, rows.pointer, inputs)
            for tap in 0..<table.taps where sources[tap] >= 0 {
              let row = (first + item) * table.inputRows + Int(sources[tap])
              let place = target.pointer + row * inputs
              kernels.add(inputs, place, rows.pointer + tap * inputs, place)
            }
          }
        }
      }
      withExtendedLifetime((windows, rows)) {}
    }
    return gradient
  }

  private var placesOfKernels: [[Int]] {
    var places = [[Int]](repeating: [], count: kernelCount)
    for (position, number) in numbers.enumerated() { places[number].append(position) }
    return places
  }

  /// What each item shows in the window of `position`, [batch, channel·taps] as the weights lie.
  private func gathered(_ x: Tensor, _ position: Int) -> Storage {
    let result = Storage(count: batch * depth)
    let rows = Storage(count: depth)
    table.withSources(of: position..<position + 1) { sources, _ in
      for item in 0..<batch {
        for tap in 0..<table.taps {
          let place = rows.pointer + tap * inputs
          if sources[tap] < 0 {
            place.update(repeating: 0, count: inputs)
          } else {
            let row = item * table.inputRows + Int(sources[tap])
            place.update(from: x.storage.pointer + row * inputs, count: inputs)
          }
        }
        kernels.transpose(
          table.taps, inputs, rows.pointer, inputs, result.pointer + item * depth, table.taps)
      }
    }
    withExtendedLifetime(rows) {}
    return result
  }
}
