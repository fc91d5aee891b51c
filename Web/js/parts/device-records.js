// What the selected camera's device has recorded itself, for the stretch in view. Asked apart from our own
// recordings: a device may take long to answer, and ours must not wait for it.

import { api, query } from '../lib/api.js';
import { iso, now, parse } from '../lib/zone.js';

const FRESH = 30000; // ms after which the recent end is asked again
const LONGEST = 31 * 86400000; // ms that a device is asked for at once

/** Announces `change`. */
export class DeviceRecords extends EventTarget {
  #answers = new Map(); // channel → {from, to, at, recorded, state, text}
  #running = null;

  of(channel) {
    return this.#answers.get(channel) ?? null;
  }

  /** Makes sure that a stretch of a channel is known; one question at a time. */
  want(channel, from, to) {
    const at = now();
    const end = Math.min(to, at + 1000);
    const known = this.#answers.get(channel);
    const covers = known && known.from <= from && (known.to >= end || to > at) && (to <= known.at
      || at - known.at < FRESH);
    if (covers || this.#running || end <= from || to - from > LONGEST) return;
    const length = Math.min(to - from, (LONGEST - (end - from)) / 2);
    this.#running = this.#ask(channel, from - Math.max(0, length), Math.min(end + Math.max(0, length), at + 1000), at)
      .finally(() => (this.#running = null));
  }

  async #ask(channel, from, to, at) {
    const stretch = { from: iso(from), to: iso(to), source: 'device' };
    let found = { recorded: [], state: 'unanswered', text: '' };
    try {
      const answer = await api.get(`/channels/${encodeURIComponent(channel)}/timeline${query(stretch)}`);
      const recorded = (answer.recorded ?? []).filter((s) => s.source === 'device')
        .map((s) => ({ ...s, from: parse(s.from), to: parse(s.to) }));
      found = { recorded, state: answer.device?.state ?? 'complete', text: answer.device?.text ?? '' };
    } catch (problem) {
      found.text = problem.sentence ?? '';
    }
    this.#answers.set(channel, { from, to, at, gaps: [], planned: [], events: [], totals: null, ...found });
    this.dispatchEvent(new Event('change'));
  }
}
