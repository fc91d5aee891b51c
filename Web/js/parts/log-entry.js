// One entry of the access log in full, and what its proof shows, in words.

import { api } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { languageEvents, t } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { canCheck, isIncluded, isSigned, parseProof } from '../lib/log-proof.js';
import { clock, date, parse } from '../lib/zone.js';

export class LogEntry extends HTMLElement {
  entry = null;
  #result = null;
  #redraw = () => this.#render();

  connectedCallback() {
    this.classList.add('log-entry');
    languageEvents.addEventListener('language', this.#redraw);
    this.#render();
  }

  disconnectedCallback() {
    languageEvents.removeEventListener('language', this.#redraw);
  }

  show(entry) {
    this.entry = entry;
    this.#result = null;
    this.dataset.number = entry ? String(entry.number) : '';
    this.#render();
    if (entry) this.check();
  }

  /** Fetches the proof and checks it here. */
  async check() {
    const entry = this.entry;
    if (!entry) return;
    this.#result = null;
    this.#render();
    const result = { lines: [] };
    try {
      const [text, head] = await Promise.all([proofText(entry.number), api.get('/access-log/head')]);
      const proof = parseProof(text);
      result.good = canCheck() ? await isIncluded(proof) && proof.index === entry.number : null;
      const signed = canCheck() && head.keys.length ? await isSigned(proof, head.keys[0]) : null;
      if (signed === false) result.good = false;
      result.lines = words(entry, proof, head, result.good, signed);
    } catch {
      result.good = false;
      result.lines = [t('log.proof.missing')];
    }
    if (entry !== this.entry) return;
    this.#result = result;
    this.#render();
  }

  #render() {
    if (!this.isConnected) return;
    const entry = this.entry;
    if (!entry) {
      fill(this, h('div', { class: 'panel-empty' }, icon('lock', 28), h('p', { t: 'log.choose' })));
      return;
    }
    const rows = [...Object.entries(entry.facts), ...Object.entries(entry.persons)];
    fill(this,
      h('h2', {}, t(`log.kind.${entry.kind}`)),
      h('p', { class: 'muted num' }, `${date(parse(entry.time))} ${clock(parse(entry.time))}`),
      h('dl', { class: 'facts' }, rows.flatMap(([name, value]) =>
        [h('dt', { t: `log.field.${name}` }), h('dd', {}, shown(name, value))])),
      entry.erased ? h('p', { class: 'muted', t: 'log.erasedLong' }) : null,
      h('section', { class: 'log-proof', role: 'status', data: { good: String(this.#result?.good ?? '') } },
        h('h3', { t: 'log.proof.title' }),
        this.#result ? this.#result.lines.map((line) => h('p', {}, line)) : h('p', { class: 'muted', t: 'log.proof.busy' }),
        h('a', { class: 'button', href: `/api/v1/access-log/entries/${entry.number}/proof`,
          download: `entry-${entry.number}.proof`, t: 'log.proof.download' })));
  }
}

async function proofText(number) {
  const response = await fetch(`/api/v1/access-log/entries/${number}/proof`, { credentials: 'same-origin' });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.text();
}

function words(entry, proof, head, good, signed) {
  const own = head.signers.find((s) => !s.witness);
  const witnesses = head.signers.filter((s) => s.witness);
  const at = (moment) => (moment ? `${date(parse(moment))} ${clock(parse(moment))}` : '');
  return [
    t('log.proof.place', { n: entry.number + 1, m: proof.size }),
    t(good === null ? 'log.proof.cannot' : good ? 'log.proof.good' : 'log.proof.bad'),
    own ? t('log.proof.signed', { name: own.name, time: at(own.time) }) : '',
    signed === null && good !== null ? t('log.proof.unsigned') : '',
    witnesses.length ? t('log.proof.witnessed', { names: witnesses.map((w) => w.name).join(', ') })
      : t('log.proof.unwitnessed'),
  ].filter(Boolean);
}

function shown(name, value) {
  if (name === 'from' || name === 'to') return `${date(Number(value) / 1000)} ${clock(Number(value) / 1000)}`;
  return value;
}

customElements.define('log-entry', LogEntry);
