// Building elements. Text always goes in as text; there is no HTML string anywhere but our own icons.

import { setText } from './i18n.js';

/**
 * An element with properties and children.
 *
 * `t` is a translated text (`'key'` or `['key', {name: value}]`), `tTitle`, `tLabel` and `tPlaceholder` are
 * translated attributes; all of them follow a change of language. `on…` are listeners, `style` an object
 * (never an attribute: the content security policy forbids inline style), `data` the data attributes.
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'class') element.className = value;
    else if (name === 'style') for (const [k, v] of Object.entries(value)) element.style.setProperty(k, v);
    else if (name === 'data') for (const [k, v] of Object.entries(value)) element.dataset[k] = v;
    else if (name === 't') setText(element, ...[value].flat());
    else if (name === 'tTitle') setText(element, ...[value].flat(), 'title');
    else if (name === 'tLabel') setText(element, ...[value].flat(), 'aria-label');
    else if (name === 'tPlaceholder') setText(element, ...[value].flat(), 'placeholder');
    else if (name.startsWith('on')
      && typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value !== 'string' && !name.startsWith('aria')) element[name] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== undefined && child !== null && child !== false) element.append(child);
  }
}

/** A drawing, or a piece of one: attributes as they are, children as for `h`. */
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes ?? {})) element.setAttribute(name, value);
  append(element, children);
  return element;
}

/** Replaces the children of an element. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/** Sets a text only when it changed, so that selections and screen readers are left in peace. */
export function put(element, text) {
  const wanted = text ?? '';
  if (element.textContent !== wanted) element.textContent = wanted;
}

/** Runs a function at most once per animation frame, or within a quarter second in a hidden tab. */
export function perFrame(run) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    const go = () => {
      asked = false;
      run();
    };
    if (document.hidden) setTimeout(go, 250);
    else requestAnimationFrame(go);
  };
}

/** A pointer drag on an element: `start(event)` may return false to refuse; the rest follow window-wide. */
export function drag(element, { start, move, end }) {
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || start?.(event) === false) return;
    const from = { x: event.clientX, y: event.clientY };
    const moving = (e) => move?.(e, e.clientX - from.x, e.clientY - from.y);
    const done = (e) => {
      removeEventListener('pointermove', moving);
      removeEventListener('pointerup', done);
      removeEventListener('pointercancel', done);
      end?.(e, e.clientX - from.x, e.clientY - from.y);
    };
    addEventListener('pointermove', moving);
    addEventListener('pointerup', done);
    addEventListener('pointercancel', done);
  });
}

/** True when keys belong to the element that has the focus. */
export function isTyping(target) {
  return target instanceof HTMLElement
    && (target.isContentEditable
      || target.matches('input:not([type=checkbox]):not([type=radio]), textarea, select'));
}
