import CReelKernels

extension Tensor {
  /// [batch, channel, positions…] as rows [batch·positions, channel].
  package func channelsLast() -> Tensor {
    precondition(rank >= 2, "channelsLast: shape \(shape), [batch, channel, positions…] expected")
    let (batch, channels, size) = (shape[0], shape[1], Array(shape[2...]))
    let positions = size.elementCount
    let rows = Tensor(shape: [batch * positions, channels], storage: Storage(count: count))
    turn(batch, rows: channels, columns: positions, into: rows.storage)
    return record(rows, from: [self]) { gradient in
      [.dense(gradient.channelsFirst(batch: batch, size: size))]
    }
  }

  /// Rows [batch·positions, channel] as [batch, channel, positions…] with positions of `size`.
  package func channelsFirst(batch: Int, size: [Int]) -> Tensor {
    let positions = size.elementCount
    precondition(
      rank == 2 && shape[0] == batch * positions,
      "channelsFirst: shape \(shape), [\(batch)·\(positions), channel] expected")
    let channels = shape[1]
    let maps = Tensor(shape: [batch, channels] + size, storage: Storage(count: count))
    turn(batch, rows: positions, columns: channels, into: maps.storage)
    return record(maps, from: [self]) { gradient in [.dense(gradient.channelsLast())] }
  }

  /// Positions that one thread turns at a time.
  private static let turned = 512

  /// The transpose of each of `batch` matrices.
  private func turn(_ batch: Int, rows: Int, columns: Int, into target: Storage) {
    guard count > 0 else { return }
    let (source, target) = (Shared(storage.pointer), Shared(target.pointer))
    // Either the channels or the positions are the rows: the longer side is cut.
    let byRows = rows >= columns
    let pieces = ((byRows ? rows : columns) + Self.turned - 1) / Self.turned
    Threads.forEach(batch * pieces) { index in
      let start = index % pieces * Self.turned
      let matrix = index / pieces * rows * columns
      if byRows {
        kernels.transpose(
          min(Self.turned, rows - start), columns, source.pointer + matrix + start * columns,
          columns, target.pointer + matrix + start, rows)
      } else {
        kernels.transpose(
          rows, min(Self.turned, columns - start), source.pointer + matrix + start, columns,
          target.pointer + matrix + start * rows, rows)
      }
    }
  }
}
