import Algebra
import Costs
import Foundation
import MPC
import Primitives
import Testing

@Suite(.serialized) struct CalibrationTests {
    @Test(
        "Every kind of work that a program does has a speed",
        arguments: [PlannedEngine.replicated3, .additiveOT(parties: 2)])
    func speeds(engine: PlannedEngine) throws {
        let speed = try Calibration(Z64(), of: engine, count: 1 << 10).run()
        #expect(speed.secondsPerRound > 0)
        let program = TableProgram(count: 500, operators: TableProgram.Operator.allCases)
        let estimate = try Plan(program, over: Z64(), on: engine).estimate
        for work in estimate.total.work.keys {
            #expect(speed.secondsPerUnit[work] != nil, "\(work)")
        }
        // A slower link takes longer, by its latency and bandwidth.
        let (near, far) = (
            estimate.seconds(on: .local, speed: speed), estimate.seconds(on: .wan, speed: speed)
        )
        #expect(near > 0 && far > near + 0.02 * Double(estimate.total.rounds))
        let json = try JSONEncoder().encode(speed)
        #expect(try JSONDecoder().decode(MachineSpeed.self, from: json) == speed)
    }

    @Test("A plan keeps its figures in JSON")
    func coding() throws {
        let program = TableProgram(count: 10, operators: [.filter, .orderBy])
        let estimate = try Plan(program, over: Prime126(), on: .additiveOT(parties: 3)).estimate
        let json = try JSONEncoder().encode(estimate)
        let decoded = try JSONDecoder().decode(CostEstimate.self, from: json)
        #expect(decoded.total == estimate.total && decoded.rows.count == estimate.rows.count)
        #expect(decoded.engine == estimate.engine && decoded.ring == "p126")
    }

    @Test("Seconds are near those of a run, as far as a shared machine allows")
    func seconds() throws {
        let engine = PlannedEngine.replicated3
        let speed = try Calibration(Z64(), of: engine).run()
        let program = TableProgram(count: 20_000, operators: [.groupBy, .join, .orderBy])
        let real = try RealRun(program, over: Z64(), on: engine)
        let plan = try Plan(program, over: Z64(), on: engine).estimate
        for i in real.parts.indices.dropFirst() {
            let name = real.parts[i].name
            let seconds = try #require(real.parts[i].since(real.parts[i - 1]).seconds)
            let row = try #require(plan.rows.first { $0.name == name })
            let planned = row.cost.seconds(on: .local, speed: speed)
            // Wide enough for other programs on the machine, and not for a wrong unit.
            #expect((0.05...20).contains(planned / seconds), "\(name): \(planned), \(seconds)")
        }
    }
}
