// Viewer and time over a picture: in sight of whoever films the screen. Says nothing of what is in the picture.

import { session } from '../lib/account.js';
import { h, put } from '../lib/dom.js';
import { now, stamp } from '../lib/zone.js';

const PLACES = 6;

/**
 * Stands inside the element that holds the picture, so that it goes with it into full screen. `keep` is called often:
 * it writes the time, and puts back what was taken away.
 */
export class PictureMark extends HTMLElement {
  connectedCallback() {
    this.classList.add('tile-mark');
    this.setAttribute('aria-hidden', 'true');
    this.#build();
  }

  #build() {
    this.replaceChildren(...Array.from({ length: PLACES }, () => h('span')));
    delete this.dataset.text;
  }

  /** `marked` is what the server says of this look; until it said so there is a mark. */
  keep(host, after, marked = true) {
    if (this.parentElement !== host) after.after(this);
    this.hidden = !marked;
    this.classList.add('tile-mark');
    this.removeAttribute('style');
    if (this.childElementCount !== PLACES) this.#build();
    const text = `${session.user?.name ?? ''} ${stamp(now()).slice(0, 16)}`;
    if (this.dataset.text === text && this.lastElementChild.textContent === text) return;
    this.dataset.text = text;
    for (const span of this.children) put(span, text);
  }
}

customElements.define('picture-mark', PictureMark);

// The browser's own menu of a picture would show it alone, without its mark.
addEventListener('contextmenu', (event) => {
  if (event.target instanceof Element && event.target.closest('.tile-picture')) event.preventDefault();
});
document.addEventListener('fullscreenchange', () => {
  if (document.fullscreenElement?.matches('video')) document.exitFullscreen();
});
