import Foundation
import Synchronization

/// Ctrl-C and a polite kill: the first asks the training to stop, the second ends the process.
enum StopSignal {
  /// Touched before the handler is installed, so that the handler never has to initialize it.
  private static let count = Atomic<Int>(0)

  /// Whether SIGINT or SIGTERM came since `install`.
  static var wasReceived: Bool { count.load(ordering: .relaxed) > 0 }

  /// From now on SIGINT and SIGTERM are counted.
  static func install() {
    count.store(0, ordering: .relaxed)
    var action = sigaction()
    // Only what is safe in a signal handler: an atomic addition, and leaving without cleaning up.
    action.__sigaction_handler.sa_handler = { _ in
      if StopSignal.count.wrappingAdd(1, ordering: .relaxed).oldValue > 0 { _exit(130) }
    }
    action.sa_flags = SA_RESTART
    sigemptyset(&action.sa_mask)
    sigaction(SIGINT, &action, nil)
    sigaction(SIGTERM, &action, nil)
    // Whoever started the process may have blocked them.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
