import LogTree

extension FuzzTarget {
  /// Notes, heads and proofs of a neighbour's log: what is read is written again as the same bytes.
  static let logNotes = FuzzTarget("log-notes", maximumLength: 4_096) { bytes in
    guard let text = String(validating: bytes, as: UTF8.self) else { return }
    if let note = SignedNote(text: text) {
      precondition(note.text == text && note.signatures.count <= SignedNote.mostSignatures)
      if let head = Checkpoint(body: note.body) { precondition(head.body == note.body) }
    }
    if let proof = LogProofText(text: text) {
      precondition(proof.text == text && proof.hashes.count <= LogProof.longest)
    }
  } seeds: {
    let head = """
      recorder-1.example/log
      8
      XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

      — recorder-1.example/log hcS/abMHVihWoT3NBg6X9oZZLOSg35dEBJwCrWLpMEgsgooFh6V7ldF1hfL02AAKr2zdXEBFjjDzBDtQnUHD6BMmxgY=

      """
    let hash = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"
    return [head, "c2sp.org/tlog-proof@v1\nextra AAAA\nindex 5\n\(hash)\(hash)\(hash)\n\(head)"].map {
      Array($0.utf8)
    }
  }
}
