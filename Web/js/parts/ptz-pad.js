// The pad that moves a camera: hold to move, let go to stop. The keyboard can do everything it can.

import { api, seg } from '../lib/api.js';
import { CameraOrders } from '../lib/camera-orders.js';
import { fill, h, put, svg } from '../lib/dom.js';
import { serverEvents } from '../lib/events.js';
import { t } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { session } from '../lib/account.js';
import { prefs } from '../lib/prefs.js';
import { toastProblem } from './dialog.js';
import { DragZoom } from './drag-zoom.js';
import { PresetList } from './preset-list.js';

const SIZE = 180;
const STOP = 24;
/** Eight directions: below this share of the pointer's distance an axis stands still. */
const SECTOR = Math.sin(Math.PI / 8);
const KEYS = {
  ArrowLeft: ['pan', -1], ArrowRight: ['pan', 1], ArrowUp: ['tilt', 1], ArrowDown: ['tilt', -1],
  '+': ['zoom', 1], '=': ['zoom', 1], '-': ['zoom', -1], _: ['zoom', -1],
  ',': ['focus', -1], '<': ['focus', -1], '.': ['focus', 1], '>': ['focus', 1],
  ';': ['iris', -1], ':': ['iris', -1], "'": ['iris', 1], '"': ['iris', 1],
};
const IDLE = 30_000;

/** Announces `disarm` when the keyboard goes back to the wall. */
export class PTZPad extends HTMLElement {
  #held = new Map(); // key → axis
  #undo = [];
  #idle = 0;

  connectedCallback() {
    this.classList.add('ptz');
    this.setAttribute('role', 'group');
    this.tabIndex = 0;
    this.orders = new CameraOrders(this.channel);
    const on = (target, type, run) => {
      target.addEventListener(type, run);
      this.#undo.push(() => target.removeEventListener(type, run));
    };
    this.#build();
    on(this.orders, 'answer', ({ detail }) => this.#answered(detail.answer));
    on(this.orders, 'refused', ({ detail }) => this.#refused(detail.problem));
    on(this.orders, 'moving', () => this.classList.toggle('moving', this.orders.moving));
    on(this, 'keydown', (event) => this.#down(event));
    on(this, 'keyup', (event) => this.#up(event));
    on(this, 'focusout', (event) => this.contains(event.relatedTarget) || this.#letGo());
    on(serverEvents, 'control',
      ({ detail }) => detail.channel === this.channel && this.#holder(detail.holder));
    this.#read();
  }

  disconnectedCallback() {
    clearTimeout(this.#idle);
    this.#undo.splice(0).forEach((undo) => undo());
    this.drag?.close();
    this.orders.close();
    this.replaceChildren();
  }

  /** Gives the arrow keys to the camera until Escape, or until nobody used them for half a minute. */
  arm() {
    this.focus();
    this.#awake();
  }

  #build() {
    const hold = (name, key, change, keys) => {
      const button = h('button', { class: 'ptz-button', data: { ptz: key }, tTitle: [`ptz.${key}`],
        tLabel: `ptz.${key}` },
        icon(name, 14), h('kbd', {}, keys));
      this.#holding(button, change);
      return button;
    };
    this.speed = h('input', { type: 'range', min: '1', max: '100', value: String(prefs.get('ptzSpeed', 50)),
      tLabel: 'ptz.speed', onchange: () => prefs.set('ptzSpeed', Number(this.speed.value)) });
    this.presets = new PresetList(this.channel, this.orders);
    fill(this,
      h('div', { class: 'ptz-top' }, this.pad = this.#pad(),
        h('div', { class: 'ptz-lens' },
          h('span', { t: 'ptz.zoom' }), hold('minus', 'zoomOut', { zoom: -1 }, '-'), hold('plus', 'zoomIn',
            { zoom: 1 }, '+'),
          h('span', { t: 'ptz.focus' }), hold('near', 'focusNear', { focus: -1 }, ','),
          hold('far', 'focusFar', { focus: 1 }, '.'),
          h('span', { t: 'ptz.iris' }), hold('irisClose', 'irisClose', { iris: -1 }, ';'),
          hold('irisOpen', 'irisOpen', { iris: 1 }, "'"))),
      h('label', { class: 'ptz-speed' }, h('span', { t: 'ptz.speed' }), this.speed),
      this.line = h('p', { class: 'ptz-line', role: 'status' }),
      h('div', { class: 'ptz-extras' }, this.#extras()), this.presets.element);
  }

  #extras() {
    const button = (name, key, run) => h('button', { class: 'wide-button', data: { ptz: key },
      tTitle: `ptz.${key}`,
      onclick: run }, icon(name), h('span', { t: `ptz.${key}` }));
    this.wiper = button('wiper', 'wiper', () => this.#wiper());
    this.wiper.setAttribute('aria-pressed', 'false');
    this.box = button('box', 'dragZoom', () => this.#dragZoom());
    this.box.setAttribute('aria-pressed', 'false');
    this.group = h('input', { type: 'number', min: '0', max: '255', value: '1', class: 'num',
      tLabel: 'ptz.cruiseNumber' });
    return [this.box, this.wiper,
      h('div', { class: 'ptz-cruise' }, h('span', { t: 'ptz.cruise' }), this.group,
        h('button', { class: 'quiet', tLabel: 'ptz.cruiseStart', tTitle: 'ptz.cruiseStart',
          data: { ptz: 'cruiseStart' },
          onclick: () => this.orders.send({ action: 'cruise-start', group: Number(this.group.value) }) },
            icon('play')),
        h('button', { class: 'quiet', tLabel: 'ptz.cruiseStop', tTitle: 'ptz.cruiseStop',
          onclick: () => this.orders.send({ action: 'cruise-stop' }) }, icon('stop'))),
      h('label', { class: 'switch' }, this.home = h('input', { type: 'checkbox', disabled: true,
        onchange: () => this.#setHome() }), h('span', { t: 'ptz.home' }))];
  }

  // The round pad

  #pad() {
    const arrow = (turn) => svg('path', { d: `M${SIZE / 2} 14 l11 15 h-22 z`, class: 'ptz-arrow',
      transform: `rotate(${turn} ${SIZE / 2} ${SIZE / 2})` });
    this.knob = svg('circle', { class: 'ptz-knob', cx: SIZE / 2, cy: SIZE / 2, r: 7 });
    const pad = svg('svg', { class: 'ptz-pad', viewBox: `0 0 ${SIZE} ${SIZE}`, width: SIZE, height: SIZE,
      'aria-hidden': 'true' },
      svg('circle', { class: 'ptz-ring', cx: SIZE / 2, cy: SIZE / 2, r: SIZE / 2 - 2 }),
      [0, 45, 90, 135, 180, 225, 270, 315].map(arrow),
      svg('circle', { class: 'ptz-stop', cx: SIZE / 2, cy: SIZE / 2, r: STOP }),
      svg('rect', { class: 'ptz-square', x: SIZE / 2 - 7, y: SIZE / 2 - 7, width: 14, height: 14, rx: 2 }),
        this.knob);
    const steer = (event) => this.#steer(event);
    pad.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      this.arm();
      pad.setPointerCapture(event.pointerId);
      pad.addEventListener('pointermove', steer);
      steer(event);
    });
    const end = () => {
      pad.removeEventListener('pointermove', steer);
      this.#knob(0, 0);
      this.orders.stop();
    };
    pad.addEventListener('pointerup', end);
    pad.addEventListener('pointercancel', end);
    pad.addEventListener('lostpointercapture', end);
    return pad;
  }

  #steer(event) {
    const area = this.pad.getBoundingClientRect();
    const x = event.clientX - area.left - area.width / 2;
    const y = event.clientY - area.top - area.height / 2;
    const far = Math.hypot(x, y);
    this.#awake();
    this.#knob(x, y);
    if (far < STOP) {
      this.orders.stop();
      return;
    }
    // The distance from the centre is the speed; ten steps are enough for a hand and spare the line.
    const speed = Math.min(1, Math.ceil(((far - STOP) / (area.width / 2 - STOP)) * 10) / 10);
    const share = (part) => (Math.abs(part / far) < SECTOR ? 0 : Math.sign(part) * speed);
    this.orders.move({ pan: share(x), tilt: share(-y), zoom: 0 });
  }

  #knob(x, y) {
    const far = Math.max(1, Math.hypot(x, y) / (SIZE / 2 - 12));
    this.knob.setAttribute('transform', `translate(${x / far} ${y / far})`);
  }

  // Buttons and keys that are held

  #holding(button, change) {
    const still = Object.fromEntries(Object.keys(change).map((axis) => [axis, 0]));
    const start = () => {
      const speed = Number(this.speed.value) / 100;
      this.orders.move(Object.fromEntries(Object.entries(change).map(([axis, sign]) => [axis,
        sign * speed])));
    };
    const end = () => this.orders.move(still);
    button.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      button.setPointerCapture(event.pointerId);
      start();
    });
    for (const type of ['pointerup', 'pointercancel', 'lostpointercapture',
      'blur']) button.addEventListener(type, end);
    button.addEventListener('keydown', (event) => {
      if ((event.key === ' ' || event.key === 'Enter') && !event.repeat) start();
    });
    button.addEventListener('keyup', (event) => (event.key === ' ' || event.key === 'Enter') && end());
  }

  #down(event) {
    if (event.ctrlKey || event.metaKey
      || event.altKey || event.target.matches('input, select, textarea')) return;
    if (event.key === 'Escape') {
      this.#letGo();
      this.dispatchEvent(new Event('disarm', { bubbles: true }));
    } else if (KEYS[event.key]) {
      if (!event.repeat) {
        const [axis, sign] = KEYS[event.key];
        const speed = (Number(this.speed.value) / 100) * (event.shiftKey && event.key.startsWith('Arrow')
          ? 0.2 : 1);
        this.#held.set(event.code, axis);
        this.orders.move({ [axis]: sign * speed });
      }
    } else if (/^[1-9]$/.test(event.key)) {
      this.presets.call(Number(event.key));
    } else return;
    this.#awake();
    event.preventDefault();
    // Armed, the keys are the camera's and not the wall's.
    event.stopPropagation();
  }

  #up(event) {
    const axis = this.#held.get(event.code);
    if (!axis) return;
    this.#held.delete(event.code);
    this.orders.move({ [axis]: 0 });
    event.stopPropagation();
  }

  #letGo() {
    this.#held.clear();
    this.orders.stop();
  }

  #awake() {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      this.#letGo();
      if (this.contains(document.activeElement)) this.dispatchEvent(new Event('disarm', { bubbles: true }));
    }, IDLE);
  }

  // What the camera and others say

  async #read() {
    try {
      const control = await api.get(`/channels/${seg(this.channel)}/ptz`);
      if (!this.isConnected) return;
      this.#holder(control.holder);
      const off = (element, name) => {
        element.disabled = control.unknown.includes(name);
        if (element.disabled) element.title = t('ptz.unknown', { edition: control.edition });
      };
      off(this.box, 'drag-zoom-in');
      if (!control.unknown.includes('home-position-query')) this.#readHome();
    } catch (problem) {
      put(this.line, problem.sentence);
    }
  }

  async #readHome() {
    try {
      this.position = await api.get(`/channels/${seg(this.channel)}/home-position`);
      this.home.checked = this.position.enabled;
      this.home.disabled = false;
    } catch {
      // A camera that does not say keeps the switch off.
    }
  }

  async #setHome() {
    const wanted = { ...this.position, enabled: this.home.checked };
    wanted.preset ??= 1;
    wanted.resetTime ??= 60;
    try {
      await api.put(`/channels/${seg(this.channel)}/home-position`, wanted);
    } catch (problem) {
      this.home.checked = !wanted.enabled;
      toastProblem(problem);
    }
  }

  async #wiper() {
    const on = this.wiper.getAttribute('aria-pressed') !== 'true';
    if (await this.orders.send({ action: 'auxiliary', number: 1,
      on })) this.wiper.setAttribute('aria-pressed', String(on));
  }

  #dragZoom() {
    if (this.drag) {
      this.drag.close();
      return;
    }
    if (!this.tile?.video.videoWidth) return;
    this.box.setAttribute('aria-pressed', 'true');
    this.drag = new DragZoom(this.tile, ({ isIn, box }) => {
      this.orders.send({ action: isIn ? 'drag-zoom-in' : 'drag-zoom-out', box });
    }, () => {
      this.drag = null;
      this.box.setAttribute('aria-pressed', 'false');
    });
  }

  #answered(answer) {
    this.#holder(answer.holder);
    if (!answer.holder?.moving) put(this.line, t('ptz.answer', { ms: answer.milliseconds }));
  }

  #refused(problem) {
    this.line.classList.add('fail-text');
    put(this.line, problem.slug === 'camera-held' ? problem.detail : problem.sentence);
  }

  #holder(holder) {
    this.line.classList.remove('fail-text');
    const other = holder && holder.by !== session.user?.name;
    this.classList.toggle('held', Boolean(other));
    put(this.line, other ? t('ptz.held', { by: holder.by }) : holder?.moving ? t('ptz.moving') : '');
  }
}

customElements.define('ptz-pad', PTZPad);
