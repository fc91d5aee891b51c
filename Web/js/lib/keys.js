// The keyboard. Every command has an id, a place where it works, and a key that the user may change.

import { isTyping } from './dom.js';
import { prefs } from './prefs.js';

const CHORD_MS = 1500;
const commands = new Map(); // id → {id, area, keys, run, enabled}
const layers = []; // open dialogs; the last one gets the keys
let area = 'global';
let pending = null; // first key of a chord
let pendingTimer;

/** Announces `chord` {keys} while a chord is being typed, and `change` after a key was changed. */
export const keyEvents = new EventTarget();

const own = () => prefs.get('keys', {});

/** Adds commands of an area; returns a function that takes them away. `keys` are texts such as `g w`, `Shift+ArrowLeft`. */
export function bind(where, list) {
  for (const command of list) commands.set(`${where}.${command.id}`, { ...command, area: where });
  return () => {
    for (const command of list) {
      if (commands.get(`${where}.${command.id}`)?.run === command.run) commands.delete(`${where}.${command.id}`);
    }
  };
}

/** The page that has the keyboard besides the global commands. */
export function setArea(name) {
  area = name;
  forget();
}

/** While a dialog is open only its own handler sees keys. Returns the function that closes the layer. */
export function pushLayer(handler) {
  layers.push(handler);
  return () => {
    const at = layers.indexOf(handler);
    if (at >= 0) layers.splice(at, 1);
  };
}

/** The keys of a command, with the user's own change. */
export function keysOf(id) {
  return own()[id] ?? commands.get(id)?.keys ?? [];
}

/** Changes the keys of a command; `null` gives back the default. Returns the id of a command that clashes. */
export function remap(id, keys) {
  const mine = own();
  if (keys === null) delete mine[id];
  else {
    const where = id.split('.')[0];
    for (const [other, command] of commands) {
      const meets = command.area === where || command.area === 'global' || where === 'global';
      if (other !== id && meets && keysOf(other).some((k) =>
        keys.some((n) => n === k || n.startsWith(`${k} `) || k.startsWith(`${n} `)))) {
        return other;
      }
    }
    mine[id] = keys;
  }
  prefs.set('keys', mine);
  keyEvents.dispatchEvent(new Event('change'));
  return null;
}

/** All commands of the areas, for the help sheet. */
export const allCommands = () => [...commands.entries()].map(([id, c]) => ({ ...c, id, keys: keysOf(id) }));

/** The name of a key press: modifiers in a fixed order, letters as typed. */
export function nameOf(event) {
  const key = event.key === ' ' ? 'Space' : event.key;
  let name = '';
  if (event.ctrlKey || event.metaKey) name += 'Ctrl+';
  if (event.altKey) name += 'Alt+';
  // The shift of a printed sign is already in the sign: "?" not "Shift+?".
  if (event.shiftKey && (key.length > 1 || event.ctrlKey)) name += 'Shift+';
  return name + (event.ctrlKey || event.metaKey ? key.toLowerCase() : key);
}

function forget() {
  pending = null;
  clearTimeout(pendingTimer);
  keyEvents.dispatchEvent(new CustomEvent('chord', { detail: { keys: null } }));
}

function press(event) {
  if (event.defaultPrevented || event.isComposing || ['Shift', 'Control', 'Alt',
    'Meta'].includes(event.key)) return;
  if (layers.length) {
    layers.at(-1)(event);
    return;
  }
  const name = nameOf(event);
  if (isTyping(event.target) && !name.startsWith('Ctrl+') && name !== 'Escape') return;
  const typed = pending ? `${pending} ${name}` : name;
  let prefix = false;
  let found = null;
  for (const command of commands.values()) {
    if (command.area !== 'global' && command.area !== area) continue;
    const keys = keysOf(`${command.area}.${command.id}`);
    if (keys.includes(typed) && (command.enabled?.() ?? true)) found = command.area === 'global' && found
      ? found : command;
    if (!pending && keys.some((k) => k.startsWith(`${typed} `))) prefix = true;
  }
  if (pending) forget();
  if (found) {
    // A button that has the focus keeps Enter and Space for itself.
    if ((name === 'Enter' || name === 'Space')
      && event.target.closest?.('button, a, summary, [role=treeitem]')) return;
    if (found.run(event) !== false) event.preventDefault();
  } else if (prefix) {
    pending = typed;
    pendingTimer = setTimeout(forget, CHORD_MS);
    keyEvents.dispatchEvent(new CustomEvent('chord', { detail: { keys: typed } }));
    event.preventDefault();
  }
}

export function startKeyboard() {
  addEventListener('keydown', press);
}

const SIGNS = {
  ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', Enter: '↵', Delete: 'Del', Backspace: '⌫',
  Escape: 'Esc',
};

/** A key for reading: `Shift+ArrowLeft` → `Shift ←`. */
export const readable = (keys) =>
  keys.split(' ').map((part) => part.split(/\+(?=.)/).map((k) => SIGNS[k]
    ?? (k.length === 1 && part.includes('+') ? k.toUpperCase() : k)).join(' ')).join(' · ');
