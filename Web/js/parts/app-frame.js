// The frame around every page: top bar, icon rail, tree, side panel, status line.

import { may, mayManage, session, signOut } from '../lib/account.js';
import { alarmBook } from '../lib/alarms.js';
import { api } from '../lib/api.js';
import { drag, fill, h, put } from '../lib/dom.js';
import { linkIsUp, serverEvents } from '../lib/events.js';
import { language, languageEvents, setLanguage, setText, t } from '../lib/i18n.js';
import { icon, statusIcon } from '../lib/icons.js';
import { bind, keyEvents, readable } from '../lib/keys.js';
import { THEMES, applyTheme, prefs } from '../lib/prefs.js';
import { clock, clockOffset, date, now, zoneLabel, zoneName } from '../lib/zone.js';
import { PAGES, go, pageOf } from '../lib/router.js';
import { waitingBook } from '../lib/waiting.js';
import { KEY_MAP } from '../lib/key-map.js';
import { alarmLine } from './alarm-words.js';
import { toastLink } from './dialog.js';
import { openHelp } from './help-sheet.js';
import { editPurpose } from './purpose-bar.js';
import './device-tree.js';
import './search-box.js';

const HEALTH_SHAPE = { ok: 'online', warn: 'suspect', fail: 'offline' };

export class AppFrame extends HTMLElement {
  #undo = [];
  #page = null;

  connectedCallback() {
    this.id = 'frame';
    this.#build();
    this.#keys();
    const on = (target, type, run) => {
      target.addEventListener(type, run);
      this.#undo.push(() => target.removeEventListener(type, run));
    };
    on(this.search, 'open', ({ detail }) => (this.#page?.openChannel ? this.#page.openChannel(detail.channel)
      : go(`/wall?channel=${encodeURIComponent(detail.channel)}`)));
    on(serverEvents, 'link', () => this.#health());
    on(serverEvents, 'health', () => this.#readHealth());
    on(serverEvents, 'quarantine', () => this.#readQuarantine());
    on(alarmBook, 'count', () => this.#alarms());
    on(waitingBook, 'change', () => this.#requests());
    on(alarmBook, 'alarm', ({ detail }) => detail.isNew && this.#tell(detail.alarm));
    on(languageEvents, 'language', () => {
      this.#title();
      this.#alarms();
      this.#requests();
      this.#health();
      this.setHints(this.hints);
    });
    on(keyEvents, 'chord', ({ detail }) => {
      put(this.chord, detail.keys ? `${readable(detail.keys)} …` : '');
    });
    this.clockTimer = setInterval(() => this.#clock(), 500);
    this.healthTimer = setInterval(() => this.#readHealth(), 10000);
    this.#clock();
    this.#readHealth();
    this.#readQuarantine();
  }

  disconnectedCallback() {
    clearInterval(this.clockTimer);
    clearInterval(this.healthTimer);
    this.#undo.splice(0).forEach((undo) => undo());
    this.replaceChildren();
  }

  #build() {
    const platform = session.platform ?? {};
    this.tree = h('device-tree');
    this.search = h('search-box');
    this.main = h('main', { class: 'centre', tabIndex: -1 });
    this.side = h('aside', { class: 'side', tLabel: 'frame.side' });
    this.left = h('nav', { class: 'left', tLabel: 'tree.label' }, this.tree,
      this.grip = h('div', { class: 'grip', 'aria-hidden': 'true' }));
    this.append(
      h('header', { class: 'top' },
        h('a', { class: 'brand', href: '#/wall' }, brandMark(), h('b', {}, 'Tributary')),
        h('span', { class: 'tier' }, h('span', { class: 'tier-name', title: platform.id ?? '' },
          platform.name ?? ''),
          platform.demo ? h('span', { class: 'badge demo', t: 'frame.demo' }) : null),
        this.search,
        h('purpose-bar'),
        h('div', { class: 'top-end' },
          this.waiting = h('a', { class: 'top-item waiting', href: '#/devices/quarantine', hidden: true }),
          this.healthDot = h('a', { class: 'top-item health-dot', href: '#/health' }),
          h('div', { class: 'top-clock num' }, this.clock = h('b'), this.day = h('span')),
          h('button', { class: 'quiet', tLabel: 'frame.language', tTitle: 'frame.language', id: 'language',
            onclick: () => setLanguage(language === 'en' ? 'zh-CN' : 'en') },
            h('span', { class: 'lang', t: 'frame.languageShort' })),
          h('button', { class: 'quiet', tLabel: 'frame.theme', tTitle: 'frame.theme', id: 'theme',
            onclick: nextTheme }, icon('theme')),
          h('button', { class: 'quiet', tLabel: 'frame.help', tTitle: 'frame.help',
            onclick: () => this.help() }, icon('keyboard')),
          h('div', { class: 'user' }, icon('user'), h('span', {}, session.user?.name ?? ''),
            h('button', { class: 'quiet small', t: 'frame.signOut', id: 'sign-out',
              onclick: () => signOut().then(() => location.reload()) })))),
      this.rail = h('nav', { class: 'rail', tLabel: 'frame.menu' }, PAGES.filter((page) => !page.needs || may(page.needs)).map((page) =>
        h('a', { class: 'rail-item', href: `#/${page.name}`, tTitle: `page.${page.name}`,
          data: { page: page.name } }, icon(page.icon, 20),
        page.name === 'alarms' ? (this.alarmCount = h('b', { class: 'rail-count num', hidden: true })) : null,
        page.name === 'requests' ? (this.requestCount = h('b', { class: 'rail-count num', hidden: true })) : null,
        h('span', { t: `page.${page.name}` })))),
      this.left, this.main, this.side,
      h('footer', { class: 'status-line' },
        this.hintsHost = h('div', { class: 'hints' }), this.chord = h('span', { class: 'chord num' }),
        this.figures = h('div', { class: 'figures num' }),
          h('span', { class: 'build num' }, `${platform.version ?? ''}`)),
    );
    this.setHints([]);
    const width = prefs.get('treeWidth', 280);
    this.style.setProperty('--left', `${width}px`);
    this.classList.toggle('left-closed', prefs.get('treeClosed', false));
    this.classList.toggle('sideClosed', prefs.get('sideClosed', false));
    let from;
    drag(this.grip, {
      start: () => {
        from = this.left.offsetWidth;
        return true;
      },
      move: (event, dx) => this.style.setProperty('--left', `${Math.max(220, Math.min(480, from + dx))}px`),
      end: () => prefs.set('treeWidth', this.left.offsetWidth),
    });
  }

  #keys() {
    const run = {
      search: () => this.search.focusIn(),
      palette: () => this.search.focusIn(true),
      help: () => this.help(),
      purpose: editPurpose,
      tree: () => this.#panel('left', 'tree'),
      side: () => this.#panel('side', 'side'),
      fullscreen: () => (document.fullscreenElement ? document.exitFullscreen()
        : this.main.requestFullscreen().catch(() => {})),
      back: () => this.#back(),
      ...Object.fromEntries(PAGES.map((page) => [`go-${page.name}`, () => go(`/${page.name}`)])),
    };
    this.#undo.push(bind('global', KEY_MAP.global.map((c) => ({ ...c, run: run[c.id] }))));
  }

  #panel(name, memory) {
    prefs.set(`${memory}Closed`, this.classList.toggle(`${name}-closed`));
    dispatchEvent(new Event('resize'));
  }

  #back() {
    if (document.activeElement instanceof HTMLElement
      && document.activeElement.matches('input, textarea, select')) document.activeElement.blur();
    else this.#page?.back?.();
  }

  help() {
    const known = Object.entries(KEY_MAP).flatMap(([area, list]) =>
      list.map((c) => ({ ...c, id: `${area}.${c.id}`, area })));
    openHelp(known);
  }

  /** Puts a page into the frame. */
  show(page) {
    this.#page = page;
    this.side.replaceChildren();
    this.figures.replaceChildren();
    this.setHints([]);
    this.classList.toggle('with-tree', Boolean(page.withTree));
    this.classList.toggle('with-side', Boolean(page.withSide));
    fill(this.main, page);
    this.marked();
  }

  /** Marks the page in the rail. */
  marked() {
    const name = pageOf(location.hash).name;
    for (const item of this.rail.children) {
      if (item.dataset.page === name) item.setAttribute('aria-current', 'page');
      else item.removeAttribute('aria-current');
    }
    this.#title();
  }

  #title() {
    document.title = `${t(`page.${pageOf(location.hash).name}`)} · Tributary`;
  }

  /** Key hints of the status line: [[keys, text key], …]. */
  setHints(list) {
    this.hints = list;
    fill(this.hintsHost, [...list, ['?', 'frame.help']].map(([keys, key]) =>
      h('span', {}, h('kbd', {}, readable(keys)), ' ', h('span', { t: key }))));
  }

  #clock() {
    put(this.clock, clock(now()));
    put(this.day, `${date(now())} ${zoneLabel()}`);
    const off = clockOffset();
    this.clock.parentElement.title = t('frame.clock',
      { zone: zoneName(), offset: `${off >= 0 ? '+' : '−'}${(Math.abs(off) / 1000).toFixed(1)} s` });
  }

  async #readHealth() {
    if (!may('viewHealth')) {
      this.healthDot.hidden = true;
      return;
    }
    try {
      this.takeHealth((await api.get('/health')).status);
    } catch {
      this.takeHealth('unknown');
    }
  }

  /** The state of the platform, also from a page that reads it more often. */
  takeHealth(state) {
    this.state = state;
    this.#health();
  }

  #health() {
    const state = linkIsUp() ? this.state ?? 'unknown' : 'fail';
    const word = linkIsUp() ? `health.${state}` : 'frame.linkDown';
    this.healthDot.dataset.state = state;
    fill(this.healthDot, statusIcon(HEALTH_SHAPE[state] ?? 'unknown'), h('span', { t: word }));
  }

  /** How many alarms wait for a person. */
  #alarms() {
    const n = alarmBook.waiting;
    this.alarmCount.hidden = !n;
    put(this.alarmCount, n > 99 ? '99+' : String(n));
    this.alarmCount.setAttribute('aria-label', t('alarm.waitingCount', { n }));
  }

  /** How much of others waits for this person's word. */
  #requests() {
    const n = waitingBook.count;
    this.requestCount.hidden = !n;
    put(this.requestCount, n > 99 ? '99+' : String(n));
    this.requestCount.setAttribute('aria-label', t('requests.waitingCount', { n }));
  }

  /** A new alarm over every page but its own list; it never takes the focus. */
  #tell(alarm) {
    if (!alarmBook.tells || pageOf(location.hash).name === 'alarms') return;
    toastLink(alarmLine(alarm), alarm.priority <= 2 ? 'fail' : 'warn', t('alarm.look'),
      () => go(`/alarms/${alarm.id}`));
  }

  async #readQuarantine() {
    if (!mayManage()) return;
    try {
      const { items } = await api.get('/quarantine');
      this.waiting.hidden = !items.length;
      fill(this.waiting, icon('queue', 14), h('span', { t: ['frame.waiting', { n: items.length }] }));
      setText(this.waiting, 'frame.waitingTitle', 'title');
    } catch {
      this.waiting.hidden = true;
    }
  }
}

function brandMark() {
  const mark = h('img', { src: '/favicon.svg', alt: '', width: '24', height: '24' });
  return mark;
}

function nextTheme() {
  const at = THEMES.indexOf(document.documentElement.dataset.theme);
  applyTheme(THEMES[(at + 1) % THEMES.length]);
}

customElements.define('app-frame', AppFrame);
