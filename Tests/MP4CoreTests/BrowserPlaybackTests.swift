import Foundation
import MP4Core
import MPEGCore
import Testing
import WireBytes

/// Chromium's MediaSource is the strictest reader our live viewers meet.
@Suite("Browser playback", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/chromium")))
struct BrowserPlaybackTests {
  @Test("MediaSource accepts the initialisation segment and plays fragments unit by unit")
  func mediaSource() async throws {
    let clip = try await SampleClip.make(.h264, sound: .aac, seconds: 2)
    var writer = FragmentedMP4Writer(formats: clip.formats)
    let head = Data(writer.initializationSegment()).base64EncodedString()
    let units = clip.units.map { unit in
      let duration: Int64 = unit.codec.isVideo ? 3_600 : 5_760
      return Data(writer.fragmentHeader(for: unit, duration: duration) + unit.payload.array)
        .base64EncodedString()
    }
    let codecs = clip.formats.compactMap { ParameterSets.codecString($0) }.joined(separator: ",")
    let page = """
      <video muted id=v></video><script>
      const bytes = t => Uint8Array.from(atob(t), c => c.charCodeAt(0));
      const head = "\(head)", units = \(units);
      const type = 'video/mp4; codecs="\(codecs)"';
      const report = text => fetch('/', { method: 'POST', body: text });
      const source = new MediaSource(), v = document.getElementById('v');
      v.onerror = () => report('error ' + v.error.message);
      v.src = URL.createObjectURL(source);
      source.onsourceopen = async () => {
        const buffer = source.addSourceBuffer(type);
        const add = b => new Promise((ok, no) => {
          buffer.onupdateend = ok; buffer.onerror = no; buffer.appendBuffer(b);
        });
        try {
          await add(bytes(head));
          for (const unit of units) await add(bytes(unit));
          source.endOfStream();
          v.currentTime = 1.5;
          await new Promise(ok => v.onseeked = ok);
          report(['ok', v.videoWidth, v.videoHeight, buffer.buffered.length,
            buffer.buffered.start(0).toFixed(2), buffer.buffered.end(0).toFixed(2)].join(' '));
        } catch (e) { report('failed ' + (v.error ? v.error.message : e)); }
      };
      </script>
      """
    let url = Tool.scratch.appending(path: "page.html")
    try Data(page.utf8).write(to: url)
    let result = try await Tool.run(
      "python3", ["-c", Self.driver, url.path(), "\(Tool.scratch.path())/profile"])
    #expect(result.output.hasPrefix("ok 320 240 1 0.00 2."), "\(result.output) \(result.errors)")
  }

  /// Serves the page, opens it in a headless browser and prints what the page posts back.
  private static let driver = """
    import http.server, subprocess, sys, threading
    answer, done = ["nothing came back"], threading.Event()
    class Handler(http.server.BaseHTTPRequestHandler):
      def do_GET(self):
        self.send_response(200); self.send_header("Content-Type", "text/html"); self.end_headers()
        self.wfile.write(open(sys.argv[1], "rb").read())
      def do_POST(self):
        answer[0] = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.send_response(204); self.end_headers(); done.set()
      def log_message(self, *arguments): pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    browser = subprocess.Popen(["/usr/bin/chromium", "--headless", "--no-sandbox", "--disable-gpu",
      "--user-data-dir=" + sys.argv[2], "http://127.0.0.1:%d/" % server.server_port],
      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    done.wait(40)
    browser.terminate(); browser.wait()
    print(answer[0])
    """
}
