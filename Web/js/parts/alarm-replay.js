// The moments before an alarm: a replay that begins ten seconds earlier, or the reason why there is none.

import { api, query, seg } from '../lib/api.js';
import { fill, h, put } from '../lib/dom.js';
import { languageEvents, t, tCode } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { clock, iso, now, parse } from '../lib/zone.js';
import { StreamPlayer } from '../media/player.js';
import { ReplayFeed } from '../media/replay-feed.js';
import { causeText } from './state-words.js';

export const BEFORE = 10000; // ms
const AFTER = 20000;
const SETTLE = 3000; // a recording reaches the index some seconds behind the present

/** `data-state` follows: idle, connecting, playing, ended, none, error. */
export class AlarmReplay extends HTMLElement {
  #feed = null;
  #run = 0;
  #redraw = () => this.#draw();
  #gap = null;

  connectedCallback() {
    this.classList.add('alarm-replay', 'tile');
    this.video = h('video', { muted: true, playsInline: true, tabIndex: -1, disablePictureInPicture: true });
    this.still = h('canvas', { class: 'tile-still', hidden: true });
    this.append(h('div', { class: 'tile-picture' }, this.video, this.still),
      h('div', { class: 'tile-hatch', 'aria-hidden': 'true' }),
      this.card = h('div', { class: 'tile-card', 'aria-live': 'polite' },
        this.shape = h('div', { class: 'tile-card-shape' }), this.head = h('div', { class: 'tile-head' }),
        this.text = h('div', { class: 'tile-text' }),
        this.again = h('button', { t: 'alarm.again', onclick: () => this.#open() })),
      h('div', { class: 'tile-strip strip-fixed' }, h('span', { class: 'tile-name', t: 'alarm.before' }),
        this.time = h('span', { class: 'tile-badges num' })));
    languageEvents.addEventListener('language', this.#redraw);
    this.timer = setInterval(this.#redraw, 250);
    this.#draw();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    languageEvents.removeEventListener('language', this.#redraw);
    this.clear();
    this.replaceChildren();
  }

  clear() {
    this.#run += 1;
    this.#feed?.stop();
    this.#feed = this.channel = null;
    this.#gap = null;
    this.state = 'idle';
    this.#draw();
  }

  /** Shows what was recorded of a channel before and after a moment. */
  show(channel, moment) {
    this.clear();
    [this.channel, this.moment] = [channel, moment];
    return this.#open();
  }

  async #open() {
    const { channel, moment } = this;
    const run = (this.#run += 1);
    this.#feed?.stop();
    this.#feed = null;
    this.state = 'connecting';
    this.#draw();
    const from = moment - BEFORE;
    try {
      // What has just happened is being written: give the index its moment.
      const wait = moment + SETTLE - now();
      if (wait > 0) await new Promise((done) => setTimeout(done, wait));
      const { recorded, gaps } = await api.get(
        `/channels/${seg(channel)}/timeline${query({ from: iso(from), to: iso(moment + 1000) })}`);
      if (run !== this.#run) return;
      if (!recorded.length) {
        [this.state, this.#gap] = ['none', gaps[0] ?? null];
        this.#draw();
        return;
      }
      const player = new StreamPlayer(this.video, this.still, { live: false });
      this.#feed = new ReplayFeed(player, this.video, channel);
      this.#feed.addEventListener('state', this.#redraw);
      const begin = Math.max(from, parse(recorded[0].from) ?? from);
      await this.#feed.open(begin, Math.min(moment + AFTER, Math.max(now() - 1000, moment + 500)));
    } catch (problem) {
      if (run !== this.#run) return;
      [this.state, this.problem] = ['error', problem];
    }
    this.#draw();
  }

  #draw() {
    if (!this.card?.isConnected) return;
    if (this.#feed) {
      const { name } = this.#feed.state;
      this.state = { paused: 'playing', idle: 'connecting', stale: 'playing' }[name] ?? name;
      const at = this.#feed.position;
      put(this.time, at === null || this.state === 'connecting' ? '' : clock(at));
    } else put(this.time, '');
    this.dataset.state = { playing: 'live', idle: 'empty' }[this.state] ?? this.state;
    const [head, text, shape] = this.#words();
    put(this.head, head);
    put(this.text, text);
    this.card.hidden = !head;
    this.again.hidden = !['ended', 'none', 'error'].includes(this.state);
    if (this.shape.dataset.shape === shape) return;
    this.shape.dataset.shape = shape;
    fill(this.shape, shape === 'spinner' ? h('span', { class: 'spinner' }) : shape ? icon(shape, 28) : null);
  }

  #words() {
    switch (this.state) {
      case 'connecting': return [t('state.connecting'), '', 'spinner'];
      case 'none': return [t('alarm.notRecorded'), this.#gap
        ? tCode('gap', this.#gap.cause, this.#gap.cause) : t('alarm.notRecordedHint'), 'playback'];
      case 'ended': return [t('alarm.shown'), '', 'check'];
      case 'error': return [this.problem?.sentence ?? causeText(this.#feed?.state.cause ?? { code: 'unknown' }),
        this.problem?.fix ?? '', 'error'];
      case 'idle': return [t('alarm.noCamera'), '', 'camera'];
      default: return ['', '', ''];
    }
  }
}

customElements.define('alarm-replay', AlarmReplay);
