import TestSupport
import Testing

@testable import GBCore

@Suite struct XMLReaderTests {
  private func read(_ text: String) throws -> XMLElement { try XMLReader.read(text).root }

  @Test("A plain document is read with attributes, entities and trimmed text")
  func plain() throws {
    let root = try read(
      "<?xml version=\"1.0\"?>\r\n<Response><Name>\n A &lt;B&gt; &amp; &#x5317; \n</Name><List Num='2' x = y/></Response>"
    )
    #expect(root.name == "Response")
    #expect(root.value("name") == "A <B> & 北")
    #expect(root.child("LIST")?.attribute("num") == "2")
    #expect(root.child("List")?.attribute("x") == "y")
  }

  @Test("A byte order mark, a missing prolog, comments and text before the root do no harm")
  func prefixes() throws {
    for text in [
      "\u{FEFF}<Notify><SN>1</SN></Notify>", "junk <Notify><!-- <SN>9</SN> --><SN>1</SN></Notify>",
      "<!DOCTYPE a><Notify><SN>1</SN></Notify>", "<?xml?><?x y?><Notify><SN><![CDATA[1]]></SN></Notify>",
    ] {
      #expect(try read(text).integer("SN") == 1, "\(text)")
    }
  }

  @Test("What follows the root's end is cut off: NULs, garbage, a second root")
  func tails() throws {
    for tail in ["\0\0\0", "garbage > <", "<Notify><SN>2</SN></Notify>"] {
      let root = try read("<Notify><SN>1</SN></Notify>" + tail)
      #expect(root.integer("SN") == 1)
      #expect(root.children.count == 1)
    }
  }

  @Test("A bare ampersand, a stray less-than sign and control characters are text or nothing")
  func strayCharacters() throws {
    let root = try read("<Item><Address>A&B < 5 <北门> &nbsp; 3<4\u{1}\u{7F}</Address><Name>x</Name></Item>")
    #expect(root.value("Address") == "A&B < 5 <北门> &nbsp; 3<4")
    #expect(root.value("Name") == "x")
    #expect(!root.isDamaged)
  }

  @Test("Names compare without case, and namespace prefixes are dropped")
  func names() throws {
    let root = try read("<ns:RESPONSE><cmdType>Catalog</CMDTYPE><DeviceId>1</DeviceId></ns:Response>")
    #expect(root.isNamed("Response"))
    #expect(root.value("CmdType") == "Catalog")
    #expect(root.value("DeviceID") == "1")
  }

  @Test("A field without an end tag gives its neighbours back to the item, which is marked")
  func unclosedField() throws {
    let root = try read(
      "<L><Item><ID>1</ID><Address>here<Parental>0</Parental></Item><Item><ID>2</ID></Item></L>")
    let items = root.children
    #expect(items.count == 2)
    #expect(items[0].isDamaged)
    #expect(items[0].value("Address") == "here")
    #expect(items[0].value("Parental") == "0")
    #expect(!items[1].isDamaged)
  }

  @Test("An item without an end tag ends where the next one begins")
  func unclosedItem() throws {
    let root = try read("<L><Item><ID>1</ID><Item><ID>2</ID></Item></L>")
    #expect(root.children.map { $0.value("ID") } == ["1", "2"])
    #expect(root.children.map(\.isDamaged) == [true, false])
  }

  @Test("End tags that match nothing are passed over, cut-off end tags close what they name")
  func wrongEndTags() throws {
    let root = try read("<L><Item><ID>1</ID></Foo></Item><Item><ID>2</ID<Name>n</Name></Item></L>")
    #expect(root.children.count == 2)
    #expect(root.children[0].isDamaged)
    #expect(root.children[1].value("ID") == "2")
    #expect(root.children[1].value("Name") == "n")
  }

  @Test("A document that stops in the middle keeps what is whole")
  func truncation() throws {
    let document = try XMLReader.read("<R><D><Item><ID>1</ID></Item><Item><ID>2</I")
    #expect(document.isTruncated)
    let items = document.root.child("D")?.children ?? []
    #expect(items.count == 2)
    #expect(items[0].value("ID") == "1")
    #expect(!items[0].isDamaged)
    #expect(items[1].isDamaged)
  }

  @Test("The raw text of an element is kept exactly")
  func raw() throws {
    let document = try XMLReader.read("<R> <Item><A>1</A></Item><Item/> </R>")
    #expect(document.root.children.map(document.raw(of:)) == ["<Item><A>1</A></Item>", "<Item/>"])
  }

  @Test("Too many bytes, too many elements and no element at all are errors; too deep is skipped")
  func limits() throws {
    var limits = XMLLimits()
    limits.bytes = 10
    #expect(throws: XMLError.tooLong(bytes: 11)) { try XMLReader.read("<a></a>1234", limits: limits) }
    limits = XMLLimits()
    limits.elements = 3
    #expect(throws: XMLError.tooManyElements) { try XMLReader.read("<a><b/><b/><b/></a>", limits: limits) }
    #expect(throws: XMLError.noRoot) { try XMLReader.read("  no tags < here ") }
    #expect(throws: XMLError.noRoot) { try XMLReader.read("") }
    let deep = String(repeating: "<a>", count: 5_000) + "x"
    #expect(try XMLReader.read(deep).root.isDamaged)
  }

  @Test("What is written is read back as it was")
  func roundTrip() throws {
    let element = XMLElement(
      "Item", attributes: [XMLAttribute("Num", "1 \"&<")],
      children: [
        XMLElement("Name", "a < b & \"c\" > \u{1}北门"), XMLElement("Info", children: [XMLElement("X", "1")]),
      ])
    var text = ""
    element.write(into: &text)
    let root = try read(text)
    #expect(root.attribute("Num") == "1 \"&<")
    #expect(root.value("Name") == "a < b & \"c\" > 北门")
    #expect(root.child("Info")?.value("X") == "1")
  }

  @Test("Any bytes are read or refused, and never trap")
  func mutations() throws {
    var random = SeededRandom(seed: 28_181)
    let seed = Array(
      """
      <?xml version="1.0"?><Response><CmdType>Catalog</CmdType><SN>1</SN><DeviceList Num="2"><Item><DeviceID>34020\
      000001320000001</DeviceID><Name>A&amp;B<![CDATA[x]]></Name></Item><Item/></DeviceList><!-- c --></Response>
      """.utf8)
    for _ in 0..<1_500 {
      let bytes = ByteMutation.mutate(seed, using: &random)
      guard let document = try? XMLReader.read(bytes) else { continue }
      #expect(document.root.range.upperBound <= bytes.count)
      _ = try? MANSCDPMessage(text: String(decoding: bytes, as: UTF8.self))
    }
    for cut in ByteMutation.truncations(seed) { _ = try? XMLReader.read(cut) }
  }
}
