// One alarm: the place as it is now beside the seconds before, the facts, and a person's word that it was seen.

import { may } from '../lib/account.js';
import { api, seg } from '../lib/api.js';
import { directory } from '../lib/directory.js';
import { fill, h, put } from '../lib/dom.js';
import { languageEvents, t, tCode } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { clock, parse, stamp } from '../lib/zone.js';
import { kindText, levelMark } from './alarm-words.js';
import { toastProblem } from './dialog.js';
import './alarm-replay.js';
import './video-tile.js';

/** Announces `changed` {alarm} after an acknowledgement. */
export class AlarmView extends HTMLElement {
  #alarm = null;
  #redraw = () => this.#facts();

  connectedCallback() {
    this.classList.add('alarm-view');
    this.live = h('video-tile');
    this.replay = h('alarm-replay');
    this.append(
      this.empty = h('div', { class: 'panel-empty' }, icon('alarm', 28), h('p', { t: 'alarm.choose' })),
      this.whole = h('div', { class: 'alarm-whole', hidden: true },
        this.head = h('header', { class: 'alarm-head' }),
        h('div', { class: 'alarm-pictures' },
          h('figure', {}, h('figcaption', { t: 'alarm.now' }), this.live),
          h('figure', {}, h('figcaption', { t: 'alarm.before' }), this.replay)),
        this.note = h('form', { class: 'alarm-note', onsubmit: (event) => {
          event.preventDefault();
          this.acknowledge();
        } },
        this.input = h('input', { name: 'note', maxLength: 500, autocomplete: 'off',
          tPlaceholder: 'alarm.notePlaceholder', tLabel: 'alarm.notePlaceholder' }),
        h('button', { class: 'primary', type: 'submit', id: 'acknowledge' }, icon('check', 14),
          h('span', { t: 'alarm.acknowledge' }), h('kbd', {}, 'A'))),
        this.done = h('p', { class: 'alarm-done', role: 'status' }),
        this.list = h('dl', { class: 'facts alarm-facts' }),
        h('div', { class: 'alarm-ways' },
          this.wall = h('a', { class: 'button' }, icon('wall', 14), h('span', { t: 'alarm.onWall' })),
          this.line = h('a', { class: 'button' }, icon('playback', 14), h('span', { t: 'alarm.inPlayback' })))));
    languageEvents.addEventListener('language', this.#redraw);
  }

  disconnectedCallback() {
    languageEvents.removeEventListener('language', this.#redraw);
    this.live.clear();
    this.replaceChildren();
  }

  get alarm() {
    return this.#alarm;
  }

  /** Shows an alarm; the same one again only renews its facts. */
  show(alarm) {
    const other = alarm?.id !== this.#alarm?.id;
    this.#alarm = alarm;
    this.empty.hidden = Boolean(alarm);
    this.whole.hidden = !alarm;
    this.dataset.alarm = alarm?.id ?? '';
    if (other) this.#pictures();
    if (alarm) this.#facts();
  }

  #pictures() {
    const { camera, moment } = this.#alarm ?? {};
    this.input.value = '';
    if (camera && may('watchLive')) this.live.open(camera);
    else this.live.clear();
    if (camera && may('watchRecordings')) this.replay.show(camera, parse(moment));
    else this.replay.clear();
  }

  #facts() {
    const a = this.#alarm;
    if (!a) return;
    const pair = (key, value) => (value || value === 0 ? [h('dt', { t: key }), h('dd', {}, value)] : []);
    const time = (text) => (text ? stamp(parse(text)) : '');
    fill(this.head, levelMark(a), h('h2', {}, kindText(a)), h('span', { class: 'muted' }, a.name ?? a.source));
    fill(this.list,
      pair('alarm.at', h('span', { class: 'num' }, time(a.moment))),
      a.count > 1 ? pair('alarm.repeated', t('alarm.times', { n: a.count, at: clock(parse(a.last)) })) : [],
      pair('alarm.text', a.text),
      pair('alarm.how', tCode('alarm.method', a.method, a.method)),
      a.event ? pair('alarm.direction', tCode('alarm.event', String(a.event), String(a.event))) : [],
      pair('alarm.source', h('code', {}, a.source)),
      pair('alarm.device', h('code', {}, a.device)),
      pair('alarm.deviceTime', a.time && h('span', { class: 'num' }, time(a.time))),
      pair('alarm.camera', a.camera && directory.brief(a.camera).name));
    const seen = a.acknowledged;
    this.note.hidden = Boolean(seen) || !may('acknowledgeAlarms');
    this.done.hidden = !seen;
    put(this.done, seen ? [t('alarm.seenBy', { by: seen.by, at: time(seen.at) }), seen.note].filter(Boolean)
      .join(' — ') : '');
    this.wall.hidden = this.line.hidden = !a.camera;
    if (!a.camera) return;
    this.wall.href = `#/wall?channel=${seg(a.camera)}`;
    this.line.href = `#/playback?channel=${seg(a.camera)}&at=${encodeURIComponent(a.moment)}`;
  }

  /** The note gets the focus; Enter then acknowledges. */
  beginNote() {
    if (this.#alarm && !this.note.hidden) this.input.focus();
  }

  async acknowledge() {
    const alarm = this.#alarm;
    if (!alarm || alarm.acknowledged || this.busy) return;
    this.busy = true;
    try {
      const seen = await api.post(`/alarms/${seg(alarm.id)}/acknowledge`, { note: this.input.value.trim() });
      this.input.blur();
      if (this.#alarm?.id === seen.id) this.show(seen);
      this.dispatchEvent(new CustomEvent('changed', { detail: { alarm: seen } }));
    } catch (problem) {
      toastProblem(problem);
    } finally {
      this.busy = false;
    }
  }
}

customElements.define('alarm-view', AlarmView);
