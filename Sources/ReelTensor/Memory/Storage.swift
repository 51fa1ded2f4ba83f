import Synchronization

/// The buffer of one tensor: `count` floats from the pool, given back when the last user is gone.
///
/// Sendable without a lock because of one rule: a buffer is written only while it has one owner
/// (when it is made, through copy-on-write, or by the loss or the way back that it is handed to).
///
/// Weights may be held in fewer bits; their Floats are then made when they are asked for. Of weights that
/// nobody trains the storage also keeps the forms that products packed them in, until it is written. The
/// values may also be those of a product that is made when they are asked for.
package final class Storage: @unchecked Sendable {
  /// The Floats; nil where `narrow` or `deferred` has them.
  private let floats: UnsafeMutablePointer<Float>?
  /// The same values in fewer bits, which are never written again: rows and columns of the one tensor
  /// shape that such a storage has.
  package let narrow: NarrowMatrix?
  /// The product that has the values.
  package let deferred: DeferredProduct?
  package let count: Int
  private let sizeClass: Int
  private let kept = Mutex<KeptForms?>(nil)

  /// Floats of any value: whoever makes a storage fills it.
  ///
  /// - Parameter briefly: whether they are given back before anybody asks for something large that stays, so
  ///   that memory that waits for that may be lent.
  package init(count: Int, briefly: Bool = false) {
    let (raw, sizeClass) = MemoryPool.take(
      bytes: count * MemoryLayout<Float>.stride, briefly: briefly)
    floats = raw.bindMemory(to: Float.self, capacity: count)
    (narrow, deferred) = (nil, nil)
    self.count = count
    self.sizeClass = sizeClass
  }

  package init(_ narrow: NarrowMatrix) {
    (floats, deferred) = (nil, nil)
    self.narrow = narrow
    count = narrow.rows * narrow.columns
    sizeClass = 0
  }

  package init(_ product: DeferredProduct) {
    (floats, narrow) = (nil, nil)
    deferred = product
    count = product.rows * product.columns
    sizeClass = 0
  }

  deinit {
    if let floats { MemoryPool.give(UnsafeMutableRawPointer(floats), sizeClass: sizeClass) }
  }

  package var pointer: UnsafeMutablePointer<Float> { floats ?? madeFloats }

  /// A storage of Floats: this one, or those of the narrow matrix, or of the product, made now.
  package var wide: Storage { narrow?.widened ?? deferred?.values ?? self }

  /// Valid as long as this storage.
  @inline(never)
  private var madeFloats: UnsafeMutablePointer<Float> {
    let values = wide
    precondition(values !== self, "a storage without values")
    return values.pointer
  }

  /// These values in another order: as kept, or made now and kept; of narrow weights, which are there to
  /// take little room, made every time where it has Floats.
  package func packed(_ form: PackedForm, _ make: () -> Storage) -> Storage {
    guard narrow == nil || form.order == .bytes else { return make() }
    let forms = kept.withLock { forms in
      let found = forms ?? KeptForms()
      forms = found
      return found
    }
    return forms[form] ?? forms.keep(make(), as: form)
  }

  /// Whoever is about to write into a storage that may have been read as weights says so.
  package func forgetPackedForms() { kept.withLock { $0 = nil } }

  package var buffer: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: pointer, count: count)
  }
}
