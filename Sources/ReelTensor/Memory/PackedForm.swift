import Synchronization

/// A matrix that lies in a storage, in an order in which products read it.
package struct PackedForm: Equatable, Sendable {
  package enum Order: Equatable, Sendable {
    /// One panel after the other, over all of k.
    case panels
    /// The same for one stretch of k after the other.
    case stretches
    /// In so many bfloat16 parts.
    case parts(Int)
    /// In integers of 8 bits, as they are held.
    case bytes
  }

  package var order: Order
  /// Length summed over, and columns.
  package var k: Int
  package var n: Int
  /// Where the matrix lies: floats from the start of the storage, between rows, and whether it is the
  /// transpose of what is stored.
  package var offset: Int
  package var stride: Int
  package var transposed: Bool

  package init(
    _ order: Order, k: Int, n: Int, offset: Int = 0, stride: Int, transposed: Bool
  ) {
    (self.order, self.k, self.n) = (order, k, n)
    (self.offset, self.stride, self.transposed) = (offset, stride, transposed)
  }
}

/// Packed forms of a storage's values that outlive a product, as those of weights that nobody trains.
final class KeptForms: Sendable {
  // One or two of most storages.
  private let forms = Mutex<[(form: PackedForm, packed: Storage)]>([])

  subscript(form: PackedForm) -> Storage? {
    forms.withLock { forms in forms.first { $0.form == form }?.packed }
  }

  /// Keeps a form; where another thread was faster, that one's.
  func keep(_ made: Storage, as form: PackedForm) -> Storage {
    forms.withLock { forms in
      if let before = forms.first(where: { $0.form == form }) { return before.packed }
      forms.append((form, made))
      return made
    }
  }
}

/// A storage whose packed forms are kept, and the one that is meant.
struct KeptRight: Sendable {
  let storage: Storage
  let form: PackedForm

  func packed(_ make: () -> Storage) -> Storage { storage.packed(form, make) }
}
