// A rectangle drawn on a picture: to the right it becomes the picture, to the left the picture becomes it.

import { h } from '../lib/dom.js';

const SMALLEST = 8;

export class DragZoom {
  #done;

  /** `found` gets {isIn, box} in the words of the API; `done` is called when it ends. */
  constructor(tile, found, done) {
    this.tile = tile;
    this.#done = done;
    this.frame = h('div', { class: 'drag-box', hidden: true });
    this.cover = h('div', { class: 'drag-cover', tTitle: 'ptz.dragHint',
      onpointerdown: (event) => this.#start(event, found) },
      this.frame);
    tile.append(this.cover);
    this.escape = (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.close();
    };
    addEventListener('keydown', this.escape, true);
  }

  close() {
    removeEventListener('keydown', this.escape, true);
    this.cover.remove();
    this.#done();
  }

  #start(event, found) {
    if (event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    const area = this.cover.getBoundingClientRect();
    const from = { x: event.clientX - area.left, y: event.clientY - area.top };
    let to = from;
    this.cover.setPointerCapture(event.pointerId);
    const move = (e) => {
      to = { x: e.clientX - area.left, y: e.clientY - area.top };
      this.#draw(from, to);
    };
    const end = () => {
      this.cover.removeEventListener('pointermove', move);
      this.frame.hidden = true;
      const box = this.#box(from, to, area);
      if (box) found({ isIn: to.x >= from.x, box });
      this.close();
    };
    this.cover.addEventListener('pointermove', move);
    this.cover.addEventListener('pointerup', end, { once: true });
  }

  #draw(from, to) {
    const { style } = this.frame;
    this.frame.hidden = false;
    this.frame.classList.toggle('out', to.x < from.x);
    style.setProperty('left', `${Math.min(from.x, to.x)}px`);
    style.setProperty('top', `${Math.min(from.y, to.y)}px`);
    style.setProperty('width', `${Math.abs(to.x - from.x)}px`);
    style.setProperty('height', `${Math.abs(to.y - from.y)}px`);
  }

  /** In pixels of the picture as it is shown, without the bars beside it. */
  #box(from, to, area) {
    const { videoWidth, videoHeight } = this.tile.video;
    const scale = Math.min(area.width / videoWidth, area.height / videoHeight);
    const width = Math.round(videoWidth * scale);
    const height = Math.round(videoHeight * scale);
    const clip = (value, least, most) => Math.max(least, Math.min(most, value));
    const left = (area.width - width) / 2;
    const top = (area.height - height) / 2;
    const x = [from.x, to.x].map((value) => clip(value - left, 0, width)).sort((a, b) => a - b);
    const y = [from.y, to.y].map((value) => clip(value - top, 0, height)).sort((a, b) => a - b);
    const box = { windowWidth: width, windowHeight: height, centreX: Math.round((x[0] + x[1]) / 2),
      centreY: Math.round((y[0] + y[1]) / 2), width: Math.round(x[1] - x[0]),
        height: Math.round(y[1] - y[0]) };
    return box.width >= SMALLEST && box.height >= SMALLEST ? box : null;
  }
}
