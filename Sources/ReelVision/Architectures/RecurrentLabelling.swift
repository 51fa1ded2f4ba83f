import ReelLayers

extension Architecture {
  /// A small network that labels pixels, applied three times: on the image and zeros, then on the
  /// image and its own last scores. The context that a label depends on grows with every time, the
  /// number of parameters does not (Pinheiro and Collobert 2014; two 8×8 layers with 25 and 50
  /// channels as theirs, here 7×7, without pooling and padded, so that the size stays).
  public static let recurrentLabelling = recurrentLabelling(
    "recurrent-labelling", widths: [25, 50], steps: 3, input: [3, 64, 64], classes: 8)

  public static func recurrentLabelling(
    _ name: String, widths: [Int], steps: Int, input: [Int], classes: Int
  ) -> Architecture {
    precondition(
      widths.count == 2 && widths.allSatisfy { $0 > 0 },
      "recurrentLabelling: widths \(widths), two of at least 1 are expected")
    return Architecture(
      name: name, source: "after Pinheiro and Collobert 2014", input: input, classes: classes,
      initialization: .lecunNormal,
      layers: [
        "network": .recurrent(
          [
            "conv1": .convolution(.count(widths[0]), kernel: 7, padding: 3), "tanh1": .tanh,
            "conv2": .convolution(.count(widths[1]), kernel: 7, padding: 3), "tanh2": .tanh,
            "conv3": .convolution(.classes, kernel: 1),
          ], steps: steps)
      ])
  }
}
