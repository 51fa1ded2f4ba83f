import Synchronization

/// What a model keeps from one piece to the next: the tokens of recent pieces, and buffers.
///
/// Use one for many texts, so that the cache helps. It belongs to one model: what is cached is not
/// asked again.
public struct ModelScratch: Sendable {
  /// The tokens of pieces that came before.
  var cache = PieceCache()

  // Buffers free for the use of any model during one call; nothing in them lasts.
  var bytes: [UInt8] = []
  var integers: [Int32] = []
  var links: [Int32] = []
  var scores: [Double] = []
  var tokens: [PieceToken] = []
  var merging = MergeBuffers()

  public init() {}
}

/// Lends scratch to the calls of one tokenizer, from any thread, so that cached pieces outlive a call.
public final class ModelScratchPool: Sendable {
  /// In a call of its own or in the list of idle ones, never in both: only one thread uses it.
  private final class Lent: @unchecked Sendable {
    var scratch = ModelScratch()
  }

  private let idle = Mutex<[Lent]>([])

  public init() {}

  /// Runs `body` with a scratch that no one else uses meanwhile.
  public func withScratch<Result, Failure: Error>(
    _ body: (inout ModelScratch) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let lent = idle.withLock { $0.popLast() } ?? Lent()
    defer { idle.withLock { $0.append(lent) } }
    return try body(&lent.scratch)
  }
}
