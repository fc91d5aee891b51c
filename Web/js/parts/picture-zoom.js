// Digital zoom of one picture: wheel up to 8×, drag to pan, a small map of where one is.

import { drag, h } from '../lib/dom.js';

const MOST = 8;

export class PictureZoom {
  #scale = 1;
  #x = 0; // of the centre of the view, -0.5 … 0.5 of the picture
  #y = 0;

  constructor(host, picture, video) {
    this.picture = picture;
    this.video = video;
    this.map = h('div', { class: 'zoom-map', hidden: true },
      this.thumb = h('canvas', { width: 96, height: 54 }), this.box = h('div', { class: 'zoom-box' }));
    host.append(this.map);
    host.addEventListener('wheel', (event) => {
      if (!video.videoWidth || event.ctrlKey) return;
      event.preventDefault();
      const area = picture.parentElement.getBoundingClientRect();
      this.#by(event.deltaY < 0 ? 1.25 : 0.8, (event.clientX - area.left) / area.width - 0.5,
        (event.clientY - area.top) / area.height - 0.5);
    }, { passive: false });
    let from;
    drag(host, {
      start: (event) => {
        if (this.#scale === 1 || event.target.closest('button, .tile-strip')) return false;
        from = { x: this.#x, y: this.#y };
        return true;
      },
      move: (event, dx, dy) => {
        this.#x = from.x - dx / host.clientWidth / this.#scale;
        this.#y = from.y - dy / host.clientHeight / this.#scale;
        this.#apply();
      },
    });
  }

  get scale() {
    return this.#scale;
  }

  reset() {
    this.#scale = 1;
    this.#x = this.#y = 0;
    this.#apply();
  }

  #by(factor, atX, atY) {
    const next = Math.min(MOST, Math.max(1, this.#scale * factor));
    // The point under the pointer stays where it is.
    this.#x += atX * (1 / this.#scale - 1 / next);
    this.#y += atY * (1 / this.#scale - 1 / next);
    this.#scale = next;
    this.#apply();
  }

  #apply() {
    const room = 0.5 - 0.5 / this.#scale;
    this.#x = Math.max(-room, Math.min(room, this.#x));
    this.#y = Math.max(-room, Math.min(room, this.#y));
    const { style } = this.picture;
    const zoomed = this.#scale > 1.001;
    style.setProperty('transform',
      zoomed ? `scale(${this.#scale}) translate(${-this.#x * 100}%, ${-this.#y * 100}%)` : 'none');
    this.map.hidden = !zoomed;
    if (!zoomed) return;
    const size = 100 / this.#scale;
    this.box.style.setProperty('width', `${size}%`);
    this.box.style.setProperty('height', `${size}%`);
    this.box.style.setProperty('left', `${50 + this.#x * 100 - size / 2}%`);
    this.box.style.setProperty('top', `${50 + this.#y * 100 - size / 2}%`);
    this.thumb.getContext('2d').drawImage(this.video, 0, 0, this.thumb.width, this.thumb.height);
  }
}
