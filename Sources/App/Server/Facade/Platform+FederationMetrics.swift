import Federation

extension Platform {
  /// Platforms above, and what goes there.
  func addFederation(to text: inout PrometheusText) {
    addLinks(to: &text)
    let entries = services.superiors.all
    for phase in SuperiorLink.Phase.allCases {
      text.gauge(
        "tributary_superiors", "Platforms above, by how our registration there stands.",
        Double(entries.count { $0.link.phase == phase }), ["state": phase.rawValue])
    }
    text.counter(
      "tributary_superior_queries_total", "Questions of platforms above.",
      Double(entries.reduce(0) { $0 + $1.figures.queries }))
    text.counter(
      "tributary_superior_refused_total", "Requests of platforms above that were refused.",
      Double(entries.reduce(services.relays.figures.refused) { $0 + $1.figures.refused }))
    text.counter(
      "tributary_superior_items_total",
      "Catalog items told to platforms above, in answers and notifications.",
      Double(entries.reduce(0) { $0 + $1.figures.items + $1.figures.changes }))
    let phases = services.lowerCatalogs.phases
    for phase in CatalogSync.Phase.allCases {
      text.gauge(
        "tributary_lower_platforms", "Platforms below, by how far their catalog is known.",
        Double(phases[phase] ?? 0), ["catalog": phase.rawValue])
    }
    text.counter(
      "tributary_catalog_differences_total",
      "Comparisons of a lower platform's catalog with ours that found a difference.",
      Double(services.lowerCatalogs.differences))
    addUpward(entries.map(\.figures), to: &text)
    text.gauge("tributary_upward_calls", "Calls of platforms above.", Double(services.relays.count))
    text.counter(
      "tributary_upward_calls_total", "Calls of platforms above that were taken.",
      Double(services.relays.figures.calls))
    for (reason, count) in services.relays.figures.ended.sorted(by: { $0.key < $1.key }) {
      text.counter(
        "tributary_upward_calls_ended_total", "Calls of platforms above that are over, by cause.",
        Double(count), ["end": reason])
    }
  }

  /// What platforms above asked about things, and what came of it.
  private func addUpward(_ figures: [SuperiorService.Figures], to text: inout PrometheusText) {
    let gate = services.superiors.house.gate.figures
    for act in UpwardAct.allCases {
      for (answer, counts) in [("allowed", gate.allowed), ("refused", gate.refused)] {
        guard let count = counts[act] else { continue }
        text.counter(
          "tributary_upward_requests_total", "What platforms above asked about things.", Double(count),
          ["act": act.rawValue, "answer": answer])
      }
    }
    for (name, help, count) in [
      ("orders", "Orders of platforms above that were carried out.", figures.reduce(0) { $0 + $1.orders }),
      ("records", "Recordings told to platforms above.", figures.reduce(0) { $0 + $1.records }),
      ("news", "Alarms, positions and views told to platforms above.", figures.reduce(0) { $0 + $1.news }),
    ] {
      text.counter("tributary_upward_\(name)_total", help, Double(count))
    }
  }
}
