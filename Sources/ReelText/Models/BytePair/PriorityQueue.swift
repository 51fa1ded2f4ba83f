/// A queue that gives the smallest element first: a heap in which every element has four children,
/// which lie side by side in memory.
struct PriorityQueue<Element: Comparable> {
  private(set) var elements: [Element]

  /// An empty queue that uses the memory of `buffer`.
  init(buffer: consuming [Element] = []) {
    elements = buffer
    elements.removeAll(keepingCapacity: true)
  }

  var isEmpty: Bool { elements.isEmpty }
  var first: Element? { elements.first }

  @inline(__always)
  mutating func insert(_ element: Element) {
    elements.append(element)
    siftUp(elements.count - 1)
  }

  mutating func popFirst() -> Element? {
    guard let first = elements.first else { return nil }
    let last = elements.removeLast()
    if !elements.isEmpty { replaceFirst(with: last) }
    return first
  }

  /// - Precondition: the queue is not empty.
  mutating func replaceFirst(with element: Element) {
    elements[0] = element
    siftDown(0)
  }

  /// Appends without keeping the order; `restoreOrder` has to follow.
  @inline(__always)
  mutating func appendUnordered(_ element: Element) {
    elements.append(element)
  }

  /// Orders everything, in linear time.
  mutating func restoreOrder() {
    guard elements.count > 1 else { return }
    for position in stride(from: (elements.count - 2) / 4, through: 0, by: -1) {
      siftDown(position)
    }
  }

  private mutating func siftUp(_ start: Int) {
    elements.withUnsafeMutableBufferPointer { elements in
      var position = start
      let moving = elements[position]
      while position > 0 {
        let parent = (position - 1) / 4
        guard moving < elements[parent] else { break }
        elements[position] = elements[parent]
        position = parent
      }
      elements[position] = moving
    }
  }

  private mutating func siftDown(_ start: Int) {
    elements.withUnsafeMutableBufferPointer { elements in
      var position = start
      let moving = elements[position]
      while true {
        let firstChild = 4 * position + 1
        guard firstChild < elements.count else { break }
        var smallest = firstChild
        for child in firstChild + 1..<max(firstChild + 1, min(firstChild + 4, elements.count))
        where elements[child] < elements[smallest] {
          smallest = child
        }
        guard elements[smallest] < moving else { break }
        elements[position] = elements[smallest]
        position = smallest
      }
      elements[position] = moving
    }
  }
}
