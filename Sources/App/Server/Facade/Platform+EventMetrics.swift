import GBCore

extension Platform {
  /// Alarms, positions and subscriptions.
  func addEvents(to text: inout PrometheusText) {
    let alarms = services.alarms.counters
    for method in AlarmMethod.allCases {
      text.counter(
        "tributary_alarms_received_total", "Alarms that devices reported, copies and repetitions included.",
        Double(alarms.received[method] ?? 0), ["method": method.word])
    }
    text.counter("tributary_alarms_new_total", "Alarms that were not known before.", Double(alarms.new))
    text.counter(
      "tributary_alarm_copies_total", "Reports that came by MESSAGE and NOTIFY, or again.",
      Double(alarms.copies))
    text.counter(
      "tributary_alarms_refused_total", "Reports that could not be written.", Double(alarms.refused))
    text.gauge(
      "tributary_alarms_waiting", "Reports that wait for the database.", Double(services.alarms.waiting))
    text.counter(
      "tributary_alarm_shown_seconds_count", "Alarms that went to the event stream.", Double(alarms.shown))
    text.counter(
      "tributary_alarm_shown_seconds_sum", "From arrival to the event stream, summed up.", alarms.shownSeconds
    )
    text.gauge(
      "tributary_alarm_shown_seconds_slowest", "The slowest since the start.", alarms.slowestSeconds)
    text.counter(
      "tributary_positions_received_total", "Positions that mobile cameras reported.",
      Double(services.positions.reports))
    let counts = services.subscriptions.counts
    for state in Subscription.State.allCases {
      text.gauge(
        "tributary_subscriptions", "What devices are asked to report, by state.", Double(counts[state] ?? 0),
        ["state": state.rawValue])
    }
  }
}
