// Levels: the platforms above and below as a picture, then what can be said and done about each.

import { session } from '../lib/account.js';
import { api } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { serverEvents } from '../lib/events.js';
import { languageEvents, t } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { KEY_MAP } from '../lib/key-map.js';
import { bind, setArea } from '../lib/keys.js';
import { count } from '../lib/zone.js';
import '../parts/level-keys.js';
import '../parts/lower-list.js';
import '../parts/superior-list.js';

const EVERY = 3000;
/** How a link looks: whole, in doubt, broken, not there. */
const LINE = { registered: 'ok', registering: 'warn', leaving: 'warn', waiting: 'fail', disabled: 'off',
  online: 'ok', suspect: 'warn', offline: 'fail', unknown: 'off' };

export class LevelsPage extends HTMLElement {
  #undo = [];
  #above = [];
  #below = [];
  #problem = null;
  #drawn = '';
  /** Whom the address asked for, until it is there to be shown. */
  #wanted = null;
  #chosen = null;

  connectedCallback() {
    this.classList.add('page', 'levels-page');
    setArea('levels');
    this.append(h('div', { class: 'page-body' },
      this.picture = h('section', { class: 'levels-picture', tLabel: 'levels.picture' }, h('span', { class: 'spinner' })),
      h('section', { id: 'above' }, h('h2', { t: 'levels.above' }), h('superior-list')),
      h('section', { id: 'below' }, h('h2', { t: 'levels.below' }), h('lower-list')),
      h('section', { id: 'keys' }, h('h2', { t: 'levelKeys.title' }), h('level-keys'))));
    const on = (target, type, run) => {
      target.addEventListener(type, run);
      this.#undo.push(() => target.removeEventListener(type, run));
    };
    on(languageEvents, 'language', () => this.#draw(true));
    on(serverEvents, 'device', () => this.#read());
    const step = (n) => () => this.#step(n);
    const run = { next: step(1), previous: step(-1) };
    this.#undo.push(bind('levels', KEY_MAP.levels.map((c) => ({ ...c, run: run[c.id] }))));
    this.frame.setHints([['ArrowLeft ArrowRight', 'key.moveSelection']]);
    this.timer = setInterval(() => this.#read(), EVERY);
    this.#read();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    this.#undo.splice(0).forEach((undo) => undo());
    this.replaceChildren();
  }

  /** `#/levels/34…` shows that platform. */
  route(query, rest) {
    if (rest[0] && !this.#show(rest[0])) this.#wanted = rest[0];
  }

  async #read() {
    try {
      const [above, below] = await Promise.all([api.get('/superiors'), api.get('/lower-platforms')]);
      [this.#above, this.#below, this.#problem] = [above.items, below.items, null];
    } catch (problem) {
      this.#problem = problem;
    }
    this.#draw(false);
    // The lists read and draw themselves.
    if (this.#wanted && this.#show(this.#wanted)) this.#wanted = null;
    else if (this.#chosen) this.#mark();
  }

  /** Moves among the boxes of the picture as an arrow key does in a list. */
  #step(n) {
    const boxes = [...this.picture.querySelectorAll('a.level')];
    if (!boxes.length) return;
    const at = boxes.indexOf(document.activeElement);
    boxes[(at + n + boxes.length) % boxes.length].focus();
  }

  #draw(anew) {
    const state = JSON.stringify([this.#above, this.#below, this.#problem?.sentence]);
    if (!anew && state === this.#drawn) return;
    this.#drawn = state;
    if (this.#problem) return fill(this.picture, h('p', { class: 'fail-text' }, this.#problem.sentence));
    const focus = document.activeElement?.closest?.('a.level')?.dataset.id;
    const own = session.platform;
    const row = (items, place, empty) => h('div', { class: `levels-row ${place}` },
      items.length ? items.map((p) => this.#box(p, place)) : h('p', { class: 'muted' }, t(empty)));
    fill(this.picture, row(this.#above, 'up', 'levels.noneAbove'),
      h('div', { class: 'level own' }, h('b', {}, own?.name || own?.id), h('code', {}, own?.id), h('span', { class: 'muted small-text', t: 'levels.here' })),
      row(this.#below, 'down', 'levels.noneBelow'));
    if (focus) this.picture.querySelector(`a.level[data-id="${focus}"]`)?.focus();
  }

  #box(p, place) {
    const state = place === 'up' ? p.state : p.status;
    const key = place === 'up' ? `superiors.state.${state}` : `status.${state}`;
    const items = place === 'up' ? t('levels.sees', { n: count(p.items) })
      : t('levels.cameras', { on: count(p.camerasOnline), n: count(p.cameras) });
    return h('div', { class: `levels-link ${LINE[state] ?? 'off'}` },
      h('a', { class: 'level', href: `#/levels/${p.id}`, data: { id: p.id, state },
        onclick: () => this.#show(p.id) },
      h('b', {}, p.name || p.id), h('code', {}, p.id),
      h('span', { class: `badge ${LINE[state] === 'ok' ? 'ok' : 'warn'}` }, t(key)), h('span', { class: 'num small-text' }, items)),
      h('span', { class: 'levels-line', title: t(p.streams ? 'levels.streams' : 'levels.noStreams', { n: count(p.streams) }) },
        icon('upload', 12), p.streams ? h('b', { class: 'num' }, count(p.streams)) : null));
  }

  /** Brings what is said about one platform into view; false when it is not there yet. */
  #show(id) {
    const card = this.querySelector(`li[data-id="${CSS.escape(id)}"]`);
    if (!card) return false;
    card.scrollIntoView({ block: 'center', behavior: 'smooth' });
    card.querySelector('button')?.focus({ preventScroll: true });
    this.#chosen = id;
    this.#mark();
    return true;
  }

  #mark() {
    for (const li of this.querySelectorAll('li[data-id]')) li.classList.toggle('chosen', li.dataset.id === this.#chosen);
  }
}

customElements.define('levels-page', LevelsPage);
