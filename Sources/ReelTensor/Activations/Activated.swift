import CReelKernels

extension Tensor {
  /// The activation function number `kind` of the kernels (see `CReelKernels.h`) of every value.
  package func activated(_ kind: Int32, _ first: Float = 0, _ second: Float = 0) -> Tensor {
    let y = Tensor(shape: shape, storage: Storage(count: count))
    let (source, target) = (Shared(storage.pointer), Shared(y.storage.pointer))
    Threads.forEachRange(of: count, size: elementwiseChunk) { range in
      kernels.activate(
        kind, range.count, first, second, source.pointer + range.lowerBound,
        target.pointer + range.lowerBound)
    }
    let x = detached()
    return record(y, from: [self]) { gradient in
      let result = Tensor(shape: x.shape, storage: Storage(count: x.count))
      let (source, target) = (Shared(x.storage.pointer), Shared(result.storage.pointer))
      let arriving = Shared(gradient.storage.pointer)
      Threads.forEachRange(of: x.count, size: elementwiseChunk) { range in
        kernels.activate_backward(
          kind, range.count, first, second, source.pointer + range.lowerBound,
          arriving.pointer + range.lowerBound, target.pointer + range.lowerBound)
      }
      return [.dense(result)]
    }
  }

  /// y[r, c] = x[r, c] where that is positive, slopes[c]·x[r, c] elsewhere: self [rows, columns],
  /// `slopes` [columns]. One node with gradients in both.
  package func parametricallyRectified(_ slopes: Tensor) -> Tensor {
    precondition(
      rank == 2 && slopes.shape == [shape[1]],
      "PReLU of rows \(shape) with slopes \(slopes.shape): [rows, columns] and [columns] expected")
    let (x, a) = (detached(), slopes.detached())
    let (rows, columns) = (shape[0], shape[1])
    let size = max(1, elementwiseChunk / max(columns, 1))
    let y = Tensor(shape: shape, storage: Storage(count: count))
    let target = Shared(y.storage.pointer)
    Threads.forEachRange(of: rows, size: size) { range in
      let place = range.lowerBound * columns
      kernels.parametric_rectify(
        range.count, columns, a.storage.pointer, x.storage.pointer + place, target.pointer + place)
    }
    return record(y, from: [self, slopes]) { gradient in
      let dx = Tensor(shape: x.shape, storage: Storage(count: x.count))
      // One sum for each piece of rows, then the sums in order.
      let partial = Tensor(zeros: [(rows + size - 1) / size, columns])
      let (target, sums) = (Shared(dx.storage.pointer), Shared(partial.storage.pointer))
      Threads.forEachRange(of: rows, size: size) { range in
        let place = range.lowerBound * columns
        kernels.parametric_rectify_backward(
          range.count, columns, a.storage.pointer, x.storage.pointer + place,
          gradient.storage.pointer + place, target.pointer + place,
          sums.pointer + range.lowerBound / size * columns)
      }
      return [.dense(dx), .dense(partial.summedValue(axis: 0, keepingAxis: false))]
    }
  }

  /// y[r, g] = max over i of x[r, g·size + i]: self [rows, groups·size] → [rows, groups]. One node;
  /// the first of equal values gets the gradient.
  package func maximumOfGroups(_ size: Int) -> Tensor {
    precondition(
      rank == 2 && size > 0 && shape[1] % size == 0,
      "maximum of groups of \(size) columns of rows \(shape): a multiple expected")
    let (rows, groups) = (shape[0], shape[1] / size)
    let y = Tensor(shape: [rows, groups], storage: Storage(count: rows * groups))
    let chosen = isWatched ? ChosenRows(rows: rows, columns: groups) : nil
    let (source, target) = (Shared(storage.pointer), Shared(y.storage.pointer))
    let piece = max(1, elementwiseChunk / max(shape[1], 1))
    Threads.forEachRange(of: rows, size: piece) { range in
      let place = range.lowerBound * groups
      kernels.grouped_maximum(
        range.count, groups, size, source.pointer + place * size, target.pointer + place,
        chosen.map { $0.pointer + place })
    }
    return record(y, from: [self]) { gradient in
      // Exists whenever this runs: the input was watched.
      guard let chosen else { return [nil] }
      let dx = Tensor(zeros: [rows, groups * size])
      let (source, target) = (Shared(gradient.storage.pointer), Shared(dx.storage.pointer))
      Threads.forEachRange(of: rows, size: piece) { range in
        for place in range.lowerBound * groups..<range.upperBound * groups {
          target.pointer[place * size + Int(chosen.pointer[place])] = source.pointer[place]
        }
      }
      return [.dense(dx)]
    }
  }
}
