import Synchronization

/// One use of `valueAndGradient`. When it has run, tensors that it watched count as unwatched: a
/// state that is passed on to the next window is cut off from the last one by itself.
package final class Tape: Sendable {
  private let closed = Atomic<Bool>(false)
  package init() {}
  package var isOpen: Bool { !closed.load(ordering: .acquiring) }
  package func close() { closed.store(true, ordering: .releasing) }
}

/// Output number `output` of an operation that was recorded.
package struct GraphEdge: Sendable {
  package let node: GraphNode
  package let output: Int
}

/// One operation that was recorded: coarse (a whole sequence through a layer is one node), with
/// what its backward pass needs in the closure.
package final class GraphNode: @unchecked Sendable {
  /// Gradients of the outputs (nil where the loss does not depend on one) to gradients of the
  /// inputs (nil where an input has none, or nobody asked). A gradient that it takes out of the list may
  /// have no other owner: then its memory is free for others, or for what is made of it.
  package typealias Backward = @Sendable (inout [Tensor?]) -> [Gradient?]

  let tape: Tape
  let outputCount: Int
  // Both are gone once the backward pass has been here: the memory of a layer is free for the
  // layer below it. Written only by the thread that runs `valueAndGradient`, which owns the graph
  // by then, or by the last owner.
  private(set) var inputs: [GraphEdge?]
  private var backward: Backward?

  init(tape: Tape, inputs: [GraphEdge?], outputCount: Int, backward: Backward?) {
    self.tape = tape
    self.inputs = inputs
    self.outputCount = outputCount
    self.backward = backward
  }

  /// Nodes that the backward pass never reached (a branch that the loss does not use, a closure that
  /// threw) may still hang together in a long chain, and one release inside the other would
  /// overflow the stack. So the chain is taken apart here, as far as nobody else holds it.
  deinit {
    backward = nil
    var pending = inputs.compactMap { $0?.node }
    inputs = []
    while var node = pending.popLast() {
      guard isKnownUniquelyReferenced(&node) else { continue }
      let (inputs, _) = node.consume()
      pending += inputs.compactMap { $0?.node }
    }
  }

  /// Takes what this node holds: where its inputs came from, and its backward pass.
  func consume() -> (inputs: [GraphEdge?], backward: Backward?) {
    defer { (inputs, backward) = ([], nil) }
    return (inputs, backward)
  }
}

extension Tensor {
  /// Whether operations on this value are recorded.
  package var isWatched: Bool { origin?.node.tape.isOpen ?? false }

  /// The same value as a parameter that `tape` watches.
  package func watched(by tape: Tape) -> Tensor {
    let leaf = GraphNode(tape: tape, inputs: [], outputCount: 1, backward: nil)
    return Tensor(shape: shape, storage: storage, origin: GraphEdge(node: leaf, output: 0))
  }
}

/// Records one operation: `outputs` came from `inputs`. Without a watched input the outputs are
/// returned as they are, and `backward` is never kept.
package func record(
  _ outputs: [Tensor], from inputs: [Tensor?], backward: @escaping GraphNode.Backward
) -> [Tensor] {
  guard let tape = inputs.lazy.compactMap({ $0 }).first(where: \.isWatched)?.origin?.node.tape
  else { return outputs }
  let edges = inputs.map { input in input.flatMap { $0.isWatched ? $0.origin : nil } }
  for edge in edges {
    precondition(
      edge.map { $0.node.tape === tape } ?? true,
      "an operation on tensors that two different valueAndGradient calls watch")
  }
  let node = GraphNode(
    tape: tape, inputs: edges, outputCount: outputs.count, backward: backward)
  return outputs.enumerated().map { index, output in
    Tensor(
      shape: output.shape, storage: output.storage, origin: GraphEdge(node: node, output: index))
  }
}

/// Records an operation with one output; `backward` gets its gradient.
package func record(
  _ output: Tensor, from inputs: [Tensor?],
  backward: @escaping @Sendable (Tensor) -> [Gradient?]
) -> Tensor {
  record([output], from: inputs) { gradients in
    gradients[0].map { backward($0) } ?? []
  }[0]
}

/// Runs the graph backwards from `loss` and returns the gradient of each leaf in `leaves`.
func backpropagate(from loss: Tensor, to leaves: [Tensor]) -> [Gradient?] {
  guard let start = loss.origin, loss.isWatched else { return leaves.map { _ in nil } }
  var order = topologicalOrder(from: start.node)
  var places: [ObjectIdentifier: Int] = [:]
  for (index, node) in order.enumerated() { places[ObjectIdentifier(node)] = index }
  var gradients: [[Gradient?]] = order.map { Array(repeating: nil, count: $0.outputCount) }
  gradients[order.count - 1][start.output] = .dense(Tensor(repeating: 1, shape: loss.shape))

  var isLeaf = Set<ObjectIdentifier>()
  for leaf in leaves {
    if let origin = leaf.origin { isLeaf.insert(ObjectIdentifier(origin.node)) }
  }

  while let node = order.popLast() {
    let index = order.count
    guard !isLeaf.contains(ObjectIdentifier(node)) else { continue }
    let (inputs, backward) = node.consume()
    var outputs = gradients[index].map { $0?.tensor }
    gradients[index] = []
    guard let backward, outputs.contains(where: { $0 != nil }) else { continue }
    for (edge, result) in zip(inputs, backward(&outputs)) {
      guard let edge, let result, let place = places[ObjectIdentifier(edge.node)] else { continue }
      // Adds to what is there already, in place.
      if gradients[place][edge.output]?.add(result) == nil {
        gradients[place][edge.output] = result
      }
    }
  }
  return leaves.map { leaf in
    let place = leaf.origin.flatMap { places[ObjectIdentifier($0.node)] }
    return place.flatMap { gradients[$0].first ?? nil }?.made
  }
}

/// Every node that `last` depends on, inputs before what uses them, `last` at the end.
private func topologicalOrder(from last: GraphNode) -> [GraphNode] {
  var order: [GraphNode] = []
  var seen: Set<ObjectIdentifier> = [ObjectIdentifier(last)]
  // An explicit stack: a long unrolled chain must not end in a stack overflow.
  var stack: [(node: GraphNode, nextInput: Int)] = [(last, 0)]
  while let (node, next) = stack.last {
    guard next < node.inputs.count else {
      order.append(node)
      stack.removeLast()
      continue
    }
    stack[stack.count - 1].nextInput += 1
    if let input = node.inputs[next]?.node, seen.insert(ObjectIdentifier(input)).inserted {
      stack.append((input, 0))
    }
  }
  return order
}
