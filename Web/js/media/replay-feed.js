// The life of one replay: opened at a moment, moved, sped up, paused; its clock comes from media timestamps only.

import { api, seg } from '../lib/api.js';
import { serverEvents } from '../lib/events.js';
import { purposeEvents, purposeText } from '../lib/purpose.js';
import { iso, now, parse } from '../lib/zone.js';
import { decodable } from './codecs.js';
import { denial } from './live-feed.js';

const BACKOFF = [500, 1000, 2000, 4000, 8000];
const REVERSE_REACH = 6 * 3600 * 1000; // ms that can be played backwards before the session is opened anew
const PICTURE = 40; // ms, about a picture, where only the server has the next one
const SEEK_PATIENCE = 4000; // ms until media is believed again although no reset came

/**
 * States: idle, connecting, playing, paused, ended, stale, error. Announces `state`, `position` and `gap` {from,to,cause}.
 */
export class ReplayFeed extends EventTarget {
  #player;
  #video;
  #session = null;
  #run = 0;
  #map = []; // [{media, wall, rate}] ascending by media
  #timer = 0;
  #wanted = null; // wall position asked for and not yet shown
  #wantedAt = 0;
  #attempt = 0;
  #stopped = false;
  #undo = [];
  channel;
  rate = 1;
  source = 'own'; // or 'device'
  paused = false;
  state = { name: 'idle', since: 0 };
  facts = null;
  firstPicture = null;
  transcoded = null;
  marked = true; // whether the viewer's name stands over the picture

  constructor(player, video, channel) {
    super();
    this.#player = player;
    this.#video = video;
    this.channel = channel;
    const on = (target, type, run) => {
      target.addEventListener(type, run);
      this.#undo.push(() => target.removeEventListener(type, run));
    };
    on(player, 'tracks', () => (this.#jump = null));
    on(player, 'picture', () => this.#picture());
    on(player, 'position', ({ detail }) => this.#position(detail));
    on(player, 'gap', ({ detail }) => this.dispatchEvent(new CustomEvent('gap', { detail })));
    on(player, 'ended', () => (this.over = true));
    on(player, 'closed', () => this.#again({ code: 'connection-lost' }));
    on(player, 'broken', ({ detail }) => this.#again({ code: 'decoder', text: detail.reason }));
    on(player, 'unsupported', ({ detail }) => this.#fail({ code: 'unsupported-codec', text: detail.codecs }));
    on(window, 'pagehide', () => this.#close());
    on(serverEvents, 'session', ({ detail }) => {
      if (detail.session !== this.#session) return;
      if (detail.cause?.code.startsWith('access-')) this.#fail(denial(detail.cause));
      else if (detail.state === 'error') this.#fail(detail.cause ?? { code: 'unknown' });
    });
    on(purposeEvents, 'change', () => {
      if (this.state.name !== 'error' || !this.state.cause?.reason) return;
      const at = this.position;
      if (at !== null) this.open(at, now(), { paused: this.paused });
    });
  }

  /** The wall-clock time of the picture on screen, or of the one that was asked for. */
  get position() {
    if (this.#wanted !== null) return this.#wanted;
    const media = this.#video.currentTime;
    let found = this.#map[0];
    for (const entry of this.#map) if (entry.media <= media + 0.001) found = entry;
    return found ? found.wall + (media - found.media) * found.rate * 1000 : null;
  }

  /** Opens at a moment. The session reaches as far as is needed: `to` ahead, and behind only when it runs backwards. */
  async open(at, to, { paused = false } = {}) {
    if (this.#stopped) return;
    const run = (this.#run += 1);
    const from = this.rate < 0 ? at - REVERSE_REACH : at;
    this.facts = null;
    this.#close();
    this.#map = [];
    this.#wanted = at;
    this.from = from;
    this.#wantedAt = performance.now();
    this.to = to;
    this.over = false;
    this.paused = paused;
    this.#player.holding = false;
    this.#set('connecting', { step: 'requesting' });
    try {
      const answer = await api.post(`/channels/${seg(this.channel)}/playback`, {
        from: iso(from), to: iso(to), purpose: purposeText(), codecs: decodable,
        ...(this.source === 'own' ? {} : { source: this.source }),
      });
      if (run !== this.#run) {
        api.delete(`/media-sessions/${seg(answer.session)}`).catch(() => {});
        return;
      }
      this.#session = answer.session;
      this.marked = answer.watermark !== false;
      this.transcoded = answer.transcoded ? { reason: answer.transcodeReason } : null;
      if (this.rate !== 1) await this.#patch({ rate: this.rate, ...(from < at ? { position: iso(at) } : {}) });
      if (run !== this.#run) return;
      this.#player.open(answer.urls.websocket);
      clearInterval(this.#timer);
      this.#timer = setInterval(() => this.#tick(), 200);
    } catch (problem) {
      if (run === this.#run) this.#fail({ code: problem.status === 403 ? 'forbidden' : problem.slug,
        reason: problem.reason, text: problem.sentence, detail: problem.detail, fix: problem.fix });
    }
  }

  /** Ends it for good. */
  stop() {
    this.#stopped = true;
    this.#run += 1;
    this.#close();
    this.#undo.forEach((undo) => undo());
  }

  #close() {
    clearInterval(this.#timer);
    this.#stepFrom = null;
    const session = this.#session;
    this.#session = null;
    this.#orders = this.#sending = null;
    this.#held = false;
    this.#player.close();
    if (session) api.delete(`/media-sessions/${seg(session)}`, { keepalive: true }).catch(() => {});
  }

  /**
   * Orders go out one at a time: two requests at once may arrive in either order, and a pause that is overtaken by
   * the step before it would leave the server sending to a page that stands still. What is ordered meanwhile is
   * merged, the later word counts. Resolves when everything ordered so far was answered.
   */
  #patch(change) {
    if (!this.#session) return Promise.resolve();
    if (change.paused !== undefined) this.#held = change.paused;
    this.#orders = { ...this.#orders, ...change };
    if (!this.#sending) {
      const sending = this.#send(this.#session).finally(() => {
        if (this.#sending === sending) this.#sending = null;
      });
      this.#sending = sending;
    }
    return this.#sending;
  }

  #orders = null; // not sent yet
  #sending = null; // the promise of the orders under way
  #held = false; // what the server was last told about the pause

  async #send(session) {
    for (let failures = 0; this.#orders && session === this.#session;) {
      const orders = this.#orders;
      this.#orders = null;
      try {
        await api.patch(`/media-sessions/${seg(session)}`, orders);
        failures = 0;
      } catch (problem) {
        if (session !== this.#session) return;
        if (problem.status === 404) {
          this.#again({ code: 'session-over' });
          return;
        }
        if (problem.status === 409) this.#refused(problem);
        // Refused is refused; an order that got no answer is given again.
        failures += 1;
        if (problem.status !== 0 || failures > 3) continue;
        this.#orders = { ...orders, ...this.#orders };
        await new Promise((done) => setTimeout(done, 200 * failures));
      }
    }
  }

  /** A device does not do everything that is ordered: the controls go back to what is. */
  #refused(problem) {
    this.rate = this.facts?.rate ?? 1;
    this.#looked = 0;
    const sentence = [problem.detail, problem.fix].filter(Boolean).join(' ');
    this.dispatchEvent(new CustomEvent('refused', { detail: { sentence } }));
    this.dispatchEvent(new Event('state'));
  }

  /** Moves to a moment: within the buffer at once, else through the server. */
  seek(wall) {
    const at = Math.min(wall, now() - 1000);
    this.over = false;
    if (!this.#session || ['error', 'idle'].includes(this.state.name) || at < this.from || at > this.to - 500) {
      this.#player.keepPicture();
      this.open(at, now(), { paused: this.paused });
      return;
    }
    this.#stepFrom = null;
    this.#wanted = at;
    this.#wantedAt = performance.now();
    this.#player.keepPicture();
    this.#player.ignoring = true;
    this.#player.holding = false;
    this.#set('connecting', { step: 'seeking' });
    this.#patch({ position: iso(at), ...(this.paused ? { paused: false } : {}) });
    this.dispatchEvent(new Event('position'));
  }

  /** Steps one picture forwards (1) or backwards (-1); returns false when the server had to be asked. */
  step(direction) {
    if (!this.paused) this.setPaused(true);
    const shown = this.#video.currentTime;
    const ahead = direction * this.rate > 0; // media time runs forwards even when the clock runs backwards
    const next = this.#player.neighbour(shown, ahead ? 1 : -1);
    if (next !== null && this.#player.moveTo(next)) {
      this.dispatchEvent(new Event('position'));
      return true;
    }
    if (ahead && this.#session && !this.over) {
      // The next picture has not come yet: the server sends on until it is here, the screen stays paused.
      this.#stepFrom = shown;
      this.#patch({ paused: false });
      return false;
    }
    const at = this.position;
    if (at !== null) this.seek(at + direction * PICTURE);
    return false;
  }

  #stepFrom = null; // media time that is stepped on from when the next picture comes

  #finishStep() {
    if (this.#stepFrom === null) return;
    const next = this.#player.neighbour(this.#stepFrom, 1);
    if (next === null || !this.#player.moveTo(next)) return;
    this.#stepFrom = null;
    this.#patch({ paused: true });
  }

  setPaused(paused) {
    this.paused = paused;
    this.#stepFrom = null;
    this.#player.hold(paused);
    this.#patch({ paused });
    if (['playing', 'paused', 'ended'].includes(this.state.name)) this.#set(paused ? 'paused' : 'playing');
  }

  setRate(rate) {
    if (rate === this.rate) return;
    const at = this.position;
    this.rate = rate;
    if (!this.#session) return;
    if (this.source === 'device' && rate > 0) {
      // A device goes on from where it stands.
      this.#patch({ rate });
      this.dispatchEvent(new Event('state'));
      return;
    }
    if (rate < 0 && at !== null && at - this.from < REVERSE_REACH / 2) {
      this.#player.keepPicture();
      this.open(at, now(), { paused: this.paused });
      return;
    }
    this.#wanted = at;
    this.#wantedAt = performance.now();
    this.#player.keepPicture();
    this.#patch(at === null ? { rate } : { rate, position: iso(at) });
    this.dispatchEvent(new Event('state'));
  }

  #set(name, more = {}) {
    this.state = { ...more, name, since: name === this.state.name ? this.state.since : performance.now() };
    this.dispatchEvent(new Event('state'));
  }

  #position({ wall, media, rate }) {
    const at = parse(wall);
    if (at === null || !Number.isFinite(media)) return;
    if (this.#player.ignoring && this.#wanted !== null && Math.abs(at - this.#wanted) < 10000) {
      // The server moved without a new initialisation segment: what follows is the new place.
      this.#player.ignoring = false;
      this.#jump = media;
    }
    const before = this.#map.at(-1);
    const goesOn = before && before.rate === rate
      && Math.abs(at - before.wall - (media - before.media) * rate * 1000) < 400;
    // Two orders are two strides; playing begins where the last one led.
    if (this.#wanted !== null && !goesOn) this.#player.startAt = media;
    this.#map = this.#map.filter((e) => e.media < media);
    this.#map.push({ media, wall: at, rate: Number.isFinite(rate) ? rate : this.rate });
    if (this.#map.length > 400) this.#map.splice(0, 200);
  }

  #jump = null;

  #picture() {
    if (this.firstPicture === null) this.firstPicture = Math.round(performance.now() - this.#wantedAt);
    this.#wanted = null;
    this.#attempt = 0;
    this.#set(this.paused ? 'paused' : 'playing');
    if (this.paused) {
      this.#player.hold(true);
      this.#patch({ paused: true });
    }
    this.dispatchEvent(new Event('position'));
  }

  #tick() {
    this.#finishStep();
    if (this.#player.ignoring
      && performance.now() - this.#wantedAt > SEEK_PATIENCE) this.#player.ignoring = false;
    if (this.#jump !== null && this.#player.moveTo(this.#jump)) {
      this.#jump = null;
      this.#player.clearPicture();
      this.#picture();
    } else if (this.#wanted !== null && !this.#player.ignoring && this.#map.length
      && performance.now() - this.#wantedAt > SEEK_PATIENCE) {
      this.#picture();
    }
    if (this.over && this.#player.lag < 0.15 && this.state.name === 'playing') this.#set('ended');
    else if (this.state.name === 'playing' && performance.now() - this.#player.lastData > 3000
      && this.#player.lag < 0.2) {
      this.#set('stale', {});
    } else if (this.state.name === 'stale'
      && performance.now() - this.#player.lastData < 1000) this.#set('playing');
    if (performance.now() - this.#looked > 2000) this.#look();
    this.dispatchEvent(new Event('position'));
  }

  #looked = 0;

  /** Codec, bit rate and the like, as the server knows them. */
  async #look() {
    this.#looked = performance.now();
    const session = this.#session;
    try {
      const facts = await api.get(`/media-sessions/${seg(session)}`);
      if (session !== this.#session) return;
      this.facts = facts;
      if (facts.transcoded && !this.transcoded) this.transcoded = { reason: facts.transcodeReason };
      if (facts.paused === !this.#held && !this.#sending) this.#patch({ paused: this.#held });
    } catch {
      // The socket tells when the session is over.
    }
  }

  /** A replay that broke off goes on where it was. */
  #again(cause) {
    const at = this.position;
    if (at === null || this.#attempt >= BACKOFF.length) {
      this.#fail(cause);
      return;
    }
    const wait = BACKOFF[this.#attempt];
    this.#attempt += 1;
    this.#close();
    this.#set('stale', { cause });
    const run = (this.#run += 1);
    setTimeout(() => run === this.#run && this.open(at, this.to, { paused: this.paused }), wait);
  }

  #fail(cause) {
    this.#close();
    this.#set('error', { cause });
  }
}
