// Speaking through a camera: hold the button or the key, and be heard while you hold.

import { session } from '../lib/account.js';
import { api } from '../lib/api.js';
import { fill, h, put } from '../lib/dom.js';
import { serverEvents } from '../lib/events.js';
import { t } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { VoiceLine } from '../lib/voice-line.js';
import { Earpiece, mayListen, Microphone } from '../media/microphone.js';

export class VoiceButton extends HTMLElement {
  #undo = [];
  #held = false;
  #shown = 0;

  connectedCallback() {
    this.classList.add('voice');
    this.setAttribute('role', 'group');
    const on = (target, type, run) => {
      target.addEventListener(type, run);
      this.#undo.push(() => target.removeEventListener(type, run));
    };
    this.line = new VoiceLine(this.channel);
    this.#build();
    on(this.line, 'state', ({ detail }) => this.#state(detail));
    on(this.line, 'sound', ({ detail }) => this.#hear(detail.bytes));
    on(serverEvents, 'voice', ({ detail }) => this.#event(detail));
    on(window, 'blur', () => this.release());
    on(document, 'visibilitychange', () => document.hidden && this.release());
    this.#look();
  }

  disconnectedCallback() {
    this.#held = false;
    this.#undo.splice(0).forEach((undo) => undo());
    this.line.close();
    this.microphone?.close();
    this.earpiece?.close();
    this.microphone = this.earpiece = null;
    this.replaceChildren();
  }

  /** The key is down: heard until it goes up. */
  holdKey(event) {
    if (event.repeat) return;
    const { code } = event;
    const up = (other) => {
      if (other.code !== code) return;
      removeEventListener('keyup', up, true);
      this.release();
    };
    addEventListener('keyup', up, true);
    this.hold();
  }

  async hold() {
    if (this.#held) return;
    this.#held = true;
    this.button.setAttribute('aria-pressed', 'true');
    try {
      await this.#microphone();
    } catch (error) {
      this.release();
      this.#say(`voice.${error.reason ?? 'none'}`, 'fail-text');
      return;
    }
    if (this.line.name === 'ready') this.#state({ name: 'ready' });
    else if (this.#held) await this.line.open({ mode: this.both.checked ? 'talk' : 'broadcast' });
  }

  release() {
    if (!this.#held) return;
    this.#held = false;
    this.button.setAttribute('aria-pressed', 'false');
    this.meter.value = 0;
    if (this.line.name === 'ready') this.#state({ name: 'ready' });
  }

  #build() {
    this.button = h('button', { class: 'wide-button voice-hold', tTitle: 'voice.hold', 'aria-pressed': 'false' },
      icon('microphone'), h('span', { t: 'voice.hold' }), h('kbd', {}, 'Y'));
    this.button.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      this.button.setPointerCapture(event.pointerId);
      this.hold();
    });
    for (const type of ['pointerup', 'pointercancel', 'lostpointercapture', 'blur']) {
      this.button.addEventListener(type, () => this.release());
    }
    this.button.addEventListener('keydown', (event) => {
      if ((event.key !== ' ' && event.key !== 'Enter') || event.repeat) return;
      event.preventDefault();
      this.hold();
    });
    this.button.addEventListener('keyup', (event) => (event.key === ' ' || event.key === 'Enter') && this.release());
    this.endButton = h('button', { class: 'quiet', tTitle: 'voice.end', hidden: true, onclick: () => this.line.close() },
      icon('close'));
    this.takeButton = h('button', { class: 'wide-button', t: 'voice.take', hidden: true,
      onclick: () => this.line.open({ mode: 'broadcast', take: true }) });
    fill(this,
      h('div', { class: 'voice-row' }, this.button, this.endButton),
      this.meter = h('meter', { min: '0', max: '1', value: '0', high: '0.95', tLabel: 'voice.level' }),
      h('label', { class: 'switch' }, this.both = h('input', { type: 'checkbox' }), h('span', { t: 'voice.talk' })),
      this.text = h('p', { class: 'voice-line', role: 'status' }), this.takeButton);
    if (!mayListen()) {
      this.button.disabled = true;
      this.#say('voice.insecure', 'warn-text');
    }
  }

  async #microphone() {
    if (this.microphone) return;
    const microphone = new Microphone();
    await microphone.open();
    this.microphone = microphone;
    microphone.addEventListener('frame', ({ detail }) => this.#frame(detail));
  }

  #frame({ samples, level }) {
    if (!this.#held) return;
    this.line.say(samples);
    // Ten times a second is as fast as an eye follows.
    this.#shown = Math.max(this.#shown * 0.9, level);
    if (Math.abs(this.#shown - this.meter.value) > 0.02) this.meter.value = this.#shown;
  }

  #hear(bytes) {
    this.earpiece ??= new Earpiece();
    this.earpiece.play(bytes);
  }

  #state({ name, voice, problem }) {
    this.dataset.voice = name === 'ready' && this.#held ? 'speaking' : name;
    this.endButton.hidden = name !== 'ready' && name !== 'asking';
    this.takeButton.hidden = problem?.slug !== 'speaker-held' || session.user?.role !== 'administrator';
    if (name === 'ready') {
      this.#say(this.#held ? 'voice.speaking' : 'voice.ready', this.#held ? 'ok-text' : '');
      if (this.both.checked) this.tile?.setMuted(false);
    } else if (name === 'asking') this.#say(voice ? 'voice.waiting' : 'voice.asking');
    else if (name === 'failed') this.#failed(problem, voice);
    else this.#say(null);
    if (name === 'failed' || name === 'off') this.#rest();
  }

  #failed(problem, voice) {
    const words = problem ? [problem.slug === 'speaker-held' ? problem.detail : problem.sentence, problem.fix]
      : [voice.cause.text, voice.cause.fix];
    this.text.className = 'voice-line fail-text';
    put(this.text, words.filter(Boolean).join(' '));
  }

  /** Nobody is listening: the microphone's lamp goes out. */
  #rest() {
    this.release();
    this.microphone?.close();
    this.microphone = null;
  }

  /** Somebody began or ended to speak at this device. */
  #event(voice) {
    if (voice.device !== this.channel.split('_')[0]) return;
    if (voice.by === session.user?.name) this.line.heard(voice);
    else if (this.line.name === 'off' || this.line.name === 'failed') {
      this.#say(voice.state === 'ended' ? null : 'voice.held', 'warn-text', { by: voice.by });
    }
  }

  async #look() {
    try {
      const { items } = await api.get('/voices');
      const other = items.find((v) => v.device === this.channel.split('_')[0] && v.by !== session.user?.name);
      if (other && this.line.name === 'off') this.#say('voice.held', 'warn-text', { by: other.by });
    } catch {
      // Who speaks is a courtesy; the server decides.
    }
  }

  #say(key, look = '', values = {}) {
    this.text.className = `voice-line ${look}`;
    put(this.text, key ? t(key, values) : '');
  }
}

customElements.define('voice-button', VoiceButton);
