import Algebra
public import Foundation
import Networking
import Preprocessing
import Primitives

/// Which of a party's preparations a run draws on.
public enum PreparationChoice: Sendable, Hashable {
    /// The newest that fits the run and is not spent.
    case newest
    case folder(URL)

    /// `auto` or a folder.
    public init(_ text: String) { self = text == "auto" ? .newest : .folder(URL(filePath: text)) }
}

extension PartyDirectory {
    /// Holds a folder for each preparation.
    var preparations: URL { url.appending(path: "preparations") }
}

extension Seat {
    func binding(over ring: some Ring, _ me: Party, computing: Int) -> StoreBinding {
        StoreBinding(
            roster: roster.digest.hex, ring: ring.name, protocolName: protocolChoice.rawValue,
            party: me.index, partyCount: computing)
    }
}

extension RunOptions {
    /// Opens what was prepared, for this run alone; nil if none is asked for.
    ///
    /// - Parameter computing: how many of the parties compute.
    func openPreparation<R: Ring>(over ring: R, _ me: Party, computing: Int) throws(RunFailure)
        -> PreprocessingStore<R>?
    {
        guard let preparation else {
            guard !isOnlineOnly || self.protocolChoice == .replicated3 else {
                throw RunFailure(
                    .usage, "--online-only takes --preparation auto, or the folder of one")
            }
            return nil
        }
        guard self.protocolChoice == .additiveOT else {
            throw RunFailure(
                .usage,
                "\(self.protocolChoice) takes nothing from a preparation; leave --preparation out, "
                    + "or use --protocol additive-ot")
        }
        let binding = seat.binding(over: ring, me, computing: computing)
        switch preparation {
        case .folder(let url):
            do { return try PreprocessingStore(opening: url, over: ring, for: binding) } catch {
                throw RunFailure(.badInput, "\(error)")
            }
        case .newest: return try newest(over: ring, binding)
        }
    }

    private func newest<R: Ring>(over ring: R, _ binding: StoreBinding) throws(RunFailure)
        -> PreprocessingStore<R>
    {
        let folder = self.directory.preparations
        let all =
            (try? FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: [.creationDateKey])) ?? []
        func date(_ url: URL) -> Date {
            let file = url.appending(path: "key").path
            let attributes = try? FileManager.default.attributesOfItem(atPath: file)
            return attributes?[.modificationDate] as? Date ?? .distantPast
        }
        var reason = "there is none"
        for url in all.sorted(by: { date($0) > date($1) }) {
            do throws(StoreError) {
                let store = try PreprocessingStore(opening: url, over: ring, for: binding)
                guard store.isSpent else { return store }
                reason = "\(url.lastPathComponent) is spent"
            } catch {
                reason = "\(error)"
            }
        }
        throw RunFailure(
            .badInput,
            "no preparation in \(folder.path) can be used (\(reason)); make one with `parley "
                + "prepare`, or leave --preparation out")
    }
}
