// What a link to a platform above or below bears and carries: the last hour as a picture, who has it, and what it
// was declared with. `data-link` names it: `up-<code>` or `down-<code>`.

import { mayManage } from '../lib/account.js';
import { api, seg } from '../lib/api.js';
import { fill, h, svg } from '../lib/dom.js';
import { languageEvents, t } from '../lib/i18n.js';
import { count, now, parse, rate } from '../lib/zone.js';
import { openDialog, toast } from './dialog.js';

const EVERY = 5000;
const HOUR = 3600000;
const WIDE = 600;
const TALL = 60;
const NAMED = 5;

/** One answer for all graphs of a page. */
let shared = { at: 0, answer: null };

function readLinks() {
  if (!shared.answer || now() - shared.at > EVERY / 2) shared = { at: now(), answer: api.get('/links') };
  return shared.answer;
}

/** The last hour: what ran, against what ordinary streams and all streams may use. */
function picture(link) {
  const samples = link.samples.map((s) => ({ x: WIDE * (1 - (now() - parse(s.time)) / HOUR), rate: s.rate }));
  const seen = samples.filter((s) => s.x >= 0);
  const top = Math.max(link.capacity ?? 0, ...seen.map((s) => s.rate), 1) * 1.1;
  const y = (rate) => TALL * (1 - rate / top);
  const line = seen.map((s) => `${s.x.toFixed(1)},${y(s.rate).toFixed(1)}`).join(' ');
  const first = seen[0]?.x ?? 0;
  const last = seen.at(-1)?.x ?? 0;
  return h('figure', { class: 'forecast-picture link-picture', role: 'img', tLabel: 'links.picture' },
    svg('svg', { viewBox: `0 0 ${WIDE} ${TALL}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      link.capacity && link.reserve ? svg('rect', { class: 'reserve', x: 0, width: WIDE, y: y(link.capacity),
        height: Math.max(0, y(link.capacity - link.reserve) - y(link.capacity)) }) : null,
      line ? svg('polygon', { class: 'area', points: `${line} ${last},${TALL} ${first},${TALL}` }) : null,
      line ? svg('polyline', { class: 'line', points: line }) : null,
      link.capacity ? svg('line', { class: 'mark', x1: 0, x2: WIDE, y1: y(link.capacity), y2: y(link.capacity) })
        : null),
    h('div', { class: 'picture-axis num' }, h('span', { t: 'links.hourAgo' }), h('span', { t: 'retention.now' })));
}

export class LinkGraph extends HTMLElement {
  #link = null;
  #timer = 0;
  #draw = () => this.#render();

  connectedCallback() {
    languageEvents.addEventListener('language', this.#draw);
    this.#timer = setInterval(() => this.read(), EVERY);
    this.read();
  }

  disconnectedCallback() {
    languageEvents.removeEventListener('language', this.#draw);
    clearInterval(this.#timer);
  }

  async read() {
    try {
      const { items } = await readLinks();
      this.#link = items.find((link) => link.id === this.dataset.link) ?? null;
    } catch {
      // The list around it says what is wrong.
      this.#link = null;
    }
    this.#render();
  }

  #render() {
    const link = this.#link;
    const declare = mayManage()
      ? h('button', { t: 'links.declare', data: { action: 'declare' }, onclick: () => this.#declare() }) : null;
    if (!link) return fill(this, h('p', { class: 'muted' }, h('span', { t: 'links.unused' }), ' ', declare));
    const more = link.streams.length - NAMED;
    fill(this, h('p', { class: 'link-head' },
      h('b', { class: 'num' }, rate(link.rate)), ' ',
      h('span', { class: 'muted' }, link.capacity
        ? t('links.of', { capacity: rate(link.capacity), reserve: rate(link.reserve) })
        : t('links.undeclared')), ' ', declare),
    picture(link),
    link.refused || link.displaced ? h('p', { class: 'warn-text' }, t('links.refusals',
      { refused: count(link.refused), displaced: count(link.displaced) })) : null,
    link.streams.length ? h('div', { class: 'link-streams' }, link.streams.slice(0, NAMED).map((s) => h('p', {},
      h('span', {}, s.user), ' ', h('span', { class: 'muted num' },
        t('links.stream', { rate: rate(s.rate), priority: s.priority })))),
    more > 0 ? h('p', { class: 'muted' }, t('links.more', { n: count(more) })) : null) : null);
  }

  async #declare() {
    const link = this.#link;
    const saved = await openDialog('links.declare', (close) => {
      const number = (name, value) => h('input', { name, type: 'number', min: '0', step: '0.1', inputMode: 'decimal',
        value: value ? String(value / 1e6) : '', autofocus: name === 'capacity' });
      const capacity = number('capacity', link?.capacity);
      const reserve = number('reserve', link?.reserve);
      const wrong = h('p', { class: 'fail-text', role: 'alert', hidden: true });
      const given = (input) => (input.value === '' ? undefined : Math.round(Number(input.value) * 1e6));
      const submit = async (event) => {
        event.preventDefault();
        wrong.hidden = true;
        try {
          close(await api.put(`/links/${seg(this.dataset.link)}`,
            { capacity: given(capacity) || undefined, reserve: given(reserve) }));
        } catch (problem) {
          wrong.textContent = [problem.sentence, problem.fix].filter(Boolean).join(' ');
          wrong.hidden = false;
        }
      };
      return h('form', { class: 'stack', onsubmit: submit },
        h('label', {}, h('span', { t: 'links.capacity' }), capacity,
          h('span', { class: 'muted small-text', t: 'links.capacityHint' })),
        h('label', {}, h('span', { t: 'links.reserve' }), reserve,
          h('span', { class: 'muted small-text', t: 'links.reserveHint' })),
        wrong, h('div', { class: 'buttons' },
          h('button', { type: 'button', t: 'action.cancel', onclick: () => close() }),
          h('button', { type: 'submit', class: 'primary', t: 'action.save' })));
    }, { name: 'link' });
    if (!saved) return;
    shared.answer = null;
    toast(t('links.saved'));
    await this.read();
  }
}

customElements.define('link-graph', LinkGraph);
