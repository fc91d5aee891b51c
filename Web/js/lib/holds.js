// Holds in force: intervals of cameras of which nothing is deleted.

import { may } from './account.js';
import { api, seg } from './api.js';
import { iso, now, parse } from './zone.js';

const read = (hold) => ({
  ...hold, from: parse(hold.from), to: parse(hold.to), placed: parse(hold.placed), until: parse(hold.until),
});

/** Announces `change` when the list is another one. Times are in milliseconds; `until` may be null. */
class HoldBook extends EventTarget {
  #items = [];
  #text = '';

  /** What protects something now; the newest first. */
  get items() {
    return this.#items.filter((hold) => hold.until === null || hold.until > now());
  }

  of(channel) {
    return this.items.filter((hold) => hold.channel === channel);
  }

  find(id) {
    return this.items.find((hold) => hold.id === id) ?? null;
  }

  /** Asks the server again. Who may not see holds has none. */
  async refresh() {
    if (!may('viewTimeline')) return;
    this.#take((await api.get('/holds')).items);
  }

  #take(list) {
    const text = JSON.stringify(list);
    if (text === this.#text) return;
    this.#text = text;
    this.#items = list.map(read);
    this.dispatchEvent(new Event('change'));
  }

  /** Answers the hold as the server placed it. */
  async place({ channel, from, to, reason, until }) {
    const placed = await api.post('/holds', {
      channel, from: iso(from), to: iso(to), reason, ...(until === null ? {} : { until: iso(until) }),
    });
    await this.refresh().catch(() => {});
    return read(placed);
  }

  async release(id) {
    await api.delete(`/holds/${seg(id)}`);
    await this.refresh().catch(() => {});
  }

  clear() {
    this.#items = [];
    this.#text = '';
  }
}

export const holdBook = new HoldBook();
