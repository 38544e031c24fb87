import Algebra
import Foundation
import Primitives
import Script
import Testing

/// Scripts with parties that do not compute: what is refused, and what people sign.
@Suite struct ClientScriptTests {
    /// A vendor brings a model, a supervisor learns a total.
    static let watch = """
        script watch version 1
        purpose  "Score payments with a vendor's model, and tell the supervisor how many are odd"
        basis    "Contract F-12"
        parties  bank-a, bank-b, bank-c as bank, compute, result;
                 vendor as input;
                 supervisor as result
        security semi-honest, at most 1 of 3 corrupt
        runs     1 per day until 2028-12-31

        table payment at each bank (
          id key(payment),
          amount fix(16) in -8 .. 8,
          foreign fix(16) in -8 .. 8
        ) unique (id) at most 1000 rows

        model score at vendor : logistic(2) in -4 .. 4

        let scored = select id, score(amount, foreign) as logit from every payment
        let odd = select id from scored where logit >= 0

        reveal id, band(logit, -1, 1) as level from scored to the bank holding id

        reveal count(*) as n from odd to supervisor groups of at least 10 rows

        """

    private static func check(_ text: String) -> (script: CheckedScript?, [Diagnostic]) {
        Checker.check(SourceText(name: "test", text), limit: Z64().numberLimit)
    }

    private static func mistakes(_ text: String) -> [String] {
        check(text).1.map { mistake in
            mistake.message + (mistake.suggestion.map { "; \($0)" } ?? "")
        }
    }

    @Test func computingPartiesComeFirst() throws {
        let script = try #require(Self.check(Self.watch).script)
        #expect(
            script.program.parties == ["bank-a", "bank-b", "bank-c", "vendor", "supervisor"])
        #expect(script.program.computing == 3 && script.program.clients == 2)
        #expect(script.parties.filter(\.isClient).map(\.name) == ["vendor", "supervisor"])
        #expect(script.program.inputs.map(\.owner.index) == [0, 1, 2, 3])

        let first = Self.watch.replacing(
            "parties  bank-a, bank-b, bank-c as bank, compute, result;\n         vendor as input;",
            with: "parties  vendor as input; bank-a, bank-b, bank-c as bank, compute, result;")
        #expect(first != Self.watch)
        #expect(
            Self.mistakes(first)
                == ["bank-a", "bank-b", "bank-c"].map {
                    "\($0) computes, and vendor, listed before it, does not; list those that compute "
                        + "first: they come first in the roster too"
                })
    }

    @Test func thresholdsCountComputingParties() {
        #expect(
            Self.mistakes(Self.watch.replacing("1 of 3", with: "1 of 5"))
                == [
                    "5 computing parties are stated, but 3 are listed; write `of 3 corrupt`"
                ])
        let alone = Self.watch.replacing(
            "bank-a, bank-b, bank-c as bank, compute, result",
            with: "bank-a as bank, compute, result; bank-b, bank-c as bank, result")
        #expect(
            Self.mistakes(alone).contains(
                "a joint computation needs at least two computing parties; add the role compute"))
    }

    @Test func rolesSayWhatClientsDo() {
        #expect(
            Self.mistakes(Self.watch.replacing("vendor as input", with: "vendor as result"))
                == [
                    "vendor would bring score, but has neither the role input nor compute; give it the "
                        + "role input in the header"
                ])
        #expect(
            Self.mistakes(Self.watch.replacing("supervisor as result", with: "supervisor as input"))
                == [
                    "supervisor would learn this, but has not the role result; give it the role result "
                        + "in the header, or reveal to another party"
                ])
        // `all` are all who take part.
        #expect(
            Self.mistakes(Self.watch.replacing("odd to supervisor", with: "odd to all"))
                == [
                    "vendor would learn this, but has not the role result; give it the role result in "
                        + "the header, or reveal to another party"
                ])
    }

    @Test func sizesAreNotDisclosedBesideClients() {
        let text = Self.watch.replacing(
            "\nreveal id,", with: "\ndisclose size of odd to all for speed\n\nreveal id,")
        #expect(
            Self.mistakes(text)
                == [
                    "vendor does not compute, and would not know how much it receives; leave the "
                        + "disclosure out, or give vendor the role compute"
                ])
    }

    /// Banks that leave the computation to others are banks nevertheless: they hold keys.
    @Test func banksMayBeClients() throws {
        let text = Self.watch.replacing(
            "bank-a, bank-b, bank-c as bank, compute, result;\n         vendor as input;",
            with: "x, y, z as compute;\n         bank-a, bank-b as bank, result;\n"
                + "         vendor as input;")
        let script = try #require(Self.check(text).script)
        #expect(script.program.computing == 3 && script.program.clients == 4)
        guard case .holders(let parts) = script.program.releases[0].kind else {
            Issue.record("the reveal is not to holders")
            return
        }
        #expect(parts.map(\.owner) == [Party(3), Party(4)])
    }

    /// A changed sentence is a decision: update the file with `parley explain`.
    @Test func theManifestTellsWhoOnlyBringsOrReceives() throws {
        let golden = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Golden/clients.txt")
        let script = try #require(Self.check(Self.watch).script)
        #expect(Manifest(of: script).text == (try String(contentsOf: golden, encoding: .utf8)))
    }
}
