// The life of one live picture: ask, connect, show, notice that it froze, come back. It never gives up.

import { Problem, api, seg } from '../lib/api.js';
import { directory } from '../lib/directory.js';
import { serverEvents } from '../lib/events.js';
import { purposeEvents, purposeText } from '../lib/purpose.js';
import { decodable } from './codecs.js';
import { Gate } from './gate.js';

const STALE_AFTER = 3000; // ms without media
const CONNECT_LIMIT = 60000; // the server itself falls back from transport to transport meanwhile
const STUCK_AFTER = 8000; // ms without a new picture although data arrives
const FORGET_AFTER = 30000; // how long a lost picture is shown as stale before it is an error
const BACKOFF = [500, 1000, 2000, 4000, 8000, 15000];
/** Retrying does not help until something changes; asked again only now and then. */
const SETTLED = new Set(['device-offline', 'forbidden', 'not-found', 'invalid', 'unsupported-codec',
  'transcode-budget', 'too-many-requests']);

/** Devices answer a few INVITEs at a time; the rest wait in line here instead of being refused there. */
const gate = new Gate(4);

/** A picture that was ended because it is not allowed any more. */
export const denial = ({ code, text, fix }) => ({ code: 'forbidden', reason: code.slice('access-'.length), text, fix });

/**
 * `state` is {name, step?, since, cause?, place?}: idle, queued, connecting, live, stale, offline, denied, error.
 * `since` is performance.now() of its beginning (of the last picture for `stale`). Announces `state` and `facts`.
 */
export class LiveFeed extends EventTarget {
  #player;
  #session = null;
  #attempt = 0;
  #run = 0;
  #timers = new Set();
  #release = null;
  #hadPicture = false;
  #stopped = false;
  #asked = 0;
  channel;
  state = { name: 'idle', since: 0 };
  facts = null; // the media session as the server sees it
  transcoded = null; // {reason}
  marked = true; // whether the viewer's name stands over the picture
  firstPicture = null; // ms from asking to seeing

  constructor(player, channel) {
    super();
    this.#player = player;
    this.channel = channel;
    this.#listen(player, 'picture', () => this.#picture());
    this.#listen(player, 'closed', () => this.#lost());
    this.#listen(player, 'broken', ({ detail }) => this.#retry({ code: 'decoder', text: detail.reason }, 300));
    this.#listen(player, 'unsupported', ({ detail }) => this.#undecodable(detail));
    this.#listen(serverEvents, 'session', ({ detail }) => {
      if (detail.session === this.#session) this.#heard(detail);
    });
    this.#listen(window, 'pagehide', () => this.#end());
    this.#listen(directory, 'status', ({ detail }) => this.#status(detail));
    // Another purpose may be the answer to a denial.
    this.#listen(purposeEvents, 'change', () => this.state.name === 'denied' && this.retry());
  }

  #undo = [];
  #listen(target, type, run) {
    target.addEventListener(type, run);
    this.#undo.push(() => target.removeEventListener(type, run));
  }

  start() {
    this.#begin('requesting');
  }

  /** Asks again now. */
  retry() {
    this.#attempt = 0;
    this.#begin('requesting');
  }

  /** Ends it for good. */
  stop() {
    this.#stopped = true;
    this.#run += 1;
    this.#clear();
    this.#end();
    this.#undo.forEach((undo) => undo());
    this.#player.close();
  }

  #set(name, more = {}) {
    const since = more.since ?? (name === this.state.name ? this.state.since : performance.now());
    this.state = { ...more, name, since };
    this.dispatchEvent(new Event('state'));
  }

  #after(ms, run) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }

  #clear() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#release?.();
    this.#release = null;
  }

  #end() {
    const session = this.#session;
    this.#session = null;
    if (session) api.delete(`/media-sessions/${seg(session)}`, { keepalive: true }).catch(() => {});
  }

  async #begin(step) {
    if (this.#stopped) return;
    const run = (this.#run += 1);
    this.#clear();
    this.#end();
    this.#player.close();
    this.#asked = performance.now();
    const frozen = this.#hadPicture && this.state.name === 'stale';
    if (!frozen) this.#set('connecting', { step, since: this.#asked });
    const device = directory.cached(this.channel)?.device ?? this.channel.split('_')[0];
    this.#release = await gate.enter(device, (place) => {
      if (run === this.#run && !frozen) this.#set('queued', { place });
    });
    if (run !== this.#run) return this.#clear();
    if (this.state.name === 'queued') this.#set('connecting', { step, since: performance.now() });
    try {
      const answer = await api.post(`/channels/${seg(this.channel)}/live`,
        { purpose: purposeText(), codecs: decodable });
      if (run !== this.#run) {
        api.delete(`/media-sessions/${seg(answer.session)}`).catch(() => {});
        return;
      }
      this.#session = answer.session;
      this.marked = answer.watermark !== false;
      this.transcoded = answer.transcoded ? { reason: answer.transcodeReason } : null;
      this.#player.open(answer.urls.websocket);
      this.#after(150, () => this.#look(run));
      this.#after(CONNECT_LIMIT, () => {
        if (this.state.name === 'connecting') this.#retry({ code: 'timeout' });
      });
      this.#watch(run);
    } catch (problem) {
      if (run === this.#run) this.#refused(problem);
    }
  }

  /** Reads the session while it connects (for the step) and afterwards (for the facts). */
  async #look(run) {
    if (run !== this.#run || !this.#session) return;
    try {
      this.#heard(await api.get(`/media-sessions/${seg(this.#session)}`));
    } catch {
      // The socket tells when the session is really over.
    }
    if (run === this.#run) this.#after(this.state.name === 'connecting' ? 500 : 2000, () => this.#look(run));
  }

  #heard(facts) {
    this.facts = { ...this.facts, ...facts };
    if (this.facts.transcoded && !this.transcoded) this.transcoded = { reason: this.facts.transcodeReason };
    this.dispatchEvent(new Event('facts'));
    if (facts.cause?.code.startsWith('access-')) this.#retry(denial(facts.cause));
    else if (facts.state === 'error' && facts.cause) this.#retry(facts.cause);
    else if (facts.state === 'connecting' && this.state.name === 'connecting' && facts.step) {
      this.#set('connecting', { step: facts.step, since: this.state.since });
    }
  }

  #picture() {
    this.#release?.();
    this.#release = null;
    this.#hadPicture = true;
    this.#attempt = 0;
    this.firstPicture ??= Math.round(performance.now() - this.#asked);
    this.#set('live');
  }

  #watch(run) {
    if (run !== this.#run) return;
    const age = performance.now() - this.#player.lastData;
    const still = document.hidden ? 0 : this.#player.stillFor;
    if (this.state.name === 'live' && age > STALE_AFTER) this.#set('stale', { since: this.#player.lastData });
    else if (this.state.name === 'live' && still > STALE_AFTER + 1000) this.#set('stale',
      { since: performance.now() - still });
    else if (this.state.name === 'stale' && this.#player.connected && age < 1000) {
      // Data that does not become a picture is no picture.
      if (still < 500) this.#set('live');
      else if (still > STUCK_AFTER) this.#retry({ code: 'decoder' }, 300);
    }
    this.#after(250, () => this.#watch(run));
  }

  async #lost() {
    const run = this.#run;
    const session = this.#session;
    let cause = null;
    try {
      if (session) cause = (await api.get(`/media-sessions/${seg(session)}`)).cause ?? null;
    } catch {
      // A session that is gone has no cause to give.
    }
    if (run === this.#run) this.#retry(cause ?? { code: 'connection-lost' });
  }

  /** The browser cannot show what came. Perhaps the server would have transcoded, but has no capacity left. */
  async #undecodable({ codecs }) {
    const run = this.#run;
    let facts = null;
    try {
      facts = await api.get(`/media-sessions/${seg(this.#session)}`);
    } catch {
      // Then the codec alone is the reason.
    }
    if (run === this.#run) this.#retry({ code: facts?.transcodeReason === 'budget' ? 'transcode-budget'
      : 'unsupported-codec', text: codecs });
  }

  #refused(problem) {
    if (!(problem instanceof Problem)) throw problem;
    const cause = { code: problem.slug, text: problem.sentence, detail: problem.detail, fix: problem.fix,
      reason: problem.reason, correlation: problem.correlation };
    if (problem.status === 401) this.#clear();
    else if (problem.status === 403) this.#retry({ ...cause, code: 'forbidden' });
    else this.#retry(cause);
  }

  #retry(cause, pause) {
    const settled = SETTLED.has(cause.code);
    const wait = pause ?? (settled ? 15000 : BACKOFF[Math.min(this.#attempt, BACKOFF.length - 1)] * (0.8
      + Math.random() * 0.4));
    this.#attempt += 1;
    this.#run += 1;
    this.#clear();
    this.#end();
    this.#player.close();
    const again = { cause, retryAt: performance.now() + wait };
    if (cause.code === 'device-offline') this.#set('offline', again);
    else if (cause.code === 'forbidden') this.#set('denied', again);
    else if (this.#hadPicture && !settled && performance.now() - this.#player.lastData < FORGET_AFTER) {
      this.#set('stale', { ...again, since: this.#player.lastData });
    } else this.#set('error', again);
    const run = this.#run;
    this.#after(wait, () => {
      if (run === this.#run) this.#begin('requesting');
    });
  }

  /** An offline camera that comes back is asked at once. */
  #status({ channel, status }) {
    if (channel !== this.channel) return;
    if (status === 'online' && ['offline', 'error'].includes(this.state.name)) this.retry();
    else this.dispatchEvent(new Event('state'));
  }
}
