// Two complete languages. A text set through here follows the language without a reload.

import { prefs } from './prefs.js';

export const LANGUAGES = ['zh-CN', 'en'];
const tables = {};
const bound = new WeakMap(); // element → Map(slot → [key, values])

/** Announces `language` after a change. */
export const languageEvents = new EventTarget();

export let language = 'zh-CN';

export async function loadLanguages() {
  await Promise.all(LANGUAGES.map(async (name) => {
    const response = await fetch(`/lang/${name}.json`);
    tables[name] = await response.json();
  }));
  const wanted = prefs.get('language') ?? (navigator.language?.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en');
  use(LANGUAGES.includes(wanted) ? wanted : 'en');
}

function use(name) {
  language = name;
  document.documentElement.lang = name;
}

export function setLanguage(name) {
  if (!LANGUAGES.includes(name) || name === language) return;
  use(name);
  prefs.set('language', name);
  localise(document.documentElement);
  languageEvents.dispatchEvent(new Event('language'));
}

/** True when there is a text under a key; for words that arrive from the server as codes. */
export function has(key) {
  return key in tables[language];
}

/** The text under a key with `{name}` places filled. A missing key shows itself: the tests look for that. */
export function t(key, values) {
  const text = tables[language]?.[key];
  if (text === undefined) return key;
  return values ? text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place) : text;
}

/** The text for a code from the server, or what the server said when the code is new. */
export function tCode(prefix, code, said) {
  return has(`${prefix}.${code}`) ? t(`${prefix}.${code}`) : said || code || '';
}

/** Sets a translated text or attribute of an element and keeps it translated. */
export function setText(element, key, values, slot) {
  if (typeof values === 'string') [values, slot] = [undefined, values];
  const place = slot ?? '';
  let slots = bound.get(element);
  if (!slots) bound.set(element, slots = new Map());
  slots.set(place, [key, values]);
  element.setAttribute('data-i18n', '');
  write(element, place, t(key, values));
}

function write(element, slot, text) {
  if (!slot) {
    if (element.textContent !== text) element.textContent = text;
  } else if (element.getAttribute(slot) !== text) element.setAttribute(slot, text);
}

function localise(root) {
  for (const element of root.querySelectorAll('[data-i18n]')) {
    for (const [slot, [key, values]] of bound.get(element) ?? []) write(element, slot, t(key, values));
  }
}
