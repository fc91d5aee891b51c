// The wall page.

import { fill, h, put } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { KEY_MAP } from '../lib/key-map.js';
import { bind, setArea } from '../lib/keys.js';
import { go } from '../lib/router.js';
import { iso, now, rate } from '../lib/zone.js';
import { icon } from '../lib/icons.js';
import { directory } from '../lib/directory.js';
import { DeviceTree } from '../parts/device-tree.js';
import { toast } from '../parts/dialog.js';
import { openDoctor } from '../parts/doctor.js';
import { LAYOUTS } from '../parts/video-wall.js';
import '../parts/camera-panel.js';

export class WallPage extends HTMLElement {
  withTree = true;
  withSide = true;
  #undo = [];
  #number = '';

  connectedCallback() {
    this.classList.add('wall-page');
    const frame = this.frame;
    this.panel = h('camera-panel');
    this.panel.movable = true;
    frame.side.append(this.panel);
    this.wall = h('video-wall', { tLabel: 'wall.label' });
    this.append(
      h('div', { class: 'wall-bar' },
        h('div', { class: 'segments', role: 'radiogroup', tLabel: 'wall.layouts' },
          Object.keys(LAYOUTS).map((n) =>
          h('button', { class: 'segment', role: 'radio', data: { layout: n }, tTitle: ['wall.layout', { n }],
            onclick: () => this.wall.setLayout(n) }, layoutPicture(n), h('span', { class: 'num' }, n)))),
        this.typed = h('span', { class: 'typed num', 'aria-live': 'polite' }),
        h('span', { class: 'spacer' }),
        h('button', { class: 'quiet', tTitle: 'wall.clearAll', onclick: () => this.#clearAll() },
          icon('trash'), h('span', { t: 'wall.clearAll' })),
        h('button', { class: 'quiet', tTitle: 'key.fullscreen',
          onclick: () => this.requestFullscreen().catch(() => {}) }, icon('expand'))),
      this.wall);
    const on = (target, type, run) => {
      target.addEventListener(type, run);
      this.#undo.push(() => target.removeEventListener(type, run));
    };
    on(frame.tree, 'open', ({ detail }) => this.wall.open(detail.channel));
    on(frame.tree, 'openfolder', ({ detail }) => this.#overflow(this.wall.openMany(detail.channels),
      detail.channels.length));
    on(this.wall, 'overflow', ({ detail }) => this.#overflow(detail.left, detail.of));
    on(this.wall, 'select', () => this.#follow());
    on(this.wall, 'change', () => this.#follow());
    on(this.wall, 'layout', () => this.#layout());
    on(this.wall, 'why', ({ target }) => this.#doctor(target));
    on(this.panel, 'disarm', () => this.wall.current?.focus());
    on(this.panel, 'action', ({ detail }) => this.#action(detail.action));
    this.#bind();
    frame.setHints([['ArrowLeft ArrowRight', 'key.moveSelection'], ['Enter', 'key.maximise'],
      ['s', 'key.snapshot'], ['i', 'key.info'], ['l 4', 'key.layout'], ['Delete', 'key.clear']]);
    this.timer = setInterval(() => this.#figures(), 1000);
    this.#layout();
    this.#follow();
    const { channel } = this.address ?? {};
    if (channel) this.wall.open(channel);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    this.#undo.splice(0).forEach((undo) => undo());
    this.replaceChildren();
  }

  #bind() {
    const { wall } = this;
    const run = {
      left: () => wall.move(-1, 0), right: () => wall.move(1, 0), up: () => wall.move(0, -1),
      down: () => wall.move(0, 1),
      maximise: () => (this.#number ? this.#openNumber() : wall.toggleMaximised()),
      'layout-1': () => wall.setLayout(1), 'layout-4': () => wall.setLayout(4),
      'layout-9': () => wall.setLayout(9), 'layout-16': () => wall.setLayout(16),
      clear: () => wall.clear(), restore: () => (this.#number ? this.#type(this.#number.slice(0, -1))
        : wall.restore()),
      mute: () => this.#mute(), snapshot: () => this.#snapshot(), info: () => wall.current.toggleInfo(),
      reconnect: () => wall.current.retry(), ptz: () => (this.panel.pad ? this.panel.pad.arm() : false),
      talk: (event) => (this.panel.voice ? this.panel.voice.holdKey(event) : false),
      zoom: () => (this.#number ? this.#type(`${this.#number}0`) : wall.current.zoom.reset()),
      number: (event) => this.#type(this.#number + event.key),
    };
    setArea('wall');
    this.#undo.push(bind('wall', KEY_MAP.wall.map((c) => ({ ...c, run: run[c.id] }))));
  }

  openChannel(channel) {
    this.wall.open(channel);
  }

  back() {
    if (this.#number) this.#type('');
    else if (this.wall.maximised) this.wall.toggleMaximised();
    else if (document.fullscreenElement) document.exitFullscreen();
  }

  #type(number) {
    this.#number = number.slice(0, 6);
    clearTimeout(this.typing);
    if (this.#number) this.typing = setTimeout(() => this.#type(''), 4000);
    put(this.typed, this.#number ? t('wall.number', { n: this.#number }) : '');
  }

  #openNumber() {
    const number = String(Number(this.#number));
    this.#type('');
    const found = DeviceTree.numbered(number);
    if (found.length === 1) this.wall.openAt(this.wall.selected, found[0]);
    else if (found.length) this.frame.search.pick(number);
    else toast(t('wall.noNumber', { n: number }), 'warn');
  }

  #mute() {
    const tile = this.wall.current;
    // One voice at a time: unmuting a tile mutes the others.
    const muted = !tile.video.muted;
    if (!muted) this.wall.tiles.forEach((other) => other !== tile && other.setMuted(true));
    tile.setMuted(muted);
  }

  async #snapshot() {
    const saved = await this.wall.current.snapshot();
    if (saved) toast(t('snapshot.saved', { name: saved }));
    else toast(t('snapshot.none'), 'warn');
  }

  #doctor(tile) {
    openDoctor(tile.channel, directory.brief(tile.channel).name);
  }

  #action(action) {
    const tile = this.wall.current;
    if (action === 'snapshot') this.#snapshot();
    else if (action === 'reconnect') tile.retry();
    else if (action === 'doctor') this.#doctor(tile);
    else if (action === 'replay') go(`/playback?channel=${encodeURIComponent(tile.channel)}&at=${iso(now() - 600000)}`);
  }

  #clearAll() {
    this.wall.tiles.forEach((tile, i) => this.wall.clear(i));
  }

  #overflow(left, of) {
    if (left > 0) toast(t('wall.overflow', { left, of }), 'warn');
  }

  #follow() {
    const tile = this.wall.current;
    this.panel.show(tile?.channel ?? null, tile?.channel ? tile : null);
  }

  #layout() {
    for (const button of this.querySelectorAll('.segment')) {
      button.setAttribute('aria-checked', String(Number(button.dataset.layout) === this.wall.layout));
    }
  }

  #figures() {
    const { live, bits } = this.wall.figures;
    fill(this.frame.figures, h('span', { data: { figure: 'decoding' } }, t('frame.decoding', { n: live })),
      h('span', {}, rate(bits)));
  }
}

/** A little picture of a layout. */
function layoutPicture(n) {
  const { columns, large = {}, centre } = LAYOUTS[n];
  const grid = h('i', { class: 'layout-picture', style: { '--columns': columns } });
  for (let i = 0; i < Number(n); i += 1) {
    const cell = h('b');
    cell.style.setProperty('grid-column', centre === i ? '2 / span 2' : `span ${large[i] ?? 1}`);
    cell.style.setProperty('grid-row', centre === i ? '2 / span 2' : `span ${large[i] ?? 1}`);
    grid.append(cell);
  }
  return grid;
}

customElements.define('wall-page', WallPage);
