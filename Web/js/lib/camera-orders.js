// Orders to a camera. A movement is renewed while a key or button is held; it dies with the page.

import { api, seg } from './api.js';

/** Milliseconds after which the server ends a movement that nobody renews, and between two renewals. */
const HOLD = 1500;
const RENEW = 500;
const STILL = { pan: 0, tilt: 0, zoom: 0, focus: 0, iris: 0 };

/** Announces `answer` {answer} after every order and `refused` {problem}; `moving` when that changed. */
export class CameraOrders extends EventTarget {
  #wish = { ...STILL };
  #sent = null;
  #busy = false;
  #timer = 0;

  constructor(channel) {
    super();
    this.channel = channel;
    this.halt = () => this.stop(true);
    this.hidden = () => document.hidden && this.stop(true);
    addEventListener('pagehide', this.halt);
    addEventListener('blur', this.halt);
    document.addEventListener('visibilitychange', this.hidden);
  }

  close() {
    this.stop();
    removeEventListener('pagehide', this.halt);
    removeEventListener('blur', this.halt);
    document.removeEventListener('visibilitychange', this.hidden);
  }

  get moving() {
    return Boolean(this.#sent);
  }

  /** Sets some of pan, tilt, zoom, focus and iris, each −1 … 1; all others stay as they are. */
  move(change) {
    const next = { ...this.#wish, ...change };
    if (Object.keys(STILL).every((axis) => next[axis] === this.#wish[axis])) return;
    this.#wish = next;
    this.#advance();
  }

  /** Ends every movement; sent twice. */
  stop(leaving = false) {
    this.#wish = { ...STILL };
    clearTimeout(this.#timer);
    if (!this.#sent) return;
    this.#sent = null;
    this.dispatchEvent(new Event('moving'));
    const stop = () => this.send({ action: 'stop' }, { keepalive: leaving });
    stop();
    setTimeout(() => this.#sent || stop(), 200);
  }

  /** Sends one order; resolves with the answer, or with nothing when it was refused. */
  async send(order, options) {
    try {
      const answer = await api.post(`/channels/${seg(this.channel)}/ptz`, order, options);
      this.dispatchEvent(new CustomEvent('answer', { detail: { answer } }));
      return answer;
    } catch (problem) {
      this.dispatchEvent(new CustomEvent('refused', { detail: { problem } }));
      return undefined;
    }
  }

  async #advance() {
    if (this.#busy) return;
    clearTimeout(this.#timer);
    const wish = this.#wish;
    const { pan, tilt, zoom, focus, iris } = wish;
    const lens = focus || iris;
    if (!pan && !tilt && !zoom && !lens) {
      this.stop();
      return;
    }
    this.#busy = true;
    if (!this.#sent) {
      this.#sent = wish;
      this.dispatchEvent(new Event('moving'));
    }
    this.#sent = wish;
    const answer = await this.send(lens ? { action: 'lens', focus, iris, hold: HOLD }
      : { action: 'move', pan, tilt, zoom, hold: HOLD });
    this.#busy = false;
    if (!this.#sent) return;
    if (!answer) {
      this.#sent = null;
      this.#wish = { ...STILL };
      this.dispatchEvent(new Event('moving'));
    } else if (wish !== this.#wish) this.#advance();
    else this.#timer = setTimeout(() => this.#advance(), RENEW);
  }
}
