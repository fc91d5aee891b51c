// Health: is everything well, and if not, what to do.

import { api } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { serverEvents } from '../lib/events.js';
import { has, language, languageEvents, t, tCode } from '../lib/i18n.js';
import { icon, statusIcon } from '../lib/icons.js';
import { setArea } from '../lib/keys.js';
import { keepingCard, readKeeping } from '../parts/keeping-card.js';
import { forecastCard } from '../parts/space-forecast.js';
import { bytes, count, now, parse, rate, span } from '../lib/zone.js';

const SHAPE = { ok: 'online', warn: 'suspect', fail: 'offline' };

/** Names of the server may have blanks. */
const slug = (name) => name.replaceAll(' ', '-');

/** What tells a link or button apart, so that the focus survives the next drawing. */
const mark = (element) => element.getAttribute('href') ?? element.closest('[data-hold]')?.dataset.hold;

/** What the server says; in another language than its own, first a sentence of the console's. */
function checkText(c) {
  const key = `checkText.${slug(c.name)}.${c.status}`;
  if (language === 'en' || !has(key)) return h('span', {}, c.text);
  if (c.status === 'ok') return h('span', { title: c.text }, t(key));
  return [h('span', {}, t(key)), h('p', { class: 'muted small-text', lang: 'en' }, c.text)];
}

export class HealthPage extends HTMLElement {
  #undo = [];

  connectedCallback() {
    this.classList.add('page', 'health-page');
    setArea('health');
    this.append(this.body = h('div', { class: 'page-body', 'aria-live': 'off' },
      h('span', { class: 'spinner' })));
    const on = (target, type, run) => {
      target.addEventListener(type, run);
      this.#undo.push(() => target.removeEventListener(type, run));
    };
    on(serverEvents, 'health', () => this.#read());
    on(serverEvents, 'storage', () => this.#read());
    on(languageEvents, 'language', () => this.#render());
    this.timer = setInterval(() => this.#read(), 3000);
    this.#read();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    this.#undo.splice(0).forEach((undo) => undo());
    this.replaceChildren();
  }

  async #read() {
    if (this.busy) return;
    this.busy = true;
    try {
      [this.found, this.keeping] = await Promise.all([api.get('/health'), readKeeping()]);
      this.problem = null;
      this.frame.takeHealth(this.found.status);
    } catch (problem) {
      this.problem = problem;
    }
    this.busy = false;
    this.#render();
  }

  #render() {
    if (!this.isConnected) return;
    if (!this.found) return fill(this.body, this.problem
      ? h('p', { class: 'fail-text' }, this.problem.sentence) : h('span', { class: 'spinner' }));
    const f = this.found;
    const since = parse(f.since);
    const place = this.body.scrollTop;
    const focus = this.body.contains(document.activeElement) ? mark(document.activeElement) : null;
    fill(this.body,
      h('header', { class: `verdict ${f.status}`, data: { status: f.status } },
        statusIcon(SHAPE[f.status], 22), h('div', {},
        h('h1', { t: `health.headline.${f.status in SHAPE ? f.status : 'warn'}` }),
        h('p', { class: 'muted' }, since === null ? '' : t('health.running', { t: span(now() - since) }))),
      this.problem ? h('p', { class: 'fail-text' }, this.problem.sentence) : null),
      h('div', { class: 'cards' }, this.#devices(f.devices ?? {}), this.#streams(f.streams ?? {}),
        this.#recorder(f.recorder ?? {}), this.#storage(f.storage ?? [])),
      forecastCard(f, this.keeping.retention),
      keepingCard(this.keeping, () => this.#read()),
      h('section', { class: 'card checks' }, h('h2', { t: 'health.checks' }),
        h('ul', {}, (f.checks ?? []).map((c) => h('li', { data: { check: c.name, status: c.status } },
        statusIcon(SHAPE[c.status], 14), h('b', {}, tCode('check', slug(c.name), c.name)),
        h('span', { class: `word ${c.status}` }, t(`health.${c.status}`)),
        h('div', {}, checkText(c), c.fix ? h('p', { class: 'fix' }, icon('info', 13), ' ', c.fix) : null))))),
      h('div', { class: 'cards two' }, this.#counters('health.sip', f.sip),
        this.#counters('health.media', f.media)));
    this.body.scrollTop = place;
    if (focus) [...this.body.querySelectorAll('a, button')].find((e) => mark(e) === focus)?.focus();
  }

  #card(title, name, ...content) {
    return h('section', { class: 'card', data: { card: name } }, h('h2', { t: title }), content);
  }

  #devices({ online = 0, suspect = 0, offline = 0, unknown = 0 }) {
    const all = online + suspect + offline + unknown;
    const part = (n, status) => n > 0 && h('i', { class: status, style: { 'flex-grow': String(n) } });
    return this.#card('health.devices', 'devices', h('p', { class: 'big num' }, count(online),
      h('small', {}, ` / ${count(all)}`)),
      h('div', { class: 'bar' }, part(online, 'online'), part(suspect, 'suspect'), part(offline, 'offline'),
        part(all ? unknown : 1, 'none')),
      h('ul', { class: 'key' }, [['online', online], ['suspect', suspect], ['offline', offline],
        ...(unknown ? [['unknown', unknown]] : [])].map(([s, n]) =>
        h('li', {}, statusIcon(s, 10), t(`status.${s}`), h('b', { class: 'num' }, count(n))))));
  }

  #streams(s) {
    const known = ['live', 'connecting', 'viewers', 'playback', 'transcoded'];
    const rest = Object.keys(s).filter((k) => !known.includes(k) && Number.isFinite(s[k]));
    return this.#card('health.streams', 'streams', h('p', { class: 'big num' }, count(s.live ?? 0)),
      h('ul', { class: 'key' },
        [...known.slice(1), ...rest].filter((k) => Number.isFinite(s[k])).map((k) =>
        h('li', {}, tCode('health.stream', k, k), h('b', { class: 'num' }, count(s[k]))))));
  }

  #recorder(r) {
    return this.#card('health.recorder', 'recorder',
      h('p', { class: 'big num' }, count(r.writing ?? 0), h('small', {}, ` / ${count(r.channels ?? 0)}`)),
      h('ul', { class: 'key' }, h('li', {}, t('health.writeRate'),
        h('b', { class: 'num' }, rate((r.bytesPerSecond ?? 0) * 8))),
        h('li', {}, t('health.queue'), h('b', { class: 'num' }, bytes(r.queue ?? 0))),
        Number.isFinite(r.daysToFull) ? h('li', { class: r.daysToFull < 7 ? 'warn' : '' },
          t('health.daysToFull'), h('b', { class: 'num' }, t('unit.d', { n: r.daysToFull.toFixed(1) })))
          : null));
  }

  #storage(list) {
    return this.#card('health.storage', 'storage', list.map((s) => {
      if (s.lost) {
        return h('div', { class: 'disk' }, h('p', {}, icon('disk', 14), h('code', {}, s.path)),
          h('p', { class: 'small-text warn' }, t('health.diskLost', { reason: s.lost })));
      }
      const used = s.total - s.free;
      const share = s.total ? used / s.total : 0;
      return h('div', { class: 'disk' }, h('p', {}, icon('disk', 14), h('code', {}, s.path),
        h('b', { class: 'num' }, `${Math.floor(share * 100)} %`)),
        h('div', { class: 'bar' },
          h('i', { class: share > 0.95 ? 'offline' : share > 0.85 ? 'suspect' : 'used',
          style: { 'flex-grow': String(used) } }),
          h('i', { class: 'none', style: { 'flex-grow': String(Math.max(0, s.free - s.reserve)) } }),
          h('i', { class: 'reserve', style: { 'flex-grow': String(Math.min(s.reserve, s.free)) } })),
        h('p', { class: 'muted small-text num' }, t('health.disk',
          { used: bytes(s.used ?? used), free: bytes(s.free), reserve: bytes(s.reserve) })));
    }));
  }

  #counters(title, values) {
    return this.#card(title, title.split('.')[1], h('dl', { class: 'facts counters' },
      Object.entries(values ?? {}).filter(([, v]) => typeof v !== 'object').map(([k, v]) => [
      h('dt', {}, tCode('counter', k, k)), h('dd', { class: 'num' },
        k === 'bytes' ? bytes(v) : k === 'bitsPerSecond' ? rate(v) : Number.isFinite(v) ? count(v) : String(v)),
    ])));
  }
}

customElements.define('health-page', HealthPage);
