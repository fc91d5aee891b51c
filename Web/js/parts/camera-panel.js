// The right panel: the camera of the selected tile, its stream, its plan. It never replaces the tree.

import { api, seg } from '../lib/api.js';
import { may } from '../lib/account.js';
import { directory, shortNumber } from '../lib/directory.js';
import { fill, h, put } from '../lib/dom.js';
import { languageEvents, t, tCode } from '../lib/i18n.js';
import { icon, statusIcon } from '../lib/icons.js';
import { go } from '../lib/router.js';
import { parse, since } from '../lib/zone.js';
import { toastProblem } from './dialog.js';
import { openConfiguration } from './configuration.js';
import { openGallery } from './gallery.js';
import { CLASSES } from './retention-model.js';
import { describe } from './state-words.js';
import { factRows } from './video-tile.js';
import './ptz-pad.js';
import './voice-button.js';

export class CameraPanel extends HTMLElement {
  /** [icon, action, key] of the buttons. */
  actions = [['snapshot', 'snapshot', 'S'], ['playback', 'replay', ''], ['reload', 'reconnect', 'R'],
    ['signal', 'doctor', '']];
  /** Whether its camera may be moved from here: on the wall, not over a replay. */
  movable = false;
  #channel = null;
  #tile = null;
  #undo = [];
  #values = new Map();

  connectedCallback() {
    this.classList.add('panel');
    const on = (target, type, run) => {
      target.addEventListener(type, run);
      this.#undo.push(() => target.removeEventListener(type, run));
    };
    on(directory, 'status', ({ detail }) => detail.channel === this.#channel && this.#render());
    on(directory, 'tree', () => this.#render());
    on(languageEvents, 'language', () => this.#render());
    this.timer = setInterval(() => this.tick(), 500);
    this.#render();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    this.#undo.splice(0).forEach((undo) => undo());
  }

  /** Shows a channel; `tile` gives the stream when there is one. */
  show(channel, tile) {
    const same = channel === this.#channel && tile === this.#tile;
    this.#channel = channel;
    this.#tile = tile ?? null;
    if (same) {
      this.tick();
      return;
    }
    this.#render();
    if (channel && !directory.cached(channel)) directory.detail(channel).then(() => channel === this.#channel
      && this.#render(), () => {});
  }

  #ask(action) {
    this.dispatchEvent(new CustomEvent('action', { detail: { action, channel: this.#channel },
      bubbles: true }));
  }

  #render() {
    if (!this.isConnected) return;
    this.#values.clear();
    if (!this.#channel) {
      fill(this, h('div', { class: 'panel-empty' }, icon('camera', 28), h('p', { t: 'panel.empty' })));
      return;
    }
    const place = directory.brief(this.#channel);
    const detail = directory.cached(this.#channel) ?? {};
    const status = detail.status ?? place.status ?? 'unknown';
    const when = parse(detail.since);
    const pair = (key, value) => (value ? [h('dt', { t: key }), h('dd', {}, value)] : []);
    const button = (name, action, key) =>
      h('button', { class: 'wide-button', tTitle: `panel.${action}`, onclick: () => this.#ask(action) },
        icon(name), h('span', { t: `panel.${action}` }), key ? h('kbd', {}, key) : null);
    if (!this.top?.isConnected) {
      fill(this, this.top = h('div'), this.middle = h('div'), this.speech = h('div'), this.bottom = h('div'));
    }
    this.#movePad();
    this.#voiceButton();
    fill(this.top,
      h('section', { class: 'panel-head' },
        h('h2', {}, statusIcon(status), h('span', {}, place.name)),
        h('p', { class: 'muted' }, place.path.join(' / ')),
        h('p', { class: 'panel-status' }, t(`status.${status}`),
          when === null ? '' : ` · ${t('panel.since', { t: since(when) })}`)),
      this.#tile ? h('section', { class: 'panel-actions' },
        this.actions.map(([name, action, key]) => button(name, action, key))) : null,
      this.#careButtons(place.name));
    fill(this.bottom,
      this.#tile ? h('section', {}, h('h3', { t: 'panel.stream' }), this.stream = h('dl', { class: 'facts' }),
        this.reason = h('p', { class: 'panel-reason' })) : null,
      h('section', {}, h('h3', { t: 'panel.recording' }),
        h('p', { class: 'rec-line' },
          h('span', { class: `rec-dot ${detail.recording ?? place.recording ?? 'off'}` }),
          t(`recording.${detail.recording ?? place.recording ?? 'off'}`)),
        may('manageRecording') ? h('label', { class: 'switch' }, this.plan = h('input', {
          type: 'checkbox', name: 'plan', checked: ['recording', 'planned', 'failed'].includes(detail.recording),
          disabled: !detail.id,
          onchange: (e) => this.#setPlan(e.target.checked),
        }), h('span', { t: 'panel.continuous' })) : null,
        this.#classChoice(detail.retentionClass)),
      h('section', {}, h('h3', { t: 'panel.identity' }), h('dl', { class: 'facts' },
        pair('panel.code', h('code', {}, detail.channel ?? this.#channel)),
        pair('panel.number', shortNumber(detail.channel ?? this.#channel)),
        pair('panel.device', detail.device && h('code', {}, detail.device)),
        pair('panel.maker', [detail.manufacturer, detail.model].filter(Boolean).join(' ')),
        pair('panel.civil', detail.civilCode),
        pair('panel.position', Number.isFinite(detail.longitude) && Number.isFinite(detail.latitude)
          && (detail.longitude || detail.latitude)
          ? `${detail.latitude.toFixed(5)}, ${detail.longitude.toFixed(5)}` : ''))));
    this.tick();
  }

  /** What the camera can do besides sending its picture. */
  #careButtons(name) {
    const channel = this.#channel;
    const button = (glyph, key, run) => h('button', { class: 'wide-button', data: { care: key }, tTitle: key,
      onclick: run }, icon(glyph), h('span', { t: key }));
    const list = [
      may('watchLive') ? button('snapshot', 'gallery.title', () => openGallery(channel, name)) : null,
      may('viewAccessLog') ? button('log', 'panel.whoWatched', () => go(`/log/${seg(channel)}`)) : null,
      may('configure') ? button('settings', 'config.title', () => openConfiguration('channels', channel, name)) : null,
    ].filter(Boolean);
    return this.movable && list.length ? h('section', { class: 'panel-actions' }, list) : null;
  }

  /** What moves the camera of a live picture. It stays as it is while the rest is drawn anew: somebody may hold it. */
  #movePad() {
    if (!this.movable || !this.#tile || !may('control')) {
      this.pad = null;
      fill(this.middle);
    } else if (this.pad?.channel !== this.#channel || this.pad.tile !== this.#tile || !this.pad.isConnected) {
      this.pad = h('ptz-pad', { tLabel: 'ptz.title' });
      Object.assign(this.pad, { channel: this.#channel, tile: this.#tile });
      fill(this.middle, h('section', {}, h('h3', { t: 'ptz.title' }), this.pad));
    }
  }

  /** What speaks through the camera. It stays as it is, too: somebody may be speaking. */
  #voiceButton() {
    if (!this.movable || !this.#tile || !may('talk')) {
      this.voice = null;
      fill(this.speech);
    } else if (this.voice?.channel !== this.#channel || this.voice.tile !== this.#tile || !this.voice.isConnected) {
      this.voice = h('voice-button', { tLabel: 'voice.title' });
      Object.assign(this.voice, { channel: this.#channel, tile: this.#tile });
      fill(this.speech, h('section', {}, h('h3', { t: 'voice.title' }), this.voice));
    }
  }

  /** The moving figures. */
  tick() {
    const feed = this.#tile?.feed;
    if (!this.stream || !feed) return;
    for (const [key, value] of factRows(feed, this.#tile.player, this.#tile.video)) {
      let cell = this.#values.get(key);
      if (!cell) {
        cell = h('dd', { class: 'num', data: { fact: key.split('.')[1] } });
        this.#values.set(key, cell);
        this.stream.append(h('dt', { t: key }), cell);
      }
      put(cell, value);
      // A replay has no line to the camera: what is not known is left out.
      cell.hidden = cell.previousSibling.hidden = !feed.retry && value === '–';
    }
    const words = feed.retry ? describe(feed) : { head: '', text: '' };
    const text = feed.transcoded ? t('panel.transcoded',
      { why: tCode('transcode', feed.transcoded.reason ?? '', '') })
      : feed.state.name === 'live' ? '' : [words.head, words.text].filter(Boolean).join(' — ');
    put(this.reason, text);
  }

  /** Which rules of deleting the recordings follow; known only where there is a plan. */
  #classChoice(present) {
    if (!present) return null;
    if (!may('manageRecording')) return h('p', { class: 'muted small-text' }, t('retention.class'), ': ',
      tCode('retention.class', present, present));
    const options = CLASSES.map((name) => h('option', { value: name, selected: name === present,
      t: `retention.class.${name}` }));
    return h('label', { class: 'class-choice', tTitle: 'retention.classHint' },
      h('span', { t: 'retention.class' }), h('select', { name: 'retention-class',
        onchange: (event) => this.#change({ retentionClass: event.target.value }) }, options));
  }

  #setPlan(on) {
    this.plan.disabled = true;
    return this.#change({ recordingPlan: on ? 'continuous' : 'off' });
  }

  async #change(body) {
    const channel = this.#channel;
    try {
      await api.patch(`/channels/${seg(channel)}`, body);
      await directory.detail(channel);
    } catch (problem) {
      toastProblem(problem);
    }
    if (channel === this.#channel) this.#render();
  }
}

customElements.define('camera-panel', CameraPanel);
