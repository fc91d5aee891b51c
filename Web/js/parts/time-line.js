// The timeline: ruler, recorded spans, density of the wall, gaps with their causes, holds. Drawn on one canvas.

import { drag, h, perFrame, put } from '../lib/dom.js';
import { holdBook } from '../lib/holds.js';
import { languageEvents, t, tCode } from '../lib/i18n.js';
import { clock, now, span, stamp, startOfDay, zoneLabel } from '../lib/zone.js';
import { holdLines } from './hold-words.js';
import { AlarmMarks } from './timeline-alarms.js';
import { DeviceRecords } from './device-records.js';
import { HoldMarks } from './timeline-holds.js';
import { Palette } from './timeline-palette.js';
import { RULER, drawRuler } from './timeline-ruler.js';
import { TimelineData, visible } from './timeline-data.js';

const MIN = 60000;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;
/** How much the width shows, in milliseconds. */
export const LADDER = [MIN, 5 * MIN, 15 * MIN, 30 * MIN, HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR, DAY,
  7 * DAY, 31 * DAY];
const MAIN = 28;
const DEVICE = 18;
const DENSITY = 16;
const GAPS = 16;
const EXTRA = 28;
const FOOT = 16;
const THRESHOLD = 3; // pixels that tell a drag from a click

/**
 * Announces `seek` {at}, `choose` {from,to}, `hold` {hold}, `alarm` {alarm}, `view`. Properties: `channel`, `others` (channels
 * of the density lane), `lanes` (extra channels), `playing`, `selection`.
 */
export class TimeLine extends HTMLElement {
  data = new TimelineData();
  device = new DeviceRecords();
  asksDevice = false; // whether the selected camera's device is asked for its own recordings
  channel = null;
  others = [];
  lanes = [];
  selection = { from: null, to: null };
  playing = false;
  #level = 4;
  #span = LADDER[4];
  #centre = now() - LADDER[4] * 0.4;
  #head = null;
  #free = 0; // until then the view does not follow the playhead
  #hover = null;
  #draw = perFrame(() => this.#paint());
  #undo = [];

  connectedCallback() {
    this.classList.add('timeline');
    this.marks = new HoldMarks(this);
    this.alarms = new AlarmMarks(this, this.#draw);
    this.alarms.connect();
    this.append(
      this.canvas = h('canvas', {
        class: 'timeline-canvas', tabIndex: 0, role: 'slider', tLabel: 'timeline.label',
        onwheel: (e) => this.#wheel(e),
        onpointermove: (e) => this.#move(e), onpointerleave: () => this.#leave(),
        ondblclick: (e) => this.#day(e),
      }),
      this.marks.layer, this.alarms.layer,
      this.tip = h('div', { class: 'timeline-tip', hidden: true }),
      this.foot = h('div', { class: 'timeline-foot num' },
        this.sum = h('span', { class: 'timeline-sum', data: { sum: '' } }),
          this.range = h('span', { class: 'timeline-range' }),
        this.zoomHost = h('span', { class: 'timeline-zoom' },
          h('button', { class: 'quiet tiny', tTitle: 'key.zoomOut', onclick: () => this.zoom(1) }, '−'),
          this.level = h('span', { data: { level: '' } }),
          h('button', { class: 'quiet tiny', tTitle: 'key.zoomIn', onclick: () => this.zoom(-1) }, '+'),
          h('button', { class: 'quiet tiny', tTitle: 'timeline.legend',
            onclick: () => (this.legend.hidden = !this.legend.hidden) }, '?'))),
      this.legend = h('div', { class: 'timeline-legend', hidden: true }));
    this.palette = new Palette(this);
    this.#legend();
    this.#drags();
    this.watcher = new ResizeObserver(this.#draw);
    this.watcher.observe(this);
    const on = (target, type, run) => {
      target.addEventListener(type, run);
      this.#undo.push(() => target.removeEventListener(type, run));
    };
    on(this.data, 'change', this.#draw);
    on(this.device, 'change', this.#draw);
    on(holdBook, 'change', this.#draw);
    on(languageEvents, 'language', () => {
      this.#legend();
      this.#draw();
    });
    on(window, 'themechange', () => {
      this.palette.read();
      this.#legend();
      this.#draw();
    });
    this.timer = setInterval(() => this.refresh(), 5000);
    this.refresh();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    this.watcher.disconnect();
    this.alarms.disconnect();
    this.#undo.splice(0).forEach((undo) => undo());
    this.replaceChildren();
  }

  get from() {
    return this.#centre - this.#span / 2;
  }

  get to() {
    return this.#centre + this.#span / 2;
  }

  /** The playhead. While playing the view follows it, unless the user has just moved the view. */
  setHead(at) {
    if (at === null || at === this.#head) return;
    this.#head = at;
    if (this.playing && performance.now() > this.#free && at > this.from - this.#span && at < this.to
      + this.#span) this.#centre = at;
    this.canvas.setAttribute('aria-valuetext', stamp(at));
    this.canvas.setAttribute('aria-valuenow', Math.round(at / 1000));
    this.#draw();
  }

  get head() {
    return this.#head;
  }

  /** Brings a moment into the middle. */
  centreOn(at) {
    this.#free = 0;
    this.#centre = at;
    this.refresh();
  }

  /** One step of the ladder: 1 shows more, -1 less; `at` keeps its place. */
  zoom(step, at = this.#head ?? this.#centre) {
    this.setLevel(this.#level + step, at);
  }

  setLevel(level, at = this.#centre) {
    const next = Math.max(0, Math.min(LADDER.length - 1, level));
    const anchor = at < this.from || at > this.to ? this.#centre : at;
    const factor = LADDER[next] / this.#span;
    this.#centre = anchor + (this.#centre - anchor) * factor;
    this.#level = next;
    this.#span = LADDER[next];
    this.refresh();
    this.dispatchEvent(new Event('view'));
  }

  get zoomLevel() {
    return this.#level;
  }

  refresh() {
    const limit = now() + this.#span * 0.45;
    this.#centre = Math.min(this.#centre, limit);
    const channels = [...new Set([this.channel, ...this.lanes, ...this.others])].filter(Boolean);
    if (channels.length) this.data.want(channels, this.from, this.to);
    this.alarms.want(this.channel, this.from, this.to);
    if (this.asksDevice && this.channel) this.device.want(this.channel, this.from, this.to);
    this.#draw();
  }

  #x(at) {
    return ((at - this.from) / this.#span) * this.width;
  }

  #at(x) {
    return this.from + (x / this.width) * this.#span;
  }

  #local(event) {
    const box = this.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  #drags() {
    let from;
    let selecting = false;
    let moved = false;
    drag(this.canvas, {
      start: (event) => {
        from = { centre: this.#centre, at: this.#at(this.#local(event).x) };
        selecting = event.shiftKey;
        moved = false;
        return true;
      },
      move: (event, dx) => {
        if (!moved && Math.abs(dx) < THRESHOLD) return;
        moved = true;
        this.tip.hidden = true;
        if (selecting) {
          const here = this.#at(this.#local(event).x);
          this.select(Math.min(from.at, here), Math.max(from.at, here));
        } else {
          this.#free = performance.now() + 6000;
          this.#centre = from.centre - (dx / this.width) * this.#span;
          this.refresh();
        }
      },
      end: (event) => {
        if (!moved && event.type === 'pointerup') this.dispatchEvent(new CustomEvent('seek',
          { detail: { at: this.#at(this.#local(event).x) } }));
      },
    });
  }

  select(from, to) {
    this.selection = { from, to };
    this.dispatchEvent(new CustomEvent('choose', { detail: this.selection }));
    this.#draw();
  }

  #wheel(event) {
    event.preventDefault();
    const at = this.#at(this.#local(event).x);
    if (event.ctrlKey) {
      if (Math.abs(event.deltaY) > 1 && performance.now() - (this.lastZoom ?? 0) > 80) {
        this.lastZoom = performance.now();
        this.zoom(event.deltaY > 0 ? 1 : -1, at);
      }
      return;
    }
    this.#free = performance.now() + 6000;
    this.#centre += ((event.deltaY || event.deltaX) / this.width) * this.#span * 0.5;
    this.refresh();
  }

  #day(event) {
    const at = this.#at(this.#local(event).x);
    this.setLevel(LADDER.indexOf(DAY));
    this.#free = performance.now() + 6000;
    this.#centre = startOfDay(at) + DAY / 2;
    this.refresh();
  }

  #leave() {
    this.#hover = null;
    this.tip.hidden = true;
    this.#draw();
  }

  #move(event) {
    const { x, y } = this.#local(event);
    this.#hover = x;
    const at = this.#at(x);
    const lines = [`${stamp(at)} ${zoneLabel(at)}`];
    const channel = this.#laneAt(y) ?? this.channel;
    const known = this.data.of(channel);
    const inDevice = this.onBoard && y >= RULER + MAIN && y < RULER + MAIN + DEVICE;
    if (inDevice) {
      const there = this.onBoard.recorded.some((s) => at >= s.from && at < s.to);
      this.tell(lines.concat(t(there ? 'timeline.elsewhere' : 'timeline.notElsewhere'), this.onBoard.text || []), x);
      this.#draw();
      return;
    }
    const gap = known?.gaps.find((g) => at >= g.from && at < g.to);
    if (gap) {
      lines.push(t('timeline.gap', { cause: tCode('gap', gap.cause, gap.cause), from: clock(gap.from),
        to: clock(gap.to), length: span(gap.to - gap.from) }));
      if (gap.detail) lines.push(gap.detail);
    } else if (known?.recorded.some((s) => at >= s.from && at < s.to)) lines.push(t('timeline.recorded'));
    else if (known && at < now()) lines.push(t('timeline.nothing'));
    this.tell(lines.concat(this.marks.at(channel, at).flatMap(holdLines)), x);
    this.#draw();
  }

  /** Shows lines of text above a place of the timeline, in pixels from the left. */
  tell(lines, x) {
    this.tip.replaceChildren(...lines.map((line) => h('div', {}, line)));
    this.tip.hidden = false;
    const wide = this.tip.offsetWidth;
    this.tip.style.setProperty('left', `${Math.max(4, Math.min(this.width - wide - 4, x - wide / 2))}px`);
  }

  hush() {
    this.tip.hidden = true;
  }

  #laneAt(y) {
    const at = Math.floor((y - RULER - this.base) / EXTRA);
    return at >= 0 ? this.lanes[at] : null;
  }

  /** What the selected camera's device holds, when there is anything to say about it. */
  get onBoard() {
    const found = this.device.of(this.channel);
    return found && (found.recorded.length || found.state !== 'complete') ? found : null;
  }

  /** Height of the lanes of the selected camera and of the wall. */
  get base() {
    return MAIN + (this.onBoard ? DEVICE : 0) + DENSITY + GAPS;
  }

  get laneHeight() {
    return RULER + this.base + Math.min(5, this.lanes.length) * EXTRA;
  }

  #paint() {
    if (!this.isConnected || !this.clientWidth) return;
    this.width = this.clientWidth;
    const height = this.laneHeight;
    this.style.setProperty('height', `${height + FOOT}px`);
    const ratio = devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(this.width * ratio)
      || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(this.width * ratio);
      this.canvas.height = Math.round(height * ratio);
      this.canvas.style.setProperty('height', `${height}px`);
    }
    const pen = this.canvas.getContext('2d');
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, this.width, height);
    const p = this.palette;
    const known = this.data.of(this.channel);
    let y = RULER;
    this.#lane(pen, y, MAIN, known);
    y += MAIN;
    if (this.onBoard) {
      this.#deviceLane(pen, y, this.onBoard);
      y += DEVICE;
    }
    this.#density(pen, y);
    y += DENSITY;
    this.#gapLane(pen, y, GAPS, known);
    y += GAPS;
    for (const lane of this.lanes.slice(0, 5)) {
      this.#lane(pen, y, EXTRA, this.data.of(lane), true);
      y += EXTRA;
    }
    drawRuler(pen, { from: this.from, to: this.to, width: this.width, height, palette: p });
    const edge = this.#x(now());
    if (edge < this.width) {
      pen.fillStyle = p.future;
      pen.fillRect(Math.max(0, edge), RULER, this.width - edge, height - RULER);
      pen.fillStyle = p.accent;
      pen.fillRect(edge - 0.5, RULER, 1, height - RULER);
    }
    this.#holds(pen);
    this.alarms.place({ width: this.width, x: (at) => this.#x(at) });
    this.#selection(pen, height);
    if (this.#hover !== null) {
      pen.fillStyle = p.hover;
      pen.fillRect(Math.round(this.#hover), 0, 1, height);
    }
    if (this.#head !== null) {
      const x = this.#x(this.#head);
      pen.fillStyle = p.head;
      pen.fillRect(x - 1, 0, 2, height);
      pen.beginPath();
      pen.moveTo(x - 6, 0);
      pen.lineTo(x + 6, 0);
      pen.lineTo(x, 8);
      pen.fill();
    }
    this.#footer(known);
  }

  #lane(pen, y, height, known, small) {
    const p = this.palette;
    pen.fillStyle = p.lane;
    pen.fillRect(0, y + 1, this.width, height - 2);
    if (!known) return;
    for (const planned of known.planned) this.#block(pen, planned, y + 1, height - 2, p.planned);
    for (const s of known.recorded) this.#block(pen, s, y + (small ? 6 : 4), height - (small ? 12 : 8),
      s.source === 'own' ? p.recorded : p.elsewhere);
    if (small) for (const g of known.gaps) this.#block(pen, g, y + height - 6, 4, p.gap(g.cause));
  }

  /** The device's own recordings: dotted, with their name, and with what the device did not say. */
  #deviceLane(pen, y, { recorded, state }) {
    const p = this.palette;
    pen.fillStyle = p.lane;
    pen.fillRect(0, y + 1, this.width, DEVICE - 2);
    for (const s of recorded) this.#block(pen, s, y + 3, DEVICE - 6, p.elsewhere);
    const word = state === 'complete' ? t('timeline.device') : `${t('timeline.device')} · ${t(`timeline.device.${state}`)}`;
    pen.font = p.small;
    pen.fillStyle = p.gapTextBack;
    pen.fillRect(4, y + 3, pen.measureText(word).width + 8, DEVICE - 6);
    pen.fillStyle = p.gapText;
    pen.fillText(word, 8, y + DEVICE - 6);
  }

  #block(pen, { from, to }, y, height, style) {
    const a = Math.max(0, this.#x(from));
    const b = Math.min(this.width, this.#x(to));
    if (b < 0 || a > this.width || b <= a) return;
    pen.fillStyle = style;
    pen.fillRect(a, y, Math.max(1, b - a), height);
  }

  /** How many of the wall's cameras recorded, per pixel column. */
  #density(pen, y) {
    const p = this.palette;
    pen.fillStyle = p.lane;
    pen.fillRect(0, y + 1, this.width, DENSITY - 2);
    const all = [...new Set([this.channel, ...this.others])].filter(Boolean).map((c) =>
      this.data.of(c)).filter(Boolean);
    if (!all.length) return;
    const columns = Math.ceil(this.width / 2);
    const sums = new Float32Array(columns + 1);
    for (const known of all) {
      for (const s of known.recorded) {
        const a = Math.max(0, Math.floor(this.#x(s.from) / 2));
        const b = Math.min(columns, Math.ceil(this.#x(s.to) / 2));
        for (let i = a; i < b; i += 1) sums[i] += 1;
      }
    }
    pen.fillStyle = p.density;
    for (let i = 0; i < columns; i += 1) {
      const tall = ((DENSITY - 4) * Math.min(1, sums[i] / all.length));
      if (tall > 0) pen.fillRect(i * 2, y + DENSITY - 2 - tall, 2, tall);
    }
  }

  #gapLane(pen, y, height, known) {
    const p = this.palette;
    pen.fillStyle = p.lane;
    pen.fillRect(0, y + 1, this.width, height - 2);
    for (const gap of known?.gaps ?? []) {
      this.#block(pen, gap, y + 2, height - 4, p.gap(gap.cause));
      const a = Math.max(0, this.#x(gap.from));
      const wide = Math.min(this.width, this.#x(gap.to)) - a;
      const word = tCode('gap', gap.cause, gap.cause);
      pen.font = p.small;
      if (wide > pen.measureText(word).width + 12) {
        const place = a + 6;
        pen.fillStyle = p.gapTextBack;
        pen.fillRect(place - 3, y + 2, pen.measureText(word).width + 6, height - 4);
        pen.fillStyle = p.gapText;
        pen.fillText(word, place, y + 12);
      }
      if (gap.cause === 'clock-step') this.#zigzag(pen, this.#x(gap.from));
    }
  }

  #zigzag(pen, x) {
    pen.strokeStyle = this.palette.head;
    pen.beginPath();
    for (let i = 0; i <= 8; i += 1) pen.lineTo(x + (i % 2 ? 3 : -3), RULER + (i * this.base) / 8);
    pen.stroke();
  }

  #selection(pen, height) {
    const { from, to } = this.selection;
    const p = this.palette;
    if (from !== null && to !== null) this.#block(pen, { from, to }, RULER, height - RULER, p.selection);
    for (const [at, way] of [[from, 1], [to, -1]]) {
      if (at === null) continue;
      const x = this.#x(at);
      pen.fillStyle = p.accent;
      pen.fillRect(x - (way > 0 ? 0 : 2), RULER, 2, height - RULER);
      pen.fillRect(way > 0 ? x : x - 7, RULER, 7, 2);
      pen.fillRect(way > 0 ? x : x - 7, height - 2, 7, 2);
    }
  }

  /** Frames around what is held, in the lanes of the cameras; the selected camera's have marks too. */
  #holds(pen) {
    const place = { width: this.width, x: (at) => this.#x(at), colour: this.palette.hold };
    this.marks.draw(pen, this.channel, { ...place, y: RULER + 1, height: MAIN - 2 });
    this.lanes.slice(0, 5).forEach((lane, n) => this.marks.draw(pen, lane,
      { ...place, y: RULER + this.base + n * EXTRA + 1, height: EXTRA - 2 }));
    this.marks.place(this.channel, place);
  }

  #footer(known) {
    put(this.level, t('timeline.span', { t: span(this.#span) }));
    put(this.range, `${stamp(this.from)} – ${stamp(this.to)} ${zoneLabel(this.#centre)}`);
    if (this.data.problem) put(this.sum, this.data.problem.sentence ?? '');
    else if (known) put(this.sum, sumText(visible(known, this.from, this.to)));
    else put(this.sum, this.channel ? t('timeline.loading') : '');
  }

  #legend() {
    const rows = ['recorded', 'elsewhere', 'planned', 'hold'].map((name) => [name, t(`timeline.${name}`)])
      .concat(this.palette.causes.map((cause) => [`gap:${cause}`, tCode('gap', cause, cause)]));
    this.legend.replaceChildren(...rows.map(([name, word]) => {
      const sample = h('canvas', { width: 28, height: 12 });
      const pen = sample.getContext('2d');
      pen.fillStyle = name.startsWith('gap:') ? this.palette.gap(name.slice(4)) : this.palette[name];
      pen.fillRect(0, 0, 28, 12);
      if (name === 'hold') pen.clearRect(2, 2, 24, 8);
      return h('div', {}, sample, h('span', {}, word));
    }));
  }
}

const sumText = (s) => t('timeline.sum', { recorded: span(s.recorded), explained: span(s.explained),
  unknown: span(s.unknown), planned: span(s.planned) });

customElements.define('time-line', TimeLine);
