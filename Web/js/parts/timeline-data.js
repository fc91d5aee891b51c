// What the timeline draws: spans and gaps of channels for the stretch in view, fetched ahead and kept fresh.

import { api, query } from '../lib/api.js';
import { iso, now, parse } from '../lib/zone.js';

const FRESH = 10000; // ms after which the recent end is asked again

const spans = (list) => (list ?? []).map((s) => ({ ...s, from: parse(s.from), to: parse(s.to) })).filter((s) =>
  s.from !== null && s.to !== null && s.to > s.from);

/** Announces `change`. Keeps one answer per channel, for a stretch three times as long as the view. */
export class TimelineData extends EventTarget {
  #answers = new Map(); // channel → {from, to, at, recorded, gaps, planned, events, totals}
  #asked = '';
  #timer = 0;
  problem = null;

  of(channel) {
    return this.#answers.get(channel) ?? null;
  }

  /** Makes sure that a stretch is known for the channels; asks at most every tenth of a second. */
  want(channels, from, to) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(channels, from, to), 90);
  }

  forget() {
    this.#answers.clear();
    this.#asked = '';
  }

  async #ask(channels, from, to) {
    const at = now();
    const length = to - from;
    const stale = channels.filter((channel) => {
      const known = this.#answers.get(channel);
      if (!known || known.from > from || known.to < Math.min(to, at)) return true;
      // A coarse answer for a month must not serve a minute, nor the other way round.
      if (known.to - known.from > length * 12) return true;
      return to > known.at - 60000 && at - known.at > FRESH;
    });
    if (!stale.length) return;
    const stretch = { from: iso(from - length),
      to: iso(Math.max(from + 1000, Math.min(to + length, at + 1000))) };
    const key = JSON.stringify([stale, stretch]);
    if (key === this.#asked) return;
    this.#asked = key;
    try {
      if (stale.length === 1) this.#take(stale[0],
        await api.get(`/channels/${encodeURIComponent(stale[0])}/timeline${query(stretch)}`), at, stretch);
      else {
        const answer = await api.get(`/timeline${query({ ...stretch, channels: stale.join(',') })}`);
        for (const one of answer.timelines ?? []) this.#take(one.channel, one, at, stretch);
      }
      this.problem = null;
    } catch (problem) {
      this.problem = problem;
    } finally {
      if (this.#asked === key) this.#asked = '';
    }
    this.dispatchEvent(new Event('change'));
  }

  #take(channel, answer, at, stretch) {
    this.#answers.set(channel, {
      from: parse(answer.from) ?? parse(stretch.from), to: parse(answer.to) ?? parse(stretch.to), at,
      recorded: spans(answer.recorded),
      gaps: spans(answer.gaps), planned: spans(answer.planned), totals: answer.totals ?? null,
      events: (answer.events ?? []).map((e) => ({ ...e, at: parse(e.time) })).filter((e) => e.at !== null),
    });
  }
}

/** The recorded second a seek should land on: itself, or the next one, with the gap that was skipped. */
export function snap(data, at) {
  const gapAt = (gap) => at >= gap.from && at < gap.to;
  if (!data || data.recorded.some((s) => at >= s.from && at < s.to)) return { at, gap: null };
  const next = data.recorded.find((s) => s.from >= at);
  const gap = data.gaps.find(gapAt) ?? { from: at, to: next?.from ?? data.to, cause: 'unknown' };
  return { at: next?.from ?? null, gap: { ...gap, to: next?.from ?? gap.to } };
}

/** Edges of what was recorded: for "next" and "previous event". */
export function edges(data) {
  if (!data) return [];
  return [...data.gaps.flatMap((g) => [g.from, g.to]), ...data.events.map((e) => e.at)].sort((a, b) => a - b);
}

/** Seconds of the plan in view by what became of them. */
export function visible(known, from, to) {
  const end = Math.min(to, now());
  const sum = (list) => list.reduce((n, s) => n + Math.max(0, Math.min(s.to, end) - Math.max(s.from, from)), 0);
  const planned = sum(known.planned);
  const recorded = sum(known.recorded);
  // A gap counts where there was a plan; what nobody planned needs no explanation.
  const inPlan = (g) => known.planned.map((p) => ({ from: Math.max(g.from, p.from),
    to: Math.min(g.to, p.to) })).filter((s) => s.to > s.from);
  const explained = sum(known.gaps.filter((g) => g.cause !== 'unknown').flatMap(inPlan));
  return { planned, recorded, explained, unknown: Math.max(0, planned - recorded - explained) };
}
