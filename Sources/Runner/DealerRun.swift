import Algebra
import Foundation
import MPC
public import Networking
import Preprocessing
import Primitives

/// The dealer's part of one run: joins the agreement, adopts the parties' ring, serves requests.
public struct DealerRun {
    private let roster: Roster
    private let directory: PartyDirectory
    private let timeout: Duration
    private let connectTimeout: Duration
    private let monitor: RunMonitor

    public init(
        roster: Roster, directory: PartyDirectory, timeout: Duration, connectTimeout: Duration,
        monitor: RunMonitor
    ) {
        (self.roster, self.directory) = (roster, directory)
        (self.timeout, self.connectTimeout, self.monitor) = (timeout, connectTimeout, monitor)
    }

    /// Blocks this thread until the parties are done.
    public func run() throws(RunFailure) {
        do {
            var connector = MeshConnector(
                roster: roster, me: .dealer, identity: try directory.tlsIdentity())
            connector.deadline = timeout
            connector.connectDeadline = connectTimeout
            connector.cancellation = monitor.cancellation
            connector.waiting = monitor.progress
            let session = try Session.agree(
                on: AgreementTerms([("roster", roster.digest.hex)]),
                over: try connector.connect(), progress: monitor.progress)
            defer { session.close() }
            do {
                guard let name = session.terms["ring"], let ring = RingChoice(name) else {
                    throw RunFailure(.refused, "the parties agreed on no ring that is known here")
                }
                monitor.progress("dealing over \(ring)")
                try ring.run(Deal(session: session))
            } catch {
                session.abort(error as? MPCError ?? .local(step: session.step))
                throw error
            }
        } catch {
            throw RunFailure(error, roster: roster)
        }
    }

    private struct Deal: RingProgram {
        let session: Session
        func run<R: Ring>(over ring: R) throws {
            guard session.terms["ring's order"] == ring.order.text(radix: 16) else {
                throw RunFailure(.refused, "the parties' ring has another order than here")
            }
            try TrustedDealer(ring, session: session).serve()
        }
    }
}
