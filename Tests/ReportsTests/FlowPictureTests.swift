import Reports
import Script
import Testing

@Suite struct FlowPictureTests {
    @Test("A drawing has a box for each table, operator and recipient, and a line into each")
    func boxes() throws {
        let tags = try TagReader(FlowPicture(of: Sample.script()).picture.document).tags
        func boxes(_ kind: String) -> Int {
            tags.count { $0.name == "rect" && $0.attributes["class"] == kind }
        }
        #expect(boxes("node given") == 2)
        #expect(boxes("node told") == 1)
        #expect(boxes("node") >= 1)
        let lines = tags.count { $0.attributes["class"] == "flow" }
        #expect(lines >= boxes("node") + boxes("node told"))
        #expect(tags.count { $0.name == "polygon" } == lines)
    }

    @Test("No two boxes of a drawing overlap, and none sticks out")
    func places() throws {
        let reader = try TagReader(FlowPicture(of: Sample.script()).picture.document)
        let all = reader.tags
        func number(_ tag: TagReader.Tag, _ name: String) throws -> Double {
            try #require(tag.attributes[name].flatMap { Double($0) })
        }
        let (width, height) = (try number(all[0], "width"), try number(all[0], "height"))
        let boxes = try all.filter { $0.attributes["class"]?.hasPrefix("node") == true }.map {
            try (
                x: number($0, "x"), y: number($0, "y"), width: number($0, "width"),
                height: number($0, "height")
            )
        }
        for (index, box) in boxes.enumerated() {
            #expect(box.x >= 0 && box.y >= 0)
            #expect(box.x + box.width <= width && box.y + box.height <= height)
            for other in boxes[(index + 1)...] {
                #expect(
                    box.x + box.width <= other.x || other.x + other.width <= box.x
                        || box.y + box.height <= other.y || other.y + other.height <= box.y)
            }
        }
    }

    @Test("A drawing's texts are escaped, and it stands alone")
    func alone() throws {
        let svg = try FlowPicture(of: Sample.script()).picture.document
        #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
        #expect(!svg.dropFirst(40).contains("http"))
        #expect(!svg.contains("url("))
    }
}
