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
  private let idle = Mutex<[ModelScratch]>([])

  public init() {}

  /// Runs `body` with a scratch that no one else uses meanwhile.
  public func withScratch<Result, Failure: Error>(
    _ body: (inout ModelScratch) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var scratch = idle.withLock { $0.popLast() } ?? ModelScratch()
    defer { idle.withLock { [scratch] in $0.append(scratch) } }
    return try body(&scratch)
  }
}
