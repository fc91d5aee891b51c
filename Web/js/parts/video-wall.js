// The wall: tiles in a layout, a selection, what each tile shows. Remembered by this browser.

import { h } from '../lib/dom.js';
import { prefs } from '../lib/prefs.js';
import './video-tile.js';

/** Columns, and the tiles that are larger as [index, columns × rows]. */
export const LAYOUTS = {
  1: { columns: 1 },
  4: { columns: 2 },
  6: { columns: 3, large: { 0: 2 } },
  8: { columns: 4, large: { 0: 3 } },
  9: { columns: 3 },
  10: { columns: 4, large: { 0: 2, 1: 2 } },
  13: { columns: 4, large: { 4: 2 }, centre: 4 },
  16: { columns: 4 },
};

/** Announces `select`, `layout` and `change`. */
export class VideoWall extends HTMLElement {
  tiles = [];
  selected = 0;
  maximised = false;
  layout = 4;
  #removed = [];

  connectedCallback() {
    this.setAttribute('role', 'grid');
    const saved = prefs.get('wall', {});
    this.selected = saved.selected ?? 0;
    this.#wanted = saved.channels ?? [];
    this.setLayout(LAYOUTS[saved.layout] ? saved.layout : 4);
    this.timer = setInterval(() => this.tiles.forEach((tile) => tile.tick()), 250);
    this.addEventListener('pointerdown', (event) => {
      const tile = event.target.closest('video-tile');
      if (tile) this.select(tile.index);
    });
    this.addEventListener('dblclick', (event) => {
      const tile = event.target.closest('video-tile');
      if (tile && !event.target.closest('button')) this.toggleMaximised(tile.index);
    });
    this.addEventListener('dragover', (event) => {
      if (event.target.closest('video-tile')) event.preventDefault();
    });
    this.addEventListener('drop', (event) => this.#drop(event));
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    this.tiles.forEach((tile) => tile.clear());
    this.tiles = [];
    this.replaceChildren();
  }

  #wanted = []; // channels by tile, also of tiles the layout does not show

  get current() {
    return this.tiles[this.selected] ?? this.tiles[0];
  }

  setLayout(count) {
    this.layout = Number(count);
    this.maximised = false;
    this.classList.remove('maximised');
    const { columns, large = {} } = LAYOUTS[this.layout];
    this.style.setProperty('--columns', columns);
    while (this.tiles.length > this.layout) {
      const tile = this.tiles.pop();
      tile.clear();
      tile.remove();
    }
    while (this.tiles.length < this.layout) {
      const tile = h('video-tile');
      tile.index = this.tiles.length;
      this.tiles.push(tile);
      this.append(tile);
    }
    this.tiles.forEach((tile, i) => {
      const size = large[i] ?? 1;
      tile.style.setProperty('grid-column', LAYOUTS[this.layout].centre === i ? '2 / span 2' : `span ${size}`);
      tile.style.setProperty('grid-row', LAYOUTS[this.layout].centre === i ? '2 / span 2' : `span ${size}`);
      tile.style.setProperty('--size', size / columns);
      const wanted = this.#wanted[i];
      if (wanted && tile.channel !== wanted) tile.open(wanted);
    });
    this.setAttribute('aria-colcount', columns);
    this.select(Math.min(this.selected, this.layout - 1));
    this.#save();
    this.dispatchEvent(new Event('layout'));
  }

  select(index, focus = false) {
    this.selected = Math.max(0, Math.min(this.tiles.length - 1, index));
    this.tiles.forEach((tile, i) => {
      tile.setAttribute('aria-selected', String(i === this.selected));
      tile.tabIndex = i === this.selected ? 0 : -1;
    });
    if (focus) this.current?.focus({ preventScroll: true });
    this.#save();
    this.dispatchEvent(new Event('select'));
  }

  /** Moves the selection by geometry, so that large tiles behave as they look. */
  move(dx, dy) {
    if (this.maximised) {
      this.toggleMaximised(this.selected);
      this.select(this.selected + dx + dy * LAYOUTS[this.layout].columns, true);
      this.toggleMaximised(this.selected);
      return;
    }
    const centre = (tile) => {
      const r = tile.getBoundingClientRect();
      return [r.left + r.width / 2, r.top + r.height / 2];
    };
    const [x, y] = centre(this.current);
    let best = null;
    for (const tile of this.tiles) {
      const [tx, ty] = centre(tile);
      const along = (tx - x) * dx + (ty - y) * dy;
      const across = Math.abs((tx - x) * dy) + Math.abs((ty - y) * dx);
      if (along > 2 && (!best || along + across * 2 < best.cost)) best = { tile, cost: along + across * 2 };
    }
    if (best) this.select(best.tile.index, true);
  }

  toggleMaximised(index = this.selected) {
    this.select(index);
    this.maximised = !this.maximised;
    this.classList.toggle('maximised', this.maximised);
    this.tiles.forEach((tile, i) => tile.classList.toggle('max', this.maximised && i === this.selected));
    this.dispatchEvent(new Event('layout'));
  }

  /** Opens a channel in the selected tile when it is free, else in the next free one, else in the selected. */
  open(channel) {
    const shown = this.tiles.findIndex((tile) => tile.channel === channel);
    if (shown >= 0) {
      this.select(shown);
      return;
    }
    const free = this.current.channel ? this.tiles.findIndex((tile) => !tile.channel) : this.selected;
    this.openAt(free >= 0 ? free : this.selected, channel);
  }

  openAt(index, channel) {
    this.#wanted[index] = channel;
    this.tiles[index].open(channel);
    this.select(index);
  }

  /** Fills free tiles in order; returns how many channels found no tile. */
  openMany(channels, from = 0) {
    const rest = channels.filter((c) => !this.tiles.some((tile) => tile.channel === c));
    for (let i = 0; i < this.tiles.length && rest.length; i += 1) {
      const at = (from + i) % this.tiles.length;
      if (!this.tiles[at].channel) this.openAt(at, rest.shift());
    }
    return rest.length;
  }

  clear(index = this.selected) {
    const tile = this.tiles[index];
    if (!tile?.channel) return;
    this.#removed.push({ index, channel: tile.channel });
    this.#wanted[index] = null;
    tile.clear();
    this.#save();
  }

  restore() {
    const last = this.#removed.pop();
    if (last && last.index < this.tiles.length) this.openAt(last.index, last.channel);
  }

  swap(a, b) {
    if (a === b) return;
    const [one, two] = [this.tiles[a].channel, this.tiles[b].channel];
    for (const [index, channel] of [[b, one], [a, two]]) {
      if (channel) this.openAt(index, channel);
      else {
        this.#wanted[index] = null;
        this.tiles[index].clear();
      }
    }
    this.select(b);
  }

  #drop(event) {
    const tile = event.target.closest('video-tile');
    if (!tile) return;
    event.preventDefault();
    const moved = event.dataTransfer.getData('application/x-tributary-tile');
    if (moved !== '') {
      this.swap(Number(moved), tile.index);
      return;
    }
    const channels = JSON.parse(event.dataTransfer.getData('application/x-tributary-channels') || '[]');
    if (channels.length === 1) this.openAt(tile.index, channels[0]);
    else this.dispatchEvent(new CustomEvent('overflow',
      { detail: { left: this.openMany(channels, tile.index), of: channels.length } }));
  }

  #save() {
    this.tiles.forEach((tile, i) => (this.#wanted[i] = tile.channel ?? this.#wanted[i] ?? null));
    prefs.set('wall', { layout: this.layout, selected: this.selected, channels: this.#wanted.slice(0, 16) });
    this.dispatchEvent(new Event('change'));
  }

  /** Totals for the status line. */
  get figures() {
    const live = this.tiles.filter((tile) => tile.dataset.state === 'live');
    return { live: live.length, bits: live.reduce((sum, tile) => sum + (tile.feed?.facts?.bitrate ?? 0), 0) };
  }
}

customElements.define('video-wall', VideoWall);
