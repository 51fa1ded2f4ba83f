/// Every hyper-parameter of a temporal convolutional network.
public struct TCNConfiguration: Sendable, Codable, Equatable {
  /// Features of the input.
  public var inputSize: Int
  /// Features of each block's output, first block first.
  public var channels: [Int]
  /// k, taps of each convolution.
  public var kernelSize = 3
  /// b: the convolutions of block i (from 0) have dilation bⁱ.
  public var dilationBase = 2
  /// Dropout of whole channels behind each convolution, one mask for all time steps of a sequence.
  public var dropout: Float = 0
  /// Whether an output depends on its own and earlier time steps alone. If not, the windows lie
  /// around the output: for tagging, where the whole sequence is there.
  public var isCausal = true

  public init(
    inputSize: Int, channels: [Int], kernelSize: Int = 3, dilationBase: Int = 2,
    dropout: Float = 0, isCausal: Bool = true
  ) {
    self.inputSize = inputSize
    self.channels = channels
    self.kernelSize = kernelSize
    self.dilationBase = dilationBase
    self.dropout = dropout
    self.isCausal = isCausal
  }

  /// Features of the output: those of the last block.
  public var outputSize: Int { channels.last ?? inputSize }

  /// Time steps that one output depends on: from the first to the last that can change it, its own
  /// included, 1 + 2·(k − 1)·Σ bⁱ.
  ///
  /// They end with the output's own step in a causal network and lie around it in one that is not.
  public var receptiveField: Int {
    channels.indices.reduce(1) { $0 + 2 * historyLength(ofBlock: $1) }
  }

  /// bⁱ, the distance in time between two taps of block i.
  public func dilation(ofBlock block: Int) -> Int {
    (0..<block).reduce(1) { power, _ in power * dilationBase }
  }

  /// Earlier inputs that each convolution of block i reads besides the newest: (k − 1)·bⁱ.
  public func historyLength(ofBlock block: Int) -> Int {
    (kernelSize - 1) * dilation(ofBlock: block)
  }

  /// Time steps that a window may reach; more than any sequence in memory has.
  private static let longestReach = 1 << 40

  /// What a network cannot be made with, in one line that quotes it; nil when all fits.
  public var problem: String? {
    guard inputSize > 0 else { return "input size \(inputSize), at least 1 is expected" }
    guard !channels.isEmpty, channels.allSatisfy({ $0 > 0 }) else {
      return "channels \(channels), at least one block of at least 1 channel is expected"
    }
    guard kernelSize > 0 && dilationBase > 0 else {
      return "kernel \(kernelSize) and dilation base \(dilationBase), at least 1 each is expected"
    }
    guard dropout >= 0 && dropout < 1 else {
      return "dropout \(dropout), at least 0 and below 1 is expected"
    }
    // Checked step by step, before a power overflows.
    let taps = min(kernelSize - 1, Self.longestReach)
    var (dilation, reach) = (1, 0)
    for block in channels.indices {
      if block > 0 { dilation = Self.product(dilation, dilationBase) }
      reach += Self.product(2 * taps, dilation)
      guard reach < Self.longestReach else {
        return
          "kernel \(kernelSize) and dilation base \(dilationBase) over \(channels.count) blocks "
          + "reach too far: past 2⁴⁰ time steps at block \(block)"
      }
    }
    return nil
  }

  /// The product, or `longestReach` where it is past that.
  private static func product(_ a: Int, _ b: Int) -> Int {
    let (product, overflows) = a.multipliedReportingOverflow(by: b)
    return overflows ? longestReach : min(product, longestReach)
  }
}
