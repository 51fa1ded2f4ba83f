import ReelTensor

/// How a pooling window slides over one to three axes. A list of one number stands for all axes.
struct PoolingGeometry {
  var window: [Int]
  var stride: [Int]
  var padding: [AxisPadding]
  var dilation: [Int]
  var roundsUp: Bool

  private static let largest = Int(Int32.max)

  /// One axis, checked.
  struct Axis {
    let input: Int
    let window: Int
    let stride: Int
    let padding: AxisPadding
    let dilation: Int
    let output: Int

    /// Where window `position` begins, counted from the first position of the input.
    func first(_ position: Int) -> Int { position * stride - padding.before }
  }

  func axes(_ size: [Int]) throws(ConvolutionError) -> [Axis] {
    guard (1...3).contains(size.count) else {
      throw ConvolutionError("pooling of size \(size): 1 to 3 axes expected")
    }
    for (what, count) in [
      ("window \(window)", window.count), ("stride \(stride)", stride.count),
      ("padding \(padding)", padding.count), ("dilation \(dilation)", dilation.count),
    ] where count != 1 && count != size.count {
      throw ConvolutionError(
        "pooling \(what) for maps of size \(size): 1 or \(size.count) "
          + "\(size.count == 1 ? "number" : "numbers") expected")
    }
    var axes: [Axis] = []
    for axis in size.indices { axes.append(try checked(size, axis)) }
    return axes
  }

  private func checked(_ size: [Int], _ axis: Int) throws(ConvolutionError) -> Axis {
    let window = window.onAxis(axis)
    let (stride, dilation) = (stride.onAxis(axis), dilation.onAxis(axis))
    let padding = padding.onAxis(axis)
    for (what, value, least) in [
      ("window", window, 1), ("stride", stride, 1), ("dilation", dilation, 1),
      ("padding", padding.before, 0), ("padding", padding.after, 0), ("input", size[axis], 1),
    ] where value < least || value > Self.largest {
      throw ConvolutionError("pooling \(what) \(value): \(least) or more expected")
    }
    let span = (window - 1) * dilation + 1
    guard padding.before < span && padding.after < span else {
      throw ConvolutionError(
        "pooling padding \(padding) with a window that spans \(span): less than that expected")
    }
    let input = size[axis]
    let padded = input + padding.before + padding.after
    guard span <= padded || roundsUp && span - padded < stride else {
      let dilated = dilation == 1 ? "" : " with dilation \(dilation)"
      let added = padded == input ? "" : " with padding \(padding)"
      throw ConvolutionError(
        "pooling window \(window)\(dilated) is larger than input \(input)\(added) on axis \(axis) "
          + "of \(size)")
    }
    var output: Int
    if roundsUp {
      output = (padded - span + stride - 1) / stride + 1
      // The last window must begin inside the input or the padding before it.
      if (output - 1) * stride >= input + padding.before { output -= 1 }
    } else {
      output = (padded - span) / stride + 1
    }
    return Axis(
      input: input, window: window, stride: stride, padding: padding, dilation: dilation,
      output: output)
  }
}

extension Array {
  /// The value for one axis, of a list that has one for each or one for all.
  func onAxis(_ axis: Int) -> Element { count == 1 ? self[0] : self[axis] }
}

extension FeatureMaps {
  /// Maps of other sizes from the rows of these; ends the program where sizes do not fit.
  func resized(
    _ what: String, _ map: (_ size: [Int]) throws(ConvolutionError) -> RowMap,
    _ transform: (Tensor, RowMap) -> Tensor
  ) -> FeatureMaps {
    let rows = rowMap(what, map)
    return FeatureMaps(values: transform(values, rows), batch: batch, size: rows.outputSize)
  }

  /// The map of rows for maps of this size; ends the program where there is none.
  func rowMap(
    _ what: String, _ map: (_ size: [Int]) throws(ConvolutionError) -> RowMap
  ) -> RowMap {
    do {
      return try map(size)
    } catch {
      preconditionFailure("\(what) of maps of shape \(shape): \(error)")
    }
  }
}
