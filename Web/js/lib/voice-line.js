// One voice session of the server with its WebSocket. The first press opens it, half a minute of silence ends it.

import { api, seg } from './api.js';
import { purposeText } from './purpose.js';

const IDLE = 30_000;

/** Announces `state` {name, voice, problem} and `sound` {bytes}. Names: `off`, `asking`, `waiting`, `ready`, `failed`. */
export class VoiceLine extends EventTarget {
  name = 'off';
  #socket = null;
  #idle = 0;

  constructor(channel) {
    super();
    this.channel = channel;
  }

  get path() {
    return `/channels/${seg(this.channel)}/voice`;
  }

  /** Calls the device; resolves when sound can go or nothing will come of it. */
  async open({ mode, take }) {
    if (this.name === 'asking' || this.name === 'ready') return;
    this.#become('asking');
    try {
      const opened = await api.post(this.path, { mode, take, purpose: purposeText() });
      if (this.name !== 'asking') return;
      // The tile beside it shows the picture already.
      if (opened.listen) api.delete(`/media-sessions/${seg(opened.listen.session)}`).catch(() => {});
      this.#connect(opened.url);
    } catch (problem) {
      if (this.name === 'asking') this.#become('failed', { problem });
    }
  }

  #connect(url) {
    const socket = new WebSocket(new URL(url, location.href.replace(/^http/, 'ws')));
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') this.#told(JSON.parse(data));
      else this.dispatchEvent(new CustomEvent('sound', { detail: { bytes: data } }));
    };
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      if (this.name !== 'failed') this.#become('off');
    };
  }

  #told(voice) {
    if (voice.state === 'speaking') this.#become('ready', { voice });
    else if (voice.state === 'ended' && voice.cause) this.#become('failed', { voice });
  }

  /** A device says where it is while the answer is still out. */
  heard(voice) {
    if (this.name === 'asking' && voice.state === 'waiting') this.#become('asking', { voice });
  }

  say(samples) {
    if (this.name !== 'ready' || this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#stay();
    // A line that does not carry fifty frames a second would only grow late.
    if (this.#socket.bufferedAmount < 16_000) this.#socket.send(samples);
  }

  #stay() {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.close(), IDLE);
  }

  close() {
    clearTimeout(this.#idle);
    const was = this.name;
    this.#socket?.close();
    this.#socket = null;
    if (was === 'asking' || was === 'ready') {
      this.#become('off');
      api.delete(this.path, { keepalive: true }).catch(() => {});
    }
  }

  #become(name, detail = {}) {
    this.name = name;
    if (name === 'ready') this.#stay();
    else clearTimeout(this.#idle);
    this.dispatchEvent(new CustomEvent('state', { detail: { name, ...detail } }));
  }
}
